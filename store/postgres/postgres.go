// Package postgres keeps the site in a PostgreSQL database (13 or newer), through pgx's own pool and,
// where many rows are written, its pipelined batches.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/linedesk/linedesk/store/internal/rows"
	"github.com/linedesk/linedesk/store/migrations"
)

// Waits that hold unless the URL says otherwise.
const (
	connectTimeout = 5 * time.Second
	// statementTimeout is the server's own deadline: it ends a statement whose client has gone.
	statementTimeout = "30000" // ms
	maxConns         = 8       // ?pool_max_conns=
)

// DB is a site in a PostgreSQL database.
type DB struct{ *rows.DB }

// Open connects and brings the tables up to date. The URL is as libpq's, and may carry pgxpool's
// parameters (pool_max_conns …).
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	pool, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	err = migrations.Up(ctx, db, migrations.Postgres, log)
	err = errors.Join(err, db.Close()) // gives the connections back; the pool stays open
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return &DB{rows.New(&conn{pool})}, nil
}

func connect(ctx context.Context, url string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open database: the URL is not one of PostgreSQL: %w", err) // pgx blanks the password
	}
	c := cfg.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	set(c.RuntimeParams, "application_name", "linedesk")
	set(c.RuntimeParams, "statement_timeout", statementTimeout)
	set(c.RuntimeParams, "idle_in_transaction_session_timeout", statementTimeout)
	c.RuntimeParams["timezone"] = "UTC"
	if !asked(url, "pool_max_conns") {
		cfg.MaxConns = maxConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database %s at %s: %w", c.Database, c.Host, err)
	}
	return pool, nil
}

func set(params map[string]string, name, value string) {
	if params[name] == "" {
		params[name] = value
	}
}

// conn carries out SQL through the pool.
type conn struct{ pool *pgxpool.Pool }

var _ rows.Conn = (*conn)(nil)

// Query implements rows.Conn.
func (c *conn) Query(ctx context.Context, sql string, args ...any) (rows.Rows, error) {
	return c.pool.Query(ctx, sql, args...) //nolint:sqlclosecheck // closed by who asked
}

// Write implements rows.Conn.
func (c *conn) Write(ctx context.Context, fn func(rows.Tx) error) error {
	return pgx.BeginFunc(ctx, c.pool, func(t pgx.Tx) error { return fn(tx{t}) })
}

// Ping implements rows.Conn.
func (c *conn) Ping(ctx context.Context) error { return c.pool.Ping(ctx) }

// Close implements rows.Conn.
func (c *conn) Close() error {
	c.pool.Close()
	return nil
}

// Explain implements rows.Conn.
func (c *conn) Explain(ctx context.Context, sql string, args ...any) ([]string, error) {
	r, err := c.pool.Query(ctx, "EXPLAIN "+sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(r, pgx.RowTo[string])
}

// Position implements rows.Conn.
func (c *conn) Position() string { return "strpos" }

// uniqueViolation is the SQLSTATE of a key that is taken.
const uniqueViolation = "23505"

// IsDuplicate implements rows.Conn.
func (c *conn) IsDuplicate(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == uniqueViolation
}

// IsRefusal implements rows.Conn. Classes of SQLSTATE, PostgreSQL's manual, appendix A: 22 data exception,
// 23 integrity constraint violation, 54 program limit exceeded (a value too long for its index).
func (c *conn) IsRefusal(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && len(e.Code) == 5 && slices.Contains([]string{"22", "23", "54"}, e.Code[:2])
}

type tx struct{ pgx.Tx }

// Query implements rows.Tx.
func (t tx) Query(ctx context.Context, sql string, args ...any) (rows.Rows, error) {
	return t.Tx.Query(ctx, sql, args...) //nolint:sqlclosecheck // closed by who asked
}

// Exec implements rows.Tx.
func (t tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	tag, err := t.Tx.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

// Each implements rows.Tx: one round trip for all.
func (t tx) Each(ctx context.Context, sql string, args [][]any) error {
	if len(args) == 0 {
		return nil
	}
	var b pgx.Batch
	for _, a := range args {
		b.Queue(sql, a...)
	}
	return t.SendBatch(ctx, &b).Close()
}

// asked tells whether the URL sets a parameter itself.
func asked(url, name string) bool {
	return strings.Contains(url, name+"=")
}
