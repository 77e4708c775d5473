package acd_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// BenchmarkStepThatOffers steps a machine of 1,000 agents in 10 queues each and 10,000 waiting callers through
// its day and measures the steps that yield an offer, one by one. Nine agents of ten serve queues that
// callers wait in, and get the next one whenever they are free; every tenth is idle and is searched for when
// somebody calls. It reports p50-µs, p99-µs and max-µs, and logs what the measured steps were.
func BenchmarkStepThatOffers(b *testing.B) {
	d := newBusyDay(b)
	var took []time.Duration
	mix := make(map[string]int)
	for b.Loop() {
		what, t := d.untilOffer()
		took = append(took, t)
		mix[what]++
	}
	slices.Sort(took)
	us := func(q float64) float64 {
		return float64(took[min(int(q*float64(len(took))), len(took)-1)].Nanoseconds()) / 1000
	}
	b.ReportMetric(us(0.5), "p50-µs")
	b.ReportMetric(us(0.99), "p99-µs")
	b.ReportMetric(us(1), "max-µs")
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(mix)) {
		parts = append(parts, fmt.Sprintf("%s %.1f %%", what, 100*float64(mix[what])/float64(len(took))))
	}
	if len(took) > 1000 {
		b.Logf("%d offers after: %s; waiting %d", len(took), strings.Join(parts, ", "), d.waiting())
	}
}

const (
	dayAgents, dayQueues, dayWaiting = 1000, 100, 10_000
	busyAgents, busyQueues           = 900, 90
)

// busyDay drives a machine at full load.
type busyDay struct {
	tb      testing.TB
	rand    *rand.Rand
	machine *acd.Machine
	now     time.Time
	seq     uint64
	calls   int
	work    map[call.AgentID]work
	names   []call.AgentID
}

// work is what an agent of the benchmark has in hand.
type work struct {
	offer acd.OfferCall
	stage string // "offered", "talking", "wrap-up", "resting"
}

func newBusyDay(tb testing.TB) *busyDay {
	tb.Helper()
	d := &busyDay{
		tb: tb, rand: rand.New(rand.NewPCG(1, 2)), machine: acd.New(1), now: epoch,
		work: make(map[call.AgentID]work),
	}
	var rules call.RoutingConfigured
	for q := range dayQueues {
		rules.Queues = append(rules.Queues, call.QueueRules{
			Queue: queueName(q), RingTimeout: 15 * time.Second, Weight: q % 3,
			WrapUp: time.Duration(q%2) * 30 * time.Second,
		})
	}
	for a := range dayAgents {
		rule := call.AgentRules{Agent: call.AgentID(fmt.Sprintf("agent%04d", a))}
		d.names = append(d.names, rule.Agent)
		first, span := 0, busyQueues
		if a >= busyAgents {
			first, span = busyQueues, dayQueues-busyQueues
		}
		for _, q := range d.rand.Perm(span)[:10] {
			rule.Queues = append(rule.Queues, queueName(first+q))
		}
		rules.Agents = append(rules.Agents, rule)
	}
	d.step(rules)
	for _, a := range d.names {
		d.step(call.AgentSignedIn{Agent: a, Station: call.Station{Kind: call.StationStatic, URI: string(a)}})
		d.step(call.AgentStateChosen{Agent: a, State: call.ChoseReady})
	}
	for d.waiting() < dayWaiting {
		d.arrive(d.rand.IntN(busyQueues))
	}
	return d
}

func queueName(q int) call.QueueID { return call.QueueID(fmt.Sprintf("queue%02d", q)) }

func (d *busyDay) waiting() int {
	n := 0
	for q := range dayQueues {
		n += d.machine.Waiting(queueName(q))
	}
	return n
}

// arrive queues a caller and says whether it was offered at once, and how long that took.
func (d *busyDay) arrive(q int) (bool, time.Duration) {
	d.calls++
	return d.step(call.CallQueued{
		Call: call.ID(fmt.Sprintf("call%09d", d.calls)), Queue: queueName(q), Priority: d.rand.IntN(3),
	})
}

func (d *busyDay) step(e call.Event) (bool, time.Duration) {
	d.seq++
	rec := call.Record{Seq: d.seq, At: d.now, Event: e}
	begin := time.Now()
	effects := d.machine.Step(rec)
	took := time.Since(begin)
	was := false
	for _, effect := range effects {
		switch e := effect.(type) {
		case acd.OfferCall:
			was = true
			d.work[e.Agent] = work{offer: e, stage: "offered"}
		case acd.WithdrawOffer:
			d.work[e.Agent] = work{stage: "resting"}
		case acd.StartWrapUp:
			d.work[e.Agent] = work{offer: acd.OfferCall{Call: e.Call, Agent: e.Agent}, stage: "wrap-up"}
		}
	}
	return was, took
}

// untilOffer goes on with the day until a step has yielded an offer; callers are made up for.
func (d *busyDay) untilOffer() (string, time.Duration) {
	for {
		d.now = d.now.Add(time.Millisecond)
		what, was, took := d.happen()
		if was {
			for d.waiting() < dayWaiting {
				d.arrive(d.rand.IntN(busyQueues))
			}
			return what, took
		}
	}
}

