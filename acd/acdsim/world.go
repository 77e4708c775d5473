package acdsim

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// world is what is around the machine in a storm: callers, phones, people, and a switchboard that carries
// out effects with delay. Nothing in it is reliable.
type world struct {
	rand    *rand.Rand
	machine Subject
	watcher *watcher
	broken  *BrokenError
	weather Weather
	agenda  agenda
	now     time.Time

	due, tick time.Time // the machine's deadline, and when TimePassed will come for it

	habits  habits
	rules   call.RoutingConfigured
	callers map[call.ID]bool // on the line
	numbers int              // calls so far
	rings   map[call.OfferID]*ring
	past    []acd.OfferCall // some of the offers so far, for stale results
	busy    map[call.AgentID]call.ID
}

// habits differ from storm to storm.
type habits struct {
	between  time.Duration // arrivals
	patience time.Duration
	talk     time.Duration
	acts     time.Duration // between two deeds of one agent
	runs     time.Duration // of the server, between restarts
	chaos    float64       // how often things go wrong, 0…1
}

// ring is an offer as the agent's phone sees it.
type ring struct {
	offer     acd.OfferCall
	cancelled bool
	answered  bool
}

func newWorld(s Storm) *world {
	chance := rand.Source(s.Chance)
	if s.Chance == nil {
		chance = rand.NewPCG(s.Seed, 0x5707)
	}
	w := &world{
		rand: rand.New(chance), machine: s.Machine, watcher: newWatcher(), weather: make(Weather), now: epoch,
		callers: make(map[call.ID]bool), rings: make(map[call.OfferID]*ring), busy: make(map[call.AgentID]call.ID),
	}
	if w.machine == nil {
		w.machine = acd.New(uint32(s.Seed))
	}
	w.settle()
	return w
}

// settle draws the site and the habits, and puts the first things on the agenda.
func (w *world) settle() {
	queues, agents := 1+w.rand.IntN(4), 1+w.rand.IntN(8)
	if w.some(0.2) {
		queues, agents = queues+w.rand.IntN(6), agents+w.rand.IntN(25)
	}
	for q := range queues {
		w.rules.Queues = append(w.rules.Queues, w.drawQueue(q))
	}
	for a := range agents {
		w.rules.Agents = append(w.rules.Agents, w.drawAgent(a))
	}
	w.habits = habits{
		patience: w.span(20*time.Second, 3*time.Minute),
		talk:     w.span(5*time.Second, time.Minute),
		acts:     w.span(20*time.Second, 4*time.Minute),
		runs:     []time.Duration{40 * time.Minute, 20 * time.Hour}[w.rand.IntN(2)],
		chaos:    []float64{0.2, 0.5, 1}[w.rand.IntN(3)],
	}
	load := 0.3 + w.rand.Float64()
	w.habits.between = time.Duration(float64(w.habits.talk) / float64(agents) / load)
	w.happen(w.rules)
	for _, a := range w.rules.Agents {
		w.start(a.Agent)
		w.later(w.exponential(w.habits.acts), func() { w.act(a.Agent) })
	}
	w.later(0, w.arrive)
	w.later(w.exponential(10*time.Second), w.haunt)
	w.later(w.exponential(10*time.Minute), w.reconfigure)
	w.later(w.exponential(w.habits.runs), w.restart)
}

func (w *world) drawQueue(n int) call.QueueRules {
	return call.QueueRules{
		Queue:       call.QueueID(fmt.Sprintf("queue%d", n)),
		Weight:      w.rand.IntN(3),
		RingTimeout: w.span(3*time.Second, 25*time.Second),
		WrapUp:      time.Duration(w.rand.IntN(3)) * w.span(time.Second, 20*time.Second),
		MaxMisses:   w.rand.IntN(4),
		MaxWaiting:  w.rand.IntN(3) * 5,
	}
}

func (w *world) drawAgent(n int) call.AgentRules {
	a := call.AgentRules{Agent: agentName(n), MissesDontCount: w.some(0.2), NoWrapUp: w.some(0.2)}
	for _, q := range w.rules.Queues {
		if w.some(0.7) {
			a.Queues = append(a.Queues, q.Queue)
		}
	}
	return a
}

