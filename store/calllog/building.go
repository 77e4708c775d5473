package calllog

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// building is a call that is being put together.
type building struct {
	row     store.Call
	first   uint64 // its first record
	segs    []*segment
	legs    []*store.Leg
	far     call.LegID
	wrapUps map[call.AgentID]wrapUp // those that run

	waiting  time.Time // in a queue since; zero: not
	waited   time.Duration
	farGone  bool      // the caller left: nothing that follows is the customer's
	goneAt   time.Time // when the customer's part was over; zero: it goes on
	touched  time.Time // its last record
	wrapUpTo time.Time // the latest end of a wrap-up
	cut      time.Time // the server died no later than this
	ended    bool
	isDirty  bool
}

type wrapUp struct{ since, until time.Time }

// segment is one agent's part with its clocks.
type segment struct {
	store.Segment
	leg     call.LegID
	stopped time.Time          // the talk was over; zero: it goes on
	held    map[call.Side]bool // who holds it
	heldAt  time.Time          // since; zero: nobody does
	holding time.Duration      // sum
}

// begin makes a call of its first record; nil if that is no beginning.
func begin(rec call.Record) *building {
	c := &building{first: rec.Seq}
	c.row.ArrivedAt = rec.At
	switch e := rec.Event.(type) {
	case call.CallArrived:
		c.row.ID, c.row.Direction, c.row.From, c.row.FromName = e.Call, e.Direction, e.From.Number, e.From.Name
		c.row.To, c.row.Trunk, c.row.Extension = e.To, e.Trunk, e.Extension
		c.far = e.Leg
		c.startLeg(e.Leg, "", rec.At)
	case call.CallPlaced:
		c.row.ID, c.row.Direction, c.row.From, c.row.To = e.Call, e.Direction, e.From, e.To
		c.row.Trunk, c.row.Extension, c.row.Agent = e.Trunk, e.Extension, e.Agent
		if c.row.From.Raw == "" {
			c.row.From.Raw = string(e.Extension)
		}
		c.segs = append(c.segs, &segment{Segment: store.Segment{Agent: e.Agent, OfferedAt: rec.At}})
	default:
		return nil
	}
	return c
}

// apply carries out one record at its time.
func (c *building) apply(e call.Event, at time.Time, extension func(call.AgentID) call.Extension) {
	switch e := e.(type) {
	case call.CustomerIdentified:
		c.row.Customer, c.row.CustomerName = e.Customer, e.Name
	case call.CallAnswered:
		c.answered(e.Leg, at)
	case call.FlowEntered, call.FlowStepped:
		c.goesOn()
	case call.CallQueued:
		c.queued(e.Queue, at)
	case call.CallDequeued:
		c.stopWaiting(at)
	case call.CallerLeft:
		c.callerLeft(e.End, at)
	case call.WrapUpStarted:
		c.wrapUpStarted(e, at)
	case call.WrapUpSaved:
		c.row.Disposition, c.row.Notes = e.Disposition, e.Notes
	case call.WrapUpFinished:
		c.row.Unfinished = false
	case call.WrapUpEnded:
		c.wrapUpEnded(e, at)
	case call.VoicemailLeft:
		c.row.Voicemail = &store.Voicemail{File: e.File, DurationMS: e.Duration.Milliseconds(), Ticket: e.Ticket}
	case call.LegEnded:
		c.legEnded(e, at)
	case call.CallEnded:
		c.callEnded(e.End, at)
	default:
		c.applyToSegment(e, at, extension)
	}
}

func (c *building) answered(leg call.LegID, at time.Time) {
	if c.row.AnsweredAt == nil {
		c.row.AnsweredAt = &at
	}
	if c.row.Direction != call.Inbound && c.far == "" {
		c.far = leg
		c.row.RingMS = at.Sub(c.row.ArrivedAt).Milliseconds()
		c.startLeg(leg, "", c.row.ArrivedAt)
	}
}

// goesOn takes back that the customer's part was over: after the talk came a flow or another agent.
func (c *building) goesOn() {
	if !c.farGone {
		c.goneAt = time.Time{}
	}
}

// gone notes when the customer's part was over; the first word counts.
func (c *building) gone(at time.Time) {
	if c.goneAt.IsZero() {
		c.goneAt = at
	}
}

func (c *building) queued(q call.QueueID, at time.Time) {
	c.goesOn()
	c.row.Queue = q
	if c.row.QueuedAt == nil {
		c.row.QueuedAt = &at
	}
	if c.waiting.IsZero() && c.row.BridgedAt == nil {
		c.waiting = at
	}
}

func (c *building) stopWaiting(at time.Time) {
	if !c.waiting.IsZero() {
		c.waited += at.Sub(c.waiting)
		c.waiting = time.Time{}
	}
}

func (c *building) callerLeft(end call.End, at time.Time) {
	c.stopWaiting(at)
	c.gone(at)
	c.farGone = true
	for _, s := range c.segs {
		if s.BridgedAt != nil {
			s.stop(at)
			s.close(c.segmentEnd(end), at)
		}
	}
}

