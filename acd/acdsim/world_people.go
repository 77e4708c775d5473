package acdsim

import (
	"fmt"
	"slices"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// ---- Callers ----

func (w *world) arrive() {
	w.later(w.exponential(w.habits.between), w.arrive)
	w.numbers++
	id := call.ID(fmt.Sprintf("call%d", w.numbers))
	w.callers[id] = true
	w.queue(id)
	w.later(w.exponential(w.habits.patience), func() { w.leave(id) })
	if w.wrong(0.05) {
		w.later(w.exponential(w.habits.patience/2), func() { w.dequeue(id) })
	}
	if w.wrong(0.03) {
		w.later(w.exponential(w.habits.patience/2), func() { w.queue(id) })
	}
}

func (w *world) queue(id call.ID) {
	if !w.callers[id] {
		return
	}
	e := call.CallQueued{Call: id, Queue: w.anyQueue(), Priority: []int{0, 0, 0, 10, -5}[w.rand.IntN(5)]}
	if w.some(0.2) {
		e.Preferred = w.anyAgent()
	}
	w.happen(e)
}

// comeBack sends a call that nobody has taken to the head of a queue, to whoever handed it over.
func (w *world) comeBack(id call.ID) {
	if w.callers[id] {
		w.happen(call.CallQueued{Call: id, Queue: w.anyQueue(), Preferred: w.anyAgent(), Returned: true})
	}
}

// handOver is an agent who has had enough of a call: to another agent, or to a queue with the time that it has waited.
func (w *world) handOver(o acd.OfferCall) {
	if !w.callers[o.Call] {
		return
	}
	w.endTalk(o, call.ByAgent)
	if w.some(0.6) {
		w.happen(call.CallDirected{Call: o.Call, Agent: w.anyAgent(), Queue: o.Queue})
		return
	}
	e := call.CallQueued{Call: o.Call, Queue: w.anyQueue()}
	if w.some(0.5) {
		e.Since = w.now.Add(-w.span(0, 5*time.Minute))
	}
	w.happen(e)
}

// ask is an agent who asks a colleague beside the call.
func (w *world) ask(o acd.OfferCall) {
	if w.callers[o.Call] {
		w.happen(call.CallDirected{Call: o.Call, Agent: w.anyAgent(), Queue: o.Queue, Consult: true})
	}
}

// asked is a colleague who has answered, and how that ends.
func (w *world) asked(o acd.OfferCall) {
	w.happen(call.PartyJoined{Call: o.Call, Agent: o.Agent, Offer: o.Offer})
	end := w.exponential(w.habits.talk / 2)
	switch {
	case w.wrong(0.05):
		w.later(end, func() { w.lose(o) })
	case w.some(0.5):
		w.later(end, func() {
			delete(w.rings, o.Offer)
			w.happen(call.ConsultEnded{Call: o.Call, Reason: "cancelled"})
		})
	default:
		w.later(end, func() {
			w.happen(call.Transferred{Call: o.Call, Kind: call.TransferAttended, Offer: o.Offer})
			w.later(w.exponential(w.habits.talk), func() { w.endTalk(o, call.ByAgent) })
		})
	}
}

func (w *world) anyQueue() call.QueueID {
	if len(w.rules.Queues) == 0 || w.wrong(0.01) {
		return "nowhere"
	}
	return w.rules.Queues[w.rand.IntN(len(w.rules.Queues))].Queue
}

func (w *world) anyAgent() call.AgentID { return agentName(w.rand.IntN(9)) }

func (w *world) leave(id call.ID) {
	if w.callers[id] {
		delete(w.callers, id)
		w.happen(call.CallerLeft{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}})
	}
}

func (w *world) dequeue(id call.ID) {
	if w.callers[id] {
		w.happen(call.CallDequeued{Call: id, Reason: "flow"})
		w.elsewhere(id)
	}
}

func (w *world) refused(id call.ID) { w.elsewhere(id) }

// elsewhere is where a caller goes whom a queue does not have any more.
func (w *world) elsewhere(id call.ID) {
	if w.some(0.5) {
		w.later(w.span(0, 2*time.Second), func() { w.queue(id) })
	} else {
		w.later(w.span(0, 2*time.Second), func() { w.leave(id) })
	}
}

func (w *world) endCall(id call.ID) {
	w.leave(id)
	for a, c := range w.busy {
		if c == id {
			w.hangUp(a, id)
			return // one agent has one such call
		}
	}
}

// ---- Phones and the switchboard ----

