package calllog

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
	"github.com/linedesk/linedesk/store"
)

// building is a call that is being put together: its history, and what its row has beyond that.
type building struct {
	*history.Call
	extension call.Extension // of Agent
	voicemail *store.Voicemail
	timeline  []store.TimelineEntry
	isDirty   bool
}

// begin makes a call of its first record; nil if that is no beginning.
func begin(rec call.Record) *building {
	h := history.Begin(rec)
	if h == nil {
		return nil
	}
	return &building{Call: h, extension: h.Extension}
}

func (c *building) ended() bool { return c.EndedAt != nil }

// add carries out one record.
func (c *building) add(rec call.Record, alive time.Time, extension func(call.AgentID) call.Extension) {
	before := c.Agent
	c.Apply(rec, alive)
	switch e := rec.Event.(type) {
	case call.OfferAnswered:
		c.seat(before, e.Agent, extension)
	case call.Bridged:
		c.seat(before, e.Agent, extension)
	case call.VoicemailLeft:
		c.voicemail = &store.Voicemail{File: e.File, DurationMS: e.Duration.Milliseconds(), Ticket: e.Ticket}
	}
	c.note(rec, c.When(rec))
}

// seat looks the extension up of an agent whose the call has become.
func (c *building) seat(before, by call.AgentID, extension func(call.AgentID) call.Extension) {
	if c.Agent != by || c.Agent == before && c.extension != "" {
		return
	}
	c.extension = ""
	if extension != nil {
		c.extension = extension(c.Agent)
	}
}

// finished gives the row of an ended call. It shares nothing that later records change.
func (c *building) finished() store.Call {
	row := store.Call{
		ID: c.ID, Direction: c.Direction, From: c.From.Number, FromName: c.From.Name, To: c.To,
		Customer: c.Whose.Customer, CustomerName: c.Whose.Name, Queue: c.Queue,
		Agent: c.Agent, Extension: c.extension, Trunk: c.Trunk,
		ArrivedAt: c.ArrivedAt, AnsweredAt: c.AnsweredAt, QueuedAt: c.QueuedAt, BridgedAt: c.BridgedAt,
		EndedAt: c.EndedAt, End: c.End,
		WaitMS: c.Wait(c.Touched).Milliseconds(), RingMS: c.Ring.Milliseconds(), WrapUpMS: c.WrapUp.Milliseconds(),
		Disposition: c.Disposition, Notes: c.Notes, Unfinished: c.Unfinished, Voicemail: c.voicemail,
		Timeline: slices.Clip(c.timeline),
	}
	if c.PlacedBy != "" && row.From.Raw == "" {
		row.From.Raw = string(c.Extension)
	}
	for _, s := range c.Segments {
		seg := store.SegmentOf(s)
		row.TalkMS += seg.TalkMS
		row.HoldMS += seg.HoldMS
		row.Segments = append(row.Segments, seg)
	}
	for _, l := range c.Legs {
		row.Legs = append(row.Legs, store.Leg(*l))
	}
	if l := c.Far(); l != nil && l.EndedAt != nil {
		q := l.Quality
		row.Quality = &q
	}
	return row
}

// farNumber is the far party's.
func (c *building) farNumber() call.Number {
	number := c.From.Number
	if c.Direction != call.Inbound {
		number = c.To
	}
	if c.PlacedBy != "" && number.Raw == "" {
		number.Raw = string(c.Extension)
	}
	return number
}

// who names the far party in one line, in no language: for a ticket's subject.
func (c *building) who() string {
	name, number := c.Whose.Name, c.farNumber()
	if name == "" {
		name = c.From.Name
	}
	switch {
	case name == "":
		return number.Raw
	case number.Raw == "" || number.Raw == name:
		return name
	}
	return name + " · " + number.Raw
}
