package live

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
)

// centre makes the records of a small call centre, at random but possible: every event has its place
// in the life of a call, restarts and midnights come in between.
type centre struct {
	rnd   *rand.Rand
	recs  []call.Record
	now   time.Time
	ids   int
	calls []*actor
	busy  map[call.AgentID]bool
}

// actor is a call on its way.
type actor struct {
	id      call.ID
	queue   call.QueueID
	agent   call.AgentID
	offer   call.OfferID
	stage   string // arrived, flow, waiting, offered, talking, moving, guest, left
	held    map[call.Side]bool
	outside bool
	moved   string // how it goes on after a transfer: direct, returned
}

var (
	centreQueues = []call.QueueID{"sales", "support", "vip"}
	centreAgents = []call.AgentID{"amy", "ben", "chen", "dan"}
)

func (c *centre) say(e call.Event) {
	c.recs = append(c.recs, call.Record{Seq: uint64(len(c.recs) + 1), At: c.now, Event: e})
}

func (c *centre) start() {
	c.say(call.NodeStarted{})
	rules := call.RoutingConfigured{}
	for _, q := range centreQueues {
		rules.Queues = append(rules.Queues, call.QueueRules{Queue: q, ServiceLevel: 20 * time.Second})
	}
	for _, a := range centreAgents {
		rules.Agents = append(rules.Agents, call.AgentRules{Agent: a, Queues: centreQueues[c.rnd.IntN(3):]})
	}
	c.say(rules)
}

// step makes the next thing happen.
func (c *centre) step() {
	c.now = c.now.Add(time.Duration(c.rnd.IntN(20_000)) * time.Millisecond)
	switch n := c.rnd.IntN(1000); {
	case n == 0:
		c.restart()
	case n < 250 || len(c.calls) == 0:
		c.arrive()
	default:
		i := c.rnd.IntN(len(c.calls))
		if c.advance(c.calls[i]) {
			c.calls = slices.Delete(c.calls, i, i+1)
		}
	}
}

func (c *centre) arrive() {
	c.ids++
	a := &actor{id: call.ID(fmt.Sprintf("call-%06d", c.ids)), stage: "arrived", held: map[call.Side]bool{}}
	if agent, ok := c.freeAgent(); ok && c.rnd.IntN(10) == 0 {
		a.outside, a.agent = true, agent
		c.busy[agent] = true
		c.say(call.CallPlaced{Call: a.id, Agent: agent, Direction: call.Outbound})
	} else {
		c.say(call.CallArrived{Call: a.id, Direction: call.Inbound})
	}
	c.calls = append(c.calls, a)
}

func (c *centre) freeAgent() (call.AgentID, bool) {
	a := centreAgents[c.rnd.IntN(len(centreAgents))]
	return a, !c.busy[a]
}

// advance makes something happen to a call; true: it is over.
func (c *centre) advance(a *actor) bool {
	if a.stage != "left" && c.rnd.IntN(12) == 0 {
		c.say(call.CallerLeft{Call: a.id, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}})
		if a.stage == "offered" {
			c.say(call.OfferWithdrawn{Offer: a.offer, Call: a.id, Agent: a.agent})
		}
		a.stage = "left"
		return false
	}
	switch a.stage {
	case "arrived":
		c.say(call.CallAnswered{Call: a.id})
		a.stage = "flow"
	case "flow":
		switch {
		case a.outside:
			c.say(call.Bridged{Call: a.id, Agent: a.agent})
			a.stage = "talking"
		case c.rnd.IntN(8) == 0:
			c.say(call.CallEnded{Call: a.id, End: call.End{By: call.BySystem, Cause: call.CauseFlowEnded}})
			return true
		default:
			c.enqueue(a)
		}
	case "waiting":
		c.wait(a)
	case "offered":
		c.ring(a)
	case "talking":
		c.talk(a)
	case "moving":
		c.move(a)
	case "guest":
		c.guest(a)
	case "left":
		c.release(a)
		c.say(call.CallEnded{Call: a.id, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}})
		return true
	}
	return false
}