// ring is a phone that begins to ring, and what comes of it.
func (w *world) ring(o acd.OfferCall) {
	missed := func(after time.Duration, m call.Miss) {
		w.later(after, func() { w.result(o, call.OfferMissed{Offer: o.Offer, Call: o.Call, Agent: o.Agent, Miss: m}) })
	}
	if !w.wrong(0.05) {
		w.later(w.span(10*time.Millisecond, 2*time.Second), func() {
			w.result(o, call.OfferRinging{Offer: o.Offer, Call: o.Call, Agent: o.Agent})
		})
	}
	full := o.Until.Sub(w.now)
	switch {
	case w.wrong(0.06):
		missed(w.span(time.Second, 8*time.Second), call.MissDeclined)
	case w.wrong(0.04):
		missed(w.span(0, time.Second), call.MissBusy)
	case w.wrong(0.05):
		missed(w.span(0, time.Second), call.MissUnreachable)
	case w.wrong(0.08): // rings out; some switchboards notice by themselves
		if w.some(0.5) {
			missed(full+w.span(0, time.Second), call.MissNoAnswer)
		}
	case w.wrong(0.07):
		w.later(full+w.span(0, 500*time.Millisecond), func() { w.answer(o) })
	default:
		w.later(w.span(0, 6*time.Second), func() { w.answer(o) })
	}
}

// result reports something of an offer that, as far as the phone knows, is on; or, sometimes, of one that
// it knows is over.
func (w *world) result(o acd.OfferCall, e call.Event) {
	r, on := w.rings[o.Offer]
	if (on && !r.answered) || w.wrong(0.1) {
		w.happen(e)
	}
}

func (w *world) answer(o acd.OfferCall) {
	r, on := w.rings[o.Offer]
	if !on && !w.wrong(0.2) {
		return
	}
	if on {
		r.answered = true
	}
	w.happen(call.OfferAnswered{Offer: o.Offer, Call: o.Call, Agent: o.Agent})
	if !on {
		return
	}
	switch {
	case w.wrong(0.03): // nothing more is heard
	case w.wrong(0.025):
		w.later(w.span(0, time.Second), func() { w.lose(o) })
	case w.wrong(0.02):
		w.later(w.span(0, time.Second), func() {
			w.happen(call.OfferMissed{Offer: o.Offer, Call: o.Call, Agent: o.Agent, Miss: call.MissUnreachable})
		})
	case w.wrong(0.015):
		w.later(w.span(0, time.Second), func() { w.endTalk(o, call.ByAgent) })
	default:
		w.later(w.span(time.Millisecond, 50*time.Millisecond), func() { w.bridge(o) })
	}
}

func (w *world) bridge(o acd.OfferCall) {
	if r, on := w.rings[o.Offer]; !on || r.cancelled || !w.callers[o.Call] {
		return
	}
	if o.Why == "consult" {
		w.asked(o)
		return
	}
	w.happen(call.Bridged{Offer: o.Offer, Call: o.Call, Agent: o.Agent})
	end := w.exponential(w.habits.talk)
	if w.some(0.15) {
		w.later((end / 2).Truncate(time.Microsecond), func() { w.ask(o) })
	}
	switch {
	case w.some(0.15):
		w.later(end, func() { w.handOver(o) })
	case w.wrong(0.002): // nobody ever says that it is over
		delete(w.callers, o.Call)
	case w.wrong(0.05):
		w.later(end, func() { w.lose(o) })
	case w.some(0.5):
		w.later(end, func() { w.endTalk(o, call.ByAgent); w.later(w.span(0, time.Second), func() { w.leave(o.Call) }) })
	default:
		w.later(end, func() { w.leave(o.Call); w.later(w.span(0, time.Second), func() { w.endTalk(o, call.ByCaller) }) })
	}
}

func (w *world) endTalk(o acd.OfferCall, by call.Side) {
	delete(w.rings, o.Offer)
	w.happen(call.TalkEnded{Offer: o.Offer, Call: o.Call, Agent: o.Agent, By: by})
}

// lose is a phone that goes away: sometimes its registration is noticed to be gone before the leg is,
// sometimes afterwards, sometimes never.
func (w *world) lose(o acd.OfferCall) {
	delete(w.rings, o.Offer)
	down := func() { w.flap(o.Agent) }
	switch w.rand.IntN(3) {
	case 0:
		down()
	case 1:
		w.later(w.span(0, 5*time.Second), down)
	}
	w.happen(call.AgentLegLost{Offer: o.Offer, Call: o.Call, Agent: o.Agent})
}

func (w *world) flap(a call.AgentID) {
	w.happen(call.StationDown{Agent: a, Cause: "link lost"})
	w.later(w.exponential(20*time.Second), func() { w.happen(call.StationUp{Agent: a}) })
}

// ---- Agents ----

func (w *world) start(a call.AgentID) {
	kinds := []call.StationKind{call.StationSIP, call.StationSIP, call.StationWebRTC, call.StationPSTN, call.StationStatic}
	w.happen(call.AgentSignedIn{Agent: a, Station: call.Station{Kind: kinds[w.rand.IntN(len(kinds))]}})
	w.happen(call.StationUp{Agent: a})
	w.choose(a, call.ChoseReady)
}

func (w *world) choose(a call.AgentID, s call.ChosenState) {
	e := call.AgentStateChosen{Agent: a, State: s}
	if s == call.ChosePaused {
		e.Reason = []call.ReasonID{"lunch", "training"}[w.rand.IntN(2)]
	}
	if w.some(0.2) {
		e.By = "lena"
	}
	w.happen(e)
}

