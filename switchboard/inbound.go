package switchboard

import (
	"log/slog"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/ivr/flow"
)

// arrive takes a call in: it is written down, answered, and led into the flow of the number dialled.
func (c *liveCall) arrive(l *leg, sipCallID string, n *number) {
	c.far, c.legs = l, append(c.legs, l)
	c.sb.router.post(request{
		run: func() { c.sb.begin(c); c.sb.seatCaller(c) },
		event: call.CallArrived{
			Call: c.id, Leg: l.id, Direction: c.direction, From: c.from, To: c.to, Trunk: c.trunk,
			Extension: c.extension, SIPCallID: sipCallID,
		},
	})
	c.findCustomer(c.from.Number)
	if err := c.openSound(l); err != nil {
		c.log.Error("no media port for the caller's leg", slog.Any("error", err))
		l.dialog.Reject(503, "No Media Port")
		l.gone = true
		c.finish(call.End{By: call.BySystem, Cause: call.CauseFailed, SIP: 503})
		return
	}
	// The record is written before the 200 leaves: a server that is killed now still knows of the call.
	c.sb.router.recordNow(call.CallAnswered{Call: c.id, Leg: l.id})
	l.up = true
	l.dialog.Answer(l.sound)
	c.enterMenu(n)
}

// placedByPhone is a call that an agent dialled on the phone itself: its leg is there, the far one is to come.
func (c *liveCall) placedByPhone(l *leg, ext call.Extension) {
	c.legs = append(c.legs, l)
	if err := c.openSound(l); err != nil {
		c.log.Error("no media port for the phone's leg", slog.Any("error", err))
		l.dialog.Reject(503, "No Media Port")
		l.gone = true
	}
	agent, _ := c.sb.agentAt(ext)
	c.turn = &turn{agent: agent, leg: l}
	l.agent = agent
	c.sb.router.post(request{
		run: func() {
			c.sb.begin(c)
			c.sb.seat(agent, c)
		},
		event: call.CallPlaced{
			Call: c.id, Agent: agent, Extension: ext, From: c.from.Number, To: c.to, Direction: c.direction, Trunk: c.trunk,
		},
	})
	if l.gone {
		c.finish(call.End{By: call.BySystem, Cause: call.CauseFailed, SIP: 503})
		return
	}
	c.findCustomer(c.to)
	c.dialFar()
}

// seat makes an agent who is signed in busy with this call. Runs on the router.
func (sb *Switchboard) seat(id call.AgentID, c *liveCall) {
	if a := sb.router.agents[id]; a != nil && a.signedIn {
		sb.occupy(a, c)
	}
}

// seatCaller makes the colleague who dialled into a flow busy with it. Runs on the router.
func (sb *Switchboard) seatCaller(c *liveCall) {
	if id, ok := sb.agentAt(c.extension); ok {
		sb.seat(id, c)
	}
}

// onQueueRefused goes on in the flow.
func (c *liveCall) onQueueRefused(reason string) {
	c.queue = ""
	switch {
	case c.ended || c.menu == nil:
	case reason == acd.ReasonFull:
		c.menu.Step(flow.QueueFull{})
	default:
		c.menu.Step(flow.QueueLeft{})
	}
}