func (c *centre) enqueue(a *actor) {
	a.queue, a.moved = centreQueues[c.rnd.IntN(3)], ""
	c.say(call.CallQueued{Call: a.id, Queue: a.queue})
	a.stage = "waiting"
}

func (c *centre) wait(a *actor) {
	if n := c.rnd.IntN(12); n == 0 {
		c.say(call.CallDequeued{Call: a.id, Reason: "flow"})
		a.stage = "flow"
		return
	} else if n == 1 {
		c.enqueue(a) // straight into another queue
		return
	}
	if agent, ok := c.freeAgent(); ok {
		c.ids++
		a.agent, a.offer = agent, call.OfferID(fmt.Sprint("offer-", c.ids))
		c.busy[agent] = true
		c.say(call.CallOffered{Offer: a.offer, Call: a.id, Queue: a.queue, Agent: agent})
		a.stage = "offered"
	}
}

func (c *centre) ring(a *actor) {
	if c.rnd.IntN(4) == 0 {
		c.say(call.OfferMissed{Offer: a.offer, Call: a.id, Agent: a.agent, Miss: call.MissNoAnswer})
		c.busy[a.agent] = false
		a.stage = "waiting"
		c.notTaken(a)
		return
	}
	c.say(call.OfferAnswered{Offer: a.offer, Call: a.id, Agent: a.agent})
	c.say(call.Bridged{Call: a.id, Agent: a.agent, Offer: a.offer})
	a.stage = "talking"
}

func (c *centre) talk(a *actor) {
	switch n := c.rnd.IntN(10); {
	case n < 5:
		by := []call.Side{call.ByAgent, call.ByCaller}[c.rnd.IntN(2)]
		if a.held[by] {
			c.say(call.CallResumed{Call: a.id, Agent: a.agent, By: by})
		} else {
			c.say(call.CallHeld{Call: a.id, Agent: a.agent, By: by})
		}
		a.held[by] = !a.held[by]
	case n < 6 && !a.outside:
		c.say(call.AgentLegLost{Call: a.id, Agent: a.agent, Offer: a.offer})
		c.release(a)
		a.stage = "waiting"
		c.notTaken(a)
	case n < 7 && c.rnd.IntN(3) == 0:
		c.say(call.Transferred{Call: a.id, Agent: a.agent, Kind: call.TransferBlind, To: "somebody"})
		if a.outside {
			c.say(call.AgentCallEnded{Call: a.id, Agent: a.agent})
		} else {
			c.say(call.TalkEnded{Call: a.id, Agent: a.agent, Offer: a.offer, By: call.ByAgent})
		}
		c.release(a)
		a.outside, a.moved, a.stage = false, "", "moving"
	case n < 7:
		c.say(call.TalkEnded{Call: a.id, Agent: a.agent, Offer: a.offer, By: call.ByAgent})
		c.release(a)
		a.stage = "left"
	}
}

// move sends a call that was handed over on: to a queue, to an agent past any queue, or to somebody outside.
func (c *centre) move(a *actor) {
	switch c.rnd.IntN(4) {
	case 0:
		c.enqueue(a)
	case 1:
		c.say(call.CallQueued{Call: a.id, Queue: a.queueOr("sales")})
		c.say(call.CallDequeued{Call: a.id, Reason: "full"})
		c.comesBack(a)
	case 2:
		c.say(call.PartyInvited{Call: a.id, Leg: "guest", Agent: a.agent})
		a.stage = "guest"
	case 3:
		agent, ok := c.freeAgent()
		if !ok {
			c.say(call.CallDirected{Call: a.id, Agent: agent})
			a.moved = "direct"
			c.notTaken(a)
			return
		}
		c.ids++
		a.agent, a.offer = agent, call.OfferID(fmt.Sprint("offer-", c.ids))
		c.busy[agent] = true
		c.say(call.CallDirected{Call: a.id, Agent: agent})
		c.say(call.CallOffered{Offer: a.offer, Call: a.id, Agent: agent, Why: "transferred"})
		a.moved, a.stage = "direct", "offered"
	}
}

func (a *actor) queueOr(q call.QueueID) call.QueueID {
	if a.queue != "" {
		return a.queue
	}
	return q
}

