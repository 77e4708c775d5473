// Package rows turns records into rows and back. The SQL is written once, for both databases; a [Conn]
// carries it out. What differs between them is behind Conn, and nothing else.
//
// Only store/sqlite and store/postgres may use it.
package rows

import (
	"context"
	"time"
)

// Conn is a database. Parameters are $1, $2 …; times go in as time.Time.
type Conn interface {
	// Query reads outside a transaction.
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	// Write runs fn in a transaction: all of it is kept, or none if fn gives an error.
	Write(ctx context.Context, fn func(Tx) error) error
	Ping(ctx context.Context) error
	Close() error
	// Explain gives the database's plan of a query, line by line.
	Explain(ctx context.Context, sql string, args ...any) ([]string, error)
	// Position is the function that finds a text in another: "instr", "strpos".
	Position() string
	// IsDuplicate tells the error of a row whose key is taken.
	IsDuplicate(err error) bool
	// IsRefusal tells the error of a row that the database refuses for what it is, and will refuse again.
	IsRefusal(err error) bool
}

// Tx is a transaction. It is used by one goroutine.
type Tx interface {
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (affected int64, err error)
	// Each carries out one statement for many sets of parameters, in as few round trips as it can.
	Each(ctx context.Context, sql string, args [][]any) error
}

// Rows are the answer to a query. Close may be called more than once.
type Rows interface {
	Next() bool
	Scan(dst ...any) error
	Err() error
	Close()
}

// deadline is how long one operation may take when its caller set no deadline.
const deadline = 10 * time.Second

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, deadline)
}

// querier is what Conn and Tx have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
}

// list reads all rows of a query.
func list[T any](ctx context.Context, q querier, scan func(Rows) (T, error), sql string, args ...any) ([]T, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	r, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []T
	for r.Next() {
		v, err := scan(r)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, r.Err()
}
