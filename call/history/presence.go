package history

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Presence is one who takes part in a call at the moment.
type Presence struct {
	Party
	Number    call.Number    // of the far party, and of one outside who was asked to join
	Extension call.Extension // of a telephone without an agent
	Since     time.Time      // of the state
	Muted     bool
}

// Presences gives all who take part: the far party first, then agents, then guests. A colleague who was called, or who
// called in, is the far party and no second one.
func (c *Call) Presences() []Presence {
	var out []Presence
	far := c.farPresence()
	for _, s := range c.Segments {
		switch {
		case s.Role == Colleague && s.Offer == "":
			far.Agent = s.Agent
		case s.State != Gone:
			out = append(out, Presence{Party: s.Party, Since: s.sinceState(), Muted: s.Muted})
		}
	}
	for _, g := range c.Guests {
		if g.State != Gone {
			out = append(out, Presence{Party: g.Party, Number: g.Number, Extension: g.Extension, Since: g.Since})
		}
	}
	if far.State != Gone {
		out = append([]Presence{far}, out...)
	}
	return out
}

func (c *Call) farPresence() Presence {
	p := Presence{Party: c.FarParty, Number: c.From.Number, Since: c.ArrivedAt}
	if c.PlacedBy != "" {
		p.Number = c.To
	}
	if p.State == Joined && c.AnsweredAt != nil {
		p.Since = *c.AnsweredAt
	}
	return p
}

// sinceState is when the agent's state began.
func (s *Segment) sinceState() time.Time {
	switch {
	case s.State != Joined:
	case s.BridgedAt != nil:
		return *s.BridgedAt
	case s.AnsweredAt != nil: // is asked beside the call
		return *s.AnsweredAt
	}
	return s.OfferedAt
}