// span draws a time between two, in whole milliseconds.
func (w *world) span(from, to time.Duration) time.Duration {
	return from + time.Duration(w.rand.Int64N(int64(to-from)/int64(time.Millisecond)+1))*time.Millisecond
}

// exponential draws a time; a fuzzer's numbers make it infinite at will, hence the bound.
func (w *world) exponential(mean time.Duration) time.Duration {
	return time.Duration(min(w.rand.ExpFloat64(), 30) * float64(mean)).Truncate(time.Microsecond)
}

func (w *world) some(p float64) bool { return w.rand.Float64() < p }

// wrong tells whether something that may go wrong does.
func (w *world) wrong(p float64) bool { return w.some(p * w.habits.chaos) }

func (w *world) later(d time.Duration, do func()) { w.agenda.put(w.now.Add(d), do) }

// turn lets the next thing happen: what is on the agenda, or a TimePassed, which may come a little late.
func (w *world) turn() {
	at, _ := w.agenda.next()
	due, timed := w.machine.Deadline()
	if timed && !due.Equal(w.due) {
		w.due, w.tick = due, due
		if w.some(0.2) {
			w.tick = due.Add(w.span(0, slack-50*time.Millisecond))
		}
		if w.tick.Before(w.now) {
			w.tick = w.now.Add(10 * time.Millisecond)
		}
	}
	if timed && !w.tick.After(at) {
		w.now, w.due = w.tick, time.Time{}
		w.happen(call.TimePassed{})
		return
	}
	var do func()
	w.now, do = w.agenda.take()
	do()
}

// happen steps the machine, has the books checked, and sees to the effects.
func (w *world) happen(e call.Event) {
	if w.broken != nil {
		return
	}
	rec := call.Record{Seq: w.watcher.seq + 1, At: w.now, Event: e}
	effects := w.machine.Step(rec)
	w.weather[kind(e)]++
	for _, effect := range effects {
		w.weather[kind(effect)]++
	}
	if w.broken = w.watcher.observe(rec, effects, w.machine); w.broken != nil {
		return
	}
	for _, effect := range effects {
		w.see(effect)
	}
	if w.wrong(0.01) { // the same again, a little later
		switch e.(type) {
		case call.OfferRinging, call.OfferAnswered, call.OfferMissed, call.Bridged, call.TalkEnded, call.AgentLegLost,
			call.CallerLeft, call.CallDequeued, call.CallQueued, call.CallDirected, call.PartyJoined, call.ConsultEnded, call.Transferred, call.WrapUpFinished, call.AgentCallEnded, call.StationUp:
			w.later(w.span(0, 3*time.Second), func() { w.happen(e) })
		}
	}
}

// kind is the name of an event's or an effect's type.
func kind(x any) string { return reflect.TypeOf(x).Name() }

// see carries an effect out, mostly soon, sometimes late.
func (w *world) see(effect acd.Effect) {
	delay := w.span(0, 20*time.Millisecond)
	if w.wrong(0.05) {
		delay = w.span(0, time.Second)
	}
	switch e := effect.(type) {
	case acd.OfferCall:
		w.rings[e.Offer] = &ring{offer: e}
		if w.past = append(w.past, e); len(w.past) > 50 {
			w.past = w.past[1:]
		}
		w.later(delay, func() { w.ring(e) })
	case acd.WithdrawOffer:
		w.later(delay, func() { w.cancel(e.Offer) })
	case acd.ReleaseAgent:
		w.later(delay, func() { w.cancel(e.Offer) })
	case acd.RefuseCall:
		switch {
		case e.Consult: // whoever asks goes on without
		case e.Queue == "" && w.some(0.8):
			w.later(delay, func() { w.comeBack(e.Call) })
		default:
			w.later(delay, func() { w.refused(e.Call) })
		}
	case acd.EndCall:
		if !w.wrong(0.3) {
			w.later(delay, func() { w.endCall(e.Call) })
		}
	case acd.StartWrapUp:
		if w.some(0.6) {
			w.later(w.exponential(15*time.Second), func() {
				w.happen(call.WrapUpFinished{Call: e.Call, Agent: e.Agent})
			})
		}
	}
}

func (w *world) cancel(o call.OfferID) {
	if r, ok := w.rings[o]; ok {
		r.cancelled = true
		delete(w.rings, o)
	}
}
