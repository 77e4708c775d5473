package rows

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const (
	documentColumns = "kind, name, version, body, hash, published, by_user, at"

	publishSQL  = "UPDATE documents SET published = $4 WHERE kind = $1 AND name = $2 AND version = $3"
	withdrawSQL = "UPDATE documents SET published = $3 WHERE kind = $1 AND name = $2 AND published"
)

var addSQL = "INSERT INTO documents (" + documentColumns + ") VALUES (" + params(documentColumns) + ")"

func scanDocument(r Rows) (d store.Document, err error) {
	err = r.Scan(&d.Kind, &d.Name, &d.Version, &d.Body, &d.Hash, &d.Published, &d.By, at{&d.At})
	return d, err
}

// Published implements store.Documents.
func (db *DB) Published(ctx context.Context) ([]store.Document, error) {
	ds, err := published(ctx, db.conn)
	if err != nil {
		return nil, fmt.Errorf("published documents: %w", err)
	}
	return ds, nil
}

// Publications implements store.Documents.
func (db *DB) Publications(ctx context.Context) (int64, error) {
	scan := func(r Rows) (n int64, err error) {
		err = r.Scan(&n)
		return n, err
	}
	n, err := one(ctx, db.conn, scan, "SELECT count FROM publications WHERE id = 1")
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil // nothing was published yet
	}
	if err != nil {
		return 0, fmt.Errorf("count the publications: %w", err)
	}
	return n, nil
}

// countPublication says that the site is another one.
func countPublication(ctx context.Context, tx Tx) error {
	_, err := tx.Exec(ctx, "INSERT INTO publications (id, count) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET count = publications.count + 1")
	return err
}

func published(ctx context.Context, q querier) ([]store.Document, error) {
	return list(ctx, q, scanDocument, "SELECT "+documentColumns+" FROM documents WHERE published ORDER BY kind, name")
}

// Document implements store.Documents.
func (db *DB) Document(ctx context.Context, kind, name string, version int) (store.Document, error) {
	d, err := document(ctx, db.conn, kind, name, version)
	if err != nil {
		return d, fmt.Errorf("document %s/%s version %d: %w", kind, name, version, err)
	}
	return d, nil
}

func document(ctx context.Context, q querier, kind, name string, version int) (store.Document, error) {
	kind, name = store.CleanID(kind), store.CleanID(name)
	if version == 0 {
		return one(ctx, q, scanDocument, "SELECT "+documentColumns+
			" FROM documents WHERE kind = $1 AND name = $2 ORDER BY version DESC LIMIT 1", kind, name)
	}
	return one(ctx, q, scanDocument, "SELECT "+documentColumns+
		" FROM documents WHERE kind = $1 AND name = $2 AND version = $3", kind, name, version)
}

// DocumentVersions implements store.Documents.
func (db *DB) DocumentVersions(ctx context.Context, kind, name string) ([]store.Document, error) {
	ds, err := list(ctx, db.conn, scanDocument, "SELECT kind, name, version, '', hash, published, by_user, at"+
		" FROM documents WHERE kind = $1 AND name = $2 ORDER BY version DESC", store.CleanID(kind), store.CleanID(name))
	if err != nil {
		return nil, fmt.Errorf("versions of %s/%s: %w", kind, name, err)
	}
	return ds, nil
}

// PutDocument implements store.Documents.
func (db *DB) PutDocument(ctx context.Context, d store.Document) (store.Document, error) {
	var kept store.Document
	err := db.write(ctx, "put document", func(ctx context.Context, tx Tx) (err error) {
		kept, err = db.addVersion(ctx, tx, d.Cleaned())
		return err
	})
	return kept, err
}

// addVersion keeps a document as its next version, or gives the newest one if that is the same.
func (db *DB) addVersion(ctx context.Context, tx Tx, d store.Document) (store.Document, error) {
	newest, err := document(ctx, tx, d.Kind, d.Name, 0)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return d, err
	}
	if err == nil && newest.Hash == d.Hash {
		return newest, nil
	}
	if d, err = db.next(d, newest.Version); err != nil {
		return d, err
	}
	_, err = tx.Exec(ctx, addSQL, documentRow(d)...)
	if db.conn.IsDuplicate(err) {
		return d, store.ErrConflict // another import is at it
	}
	return d, err
}

