package calllog

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/projection"
)

// Projection is the call log as a projection of the journal.
func Projection(o Options) projection.Projection {
	return projection.Projection{
		Name: store.ProjectionCalls, Title: "call log",
		Fold: func() projection.Fold { return fold{NewBuilder(o)} },
	}
}

// fold is a Builder as projections have it.
type fold struct{ b *Builder }

func (f fold) Add(rec call.Record) { f.b.Add(rec) }

func (f fold) Pending() int { return len(f.b.dirty) + len(f.b.tickets) + len(f.b.wrapUps) }

func (f fold) Take() store.Batch {
	r := f.b.Take()
	return store.Batch{Calls: r.Calls, Tickets: r.Tickets, WrapUps: r.WrapUps}
}

func (f fold) Safe() uint64 { return f.b.Safe() }

func (f fold) Forget(now time.Time) bool {
	f.b.Forget(now)
	return f.b.ending()
}
