package rows

import (
	"context"
	"fmt"
	"time"

	"github.com/linedesk/linedesk/store"
)

// DB is the store on a Conn.
type DB struct {
	conn Conn
	now  func() time.Time
}

var _ store.Store = (*DB)(nil)

// New makes the store.
func New(c Conn) *DB { return &DB{conn: c, now: time.Now} }

// Ping implements store.Store.
func (db *DB) Ping(ctx context.Context) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return db.conn.Ping(ctx)
}

// Close implements store.Store.
func (db *DB) Close() error { return db.conn.Close() }

// write runs fn in a transaction with a deadline.
func (db *DB) write(ctx context.Context, what string, fn func(context.Context, Tx) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	err := db.conn.Write(ctx, func(tx Tx) error { return fn(ctx, tx) })
	if err != nil && db.conn.IsRefusal(err) {
		return fmt.Errorf("%s: %w: %w", what, store.ErrRefused, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// checkID refuses an ID that would not be stored as it is.
func checkID[S ~string](what string, id S) error {
	if id == "" || store.CleanID(id) != string(id) {
		return fmt.Errorf("%s %q: %w: an ID is plain text of at most 128 bytes", what, id, store.ErrInvalid)
	}
	return nil
}

// affected makes "nothing was there" of a statement that changed no row.
func affected(n int64, err error) error {
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}