func (c *centre) guest(a *actor) {
	if c.rnd.IntN(2) == 0 {
		c.say(call.LegEnded{Call: a.id, Leg: "guest", End: call.End{By: call.ByCaller, Cause: call.CauseNoAnswer}})
		c.comesBack(a)
		return
	}
	c.say(call.PartyJoined{Call: a.id, Leg: "guest"})
	a.stage = "left"
	c.say(call.CallerLeft{Call: a.id, End: call.End{By: call.BySystem, Cause: call.CauseHangup}})
}

// notTaken is what follows when a call was for one agent only, who does not have it any more.
func (c *centre) notTaken(a *actor) {
	if a.moved == "direct" {
		c.say(call.CallDequeued{Call: a.id, Reason: "not_taken"})
		c.comesBack(a)
	}
}

func (c *centre) comesBack(a *actor) {
	a.queue = a.queueOr("support")
	c.say(call.TransferFailed{Call: a.id, To: "somebody", Reason: "not_taken"})
	c.say(call.CallQueued{Call: a.id, Queue: a.queue, Returned: true})
	a.moved, a.stage = "", "waiting"
}

func (c *centre) release(a *actor) {
	c.busy[a.agent] = false
	clear(a.held)
}

func (c *centre) restart() {
	c.now = c.now.Add(time.Hour)
	for _, a := range c.calls {
		c.say(call.CallEnded{Call: a.id, End: call.End{By: call.BySystem, Cause: call.CauseServerRestarted}})
	}
	c.calls = nil
	clear(c.busy)
	c.start()
}

// naive computes from all records, by searching, what the projection keeps by counting.
type naive struct {
	byCall map[call.ID][]call.Record
	queues map[call.QueueID]Queue
	agents map[call.AgentID]Agent
}

func recompute(recs []call.Record, loc *time.Location) naive {
	n := naive{byCall: map[call.ID][]call.Record{}, queues: map[call.QueueID]Queue{}, agents: map[call.AgentID]Agent{}}
	for _, q := range centreQueues {
		n.queues[q] = Queue{ID: q, ServiceLevelSecs: 20}
	}
	var alive time.Time
	for _, r := range recs {
		if e, ok := r.Event.(call.CallEnded); ok && e.End.Cause == call.CauseServerRestarted {
			r.At = alive // nobody talked while no server ran
		} else {
			alive = r.At
		}
		v := reflect.ValueOf(r.Event)
		if f := v.FieldByName("Call"); f.IsValid() {
			id := call.ID(f.String())
			n.byCall[id] = append(n.byCall[id], r)
		}
	}
	y, m, d := recs[len(recs)-1].At.In(loc).Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, loc)
	for _, life := range n.byCall {
		n.live(life, !life[0].At.Before(midnight))
	}
	return n
}

// live adds a call's part.
func (n *naive) live(life []call.Record, today bool) {
	talked, direct := map[call.AgentID]bool{}, map[call.OfferID]bool{} // direct: past any queue
	var queue call.QueueID
	for i, r := range life {
		rest := life[i+1:]
		switch e := r.Event.(type) {
		case call.CallQueued:
			queue = e.Queue
			if e.Returned { // it had its agent
				if !leaves(rest) {
					n.wait(queue, r.At)
				}
				continue
			}
			n.stay(e.Queue, r.At, rest, today)
		case call.CallOffered:
			direct[e.Offer] = e.Queue == ""
		case call.AgentLegLost:
			if !leaves(rest) && !direct[e.Offer] {
				n.wait(queue, r.At)
			}
		case call.OfferMissed:
			if today {
				n.agent(e.Agent, func(a *Agent) { a.MissesToday++ })
			}
		case call.Bridged:
			n.conversation(e, queue, r.At, rest, today, talked)
		}
	}
}