func (c *building) callEnded(end call.End, at time.Time) {
	if c.ended {
		return // the first end counts
	}
	c.ended = true
	c.row.End = end
	c.gone(at)
	ended := c.goneAt
	c.row.EndedAt = &ended
	c.stopWaiting(ended)
	for _, s := range c.segs {
		s.stop(ended)
		s.close(c.segmentEnd(end), ended)
	}
}

// segmentEnd says in a segment's words whose doing an end was.
func (c *building) segmentEnd(e call.End) store.SegmentEnd {
	switch e.Cause {
	case call.CauseServerRestarted:
		return store.SegmentRestart
	case call.CauseAgentNoAnswer:
		return store.SegmentNoAnswer
	default:
		return endBy(e.By)
	}
}

func endBy(s call.Side) store.SegmentEnd {
	switch s {
	case call.ByAgent:
		return store.SegmentAgent
	case call.ByCaller:
		return store.SegmentCaller
	case call.ByTrunk:
		return store.SegmentTrunk
	case call.BySystem:
	}
	return store.SegmentSystem
}

// ---- Legs ----

func (c *building) startLeg(id call.LegID, agent call.AgentID, at time.Time) *store.Leg {
	for _, l := range c.legs {
		if l.ID == id && l.EndedAt == nil {
			return l
		}
	}
	if id == "" {
		return nil
	}
	l := &store.Leg{ID: id, Agent: agent, StartedAt: at}
	c.legs = append(c.legs, l)
	return l
}

func (c *building) legEnded(e call.LegEnded, at time.Time) {
	l := c.startLeg(e.Leg, e.Agent, c.row.ArrivedAt)
	if l == nil {
		return
	}
	end := e.End
	l.EndedAt, l.End, l.Quality = &at, &end, e.Quality
	if l.Agent == "" && l.ID == c.far || c.far == "" && e.Agent == "" {
		if c.row.Direction == call.Inbound || c.row.AnsweredAt != nil { // else the agent still hears why
			c.gone(at)
		}
		c.farGone = true
		for _, s := range c.segs {
			s.stop(at)
		}
	}
	for _, s := range c.segs {
		if s.leg == e.Leg && s.leg != "" {
			s.stop(at)
			if s.Offer == "" {
				c.gone(at) // no queue takes the caller back
			}
		}
	}
}

// ---- Wrap-up ----

func (c *building) wrapUpStarted(e call.WrapUpStarted, at time.Time) {
	if c.wrapUps == nil {
		c.wrapUps = make(map[call.AgentID]wrapUp, 1)
	}
	c.wrapUps[e.Agent] = wrapUp{since: at, until: e.Until}
	if e.Until.After(c.wrapUpTo) {
		c.wrapUpTo = e.Until
	}
}

func (c *building) wrapUpEnded(e call.WrapUpEnded, at time.Time) {
	w, ok := c.wrapUps[e.Agent]
	if !ok {
		return
	}
	delete(c.wrapUps, e.Agent)
	if at.After(w.until) {
		at = w.until // found out late: after a restart
	}
	ms := max(0, at.Sub(w.since)).Milliseconds()
	c.row.WrapUpMS += ms
	for _, s := range slices.Backward(c.segs) {
		if s.Agent == e.Agent {
			s.WrapUpMS += ms
			break
		}
	}
	c.row.Unfinished = e.TimedOut && c.row.Disposition == ""
}

// ---- The row ----

// keepUntil is when nothing more is expected of an ended call.
func (c *building) keepUntil() time.Time {
	until := c.touched.Add(lingerComplete)
	if len(c.wrapUps) > 0 {
		until = latest(until, c.wrapUpTo.Add(lingerWrapUp))
	}
	for _, l := range c.legs {
		if l.EndedAt == nil {
			return latest(until, c.touched.Add(lingerLegs))
		}
	}
	return until
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// finished gives the row of an ended call. It shares nothing that later records change.
func (c *building) finished() store.Call {
	row := c.row
	row.WaitMS = c.waited.Milliseconds()
	for _, s := range c.segs {
		seg := s.Segment
		if s.BridgedAt != nil && !s.stopped.IsZero() {
			seg.HoldMS = s.holding.Milliseconds()
			seg.TalkMS = s.stopped.Sub(*s.BridgedAt).Milliseconds() - seg.HoldMS
		}
		row.TalkMS += seg.TalkMS
		row.HoldMS += seg.HoldMS
		row.Segments = append(row.Segments, seg)
	}
	for _, l := range c.legs {
		row.Legs = append(row.Legs, *l)
		if l.ID == c.far && l.EndedAt != nil {
			q := l.Quality
			row.Quality = &q
		}
	}
	row.Timeline = slices.Clip(row.Timeline)
	return row
}

// who names the far party in one line, in no language: for a ticket's subject.
func (c *building) who() string {
	name, number := c.row.CustomerName, c.row.From
	if name == "" {
		name = c.row.FromName
	}
	if c.row.Direction != call.Inbound {
		number = c.row.To
	}
	switch {
	case name == "":
		return number.Raw
	case number.Raw == "" || number.Raw == name:
		return name
	}
	return name + " · " + number.Raw
}
