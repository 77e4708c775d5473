package history

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Leg is one stretch between us and a telephone or browser.
type Leg struct {
	ID        call.LegID
	Agent     call.AgentID // empty: the far party's, or that of a guest
	StartedAt time.Time
	EndedAt   *time.Time
	End       *call.End
	Quality   call.Quality
}

// Far is the far party's leg, the last one with that ID; nil: none is known.
func (c *Call) Far() *Leg {
	var far *Leg
	for _, l := range c.Legs {
		if l.ID == c.FarParty.Leg {
			far = l
		}
	}
	return far
}

// up tells whether a leg has no end yet.
func (c *Call) up() bool {
	for _, l := range c.Legs {
		if l.EndedAt == nil {
			return true
		}
	}
	return false
}

func (c *Call) startLeg(id call.LegID, agent call.AgentID, at time.Time) *Leg {
	for _, l := range c.Legs {
		if l.ID == id && l.EndedAt == nil {
			return l
		}
	}
	if id == "" {
		return nil
	}
	l := &Leg{ID: id, Agent: agent, StartedAt: at}
	c.Legs = append(c.Legs, l)
	return l
}

func (c *Call) joinLeg(s *Segment, leg call.LegID, at time.Time) {
	if leg == "" {
		return
	}
	s.Leg = leg
	if leg != c.FarParty.Leg {
		c.startLeg(leg, s.Agent, at)
	}
}

func (c *Call) legEnded(e call.LegEnded, at time.Time) {
	if c.State == Dialling && e.Agent == "" {
		c.become(Unreached)
		c.Unreached = e.End.Cause
	}
	l := c.startLeg(e.Leg, e.Agent, c.ArrivedAt)
	if l == nil {
		return
	}
	end := e.End
	l.EndedAt, l.End, l.Quality = new(at), &end, e.Quality
	if l.Agent == "" && l.ID == c.FarParty.Leg || c.FarParty.Leg == "" && e.Agent == "" {
		if c.Direction == call.Inbound || c.AnsweredAt != nil { // else the agent still hears why
			c.over(at)
		}
		c.farIsGone()
		for _, s := range c.Segments {
			s.stop(at)
		}
	}
	if g := c.guest(e.Leg); g != nil {
		g.State, g.Since = Gone, at
	}
	for _, s := range c.Segments {
		if s.Leg == e.Leg && s.Leg != "" {
			s.stop(at)
			if s.Offer == "" && s.End != EndTransferred {
				c.over(at) // no queue takes the caller back
			}
		}
	}
}
