package calllog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/projection"
)

// Projection is the call log as a projection of the journal.
func Projection(o Options) projection.Projection {
	return projection.Projection{
		Name: store.ProjectionCalls, Title: "call log",
		Fold:   func() projection.Fold { return fold{NewBuilder(o)} },
		Before: before,
	}
}

// before looks up what a row would replace. A ticket that exists is people's, and stays.
func before(ctx context.Context, st store.Store, one store.Batch) (projection.Before, error) {
	switch {
	case len(one.Calls) == 1:
		return callBefore(ctx, st, one.Calls[0])
	case len(one.Tickets) == 1:
		id := one.Tickets[0].ID
		b := projection.Before{Key: "ticket " + string(id), Found: true}
		_, err := st.Ticket(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			b.Found, b.Now, err = false, one, nil
		}
		return b, err
	case len(one.WrapUps) == 1:
		return wrapUpBefore(ctx, st, one.WrapUps[0])
	}
	return projection.Before{}, fmt.Errorf("%w: not one row of the call log: %+v", store.ErrInvalid, one)
}

func callBefore(ctx context.Context, st store.Store, c store.Call) (projection.Before, error) {
	b := projection.Before{Key: "call " + string(c.ID)}
	c = c.Cleaned()
	was, err := st.Call(ctx, c.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return b, err
	default:
		b.Found, b.Was.Calls = true, []store.Call{was}
		if was.Agent == c.Agent && was.Extension != "" {
			c.Extension = was.Extension // the agent's of that day, which no event tells
		}
		if c.Disposition == "" && c.Notes == "" {
			c.Disposition, c.Notes = was.Disposition, was.Notes // written after the row was whole
		}
		c.Unfinished = c.Unfinished && was.Unfinished
	}
	b.Now.Calls = []store.Call{c}
	return b, nil
}

func wrapUpBefore(ctx context.Context, st store.Store, w store.WrapUp) (projection.Before, error) {
	b := projection.Before{Key: "call " + string(w.Call), Found: true}
	c, err := st.Call(ctx, w.Call)
	if errors.Is(err, store.ErrNotFound) {
		return b, nil // the journal no longer keeps the call that it is about
	}
	if err != nil {
		return b, err
	}
	b.Was.Calls, b.Now.WrapUps = []store.Call{c}, []store.WrapUp{w}
	w = w.Cleaned()
	if (!w.Saved || c.Disposition == w.Disposition && c.Notes == w.Notes) && (!w.Finished || !c.Unfinished) {
		b.Now = b.Was
	}
	return b, nil
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
