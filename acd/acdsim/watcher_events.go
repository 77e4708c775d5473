package acdsim

import (
	"slices"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// happened books an event.
func (w *watcher) happened(e call.Event) {
	switch e := e.(type) {
	case call.NodeStarted:
		w.restarted()
	case call.RoutingConfigured:
		w.configured(e)
	case call.TimePassed:
		w.forgotten()
	case call.CallQueued:
		w.queued(e)
	case call.CallDirected:
		w.directed(e)
	case call.ConsultEnded:
		w.unasked(e.Call)
	case call.Transferred:
		w.handedOver(e)
	case call.CallDequeued:
		if c, ok := w.calls[e.Call]; ok && c.stage != talking {
			w.left(c)
		}
	case call.CallerLeft:
		w.unasked(e.Call)
		if c, ok := w.calls[e.Call]; ok {
			w.left(c)
		}
	case call.WrapUpFinished:
		if a, ok := w.agents[e.Agent]; ok && a.wrapUp != "" && a.wrapUp == e.Call {
			w.owe("wrap-up over", string(e.Call))
		}
	default:
		w.agentHappened(e)
		w.offerHappened(e)
	}
}

func (w *watcher) agentHappened(e call.Event) {
	switch e := e.(type) {
	case call.AgentSignedIn:
		w.with(e.Agent, func(a *watchedAgent) {
			w.moved(a, e.Station)
			a.forgive()
			if !a.onShift || a.chosen == call.ChoseOff {
				a.onShift, a.chosen, a.reason = true, call.ChosePaused, ""
			}
		})
	case call.AgentStationChosen:
		w.with(e.Agent, func(a *watchedAgent) { w.moved(a, e.Station) })
	case call.AgentStateChosen:
		w.with(e.Agent, func(a *watchedAgent) { w.chose(a, e) })
	case call.StationUp:
		w.with(e.Agent, func(a *watchedAgent) {
			a.up = true
			if a.heals {
				a.fault = a.fault.Add(-acd.LongestRest)
			}
		})
	case call.StationDown:
		w.with(e.Agent, func(a *watchedAgent) {
			a.up = false
			w.unring(a)
		})
	case call.AgentCallStarted:
		w.with(e.Agent, func(a *watchedAgent) {
			if !slices.ContainsFunc(a.outside, func(o watchedOutside) bool { return o.id == e.Call }) {
				a.outside = append(a.outside, watchedOutside{id: e.Call, since: w.now})
				w.unring(a)
			}
		})
	case call.AgentCallEnded:
		w.with(e.Agent, func(a *watchedAgent) {
			n := len(a.outside)
			a.outside = slices.DeleteFunc(a.outside, func(o watchedOutside) bool { return o.id == e.Call })
			if len(a.outside) < n {
				a.idleSince = w.seq
				if e.WrapUp > 0 && a.onShift && a.line == nil && len(a.outside) == 0 {
					w.wrapUp(a, e.Call, "", e.WrapUp)
				}
			}
		})
	}
}

func (w *watcher) offerHappened(e call.Event) {
	switch e := e.(type) {
	case call.OfferRinging:
		if c := w.current(e.Call, e.Offer); c != nil && c.stage == ringing {
			c.rang = true
		}
	case call.OfferAnswered:
		switch c := w.current(e.Call, e.Offer); {
		case c == nil:
			w.owe("release", string(e.Offer))
		case c.stage == ringing:
			c.stage, c.since = answered, w.now
			c.agent.forgive()
		}
	case call.OfferMissed:
		switch c := w.current(e.Call, e.Offer); {
		case c == nil || c.stage == talking:
		case c.stage == answered:
			w.unbridged(c, e.Miss)
		default:
			w.miss(c.part(), c, e.Miss)
			w.back(c, false)
		}
	case call.Bridged:
		switch c := w.current(e.Call, e.Offer); {
		case e.Offer == "":
		case c == nil:
			w.owe("release", string(e.Offer))
		case c.stage != talking:
			c.stage, c.since, c.unbridged = talking, w.now, 0
			c.agent.forgive()
		}
	case call.PartyJoined:
		w.offerHappened(call.Bridged{Call: e.Call, Agent: e.Agent, Offer: e.Offer})
	case call.TalkEnded:
		switch c := w.current(e.Call, e.Offer); {
		case c == nil || c.stage == ringing:
		case c.stage == talking:
			w.talked(c)
		case e.By == call.ByAgent:
			w.unbridged(c, call.MissDeclined)
		default:
			c.part()
			w.remove(c)
		}
	case call.AgentLegLost:
		switch c := w.current(e.Call, e.Offer); {
		case c == nil:
		case c.stage == ringing:
			w.miss(c.part(), c, call.MissUnreachable)
			w.back(c, false)
		default:
			a := c.part()
			a.fault, a.heals, a.idleSince = w.now, true, w.seq
			w.back(c, true)
		}
	}
}

func (w *watcher) with(id call.AgentID, do func(*watchedAgent)) {
	if a, ok := w.agents[id]; ok {
		do(a)
	}
}

func (w *watcher) moved(a *watchedAgent, st call.Station) {
	if a.station == st {
		return
	}
	alone := st.Kind == call.StationStatic || st.Kind == call.StationPSTN
	a.up = alone || (a.up && a.station == call.Station{})
	a.station = st
	a.missed, a.fault = a.missed.Add(-acd.RestAfterMiss), a.fault.Add(-acd.LongestRest)
	w.unring(a)
}

func (w *watcher) chose(a *watchedAgent, e call.AgentStateChosen) {
	if e.State == call.ChoseReady && (!a.onShift || a.chosen != call.ChoseReady) {
		a.idleSince = w.seq
	}
	a.chosen, a.reason = e.State, ""
	if e.State == call.ChosePaused {
		a.reason = e.Reason
	}
	a.onShift = a.onShift || e.State != call.ChoseOff
	a.forgive()
	if e.State != call.ChoseReady {
		if c := w.unring(a); c != nil && e.By == "" {
			w.miss(a, c, call.MissDeclined)
		}
	}
}

func (w *watcher) queued(e call.CallQueued) {
	q := w.queues[e.Queue]
	if c, ok := w.calls[e.Call]; ok {
		if c.queue == q && c.stage != talking {
			c.priority, c.preferred = e.Priority, e.Preferred
			return
		}
		if c.stage == talking {
			w.owe("release", string(c.offer))
		}
		w.left(c)
	}
	if q == nil {
		w.owe("refuse", string(e.Call))
		return
	}
	n := 0
	for _, c := range w.lines {
		if c.queue == q && c.stage == waiting {
			n++
		}
	}
	if q.rules.MaxWaiting > 0 && n >= q.rules.MaxWaiting && !e.Returned {
		w.owe("refuse", string(e.Call))
		return
	}
	c := &watchedCall{id: e.Call, queue: q, priority: e.Priority, preferred: e.Preferred, returned: e.Returned, waits: w.now}
	if !e.Since.IsZero() && e.Since.Before(w.now) {
		c.waits = e.Since
	}
	if e.Returned {
		w.comesBackTo(e.Preferred, e.Call)
	}
	w.enter(c)
}

// comesBackTo books that a wrap-up is over whose call comes back.
func (w *watcher) comesBackTo(id call.AgentID, c call.ID) {
	a, ok := w.agents[id]
	if ok && (a.wrapUp == c || a.wrapUp == "" && a.until.After(w.now) && slices.Contains(w.owed, promise{"wrap-up", string(c)})) {
		w.owe("wrap-up over", string(c))
	}
}

// directed books a call that is put before one agent.
func (w *watcher) directed(e call.CallDirected) {
	if e.Consult {
		w.unasked(e.Call)
	}
	var parted *watchedAgent
	if c := w.calls[e.Call]; c != nil && !e.Consult {
		parted = c.agent
		if c.stage == talking {
			w.owe("release", string(c.offer))
		}
		w.left(c)
	}
	a, ok := w.agents[e.Agent]
	if ok && (a.wrapUp == e.Call || a == parted && slices.Contains(w.owed, promise{"wrap-up", string(e.Call)})) && e.Call != "" {
		w.owe("wrap-up over", string(e.Call))
	}
	if !ok || !a.inSite || !a.onShift || !a.up || a.line != nil || len(a.outside) > 0 || a.wrapUp != "" && a.wrapUp != e.Call {
		w.owe(refusal(e.Consult), string(e.Call))
		return
	}
	own := &watchedQueue{}
	if q, ok := w.queues[e.Queue]; ok {
		own.rules.RingTimeout, own.rules.WrapUp = q.rules.RingTimeout, q.rules.WrapUp
	}
	w.enter(&watchedCall{id: e.Call, queue: own, direct: e.Agent, consult: e.Consult, waits: w.now})
	w.owe("offer", string(e.Call))
}

// unasked books that nobody is asked of a call any more. There is nothing to wrap up.
func (w *watcher) unasked(id call.ID) {
	c := w.asked[id]
	switch {
	case c == nil:
	case c.stage == talking:
		a := c.part()
		w.remove(c)
		a.idleSince = w.seq
	default:
		w.left(c)
	}
}

// handedOver books that who was asked has the call now.
func (w *watcher) handedOver(e call.Transferred) {
	c := w.asked[e.Call]
	if e.Kind != call.TransferAttended || c == nil || c.offer != e.Offer {
		return
	}
	if main := w.calls[e.Call]; main != nil {
		w.left(main)
	}
	delete(w.asked, e.Call)
	c.consult = false
	w.calls[e.Call] = c
}

// left books a call that leaves the queues, from whatever stage.
func (w *watcher) left(c *watchedCall) {
	switch c.stage {
	case talking:
		w.talked(c)
		return
	case ringing:
		w.owe("withdraw", string(c.offer))
	case answered:
		w.owe("release", string(c.offer))
	case waiting:
	}
	c.part()
	w.remove(c)
}

// forgotten books outside calls whose end nobody reported after EndCall had asked for it.
func (w *watcher) forgotten() {
	for _, a := range w.staff {
		n := len(a.outside)
		a.outside = slices.DeleteFunc(a.outside, func(o watchedOutside) bool {
			return !o.endedAt.IsZero() && !w.now.Before(o.endedAt.Add(acd.EndLimit))
		})
		if len(a.outside) < n {
			a.idleSince = w.seq
		}
	}
}

func (w *watcher) restarted() {
	clear(w.calls)
	clear(w.asked)
	w.lines = nil
	for _, a := range w.staff {
		if a.working() {
			a.idleSince = w.seq
		}
		a.line, a.outside, a.wrapUp = nil, nil, ""
		a.up = a.station.Kind == call.StationStatic || a.station.Kind == call.StationPSTN
		a.forgive()
		if a.onShift {
			a.status = call.AgentStatusChanged{} // to be said again
		}
	}
}

func (w *watcher) configured(e call.RoutingConfigured) {
	old := w.queues
	w.queues = make(map[call.QueueID]*watchedQueue, len(e.Queues))
	for _, r := range e.Queues {
		q, ok := old[r.Queue]
		if !ok {
			q = &watchedQueue{}
		}
		q.rules = r
		w.queues[r.Queue] = q
	}
	for _, c := range slices.Clone(w.lines) {
		if c.stage == waiting && w.queues[c.queue.rules.Queue] != c.queue {
			w.remove(c)
			w.owe("refuse", string(c.id))
		}
	}
	for _, a := range w.staff {
		a.inSite, a.rules.Queues = false, nil
	}
	for _, r := range e.Agents {
		a, ok := w.agents[r.Agent]
		if !ok {
			off := call.AgentStatusChanged{Agent: r.Agent, Status: call.StatusOff, Chosen: call.ChoseOff}
			a = &watchedAgent{id: r.Agent, chosen: call.ChoseOff, status: off}
			w.agents[r.Agent] = a
			w.staff = append(w.staff, a)
		}
		a.rules, a.inSite = r, true
	}
}
