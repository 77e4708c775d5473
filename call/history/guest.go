package history

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

// invited begins the part of a number outside, or of a telephone without an agent, that is asked to join.
func (c *Call) invited(e call.PartyInvited, at time.Time) {
	c.goesOn()
	role := Outside
	if e.Extension != "" {
		role = Colleague
	}
	c.Guests = append(c.Guests, &Party{Role: role, Leg: e.Leg, State: Ringing, Number: e.Number, Extension: e.Extension})
	c.startLeg(e.Leg, "", at)
}

// joined says that it talks with whoever the call is about.
func (c *Call) joined(e call.PartyJoined, at time.Time) {
	if e.Offer != "" {
		c.asked(e, at)
		return
	}
	g := c.guest(e.Leg)
	if g == nil || c.left {
		return
	}
	c.goesOn()
	g.State = Joined
	c.asking(func(a *Asks) { a.Joined = true })
	if c.State == Transferring {
		c.become(Talking)
	}
}

// guest finds one by its leg; nil: there is none.
func (c *Call) guest(leg call.LegID) *Party {
	for _, g := range slices.Backward(c.Guests) {
		if g.Leg == leg {
			return g
		}
	}
	return nil
}
