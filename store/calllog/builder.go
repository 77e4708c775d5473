package calllog

import (
	"cmp"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/ticket"
)

// lookEvery is the time between two looks for what can be let go of. The time is the records', so that the same
// records always give the same rows.
const lookEvery = time.Second

// maxTimeline bounds a call's timeline. A caller can go round in a menu for hours; the entries beyond
// are left out.
const maxTimeline = 1000

// usualTimeline is what a call comes to that went through a menu and a queue to one agent.
const usualTimeline = 20

// Builder makes rows of records. It is pure and used by one goroutine.
type Builder struct {
	o        Options
	calls    map[call.ID]*building
	dirty    []*building // ended calls whose rows changed since Take, in the order of their change
	tickets  []store.NewTicket
	wrapUps  []store.WrapUp
	run      history.Run
	forgetAt time.Time // when Forget looks next
}

// Rows are what records came to.
type Rows struct {
	Calls   []store.Call
	Tickets []store.NewTicket
	WrapUps []store.WrapUp
}

// Len is the number of rows.
func (r Rows) Len() int { return len(r.Calls) + len(r.Tickets) + len(r.WrapUps) }

// NewBuilder makes an empty one. Feed it from a position's Safe record on.
func NewBuilder(o Options) *Builder {
	return &Builder{o: o, calls: make(map[call.ID]*building)}
}

// Add takes the next record of the journal.
func (b *Builder) Add(rec call.Record) {
	switch e := rec.Event.(type) {
	case call.NodeStarted:
		b.cutOff()
	case call.AgentStatusChanged:
		// It names a call, but is the agent's story: each thing that it tells of the call has an event of its
		// own. In the timeline it would say that twice.
	default:
		if id := call.Of(e); id != "" {
			b.toCall(id, rec)
		}
	}
	b.run.Note(rec)
}

// cutOff notes, when a server starts, that the calls still open ended no later than the last thing
// heard before. They get their CallEnded from CloseOrphans, before or after this.
func (b *Builder) cutOff() {
	for _, c := range b.calls {
		c.CutOff(b.run.Alive())
	}
}

func (b *Builder) toCall(id call.ID, rec call.Record) {
	c := b.calls[id]
	if c == nil {
		if c = begin(rec); c == nil {
			b.toForgotten(rec)
			return
		}
		b.calls[id] = c
	}
	c.add(rec, b.run.Alive(), b.o.Extension)
	b.ticketOf(rec, c)
	if c.ended() && !c.isDirty {
		c.isDirty = true
		b.dirty = append(b.dirty, c)
	}
}

// toForgotten handles what comes for a call that is not known any more: its row is complete, but what
// an agent writes about it may come at any time.
func (b *Builder) toForgotten(rec call.Record) {
	switch e := rec.Event.(type) {
	case call.WrapUpSaved:
		b.wrapUps = append(b.wrapUps, store.WrapUp{Call: e.Call, Saved: true, Disposition: e.Disposition, Notes: e.Notes})
	case call.WrapUpFinished:
		b.wrapUps = append(b.wrapUps, store.WrapUp{Call: e.Call, Finished: true})
	default:
		b.ticketOf(rec, nil)
	}
}

// ticketOf makes the ticket that some events are; c may be nil.
func (b *Builder) ticketOf(rec call.Record, c *building) {
	var t store.Ticket
	switch e := rec.Event.(type) {
	case call.TicketOpened:
		t = store.Ticket{
			ID: e.Ticket, Kind: e.Kind, Subject: e.Subject, Text: e.Text, Urgency: e.Urgency, Due: e.Due,
			Owner: cmp.Or(e.Owner, e.By), State: e.State, CreatedBy: e.By, Customer: e.Customer, Call: e.Call, Phone: e.Phone,
		}
	case call.VoicemailLeft:
		t = store.Ticket{
			ID: e.Ticket, Kind: cmp.Or(e.Kind, ticket.Voicemail), Queue: e.Queue, Recording: e.File, Call: e.Call,
		}
		if t.ID == "" {
			t.ID = call.TicketID(e.Call) // one message a call: the same ID each time this record is read
		}
	default:
		return
	}
	if c != nil {
		t.Customer = cmp.Or(t.Customer, c.Whose.Customer)
		t.Queue = cmp.Or(t.Queue, c.Queue)
		t.Subject = cmp.Or(t.Subject, c.who())
		if t.Customer == "" {
			t.Phone = cmp.Or(t.Phone, c.farNumber())
		}
	}
	if t.ID == "" {
		return // nothing to know it by again: it would come twice
	}
	t.Kind = cmp.Or(store.CleanLine(t.Kind), "other")
	t.CreatedAt, t.UpdatedAt = rec.At, rec.At
	b.o.begin(&t)
	b.tickets = append(b.tickets, store.NewTicket{Ticket: t, Series: b.o.series(t.Kind, rec.At)})
}

// Take gives the rows that changed since the last Take.
func (b *Builder) Take() Rows {
	r := Rows{Tickets: b.tickets, WrapUps: b.wrapUps}
	for _, c := range b.dirty {
		r.Calls = append(r.Calls, c.finished())
		c.isDirty = false
	}
	b.dirty, b.tickets, b.wrapUps = b.dirty[:0], nil, nil
	return r
}

// Forget lets go of calls that nothing more is to come of, as of a moment. Call it after Take, as often as you
// like: it looks through the calls once a second.
func (b *Builder) Forget(now time.Time) {
	if now.Before(b.forgetAt) {
		return
	}
	b.forgetAt = now.Add(lookEvery)
	for id, c := range b.calls {
		if c.ended() && !c.isDirty && now.After(c.KeepUntil()) {
			delete(b.calls, id)
		}
	}
}

// Held is how many calls are known: those that go on and those kept for a while.
func (b *Builder) Held() int { return len(b.calls) }

// Safe is the first record of the oldest call that is known; 0 if none is.
func (b *Builder) Safe() uint64 {
	var first uint64
	for _, c := range b.calls {
		if first == 0 || c.First < first {
			first = c.First
		}
	}
	return first
}

// unfinished gives the calls that have not ended, or whose wrap-up has not, oldest first.
func (b *Builder) unfinished() []*building {
	var open []*building
	for _, c := range b.calls {
		if !c.ended() || len(c.WrappingUp()) > 0 {
			open = append(open, c)
		}
	}
	slices.SortFunc(open, func(a, b *building) int { return cmp.Compare(a.First, b.First) })
	return open
}

// ending tells whether some of the calls that are known have ended.
func (b *Builder) ending() bool {
	for _, c := range b.calls {
		if c.ended() {
			return true
		}
	}
	return false
}
