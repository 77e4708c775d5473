package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/linedesk/linedesk/store/internal/rows"
)

// conn carries out SQL on the file.
type conn struct {
	migrator *sql.DB // the pool of one that writer was taken from
	readers  *sql.DB
	writer   *sql.Conn
	turn     chan struct{} // holds one token while somebody writes
	written  statements    // of writer; guarded by turn
	mu       sync.Mutex
	read     statements // of readers; guarded by mu
}

var _ rows.Conn = (*conn)(nil)

// statements are prepared once and kept: preparing costs more than an insert.
type statements map[string]*sql.Stmt

// maxStatements bounds each cache. Filters combine, so there could be many texts; those beyond the
// bound are prepared each time.
const maxStatements = 200

// start takes the writing connection out of its pool, for good.
func (c *conn) start(ctx context.Context) (err error) {
	c.written, c.read = statements{}, statements{}
	c.writer, err = c.migrator.Conn(ctx)
	return err
}

// Query implements rows.Conn.
func (c *conn) Query(ctx context.Context, query string, args ...any) (rows.Rows, error) {
	s, err := c.reading(ctx, query) //nolint:sqlclosecheck // kept: Close closes it
	if err != nil {
		return nil, err
	}
	if s == nil {
		return result(c.readers.QueryContext(ctx, query, args...))
	}
	return result(s.QueryContext(ctx, args...))
}

// reading gives the prepared statement, nil when the cache is full.
func (c *conn) reading(ctx context.Context, query string) (*sql.Stmt, error) {
	c.mu.Lock()
	s, full := c.read[query], len(c.read) >= maxStatements
	c.mu.Unlock()
	if s != nil || full {
		return s, nil
	}
	s, err := c.readers.PrepareContext(ctx, unnamed(query))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.read[query]; other != nil {
		return other, s.Close() //nolint:sqlclosecheck // two prepared it at once, one is kept
	}
	c.read[query] = s
	return s, nil
}

// Write implements rows.Conn. Writers take turns.
func (c *conn) Write(ctx context.Context, fn func(rows.Tx) error) (err error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for other writers: %w", ctx.Err())
	}
	defer func() { <-c.turn }()
	// BEGIN IMMEDIATE, so that a lock which another process holds is found out here, where the busy
	// time-out works, and not at the first write.
	if _, err := c.writer.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return explain(err)
	}
	// What ends the transaction must run even if the caller has given up, or panics: the connection is
	// the only one.
	done := context.WithoutCancel(ctx)
	committed := false
	defer func() {
		if !committed {
			_, rollbackErr := c.writer.ExecContext(done, "ROLLBACK")
			if err != nil && rollbackErr != nil && !notInTransaction(rollbackErr) {
				err = errors.Join(err, rollbackErr)
			}
		}
	}()
	if err := fn(&tx{c: c}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := c.writer.ExecContext(done, "COMMIT"); err != nil {
		return explain(err)
	}
	committed = true
	return nil
}

// notInTransaction tells that SQLite has rolled back by itself, as it does when the disk is full.
func notInTransaction(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_ERROR
}

// Ping implements rows.Conn.
func (c *conn) Ping(ctx context.Context) error {
	r, err := c.Query(ctx, "SELECT count(*) FROM positions")
	if err != nil {
		return err
	}
	defer r.Close()
	r.Next()
	return r.Err()
}

// Close implements rows.Conn.
func (c *conn) Close() error {
	c.turn <- struct{}{} // for good: nobody writes any more
	var errs []error
	for _, s := range c.written {
		errs = append(errs, s.Close())
	}
	c.mu.Lock()
	for _, s := range c.read {
		errs = append(errs, s.Close())
	}
	c.read = nil
	c.mu.Unlock()
	errs = append(errs, c.readers.Close())
	if c.writer != nil {
		errs = append(errs, c.writer.Close())
	}
	return errors.Join(append(errs, c.migrator.Close())...)
}

// Explain implements rows.Conn.
func (c *conn) Explain(ctx context.Context, query string, args ...any) ([]string, error) {
	r, err := c.readers.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	var plan []string
	for r.Next() {
		var id, parent, unused int
		var detail string
		if err := r.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		plan = append(plan, detail)
	}
	return plan, r.Err()
}

// Position implements rows.Conn.
func (c *conn) Position() string { return "instr" }

// IsDuplicate implements rows.Conn.
func (c *conn) IsDuplicate(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE)
}

// IsRefusal implements rows.Conn: https://sqlite.org/rescode.html.
func (c *conn) IsRefusal(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
		return true
	}
	return false
}

// tx is the transaction that runs; whoever has it has the turn.
type tx struct{ c *conn }

func (t *tx) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := t.c.written[query]; s != nil {
		return s, nil
	}
	s, err := t.c.writer.PrepareContext(ctx, unnamed(query))
	if err != nil {
		return nil, err
	}
	// The writer's statements are constants of package rows, so there is no need for a bound.
	t.c.written[query] = s
	return s, nil
}

// Query implements rows.Tx.
func (t *tx) Query(ctx context.Context, query string, args ...any) (rows.Rows, error) {
	s, err := t.prepared(ctx, query) //nolint:sqlclosecheck // kept: Close closes it
	if err != nil {
		return nil, err
	}
	return result(s.QueryContext(ctx, args...))
}

// Exec implements rows.Tx.
func (t *tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := t.prepared(ctx, query) //nolint:sqlclosecheck // kept: Close closes it
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, explain(err)
	}
	return r.RowsAffected()
}

// breath is after how many rows others get their turn. SQLite is Go code here, and the scheduler lets it run for 10 ms: a
// thousand rows would hold up the next call for as long on a small machine.
const breath = 32

// Each implements rows.Tx.
func (t *tx) Each(ctx context.Context, query string, args [][]any) error {
	if len(args) == 0 {
		return nil
	}
	s, err := t.prepared(ctx, query) //nolint:sqlclosecheck // kept: Close closes it
	if err != nil {
		return err
	}
	// The driver starts a goroutine for each statement whose context can end. A row takes microseconds,
	// so we look between them instead.
	quiet := context.WithoutCancel(ctx)
	for i, a := range args {
		if err := ctx.Err(); err != nil {
			return err
		}
		if i%breath == breath-1 {
			runtime.Gosched()
		}
		if _, err := s.ExecContext(quiet, a...); err != nil {
			return explain(err)
		}
	}
	return nil
}

// answer is database/sql's rows with the Close of rows.Rows. What Close could tell, Err has told.
type answer struct{ *sql.Rows }

func (a answer) Close() { _ = a.Rows.Close() }

func result(r *sql.Rows, err error) (rows.Rows, error) {
	if err != nil {
		return nil, explain(err)
	}
	return answer{r}, nil
}