// act is a deed of an agent's, or of fate.
func (w *world) act(a call.AgentID) {
	if !slices.ContainsFunc(w.rules.Agents, func(r call.AgentRules) bool { return r.Agent == a }) && !w.some(0.1) {
		w.later(w.exponential(w.habits.acts), func() { w.act(a) })
		return
	}
	w.later(w.exponential(w.habits.acts), func() { w.act(a) })
	back := func() { w.later(w.exponential(20*time.Second), func() { w.choose(a, call.ChoseReady) }) }
	switch w.rand.IntN(10) {
	case 0, 1:
		w.choose(a, call.ChosePaused)
		back()
	case 2:
		w.choose(a, call.ChoseOff)
		w.later(w.exponential(20*time.Second), func() { w.start(a) })
	case 3:
		w.flap(a)
	case 4:
		w.happen(call.AgentStationChosen{Agent: a, Station: call.Station{Kind: call.StationSIP, Extension: "1001"}})
		w.later(w.exponential(5*time.Second), func() { w.happen(call.StationUp{Agent: a}) })
	case 5, 6:
		w.dial(a)
	case 7:
		w.happen(call.AgentSignedIn{Agent: a, Station: call.Station{Kind: call.StationSIP}})
		back()
	default:
		w.choose(a, call.ChoseReady)
	}
}

func (w *world) dial(a call.AgentID) {
	if _, on := w.busy[a]; on {
		return
	}
	w.numbers++
	id := call.ID(fmt.Sprintf("call%d", w.numbers))
	w.busy[a] = id
	w.happen(call.AgentCallStarted{Agent: a, Call: id})
	if w.wrong(0.005) {
		return // nobody ever says that it is over
	}
	w.later(w.exponential(w.habits.talk), func() { w.hangUp(a, id) })
}

func (w *world) hangUp(a call.AgentID, id call.ID) {
	if w.busy[a] == id {
		delete(w.busy, a)
		w.happen(call.AgentCallEnded{Agent: a, Call: id, WrapUp: time.Duration(w.rand.IntN(2)) * w.span(0, 20*time.Second)})
	}
}

// ---- Fate ----

// haunt brings results out of the past, and a TimePassed that nobody asked for.
func (w *world) haunt() {
	w.later(w.exponential(10*time.Second), w.haunt)
	if len(w.past) == 0 || w.some(0.1) {
		w.happen(call.TimePassed{})
		return
	}
	o := w.past[w.rand.IntN(len(w.past))]
	w.happen([]call.Event{
		call.OfferRinging{Offer: o.Offer, Call: o.Call, Agent: o.Agent},
		call.OfferAnswered{Offer: o.Offer, Call: o.Call, Agent: o.Agent},
		call.OfferMissed{Offer: o.Offer, Call: o.Call, Agent: o.Agent, Miss: call.MissDeclined},
		call.OfferWithdrawn{Offer: o.Offer, Call: o.Call, Agent: o.Agent},
		call.Bridged{Offer: o.Offer, Call: o.Call, Agent: o.Agent},
		call.TalkEnded{Offer: o.Offer, Call: o.Call, Agent: o.Agent, By: call.ByAgent},
		call.TalkEnded{Offer: o.Offer, Call: o.Call, Agent: o.Agent, By: call.ByCaller},
		call.AgentLegLost{Offer: o.Offer, Call: o.Call, Agent: o.Agent},
		call.WrapUpFinished{Call: o.Call, Agent: o.Agent},
		call.CallerLeft{Call: o.Call},
		call.CallDequeued{Call: o.Call},
	}[w.rand.IntN(11)])
}

// reconfigure publishes another site: a queue or an agent more or less, or other rules.
func (w *world) reconfigure() {
	w.later(w.exponential(10*time.Minute), w.reconfigure)
	queues, agents := slices.Clone(w.rules.Queues), slices.Clone(w.rules.Agents)
	without := func(id call.QueueID) []call.QueueRules {
		return slices.DeleteFunc(queues, func(q call.QueueRules) bool { return q.Queue == id })
	}
	n := w.rand.IntN(5)
	switch q := w.drawQueue(n); w.rand.IntN(4) {
	case 0:
		queues = without(q.Queue)
	case 1, 2:
		queues = append(without(q.Queue), q)
	}
	w.rules.Queues = queues
	a := w.drawAgent(w.rand.IntN(9))
	agents = slices.DeleteFunc(agents, func(r call.AgentRules) bool { return r.Agent == a.Agent })
	added := w.some(0.8)
	if added {
		agents = append(agents, a)
	}
	w.rules.Agents = agents
	w.happen(w.rules)
	if added {
		w.later(w.exponential(10*time.Second), func() { w.start(a.Agent) })
		w.later(w.exponential(w.habits.acts), func() { w.act(a.Agent) })
	}
}

// restart is a new run of the server: no call is left.
func (w *world) restart() {
	w.later(w.exponential(w.habits.runs), w.restart)
	clear(w.callers)
	clear(w.rings)
	clear(w.busy)
	w.happen(call.NodeStarted{Node: "storm"})
	for _, a := range w.rules.Agents {
		w.later(w.span(0, 5*time.Second), func() { w.happen(call.StationUp{Agent: a.Agent}) })
	}
}
