package rows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// maxAudit is how many entries Audit gives.
const maxAudit = 200

func scanAudit(r Rows) (e store.AuditEntry, err error) {
	err = r.Scan(&e.ID, at{&e.At}, &e.By, &e.Object, &e.Of, &e.Action, fromJSON{&e.Changes})
	return e, err
}

// Audit implements store.Customers.
func (db *DB) Audit(ctx context.Context, object store.AuditObject, id string) ([]store.AuditEntry, error) {
	es, err := list(ctx, db.conn, scanAudit, fmt.Sprintf("SELECT id, at, by_user, object, of_id, action, changes"+
		" FROM audit WHERE object = $1 AND of_id = $2 ORDER BY id DESC LIMIT %d", maxAudit), string(object), store.CleanID(id))
	if err != nil {
		return nil, fmt.Errorf("audit of %s %s: %w", object, id, err)
	}
	return es, nil
}

type edit struct {
	at     time.Time
	by     call.UserID
	object store.AuditObject
	of     string
	from   any // nil: it is new
	to     any
}

// audit writes what an edit changed; nothing if nothing did.
func audit(ctx context.Context, tx Tx, e edit) error {
	changes, err := differences(e.from, e.to)
	if err != nil || len(changes) == 0 {
		return err
	}
	action := "update"
	if e.from == nil {
		action = "create"
	}
	text, err := asJSON(changes)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO audit (at, by_user, object, of_id, action, changes) VALUES ($1, $2, $3, $4, $5, $6)",
		e.at, store.CleanLine(string(e.by)), string(e.object), e.of, action, text)
	return err
}

// unaudited fields change with every edit and say nothing.
var unaudited = map[string]bool{"id": true, "version": true, "created_at": true, "updated_at": true}

// differences compares two records by their JSON fields, sorted by name.
func differences(from, to any) ([]store.FieldChange, error) {
	a, err := fields(from)
	if err != nil {
		return nil, err
	}
	b, err := fields(to)
	if err != nil {
		return nil, err
	}
	names := maps.Clone(a)
	maps.Copy(names, b)
	var changes []store.FieldChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if unaudited[name] || bytes.Equal(a[name], b[name]) || from == nil && isEmpty(b[name]) {
			continue
		}
		changes = append(changes, store.FieldChange{Field: name, From: orNull(a[name]), To: orNull(b[name])})
	}
	return changes, nil
}

func fields(v any) (map[string]json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	if v == nil {
		return m, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return m, json.Unmarshal(b, &m)
}

func isEmpty(v json.RawMessage) bool {
	switch string(v) {
	case "", "null", `""`, "[]":
		return true
	}
	return false
}

func orNull(v json.RawMessage) json.RawMessage {
	if v == nil {
		return json.RawMessage("null")
	}
	return v
}
