package switchboard

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
)

const (
	// agentRingTime is how long the agent's own phone rings for a call the agent placed.
	agentRingTime = 30 * time.Second
	// colleagueRingTime is how long a colleague's phone rings; a customer's, as long as the site says.
	colleagueRingTime = 60 * time.Second
)

// PlaceCall dials a number for an agent: the agent's station rings first, then the number.
func (sb *Switchboard) PlaceCall(ctx context.Context, id call.AgentID, to string) (placed call.ID, seq uint64, err error) {
	dest, err := sb.route(to)
	if err != nil {
		return "", 0, err
	}
	var c *liveCall
	seq, err = sb.command(ctx, func() error { //nolint:contextcheck // a call outlives the request that began it
		a := sb.router.agentOf(id)
		if err := sb.mayCall(a); err != nil {
			return err
		}
		if sb.full() {
			return refuse(503, "too_many_calls")
		}
		c = sb.newCall(dest.direction)
		c.to, c.trunk, c.extension = dest.number, dest.trunk, a.extension
		c.from.Number.Raw = string(a.extension)
		c.turn = &turn{agent: id}
		sb.begin(c)
		sb.router.step(call.CallPlaced{
			Call: c.id, Agent: id, Extension: a.extension, From: c.from.Number, To: dest.number, Direction: dest.direction, Trunk: dest.trunk,
		})
		sb.occupy(a, c)
		station, browser := a.station, a.browserLeg()
		go c.run(func() {
			c.findCustomer(c.to)
			c.ringAgent(station, browser, agentRingTime)
		})
		return nil
	})
	if err != nil {
		return "", 0, err
	}
	return c.id, seq, nil
}

// mayCall tells why an agent can not place a call now. Runs on the router.
func (sb *Switchboard) mayCall(a *agent) error {
	switch {
	case !a.signedIn:
		return refuse(409, "not_signed_in")
	case !sb.reachable(a):
		return refuse(409, "station_unreachable", "station", string(a.station.Kind))
	}
	if s := sb.router.machine.Status(a.id); engaged(s) {
		return refuse(409, "agent_busy", "status", string(s))
	}
	return nil
}

// occupy makes an agent busy with a call that no queue gave. Runs on the router.
func (sb *Switchboard) occupy(a *agent, c *liveCall) {
	if slices.Contains(c.outside, a.id) {
		return
	}
	a.sits(c.id)
	c.seated, c.outside = append(c.seated, a.id), append(c.outside, a.id)
	sb.router.step(call.AgentCallStarted{Agent: a.id, Call: c.id})
}

// dialFar dials the far party: through the trunk, or an extension of ours.
func (c *liveCall) dialFar() {
	l, err := c.newSIPLeg("")
	if err != nil {
		c.log.Error("no media port for the far leg", slog.Any("error", err))
		c.finish(call.End{By: call.BySystem, Cause: call.CauseFailed})
		return
	}
	c.far = l
	c.sb.router.record(call.NumberDialled{Call: c.id, Leg: l.id})
	d := sip.DialRequest{From: c.shownOutside(), Media: l.sound, RingTimeout: colleagueRingTime}
	if c.direction == call.Internal {
		d.Extension = call.Extension(c.to.Raw)
	} else {
		d.Trunk, d.Number, d.E164 = c.trunk, c.to.Raw, c.to.E164
		d.RingTimeout = c.sb.site.Load().Outbound.RingTimeout
	}
	l.dialog = c.sb.phones.Dial(d, func(e sip.LegEvent) { c.post(legSpoke{leg: l, event: e}) })
}

// shownOutside is the caller's number that the far party sees.
func (c *liveCall) shownOutside() call.Party {
	if c.direction == call.Internal {
		return c.from
	}
	return call.Party{Number: call.Number{Raw: c.sb.callerID(c.trunk, c.extension)}}
}

// seatCallee makes the colleague who is called busy: as soon as the phone rings, so that no queue rings it too;
// but one who has a call in hand only by answering this one.
func (c *liveCall) seatCallee(answered bool) {
	if c.direction != call.Internal {
		return
	}
	id, ok := c.sb.agentAt(call.Extension(c.to.Raw))
	if !ok {
		return
	}
	c.sb.router.tell(func() {
		if answered || !engaged(c.sb.router.machine.Status(id)) {
			c.sb.seat(id, c)
		}
	})
}

// farRings lets the agent hear the ringing: the far end's own sound if it sends some, else our tone.
func (c *liveCall) farRings(early bool) {
	t := c.turn
	if t == nil || t.leg == nil || t.bridged {
		return
	}
	c.seatCallee(false)
	if !t.accepted && t.leg.dialog != nil {
		t.leg.dialog.Ring()
		return
	}
	if early {
		if c.bridge == nil {
			t.leg.sound.StopPlay()
			c.bridge = c.sb.engine.Bridge(c.far.sound, t.leg.sound)
		}
		return
	}
	t.leg.sound.Play(ringbackID, c.sb.tones.ringback, true)
}

// farAnswered joins agent and far party.
func (c *liveCall) farAnswered() {
	if c.far.up {
		return
	}
	c.far.up = true
	c.seatCallee(true)
	c.sb.router.record(call.CallAnswered{Call: c.id, Leg: c.far.id})
	t := c.turn
	if !t.accepted { // dialled from the phone itself: its INVITE waits for this
		t.accepted, t.leg.up = true, true
		t.leg.dialog.Answer(t.leg.sound)
	}
	if c.bridge != nil {
		c.bridge.Close()
	}
	c.connect()
}

// farRefused ends a call whose number was not reached: the agent hears the busy tone, a phone that still
// waits for its own INVITE's answer gets the refusal.
func (c *liveCall) farRefused(end call.End) {
	t := c.turn
	if !t.accepted {
		c.finish(end)
		return
	}
	c.failed = &end
	if c.bridge != nil {
		c.bridge.Close()
		c.bridge = nil
	}
	c.drop(c.far, end)
	t.leg.sound.Play(busyID, c.sb.tones.busy, false)
}