// stay is one stay in a queue: its outcome is the first thing after it that can be one.
func (n *naive) stay(queue call.QueueID, from time.Time, rest []call.Record, today bool) {
	q := n.queues[queue]
	if today {
		q.Offered++
	}
	end, out := time.Time{}, ""
search:
	for _, r := range rest {
		end = r.At
		switch r.Event.(type) {
		case call.Bridged:
			out = "answered"
			break search
		case call.CallerLeft:
			out = "abandoned"
			break search
		case call.CallDequeued, call.CallQueued, call.CallEnded:
			out = "left"
			break search
		}
	}
	wait := end.Sub(from)
	switch {
	case out == "":
		n.queues[queue] = q
		n.wait(queue, from)
		q = n.queues[queue]
		if today {
			q.Pending++
		}
	case !today:
	case out == "answered":
		q.Answered++
		q.WaitAnsweredMS += wait.Milliseconds()
		q.LongestWaitMS = max(q.LongestWaitMS, wait.Milliseconds())
		if wait <= 20*time.Second {
			q.AnsweredInSL++
		}
	case out == "abandoned":
		q.Abandoned++
		q.LongestWaitMS = max(q.LongestWaitMS, wait.Milliseconds())
		if wait <= 5*time.Second {
			q.AbandonedShort++
		}
	default:
		q.Left++
	}
	n.queues[queue] = q
}

// leaves tells whether a waiting call comes out of the queue in what follows.
func leaves(rest []call.Record) bool {
	return slices.ContainsFunc(rest, func(r call.Record) bool {
		switch r.Event.(type) {
		case call.Bridged, call.CallerLeft, call.CallDequeued, call.CallQueued, call.CallEnded:
			return true
		}
		return false
	})
}

func (n *naive) wait(queue call.QueueID, since time.Time) {
	q := n.queues[queue]
	q.Waiting++
	if q.LongestWaitSince == nil || since.Before(*q.LongestWaitSince) {
		q.LongestWaitSince = &since
	}
	n.queues[queue] = q
}

func (n *naive) agent(id call.AgentID, change func(*Agent)) {
	a := n.agents[id]
	change(&a)
	n.agents[id] = a
}

func (n *naive) conversation(e call.Bridged, queue call.QueueID, from time.Time, rest []call.Record, today bool, talked map[call.AgentID]bool) {
	if today && !talked[e.Agent] {
		n.agent(e.Agent, func(a *Agent) { a.CallsToday++ })
	}
	talked[e.Agent] = true
	held, at, talk := map[call.Side]bool{}, from, time.Duration(0)
	for _, r := range rest {
		if !held[call.ByAgent] && !held[call.ByCaller] {
			talk += r.At.Sub(at)
		}
		at = r.At
		switch h := r.Event.(type) {
		case call.CallHeld:
			held[h.By] = true
		case call.CallResumed:
			held[h.By] = false
		case call.Transferred, call.TalkEnded, call.AgentCallEnded, call.AgentLegLost, call.CallerLeft, call.CallEnded:
			if today {
				n.agent(e.Agent, func(a *Agent) { a.TalkMSToday += talk.Microseconds() })
			}
			return
		}
	}
	if e.Offer != "" {
		q := n.queues[queue]
		q.Talking++
		n.queues[queue] = q
	}
}

// compare fails where the projection and the search disagree.
func compare(t *testing.T, where string, l *Live, want naive) {
	t.Helper()
	for _, got := range l.Queues() {
		w := want.queues[got.ID]
		if got.Offered != got.Answered+got.Abandoned+got.Left+got.Pending {
			t.Fatalf("%s: %+v does not add up", where, got)
		}
		if (got.LongestWaitSince == nil) != (w.LongestWaitSince == nil) ||
			got.LongestWaitSince != nil && !got.LongestWaitSince.Equal(*w.LongestWaitSince) {
			t.Fatalf("%s, queue %s: longest wait since %v, want %v", where, got.ID, got.LongestWaitSince, w.LongestWaitSince)
		}
		got.LongestWaitSince, w.LongestWaitSince = nil, nil
		got.ServiceLevel, got.Agents = nil, Agents{}
		if got != w {
			t.Fatalf("%s:\ngot  %+v\nwant %+v", where, got, w)
		}
	}
	for _, got := range l.Agents() {
		w := want.agents[got.ID]
		if got.CallsToday != w.CallsToday || got.MissesToday != w.MissesToday || got.TalkMSToday != w.TalkMSToday/1000 {
			t.Fatalf("%s, agent %s: %d calls, %d misses, %d ms, want %d, %d, %d", where, got.ID,
				got.CallsToday, got.MissesToday, got.TalkMSToday, w.CallsToday, w.MissesToday, w.TalkMSToday/1000)
		}
	}
}