// happen lets the next thing happen.
func (d *busyDay) happen() (string, bool, time.Duration) {
	if at, ok := d.machine.Deadline(); ok && !at.After(d.now) {
		was, took := d.step(call.TimePassed{})
		return "TimePassed", was, took
	}
	if d.rand.IntN(4) == 0 {
		was, took := d.arrive(busyQueues + d.rand.IntN(dayQueues-busyQueues))
		d.serveIdle()
		return "CallQueued", was, took
	}
	a := d.names[d.rand.IntN(busyAgents)]
	w := d.work[a]
	o := w.offer
	if w.stage == "offered" {
		return d.react(a, o)
	}
	var e call.Event = call.TimePassed{}
	switch w.stage {
	case "talking":
		d.work[a] = work{}
		e = call.TalkEnded{Offer: o.Offer, Call: o.Call, Agent: a, By: call.ByAgent}
	case "wrap-up":
		d.work[a] = work{}
		e = call.WrapUpFinished{Call: o.Call, Agent: a}
	}
	was, took := d.step(e)
	return strings.TrimPrefix(fmt.Sprintf("%T", e), "call."), was, took
}

// serveIdle lets the agent of the quiet tenth that has just got a call be done with it, so that they stay idle.
func (d *busyDay) serveIdle() {
	for _, a := range d.names[busyAgents:] {
		if w := d.work[a]; w.stage == "offered" {
			d.step(call.OfferAnswered{Offer: w.offer.Offer, Call: w.offer.Call, Agent: a})
			d.step(call.Bridged{Offer: w.offer.Offer, Call: w.offer.Call, Agent: a})
			d.step(call.TalkEnded{Offer: w.offer.Offer, Call: w.offer.Call, Agent: a, By: call.ByAgent})
			d.step(call.WrapUpFinished{Call: w.offer.Call, Agent: a})
			d.work[a] = work{}
		}
	}
}

// react is what comes of an offer: mostly an answer, sometimes the caller leaves or the agent declines.
func (d *busyDay) react(a call.AgentID, o acd.OfferCall) (string, bool, time.Duration) {
	switch d.rand.IntN(10) {
	case 0:
		d.work[a] = work{}
		was, took := d.step(call.CallerLeft{Call: o.Call})
		return "CallerLeft", was, took
	case 1:
		d.work[a] = work{stage: "resting"}
		was, took := d.step(call.OfferMissed{Offer: o.Offer, Call: o.Call, Agent: a, Miss: call.MissDeclined})
		return "OfferMissed", was, took
	}
	d.step(call.OfferAnswered{Offer: o.Offer, Call: o.Call, Agent: a})
	d.step(call.Bridged{Offer: o.Offer, Call: o.Call, Agent: a})
	d.work[a] = work{offer: o, stage: "talking"}
	return "Bridged", false, 0
}

// BenchmarkCallAtFullFloor takes one caller through queue, offer, ring, answer, bridge and end, with 2,999 agents in
// one queue. Half of them are idle.
func BenchmarkCallAtFullFloor(b *testing.B) {
	const agents = 2999
	m, seq := acd.New(1), uint64(0)
	step := func(e call.Event) []acd.Effect {
		seq++
		return m.Step(call.Record{Seq: seq, At: epoch.Add(time.Duration(seq) * time.Millisecond), Event: e})
	}
	rules := call.RoutingConfigured{Queues: []call.QueueRules{{Queue: "support", RingTimeout: 15 * time.Second}}}
	for i := range agents {
		rules.Agents = append(rules.Agents, call.AgentRules{
			Agent: call.AgentID(fmt.Sprintf("agent%d", 1001+i)), Queues: []call.QueueID{"support"}, MissesDontCount: true, NoWrapUp: true,
		})
	}
	step(rules)
	for _, a := range rules.Agents {
		step(call.AgentSignedIn{Agent: a.Agent, Station: call.Station{Kind: call.StationStatic, URI: string(a.Agent)}})
		step(call.AgentStateChosen{Agent: a.Agent, State: call.ChoseReady})
	}
	var talks []acd.OfferCall
	calls := 0
	begin := func() {
		calls++
		for _, e := range step(call.CallQueued{Call: call.ID(fmt.Sprintf("call%d", calls)), Queue: "support"}) {
			if o, ok := e.(acd.OfferCall); ok {
				step(call.OfferRinging{Offer: o.Offer, Call: o.Call, Agent: o.Agent})
				step(call.OfferAnswered{Offer: o.Offer, Call: o.Call, Agent: o.Agent})
				step(call.Bridged{Offer: o.Offer, Call: o.Call, Agent: o.Agent})
				talks = append(talks, o)
			}
		}
	}
	for range agents / 2 {
		begin()
	}
	b.ReportAllocs()
	for b.Loop() {
		begin()
		o := talks[0]
		talks = talks[1:]
		step(call.TalkEnded{Offer: o.Offer, Call: o.Call, Agent: o.Agent, By: call.ByAgent})
		step(call.CallerLeft{Call: o.Call})
	}
}
