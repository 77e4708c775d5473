package switchboard

import (
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/ivr/flow"
)

// ringGrace is how much longer a phone may ring than the ACD lets it: the ACD's own time-out comes first.
const ringGrace = 3 * time.Second

// onOffered rings the agent whom the ACD chose.
func (c *liveCall) onOffered(o offered) {
	if c.ended || c.turn != nil {
		// The caller left in the same moment, or an earlier offer is still ours: the ACD hears of it by
		// CallerLeft, or learns now that this one came to nothing.
		if !c.ended {
			c.missed(o.Offer, o.Agent, call.MissUnreachable)
		}
		return
	}
	c.turn = &turn{agent: o.Agent, offer: o.Offer}
	c.ringAgent(o.station, o.browser, o.Until.Sub(c.sb.now())+ringGrace)
}

// ringAgent makes the agent's leg: a phone is dialled, a browser is there already and only told.
func (c *liveCall) ringAgent(s call.Station, b *browserLeg, ring time.Duration) {
	t := c.turn
	if s.Kind == call.StationWebRTC {
		if b != nil {
			t.leg = b.take(c)
		}
		if t.leg == nil {
			c.turnFailed(call.MissUnreachable)
			return
		}
		c.legs = append(c.legs, t.leg)
		if t.offer == "" { // who clicks a number has the headset on already
			c.agentAnswered()
			return
		}
		c.sb.router.record(call.OfferRinging{Offer: t.offer, Call: c.id, Agent: t.agent, Leg: t.leg.id})
		return
	}
	l, err := c.newSIPLeg(t.agent)
	if err != nil {
		c.log.Error("no media port for the agent's leg", slog.Any("error", err))
		c.turnFailed(call.MissUnreachable)
		return
	}
	t.leg = l
	d := c.sb.dialStation(s)
	d.From, d.Media, d.RingTimeout = c.callerShown(), l.sound, ring
	l.dialog = c.sb.phones.Dial(d, func(e sip.LegEvent) { c.post(legSpoke{leg: l, event: e}) })
}

// callerShown is what the agent's phone displays.
func (c *liveCall) callerShown() call.Party {
	if c.direction == call.Inbound {
		return c.from
	}
	return call.Party{Number: c.to}
}

// onAgentLeg handles the dialog of the agent who rings or talks.
func (c *liveCall) onAgentLeg(e sip.LegEvent) {
	t := c.turn
	switch e := e.(type) {
	case sip.LegRinging:
		if t.offer != "" {
			c.sb.router.record(call.OfferRinging{Offer: t.offer, Call: c.id, Agent: t.agent, Leg: t.leg.id})
		}
	case sip.LegAnswered:
		c.agentAnswered()
	case sip.LegHeld:
		c.onHold(t.agent, true, call.ByAgent)
	case sip.LegResumed:
		c.onHold(t.agent, false, call.ByAgent)
	case sip.LegEnded:
		switch {
		case !t.accepted:
			c.turnFailed(missOf(e.End))
		case c.failed != nil:
			c.finish(*c.failed)
		case e.End.Cause == call.CauseLost:
			c.agentGone(e.End)
		case !t.bridged: // outbound: the agent gave up before an answer
			c.finish(call.End{By: call.ByAgent, Cause: call.CauseCancelled})
		default:
			c.finish(call.End{By: call.ByAgent, Cause: call.CauseHangup, SIP: e.End.SIP, Q850: e.End.Q850})
		}
	}
}

// missOf tells why a phone did not take an offer, by its answer (RFC 3261, 21.4 and 21.6).
func missOf(end call.End) call.Miss {
	switch end.SIP {
	case 486, 600:
		return call.MissBusy
	case 603:
		return call.MissDeclined
	case 0, 408, 487:
		return call.MissNoAnswer
	}
	return call.MissUnreachable
}

// agentAnswered joins the two. For a call that the agent placed, it is now time to dial.
func (c *liveCall) agentAnswered() {
	t := c.turn
	if t.accepted {
		return
	}
	t.accepted, t.leg.up = true, true
	if t.offer == "" {
		c.dialFar()
		return
	}
	c.sb.router.record(call.OfferAnswered{Offer: t.offer, Call: c.id, Agent: t.agent, Leg: t.leg.id})
	c.connect()
}

// connect lets caller and agent hear each other.
func (c *liveCall) connect() {
	t := c.turn
	if c.menu != nil {
		c.menu.Step(flow.Taken{})
	}
	c.far.sound.StopPlay()
	t.leg.sound.StopPlay()
	c.bridge = c.sb.engine.Bridge(c.far.sound, t.leg.sound)
	t.bridged = true
	c.sb.router.record(call.Bridged{Call: c.id, Agent: t.agent, Leg: t.leg.id, Offer: t.offer})
}

