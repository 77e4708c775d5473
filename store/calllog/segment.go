package calllog

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// applyToSegment carries out what concerns one agent's part.
func (c *building) applyToSegment(e call.Event, at time.Time, extension func(call.AgentID) call.Extension) {
	switch e := e.(type) {
	case call.CallOffered:
		c.goesOn()
		c.segs = append(c.segs, &segment{Segment: store.Segment{Offer: e.Offer, Queue: e.Queue, Agent: e.Agent, Why: e.Why, OfferedAt: at}})
	case call.OfferRinging:
		s := c.segment(e.Offer, e.Agent, at)
		s.RingingAt = &at
		c.joinLeg(s, e.Leg, at)
	case call.OfferAnswered:
		s := c.segment(e.Offer, e.Agent, at)
		s.AnsweredAt = &at
		c.joinLeg(s, e.Leg, at)
		c.taken(s, extension)
		if e.Offer != "" {
			c.row.RingMS = at.Sub(s.OfferedAt).Milliseconds()
		}
	case call.OfferMissed:
		c.segment(e.Offer, e.Agent, at).close(missed(e.Miss), at)
	case call.OfferWithdrawn:
		c.segment(e.Offer, e.Agent, at).close(store.SegmentWithdrawn, at)
	case call.Bridged:
		c.bridged(e, at, extension)
	case call.CallHeld:
		c.talking(e.Agent).hold(e.By, at)
	case call.CallResumed:
		c.talking(e.Agent).resume(e.By, at)
	case call.TalkEnded:
		c.talkOver(c.segment(e.Offer, e.Agent, at), endBy(e.By), at)
		c.gone(at)
	case call.AgentLegLost:
		c.talkOver(c.segment(e.Offer, e.Agent, at), store.SegmentLost, at)
	case call.AgentCallStarted:
		c.segment("", e.Agent, at)
	case call.AgentCallEnded:
		s := c.segment("", e.Agent, at)
		if s.BridgedAt != nil {
			c.gone(at)
		}
		// Whose doing it was, only the end of the call tells.
		s.stop(at)
	}
}

// segment finds an agent's part: by its offer, or the last one outside queues. One that was not begun
// begins now, so that nothing that happened is lost.
func (c *building) segment(offer call.OfferID, agent call.AgentID, at time.Time) *segment {
	for _, s := range slices.Backward(c.segs) {
		if s.Offer == offer && (offer != "" || s.Agent == agent) {
			return s
		}
	}
	s := &segment{Segment: store.Segment{Offer: offer, Queue: c.row.Queue, Agent: agent, OfferedAt: at}}
	if offer == "" {
		s.Queue = ""
	}
	c.segs = append(c.segs, s)
	return s
}

// talking finds the part in which an agent talks; nil if none does.
func (c *building) talking(agent call.AgentID) *segment {
	for _, s := range slices.Backward(c.segs) {
		if s.BridgedAt != nil && s.stopped.IsZero() && (s.Agent == agent || agent == "") {
			return s
		}
	}
	return nil
}

func (c *building) bridged(e call.Bridged, at time.Time, extension func(call.AgentID) call.Extension) {
	c.goesOn()
	c.stopWaiting(at)
	if c.row.BridgedAt == nil {
		c.row.BridgedAt = &at
	}
	s := c.segment(e.Offer, e.Agent, at)
	if s.BridgedAt == nil {
		s.BridgedAt = &at
	}
	if s.AnsweredAt == nil && e.Offer == "" {
		s.AnsweredAt = &at
	}
	c.joinLeg(s, e.Leg, at)
	c.taken(s, extension)
}

// taken makes the segment's agent the call's.
func (c *building) taken(s *segment, extension func(call.AgentID) call.Extension) {
	switch {
	case s.Agent == "", s.Agent == c.row.Agent && c.row.Extension != "":
		return
	case s.Offer == "" && c.row.Agent != "" && s.Agent != c.row.Agent:
		return // of two agents on a call between extensions, the one who placed it is the row's
	}
	c.row.Agent, c.row.Extension = s.Agent, ""
	if extension != nil {
		c.row.Extension = extension(s.Agent)
	}
}

func (c *building) joinLeg(s *segment, leg call.LegID, at time.Time) {
	if leg == "" {
		return
	}
	s.leg = leg
	if leg != c.far {
		c.startLeg(leg, s.Agent, at)
	}
}

// talkOver ends an agent's part.
func (c *building) talkOver(s *segment, end store.SegmentEnd, at time.Time) {
	s.stop(at)
	s.close(end, at)
}

func missed(m call.Miss) store.SegmentEnd {
	switch m {
	case call.MissDeclined:
		return store.SegmentDeclined
	case call.MissBusy:
		return store.SegmentBusy
	case call.MissUnreachable:
		return store.SegmentUnreachable
	case call.MissNoAnswer:
	}
	return store.SegmentNoAnswer
}

// stop ends the clocks of talk and hold; the first word counts.
func (s *segment) stop(at time.Time) {
	if s.BridgedAt == nil || !s.stopped.IsZero() {
		return
	}
	if !s.heldAt.IsZero() {
		s.holding += at.Sub(s.heldAt)
		s.heldAt = time.Time{}
	}
	s.stopped = at
}

// close says when and why the part ended; the first word counts. A part that was bridged ended when its
// talk did, though we may learn only later why.
func (s *segment) close(end store.SegmentEnd, at time.Time) {
	if s.EndedAt != nil {
		return
	}
	if !s.stopped.IsZero() {
		at = s.stopped
	}
	s.EndedAt, s.End = &at, end
}

// hold counts the time once, though both sides may hold.
func (s *segment) hold(by call.Side, at time.Time) {
	if s == nil {
		return
	}
	if s.held == nil {
		s.held = make(map[call.Side]bool, 2)
	}
	s.held[by] = true
	if s.heldAt.IsZero() {
		s.heldAt = at
	}
}

func (s *segment) resume(by call.Side, at time.Time) {
	if s == nil {
		return
	}
	delete(s.held, by)
	if len(s.held) == 0 && !s.heldAt.IsZero() {
		s.holding += at.Sub(s.heldAt)
		s.heldAt = time.Time{}
	}
}
