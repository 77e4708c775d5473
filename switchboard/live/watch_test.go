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

// statuses gives what the ACD would say of agents after an event, with now and then something of their own.
func (c *centre) statuses(ev call.Event) []call.Event {
	one := func(a call.AgentID, s call.AgentStatus, id call.ID) []call.Event {
		return []call.Event{call.AgentStatusChanged{Agent: a, Status: s, Call: id, Chosen: call.ChoseReady}}
	}
	switch e := ev.(type) {
	case call.CallOffered:
		return one(e.Agent, call.StatusOffered, e.Call)
	case call.CallPlaced:
		return one(e.Agent, call.StatusBusy, e.Call)
	case call.OfferMissed:
		return one(e.Agent, call.StatusReady, "")
	case call.OfferWithdrawn:
		return one(e.Agent, call.StatusReady, "")
	case call.Bridged:
		return one(e.Agent, call.StatusTalking, e.Call)
	case call.TalkEnded:
		return one(e.Agent, call.StatusWrapUp, e.Call)
	case call.AgentLegLost:
		return one(e.Agent, call.StatusUnreachable, "")
	case call.CallAnswered:
		a := centreAgents[c.rnd.IntN(len(centreAgents))]
		return []call.Event{
			call.AgentSignedIn{Agent: a, Station: call.Station{Kind: call.StationSIP, Extension: "1001"}},
			[]call.Event{
				call.StationUp{Agent: a},
				call.StationDown{Agent: a},
				call.AgentStateChosen{Agent: a, State: call.ChosePaused, Reason: "lunch"},
			}[c.rnd.IntN(3)],
			call.CustomerIdentified{Call: e.Call, Customer: "c1", Name: "Wang Fang"},
		}
	}
	return nil
}

// glance is what a desk shows of an agent.
type glance struct {
	agent Agent
	call  Call
}

func glances(l *Live) map[call.AgentID]glance {
	out := map[call.AgentID]glance{}
	for _, id := range centreAgents {
		var g glance
		g.agent, _ = l.Agent(id)
		if c := g.agent.Call; c != nil {
			g.call, _ = l.Call(c.ID)
		}
		out[id] = g
	}
	return out
}

// TestTakeNamesEveryAgentThatChanged: after each record of a random day, who looks another way than before is
// among those taken, and a value was given.
func TestTakeNamesEveryAgentThatChanged(t *testing.T) {
	for seed := range uint64(8) {
		c := &centre{rnd: rand.New(rand.NewPCG(seed, 3)), now: morning, busy: map[call.AgentID]bool{}}
		c.start()
		l, seq := New(shanghai), uint64(0)
		w := l.Watch()
		before := glances(l)
		apply := func(at time.Time, e call.Event) {
			seq++
			l.Apply(call.Record{Seq: seq, At: at, Event: e})
			woken := false
			select {
			case <-w.C():
				woken = true
			default:
			}
			taken, now := w.Take(), glances(l)
			if woken != (len(taken) > 0) {
				t.Fatalf("seed %d, record %d %T: woken %v, %v taken", seed, seq, e, woken, taken)
			}
			if !slices.IsSorted(taken) || len(slices.Compact(slices.Clone(taken))) != len(taken) {
				t.Fatalf("seed %d, record %d %T: %v taken, want each once and sorted", seed, seq, e, taken)
			}
			for id, g := range now {
				if !reflect.DeepEqual(g, before[id]) && !slices.Contains(taken, id) {
					t.Fatalf("seed %d, record %d %T: %s changed, only %v taken\nwas %+v\nis  %+v",
						seed, seq, e, id, taken, before[id], g)
				}
			}
			before = now
		}
		applied := 0
		for range 1500 {
			c.step()
			for ; applied < len(c.recs); applied++ {
				rec := c.recs[applied]
				apply(rec.At, rec.Event)
				for _, e := range c.statuses(rec.Event) {
					apply(rec.At, e)
				}
			}
		}
	}
}