// next makes a document the version after the newest, as a draft.
func (db *DB) next(d store.Document, newest int) (store.Document, error) {
	if d.Kind == "" || d.Name == "" {
		return d, fmt.Errorf("document %q/%q: %w: it needs a kind and a name", d.Kind, d.Name, store.ErrInvalid)
	}
	if d.At.IsZero() {
		d.At = db.now()
	}
	d.At, d.Version, d.Published = micro(d.At), newest+1, false
	return d, nil
}

func documentRow(d store.Document) []any {
	return []any{d.Kind, d.Name, d.Version, d.Body, d.Hash, d.Published, string(d.By), d.At}
}

// Publish implements store.Documents.
func (db *DB) Publish(ctx context.Context, kind, name string, version int, _ call.UserID) (store.Document, error) {
	var d store.Document
	err := db.write(ctx, "publish document", func(ctx context.Context, tx Tx) (err error) {
		if version < 1 {
			return store.ErrNotFound
		}
		d, err = document(ctx, tx, kind, name, version)
		if err != nil {
			return err
		}
		d.Published = true
		return publish(ctx, tx, d)
	})
	return d, err
}

// publish makes a version the valid one.
func publish(ctx context.Context, tx Tx, d store.Document) error {
	if err := countPublication(ctx, tx); err != nil {
		return err
	}
	if err := withdraw(ctx, tx, d.Kind, d.Name); err != nil {
		return err
	}
	return affected(tx.Exec(ctx, publishSQL, d.Kind, d.Name, d.Version, true))
}

func withdraw(ctx context.Context, tx Tx, kind, name string) error {
	_, err := tx.Exec(ctx, withdrawSQL, kind, name, false)
	return err
}

// ImportDocuments implements store.Documents.
func (db *DB) ImportDocuments(ctx context.Context, docs []store.Document, by call.UserID) ([]store.DocumentChange, error) {
	wanted := make(map[documentKey]store.Document, len(docs))
	docs = slices.Clone(docs)
	for i := range docs {
		docs[i] = docs[i].Cleaned()
		if by != "" {
			docs[i].By = by
		}
		wanted[keyOf(docs[i])] = docs[i]
	}
	var changes []store.DocumentChange
	err := db.write(ctx, "import documents", func(ctx context.Context, tx Tx) error {
		have, err := published(ctx, tx)
		if err != nil {
			return err
		}
		newest, err := newestVersions(ctx, tx)
		if err != nil {
			return err
		}
		if changes = store.DiffDocuments(have, docs); len(changes) == 0 {
			return nil
		}
		if err := countPublication(ctx, tx); err != nil {
			return err
		}
		var withdrawn, added, valid [][]any
		for i := range changes {
			c := &changes[i]
			c.Diff = ""
			key := documentKey{c.Kind, c.Name}
			if c.Change != store.DocumentAdded {
				withdrawn = append(withdrawn, []any{c.Kind, c.Name, false})
			}
			if c.Change == store.DocumentRemoved {
				continue
			}
			d := wanted[key]
			if was := newest[key]; was.Hash == d.Hash {
				c.Version = was.Version
			} else {
				if d, err = db.next(d, was.Version); err != nil {
					return err
				}
				c.Version = d.Version
				added = append(added, documentRow(d))
			}
			valid = append(valid, []any{c.Kind, c.Name, c.Version, true})
		}
		for _, step := range []struct {
			sql  string
			rows [][]any
		}{{withdrawSQL, withdrawn}, {addSQL, added}, {publishSQL, valid}} {
			if len(step.rows) == 0 {
				continue
			}
			switch err := tx.Each(ctx, step.sql, step.rows); {
			case db.conn.IsDuplicate(err):
				return store.ErrConflict // another import is at it
			case err != nil:
				return err
			}
		}
		return nil
	})
	return changes, err
}

// documentKey is what a document is told from others by.
type documentKey struct{ kind, name string }

func keyOf(d store.Document) documentKey { return documentKey{d.Kind, d.Name} }

// newestVersions gives the newest version of every document, without bodies.
func newestVersions(ctx context.Context, q querier) (map[documentKey]store.Document, error) {
	scan := func(r Rows) (d store.Document, err error) {
		err = r.Scan(&d.Kind, &d.Name, &d.Version, &d.Hash)
		return d, err
	}
	all, err := list(ctx, q, scan, "SELECT kind, name, version, hash FROM documents ORDER BY kind, name, version")
	if err != nil {
		return nil, err
	}
	newest := make(map[documentKey]store.Document, len(all))
	for _, d := range all {
		newest[keyOf(d)] = d
	}
	return newest, nil
}
