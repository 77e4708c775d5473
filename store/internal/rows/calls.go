package rows

import (
	"context"
	"fmt"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// callLine are the columns of a line in a list.
const callLine = "id, direction, from_raw, from_e164, from_name, to_raw, to_e164, arrived_at, " + callLater

// callLater are those that a later write of the same call may change; detail and the keys come on top.
const callLater = "customer, customer_name, queue, agent, extension, trunk, answered_at, queued_at, bridged_at, ended_at," +
	" end_by, end_cause, end_sip, end_q850, wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms, disposition, notes, unfinished, voicemail"

const callInsert = callLine + ", detail, from_key, to_key"

// putCall writes a call's row, or writes it again with what came later.
var putCall = "INSERT INTO calls (" + callInsert + ") VALUES (" + params(callInsert) + ")" +
	" ON CONFLICT (id) DO UPDATE SET " + sets(callLater+", detail")

func callFields(c *store.Call) []any {
	return []any{
		&c.ID, &c.Direction, &c.From.Raw, &c.From.E164, &c.FromName, &c.To.Raw, &c.To.E164,
		at{&c.ArrivedAt},
		&c.Customer, &c.CustomerName, &c.Queue, &c.Agent, &c.Extension, &c.Trunk,
		atOrNull{&c.AnsweredAt},
		atOrNull{&c.QueuedAt},
		atOrNull{&c.BridgedAt},
		atOrNull{&c.EndedAt},
		&c.End.By, &c.End.Cause, &c.End.SIP, &c.End.Q850,
		&c.WaitMS, &c.RingMS, &c.TalkMS, &c.HoldMS, &c.WrapUpMS, &c.Disposition, &c.Notes, &c.Unfinished,
		fromJSON{&c.Voicemail},
	}
}

func callArgs(c store.Call, w *object) ([]any, error) {
	c = c.Cleaned()
	var voicemail string
	if c.Voicemail != nil {
		var err error
		if voicemail, err = asJSON(c.Voicemail); err != nil {
			return nil, err
		}
	}
	return []any{
		string(c.ID), string(c.Direction), c.From.Raw, c.From.E164, c.FromName, c.To.Raw, c.To.E164, micro(c.ArrivedAt),
		string(c.Customer), c.CustomerName, string(c.Queue), string(c.Agent), string(c.Extension), string(c.Trunk),
		orNil(c.AnsweredAt), orNil(c.QueuedAt), orNil(c.BridgedAt), orNil(c.EndedAt),
		string(c.End.By), string(c.End.Cause), c.End.SIP, c.End.Q850,
		c.WaitMS, c.RingMS, c.TalkMS, c.HoldMS, c.WrapUpMS, string(c.Disposition), c.Notes, c.Unfinished, voicemail,
		w.detailOf(&c), store.KeyOf(c.From), store.KeyOf(c.To),
	}, nil
}

func scanCallLine(r Rows) (c store.Call, err error) {
	err = r.Scan(callFields(&c)...)
	return c, err
}

func scanCall(r Rows) (c store.Call, err error) {
	var d detail
	err = r.Scan(append(callFields(&c), fromJSON{&d})...)
	c.Segments, c.Legs, c.Timeline, c.Quality = d.Segments, d.Legs, d.Timeline, d.Quality
	return c, err
}

// Call implements store.Calls.
func (db *DB) Call(ctx context.Context, id call.ID) (store.Call, error) {
	c, err := one(ctx, db.conn, scanCall, "SELECT "+callLine+", detail FROM calls WHERE id = $1", store.CleanID(id))
	if err != nil {
		return c, fmt.Errorf("call %s: %w", id, err)
	}
	return c, nil
}

// Calls implements store.Calls.
func (db *DB) Calls(ctx context.Context, f store.CallFilter) (store.Page[store.Call], error) {
	var page store.Page[store.Call]
	limit, err := store.Limit(f.Limit)
	if err != nil {
		return page, err
	}
	cur, err := store.ParseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	sql, args := callsQuery(f, cur, limit)
	cs, err := list(ctx, db.conn, scanCallLine, sql, args...)
	if err != nil {
		return page, fmt.Errorf("list calls: %w", err)
	}
	return store.PageOf(cs, limit, func(c store.Call) store.Cursor {
		return store.Cursor{At: c.ArrivedAt, ID: string(c.ID)}
	}), nil
}

func callsQuery(f store.CallFilter, cur store.Cursor, limit int) (string, []any) {
	var w where
	w.window("arrived_at", f.From, f.To)
	w.is("direction", store.CleanID(f.Direction))
	w.isIndexed("queue", store.CleanID(f.Queue))
	w.isIndexed("agent", store.CleanID(f.Agent))
	if f.Of != nil {
		w.and(among(&w, "agent", f.Of))
	}
	if f.Unfinished {
		w.and("unfinished")
	}
	w.before("arrived_at", cur)
	newest := w.newest("arrived_at", limit)
	// A number may be on either side of a call, and each side has its index.
	var sides []string
	switch customer := store.CleanID(f.Customer); {
	case f.Number != "":
		w.isIndexed("customer", customer)
		key := w.arg(store.NumberKey(f.Number))
		sides = []string{"from_key = " + key, "to_key = " + key + " AND from_key <> " + key}
	case customer != "":
		c := w.arg(customer)
		sides = []string{
			"customer = " + c + " AND customer <> ''",
			"customer = '' AND direction = 'inbound' AND from_key IN " + numbersOf(c),
			"customer = '' AND direction = 'outbound' AND to_key IN " + numbersOf(c),
		}
	default:
		return "SELECT " + callLine + " FROM calls" + w.String() + newest, w.args
	}
	return w.sides("SELECT "+callLine+" FROM calls", sides, newest), w.args
}

// ExplainCalls gives the database's plan of a list, for tests.
func (db *DB) ExplainCalls(ctx context.Context, f store.CallFilter) ([]string, error) {
	sql, args := callsQuery(f, store.Cursor{}, store.DefaultLimit)
	return db.conn.Explain(ctx, sql, args...)
}
