package talksim

import (
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// wrote books an event.
func (w *watcher) wrote(j talk.Journal) {
	if call.Of(j.Event) != theCall {
		w.fail(EventsAreTrue, "%T is of call %q", j.Event, call.Of(j.Event))
	}
	switch e := j.Event.(type) {
	case call.CallArrived:
		if w.steps > 1 && w.told > 1 {
			w.fail(EventsAreTrue, "the call arrives, and is there already")
		}
	case call.CallAnswered:
		if _, far := w.far(); far == nil || far.leg != e.Leg {
			w.fail(EventsAreTrue, "leg %s is answered, which is not the far party's", e.Leg)
		}
		w.written = w.written || j.Before
	case call.CallerLeft:
		w.callerLeft()
	case call.LegEnded:
		w.legEnded(e)
	case call.OfferRinging:
		w.offered(e.Offer, e.Agent, e.Leg)
	case call.OfferAnswered:
		w.offered(e.Offer, e.Agent, e.Leg)
	case call.OfferMissed:
		w.offerMissed(e)
	case call.Bridged:
		w.bridged(e)
	case call.TalkEnded:
		w.ending = true
		w.talkEnded(e.Offer, e.Agent)
	case call.AgentLegLost:
		w.talkEnded(e.Offer, e.Agent)
	case call.ConsultBegan:
		w.asks(e)
	case call.ConsultSwapped:
		w.swaps(e)
	case call.ConsultEnded:
		w.asksNoMore(e)
	case call.Transferred:
		w.transferred(e)
	case call.CallParked:
		w.parks(e)
	case call.TransferFailed:
		w.transferFailed(e)
	case call.CallDirected:
		w.directed(e)
	case call.PartyInvited:
		w.invited(e, j.Before)
	case call.PartyJoined:
		w.joined(e)
	case call.CallHeld:
		w.holds(e.Agent, e.By, true)
	case call.CallResumed:
		w.holds(e.Agent, e.By, false)
	case call.AgentMuted:
		p := w.p(w.talk.agent)
		if w.isAsked(e.Agent) {
			p = w.p(w.ask.with)
		}
		if !w.talk.on || p.agent != e.Agent || p.muted != e.Muted || !w.mute {
			w.fail(MutesPair, "%s is written down as muted (%v)", e.Agent, e.Muted)
		}
		w.mute = false
	}
}

// offered checks an event of an offer that is out.
func (w *watcher) offered(id call.OfferID, agent call.AgentID, leg call.LegID) {
	o := w.offer(id)
	if o == nil || o.over {
		w.fail(OfferEndsOnce, "offer %s is over, or was never made", id)
		return
	}
	p := w.ringing(id)
	if p == nil || p.agent != agent || p.leg != leg {
		w.fail(EventsAreTrue, "offer %s rings %s at leg %s", id, agent, leg)
	}
}

// ringing finds who is rung by an offer.
func (w *watcher) ringing(id call.OfferID) *watched {
	for i := range w.parties {
		if p := &w.parties[i]; p.offer == id && id != "" && p.line == outgoing {
			return p
		}
	}
	return nil
}

func (w *watcher) offerMissed(e call.OfferMissed) {
	o := w.offer(e.Offer)
	if o == nil || o.over || w.talks(e.Offer) {
		w.fail(OfferEndsOnce, "offer %s is missed, and is over or talks", e.Offer)
		return
	}
	if w.ringing(e.Offer) != nil {
		w.fail(ByeFirst, "offer %s is missed, and its station rings", e.Offer)
	}
	o.over, w.missed = true, e.Offer
}

// callerLeft ends all offers.
func (w *watcher) callerLeft() {
	w.ending = true
	if w.talk.on {
		w.fail(TalkEndsOnce, "the caller has left, and the talk has not ended")
	}
	for i := range w.offers {
		w.offers[i].over = true
	}
}

func (w *watcher) bridged(e call.Bridged) {
	if w.talk.on {
		w.fail(TalkEndsOnce, "a talk begins, and another goes on")
		return
	}
	if w.inFlow && !w.taken {
		w.fail(FlowKnows, "the flow is not told that an agent has the call")
	}
	if e.Offer != "" {
		w.offered(e.Offer, e.Agent, e.Leg)
	}
	for i := range w.parties {
		if p := &w.parties[i]; p.leg == e.Leg && p.role == talk.RoleAgent {
			if p.agent != e.Agent || p.offer != e.Offer {
				break
			}
			w.talk = talkBook{on: true, agent: talk.PartyID(i + 1), offer: e.Offer, since: w.now}
			return
		}
	}
	w.fail(EventsAreTrue, "%s talks on leg %s by offer %q, who is not there", e.Agent, e.Leg, e.Offer)
}

func (w *watcher) talkEnded(id call.OfferID, agent call.AgentID) {
	if !w.talks(id) || id == "" {
		w.fail(TalkEndsOnce, "a talk of offer %q ends that there is not", id)
		return
	}
	if w.p(w.talk.agent).agent != agent {
		w.fail(EventsAreTrue, "the talk of %s ends as that of %s", w.p(w.talk.agent).agent, agent)
	}
	w.offer(id).over = true
	w.endTalk()
}

// endTalk closes the book of a talk: what was heard and what was held are all of it.
func (w *watcher) endTalk() {
	t := &w.talk
	if t.held {
		t.holding += w.now - t.heldAt
	}
	if w.ask.on && !w.ask.customer {
		t.asking += w.now - w.ask.since
	}
	if t.holding+t.hearing+t.asking != w.now-t.since {
		w.fail(TimesAddUp, "of %v, %v were held, %v heard and %v beside the call", w.now-t.since, t.holding, t.hearing, t.asking)
	}
	*t = talkBook{}
}

func (w *watcher) holds(agent call.AgentID, by call.Side, on bool) {
	t := &w.talk
	held := &t.held
	if by == call.ByCaller {
		held = &t.byFar
	}
	if !t.on || *held == on || (by != call.ByAgent && by != call.ByCaller) {
		w.fail(HoldsPair, "the %s holds (%v) again, or nobody talks", by, on)
		return
	}
	if w.p(t.agent).agent != agent {
		w.fail(EventsAreTrue, "%s talks, and %s is held", w.p(t.agent).agent, agent)
	}
	*held = on
	switch {
	case by == call.ByCaller:
	case on:
		t.heldAt = w.now
	default:
		t.holding += w.now - t.heldAt
	}
}

func (w *watcher) legEnded(e call.LegEnded) {
	for i := range w.parties {
		p := &w.parties[i]
		if p.leg != e.Leg || p.line == uncalled {
			continue
		}
		if p.line != letGo {
			w.fail(LegsLetGo, "leg %s has figures, and is not let go, or had them before", e.Leg)
		}
		if want := p.agent; p.ours() != (e.Agent == want) && want != "" || !p.ours() && e.Agent != "" {
			w.fail(EventsAreTrue, "leg %s is written down as of %q", e.Leg, e.Agent)
		}
		if e.End.Cause == "" || e.End.By == "" {
			w.fail(EventsAreTrue, "leg %s ended as %+v", e.Leg, e.End)
		}
		p.line = closed
		return
	}
	w.fail(LegsLetGo, "leg %s has figures, and there is none", e.Leg)
}
