package history

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

// whyConsult is why an agent is offered a call who is asked beside it.
const whyConsult = "consult"

// Asks is a consultation that goes on.
type Asks struct {
	By     call.AgentID
	To     call.Target
	Agent  call.AgentID // of ours who is asked; empty: somebody else, or not rung yet
	Since  time.Time
	Joined bool // has answered
	Beside bool // the two speak, and the customer waits
}

// Asked gives the part of an agent who is asked at this moment; nil: that one is not.
func (c *Call) Asked(id call.AgentID) *Segment {
	if c.Asks == nil || c.Asks.Agent != id || id == "" {
		return nil
	}
	for _, s := range slices.Backward(c.Segments) {
		if s.Agent == id && s.Why == whyConsult && s.EndedAt == nil {
			return s
		}
	}
	return nil
}

// asking changes what is known of the consultation.
func (c *Call) asking(change func(*Asks)) {
	if c.Asks != nil {
		next := *c.Asks
		change(&next)
		c.Asks = &next
	}
}

// asks begins, or goes on with, an agent's asking beside the call. What of it was hold is so no longer.
func (s *Segment) asks(at time.Time) {
	if s == nil || s.AsksSince != nil {
		return
	}
	s.unhold(at)
	s.AsksSince = new(at)
}

// asksNoMore ends it. A hold of the far party's own goes on.
func (s *Segment) asksNoMore(at time.Time) {
	if s == nil || s.AsksSince == nil {
		return
	}
	s.Consulted += at.Sub(*s.AsksSince)
	s.AsksSince = nil
	if len(s.HeldBy) > 0 && s.Talks() {
		s.HeldSince = new(at)
	}
}

// asked begins the part of an agent who is asked, when that one has answered.
func (c *Call) asked(e call.PartyJoined, at time.Time) {
	s := c.segment(e.Offer, e.Agent, at)
	if s.EndedAt != nil {
		return
	}
	s.State = Joined
	s.asks(at)
	c.asking(func(a *Asks) { a.Joined = true })
	c.joinLeg(s, e.Leg, at)
}

// unasked ends the part of whoever is asked.
func (c *Call) unasked(at time.Time) {
	c.Asks = nil
	for _, s := range c.Segments {
		if s.Why == whyConsult && s.BridgedAt == nil {
			s.asksNoMore(at)
			s.close(EndConsulted, at)
		}
	}
}

// taking gives the call to who was asked: Bridged follows, or that one is no agent.
func (c *Call) taking(e call.Transferred, at time.Time) {
	c.Asks = nil
	if e.Offer == "" {
		c.become(Talking)
		return
	}
	c.segment(e.Offer, "", at).asksNoMore(at)
}