// onAccept is "answer" pressed on the desk. A phone is answered at the phone.
func (c *liveCall) onAccept(id call.OfferID) {
	if t := c.turn; !c.ended && t != nil && t.offer == id && t.leg != nil && t.leg.browser != nil {
		c.agentAnswered()
	}
}

func (c *liveCall) onDecline(id call.OfferID) {
	if t := c.turn; !c.ended && t != nil && t.offer == id && !t.accepted {
		c.turnFailed(call.MissDeclined)
	}
}

// onOfferOver lets go of the agent of an offer that the ACD took back, at whatever stage it is.
func (c *liveCall) onOfferOver(id call.OfferID) {
	if t := c.turn; !c.ended && t != nil && t.offer == id {
		wasTaken := t.accepted
		c.letGo(call.End{By: call.BySystem, Cause: call.CauseCancelled})
		if wasTaken && c.menu != nil {
			c.menu.Step(flow.Requeued{})
		}
	}
}

// turnFailed ends a turn that was not answered. An offer goes back to the ACD; a placed call is over.
func (c *liveCall) turnFailed(m call.Miss) {
	t := c.turn
	if t.offer == "" {
		cause := call.CauseAgentNoAnswer
		if c.far != nil { // dialled on the phone itself, and given up
			cause = call.CauseCancelled
		}
		c.finish(call.End{By: call.ByAgent, Cause: cause})
		return
	}
	c.letGo(call.End{By: call.ByAgent, Cause: call.CauseNoAnswer})
	c.missed(t.offer, t.agent, m)
}

func (c *liveCall) missed(o call.OfferID, a call.AgentID, m call.Miss) {
	c.sb.router.record(call.OfferMissed{Offer: o, Call: c.id, Agent: a, Miss: m})
}

// agentGone is the loss of the agent's phone or browser in mid-call. A queue's caller goes back to the
// head of the queue; another call is over.
func (c *liveCall) agentGone(end call.End) {
	t := c.turn
	if t == nil || c.ended {
		return
	}
	if t.offer == "" {
		c.finish(end)
		return
	}
	wasBridged := t.bridged
	c.letGo(end)
	if wasBridged || t.accepted {
		c.sb.router.record(call.AgentLegLost{Call: c.id, Agent: t.agent, Offer: t.offer})
		return
	}
	c.missed(t.offer, t.agent, call.MissUnreachable)
}

// letGo drops the agent's leg and leaves the far party alone.
func (c *liveCall) letGo(end call.End) {
	t := c.turn
	c.turn, c.held = nil, false
	if c.bridge != nil {
		c.bridge.Close()
		c.bridge = nil
	}
	if t.leg != nil {
		c.drop(t.leg, end)
	}
}

// onWaitAgain follows an agent's loss: the caller hears that it goes on, then music.
func (c *liveCall) onWaitAgain() {
	if !c.ended && c.turn == nil && c.menu != nil {
		c.menu.Step(flow.Requeued{})
	}
}

// onHold parts the two and plays music to the far party, or joins them again.
func (c *liveCall) onHold(agent call.AgentID, on bool, by call.Side) {
	t := c.turn
	if c.ended || t == nil || t.agent != agent || !t.bridged || on == c.held {
		return
	}
	c.held = on
	if on {
		c.bridge.Close()
		c.bridge = nil
		c.playMusic()
		c.sb.router.record(call.CallHeld{Call: c.id, Agent: t.agent, By: by})
		return
	}
	c.far.sound.StopPlay()
	c.bridge = c.sb.engine.Bridge(c.far.sound, t.leg.sound)
	c.sb.router.record(call.CallResumed{Call: c.id, Agent: t.agent, By: by})
}

func (c *liveCall) onMute(agent call.AgentID, on bool) {
	t := c.turn
	if c.ended || t == nil || t.agent != agent || t.leg == nil || t.muted == on {
		return
	}
	t.muted = on
	t.leg.sound.Mute(on)
	c.sb.router.record(call.AgentMuted{Call: c.id, Agent: agent, Muted: on})
}

// onAgentHangsUp is the desk's "hang up": what still rings is declined or given up, what goes on is over.
func (c *liveCall) onAgentHangsUp(agent call.AgentID) {
	t := c.turn
	switch {
	case c.ended || t == nil || t.agent != agent:
	case t.offer != "" && !t.accepted:
		c.turnFailed(call.MissDeclined)
	case t.bridged:
		c.finish(call.End{By: call.ByAgent, Cause: call.CauseHangup})
	case c.failed != nil:
		c.finish(*c.failed)
	default:
		c.finish(call.End{By: call.ByAgent, Cause: call.CauseCancelled})
	}
}
