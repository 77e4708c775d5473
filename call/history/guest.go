package history

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Guest is a number outside, or a telephone without an agent, that was asked to join a call that went on.
type Guest struct {
	Party
	Number    call.Number
	Extension call.Extension // of ours; empty: it is outside
	Since     time.Time      // of its state
}

// invited begins the part of a number outside, or of a telephone without an agent, that is asked to join.
func (c *Call) invited(e call.PartyInvited, at time.Time) {
	c.goesOn()
	role := Outside
	if e.Extension != "" {
		role = Colleague
	}
	g := &Guest{Party: Party{Role: role, Leg: e.Leg, State: Ringing}, Number: e.Number, Extension: e.Extension, Since: at}
	c.Guests = append(c.Guests, g)
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
	g.State, g.Since = Joined, at
	c.asking(func(a *Asks) { a.Joined = true })
	if c.State == Transferring {
		c.become(Talking)
	}
}

// guest finds one by its leg; nil: there is none.
func (c *Call) guest(leg call.LegID) *Guest {
	for _, g := range slices.Backward(c.Guests) {
		if g.Leg == leg {
			return g
		}
	}
	return nil
}