func TestTakeLeavesOutWhoIsNotConcerned(t *testing.T) {
	l := inCalls(3)
	w := l.Watch()
	if got := w.Take(); got != nil {
		t.Errorf("a new watch gives %v, want nothing", got)
	}
	other := l.Watch()
	l.Apply(call.Record{Seq: 1000, At: morning, Event: call.CallHeld{Call: "c1", Agent: "agent1", By: call.ByAgent}})
	l.Apply(call.Record{Seq: 1001, At: morning, Event: call.TimePassed{}})
	l.Apply(call.Record{Seq: 1002, At: morning, Event: call.CallArrived{Call: "new"}})
	l.Apply(call.Record{Seq: 1003, At: morning, Event: call.CallHeld{Call: "c1", Agent: "agent1", By: call.ByCaller}})
	want := []call.AgentID{"agent1"}
	if got := w.Take(); !slices.Equal(got, want) {
		t.Errorf("taken %v, want %v", got, want)
	}
	if got := w.Take(); got != nil {
		t.Errorf("taken again: %v", got)
	}
	if got := other.Take(); !slices.Equal(got, want) {
		t.Errorf("the second watch has %v, want %v", got, want)
	}
	other.Close()
	l.Apply(call.Record{Seq: 1004, At: morning, Event: call.StationDown{Agent: "agent2"}})
	if got := other.Take(); got != nil {
		t.Errorf("taken %v from a watch that is closed", got)
	}
}

// inCalls gives a projection with n agents, each talking.
func inCalls(n int) *Live {
	l, seq := New(shanghai), uint64(0)
	apply := func(e call.Event) {
		seq++
		l.Apply(call.Record{Seq: seq, At: morning, Event: e})
	}
	rules := call.RoutingConfigured{Queues: []call.QueueRules{{Queue: "support"}}}
	for i := range n {
		rules.Agents = append(rules.Agents, call.AgentRules{
			Agent: call.AgentID(fmt.Sprint("agent", i)), Queues: []call.QueueID{"support"},
		})
	}
	apply(rules)
	for i := range n {
		id, a, o := call.ID(fmt.Sprint("c", i)), call.AgentID(fmt.Sprint("agent", i)), call.OfferID(fmt.Sprint("o", i))
		apply(call.CallArrived{Call: id})
		apply(call.CallQueued{Call: id, Queue: "support"})
		apply(call.CallOffered{Call: id, Agent: a, Offer: o, Queue: "support"})
		apply(call.AgentStatusChanged{Agent: a, Status: call.StatusOffered, Call: id, Queue: "support"})
		apply(call.Bridged{Call: id, Agent: a, Offer: o})
		apply(call.AgentStatusChanged{Agent: a, Status: call.StatusTalking, Call: id, Queue: "support"})
	}
	return l
}

// BenchmarkWatch3000 is one change of one call of 3,000 and the look at it: apply, take, and the agent with its
// call as a desk reads them.
func BenchmarkWatch3000(b *testing.B) {
	l := inCalls(3000)
	w := l.Watch()
	seq := l.Version()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		seq++
		n := i % 3000
		id, a := call.ID(fmt.Sprint("c", n)), call.AgentID(fmt.Sprint("agent", n))
		var e call.Event = call.CallHeld{Call: id, Agent: a, By: call.ByAgent}
		if i/3000%2 == 1 {
			e = call.CallResumed{Call: id, Agent: a, By: call.ByAgent}
		}
		l.Apply(call.Record{Seq: seq, At: morning, Event: e})
		for _, id := range w.Take() {
			if a, ok := l.Agent(id); !ok || a.Call == nil {
				b.Fatalf("agent %s has no call", id)
			} else if _, ok := l.Call(a.Call.ID); !ok {
				b.Fatalf("call %s is not known", a.Call.ID)
			}
		}
	}
}
