package acdsim

import (
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// done books an effect, and checks the rules that are about effects.
func (w *watcher) done(e acd.Effect) {
	switch e := e.(type) {
	case acd.OfferCall:
		w.offered(e)
	case acd.WithdrawOffer:
		w.withdrawn(e)
	case acd.ReleaseAgent:
		w.released(e)
	case acd.ResumeWaiting:
		if !w.paid("resume", string(e.Call)) {
			w.fail(NothingEarly, "call %s is sent back to waiting for nothing", e.Call)
		}
	case acd.RefuseCall:
		if !w.paid(refusal(e.Consult), string(e.Call)) {
			w.fail(NoLostCall, "call %s is refused by %s: %s", e.Call, e.Queue, e.Reason)
		}
	case acd.EndCall:
		w.ended(e)
	case acd.StartWrapUp:
		w.wrapUpStarted(e)
	case acd.EndWrapUp:
		w.wrapUpEnded(e)
	case acd.ReportStatus:
		w.reported(e.AgentStatusChanged)
	}
}

func (w *watcher) offered(e acd.OfferCall) {
	a, c := w.agents[e.Agent], w.calls[e.Call]
	if e.Why == "consult" {
		c = w.asked[e.Call]
	}
	switch {
	case c != nil && c.direct != "" && c.stage == waiting && !w.seen[e.Offer]:
		w.directedOffer(e, c, a)
	case w.seen[e.Offer]:
		w.fail(OfferedOnce, "offer %s was made before", e.Offer)
	case c == nil:
		w.fail(NoGhost, "call %s is not in any queue", e.Call)
	case c.stage != waiting:
		w.fail(OfferedOnce, "call %s is %s by offer %s", c.id, c.stage, c.offer)
	case a == nil:
		w.fail(OnlyTheFree, "nobody is called %s", e.Agent)
	case a.line != nil || len(a.outside) > 0:
		w.fail(OneCallEach, "%s is busy already", a.id)
	case !a.free() || !a.serves(c.queue):
		w.fail(OnlyTheFree, "%s is not free for %s", a.id, e.Queue)
	case w.now.Before(a.missed.Add(acd.RestAfterMiss)) || w.now.Before(a.fault.Add(min(acd.RestAfterFault, acd.RestAfterLoss))):
		w.fail(NoStorm, "%s missed an offer only just now", a.id)
	default:
		w.chosen(e, c, a)
		w.seen[e.Offer] = true
		c.stage, c.since, c.offer, c.agent, c.until, c.rang = ringing, w.now, e.Offer, a, e.Until, false
		a.line = c
		if want := w.now.Add(c.queue.rules.RingTimeout); !e.Until.Equal(want) {
			w.fail(NothingEarly, "call %s rings until %v, not %v", c.id, e.Until, want)
		}
	}
}

// directedOffer checks the offer of a call that was directed to one agent: it was owed, and nobody was asked who is free.
func (w *watcher) directedOffer(e acd.OfferCall, c *watchedCall, a *watchedAgent) {
	if !w.paid("offer", string(c.id)) || a == nil || c.direct != e.Agent || (e.Why == "consult") != c.consult {
		w.fail(OnlyTheFree, "call %s is directed to %s, and offered to %s for %q", c.id, c.direct, e.Agent, e.Why)
		return
	}
	if a.line != nil || len(a.outside) > 0 {
		w.fail(OneCallEach, "%s is busy already", a.id)
		return
	}
	w.seen[e.Offer] = true
	c.stage, c.since, c.offer, c.agent, c.until, c.rang = ringing, w.now, e.Offer, a, e.Until, false
	a.line = c
	ring := c.queue.rules.RingTimeout
	if ring <= 0 {
		ring = call.DefaultRing
	}
	if want := w.now.Add(ring); !e.Until.Equal(want) {
		w.fail(NothingEarly, "call %s rings until %v, not %v", c.id, e.Until, want)
	}
}

// chosen checks that the offer is of the right call to the right agent.
func (w *watcher) chosen(e acd.OfferCall, c *watchedCall, a *watchedAgent) {
	for _, d := range w.lines {
		switch {
		case d == c || d.stage != waiting || d.direct != "":
		case d.queue == c.queue:
			if d.before(c) {
				w.fail(FirstComeFirst, "call %s is offered before call %s", c.id, d.id)
			}
		case a.serves(d.queue):
			dw, cw := d.queue.rules.Weight, c.queue.rules.Weight
			if dw > cw || (dw == cw && d.before(c)) {
				w.fail(WeightFirst, "%s gets call %s of %s before call %s of %s", a.id, c.id, e.Queue, d.id, d.queue.rules.Queue)
			}
		}
	}
	if e.Why == "preferred" || e.Why == "returned" {
		if c.preferred != a.id {
			w.fail(PreferredFirst, "call %s prefers %q, not %s", c.id, c.preferred, a.id)
		}
		c.preferred = "" // once
		return
	}
	for _, b := range w.staff {
		if b == a || !b.free() || !w.rested(b) || !b.serves(c.queue) {
			continue
		}
		if c.preferred == b.id {
			w.fail(PreferredFirst, "call %s prefers %s, who is free, and goes to %s", c.id, b.id, a.id)
		}
		if b.idleSince < a.idleSince {
			w.fail(LongestIdle, "%s gets call %s, but %s is idle longer", a.id, c.id, b.id)
		}
	}
}

func (w *watcher) withdrawn(e acd.WithdrawOffer) {
	if w.paid("withdraw", string(e.Offer)) {
		return
	}
	c := w.current(e.Call, e.Offer)
	if c == nil || c.stage != ringing || c.agent.id != e.Agent {
		w.fail(NothingEarly, "offer %s of call %s is withdrawn, but is over", e.Offer, e.Call)
		return
	}
	dead := !c.rang && !w.now.Before(c.since.Add(acd.SetupLimit))
	if w.now.Before(c.until) && !dead {
		w.fail(NothingEarly, "offer %s of call %s is withdrawn after %v", e.Offer, e.Call, w.now.Sub(c.since))
	}
	w.miss(c.part(), c, e.Miss)
	w.back(c, false)
}

func (w *watcher) released(e acd.ReleaseAgent) {
	if w.paid("release", string(e.Offer)) {
		return
	}
	c := w.current(e.Call, e.Offer)
	switch {
	case c == nil:
		w.fail(NothingEarly, "%s is released from call %s, but is not on it", e.Agent, e.Call)
	case c.stage == answered && !w.now.Before(c.since.Add(acd.BridgeLimit)):
		w.unbridged(c, call.MissUnreachable)
	case c.stage == talking && !c.endedAt.IsZero() && !w.now.Before(c.endedAt.Add(acd.EndLimit)):
		w.talked(c)
	default:
		w.fail(NothingEarly, "%s is released from call %s, which is %s since %v", e.Agent, e.Call, c.stage, w.now.Sub(c.since))
	}
}

func (w *watcher) ended(e acd.EndCall) {
	if w.paid("end", string(e.Call)) {
		return
	}
	for _, c := range []*watchedCall{w.calls[e.Call], w.asked[e.Call]} {
		switch {
		case c == nil:
		case c.stage == waiting && !w.now.Before(c.entered.Add(acd.MaxCall)):
			w.remove(c)
			return
		case c.stage == talking && c.endedAt.IsZero() && !w.now.Before(c.since.Add(acd.MaxCall)):
			c.endedAt = w.now
			return
		}
	}
	for _, a := range w.staff {
		for i := range a.outside {
			if o := &a.outside[i]; o.id == e.Call && !w.now.Before(o.since.Add(acd.MaxCall)) {
				o.endedAt = w.now
				return
			}
		}
	}
	w.fail(NothingEarly, "call %s is ended", e.Call)
}

func (w *watcher) wrapUpStarted(e acd.StartWrapUp) {
	a, ok := w.agents[e.Agent]
	if !w.paid("wrap-up", string(e.Call)) || !ok || !a.until.Equal(e.Until) {
		w.fail(PromisesKept, "%s begins a wrap-up of call %s until %v", e.Agent, e.Call, e.Until)
		return
	}
	a.wrapUp = e.Call
}

func (w *watcher) wrapUpEnded(e acd.EndWrapUp) {
	a, ok := w.agents[e.Agent]
	if !ok || a.wrapUp != e.Call {
		w.fail(NothingEarly, "the wrap-up of call %s ends for %s, who is in none", e.Call, e.Agent)
		return
	}
	if !w.paid("wrap-up over", string(e.Call)) && (!e.TimedOut || w.now.Before(a.until)) {
		w.fail(NothingEarly, "the wrap-up of call %s ends before its time", e.Call)
	}
	a.wrapUp, a.idleSince = "", w.seq
}

func (w *watcher) reported(s call.AgentStatusChanged) {
	a, ok := w.agents[s.Agent]
	if !ok {
		w.fail(StatusIsTrue, "nobody is called %s", s.Agent)
		return
	}
	if a.reports++; a.reports > 1 {
		w.fail(StatusOnce, "%s is reported twice in one step", a.id)
	}
	if sameStatus(s, a.status) {
		w.fail(StatusOnce, "%s is reported as %s again", a.id, s.Status)
	}
	a.status = s
}

func sameStatus(s, t call.AgentStatusChanged) bool {
	if !sameTime(s.Until, t.Until) {
		return false
	}
	s.Until, t.Until = nil, nil
	return s == t
}

func sameTime(s, t *time.Time) bool {
	if s == nil || t == nil {
		return s == t
	}
	return s.Equal(*t)
}
