// Package calllog turns the journal into the call log: rows of calls, and the tickets that calls left.
//
// [Builder] is pure: records in, rows out. [Projection] makes it a projection
// of the journal, which store/projection runs: rows are written exactly once, whatever crashes in between.
// [CloseOrphans] ends, at the start of a server, the calls that the last run left open.
//
// What a call was, and what its durations mean, call/history tells; talk, hold and wrap-up of a row are those of
// all agents together. For a call that one agent took straight from its queue, bridged − queued is wait and ended −
// bridged is talk and hold.
package calllog

import (
	"cmp"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/ticket"
)

// Options are what rows need to know of the site as it is at the moment. They may be asked from any goroutine.
type Options struct {
	// Numbering says how new tickets are numbered. Nil: as the zero Numbering does.
	Numbering func() store.Numbering
	// Kind gives the rules of a kind of ticket; nil for one that the site does not know. Nil: it knows none.
	Kind func(id string) *ticket.Kind
	// Extension gives an agent's extension, for the call's row. Nil: left empty.
	Extension func(call.AgentID) call.Extension
}

// begin sets how a new ticket stands: in the state and with the deadline of its kind. What the kind would refuse (it was
// changed meanwhile) stays as the journal has it, since the ticket was promised.
func (o *Options) begin(t *store.Ticket) {
	if o.Kind != nil {
		if kind := o.Kind(t.Kind); kind != nil {
			s, err := kind.Begin(ticket.Standing{State: t.State, Urgency: t.Urgency, Due: t.Due}, t.CreatedAt)
			if err == nil {
				t.State, t.Urgency, t.Due, t.ClosedAt = s.State, s.Urgency, s.Due, s.ClosedAt
			}
		}
	}
	t.State = cmp.Or(t.State, ticket.Open)
}

func (o *Options) series(kind string, at time.Time) string {
	var n store.Numbering
	if o.Numbering != nil {
		n = o.Numbering()
	}
	return n.Series(kind, at)
}