func TestCountersEqualARecomputationFromTheStream(t *testing.T) {
	for seed := range uint64(30) {
		c := &centre{rnd: rand.New(rand.NewPCG(seed, 1)), now: morning, busy: map[call.AgentID]bool{}}
		l := New(shanghai)
		c.start()
		applied := 0
		for step := range 2500 {
			c.step()
			for ; applied < len(c.recs); applied++ {
				l.Apply(c.recs[applied])
			}
			if step%100 == 0 {
				where := fmt.Sprintf("seed %d, step %d", seed, step)
				compare(t, where, l, recompute(c.recs, shanghai))
				if n := len(l.Calls()); n != len(c.calls) {
					t.Fatalf("%s: %d calls in progress, want %d", where, n, len(c.calls))
				}
			}
		}
	}
}

// TestRebuiltFromMidnightIsTheSame: a projection that begins with today's first record shows the same
// figures of today as one that has run since yesterday, once a restart has ended yesterday's calls.
func TestRebuiltFromMidnightIsTheSame(t *testing.T) {
	for seed := range uint64(10) {
		c := &centre{rnd: rand.New(rand.NewPCG(seed, 2)), now: morning.Add(9 * time.Hour), busy: map[call.AgentID]bool{}}
		c.start()
		for range 4000 {
			c.step()
		}
		c.restart()
		whole, rebuilt := New(shanghai), New(shanghai)
		midnight := dayOf(c.now, shanghai).begin
		for _, r := range c.recs {
			whole.Apply(r)
			if !r.At.Before(midnight) {
				rebuilt.Apply(r)
			}
		}
		if a, b := whole.Queues(), rebuilt.Queues(); !reflect.DeepEqual(a, b) {
			t.Errorf("seed %d:\nwhole   %+v\nrebuilt %+v", seed, a, b)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	c := &centre{rnd: rand.New(rand.NewPCG(1, 1)), now: morning, busy: map[call.AgentID]bool{}}
	c.start()
	for len(c.recs) < 100_000 {
		c.step()
	}
	b.ReportAllocs()
	l, i := New(shanghai), 0
	for b.Loop() {
		l.Apply(c.recs[i])
		if i++; i == len(c.recs) {
			l, i = New(shanghai), 0
		}
	}
}

// BenchmarkSnapshot takes what a board takes four times a second: 1,000 agents in 10 queues each and
// 1,000 calls.
func BenchmarkSnapshot(b *testing.B) {
	l := New(shanghai)
	rules, seq := call.RoutingConfigured{}, uint64(0)
	for q := range 20 {
		rules.Queues = append(rules.Queues, call.QueueRules{Queue: call.QueueID(fmt.Sprint("q", q))})
	}
	for a := range 1000 {
		r := call.AgentRules{Agent: call.AgentID(fmt.Sprint("agent", a))}
		for q := range 10 {
			r.Queues = append(r.Queues, call.QueueID(fmt.Sprint("q", (a+q)%20)))
		}
		rules.Agents = append(rules.Agents, r)
	}
	apply := func(e call.Event) {
		seq++
		l.Apply(call.Record{Seq: seq, At: morning, Event: e})
	}
	apply(rules)
	for n := range 1000 {
		id := call.ID(fmt.Sprint("c", n))
		apply(call.CallArrived{Call: id})
		apply(call.CallQueued{Call: id, Queue: "q1"})
		apply(call.Bridged{Call: id, Agent: call.AgentID(fmt.Sprint("agent", n)), Offer: "o"})
		apply(call.AgentStatusChanged{Agent: call.AgentID(fmt.Sprint("agent", n)), Status: call.StatusTalking, Call: id})
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Queues()
		l.Agents()
		l.Calls()
	}
}
