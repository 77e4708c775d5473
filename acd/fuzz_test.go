package acd_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// FuzzStep throws events in any order at two machines, however senseless: nothing panics, both say the same,
// the books inside agree with each other, and every deadline is met once time has passed it.
func FuzzStep(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13"))
	f.Add([]byte("\x01\xff\x03\x00\x04\x00\x06\x00\x09\x00\x0c\x00\x0d\x00\x0f\x00\x10\x00\x12\x00\x13\x00"))
	for i := range 8 {
		b := make([]byte, 512)
		for j := range b {
			b[j] = byte((i+3)*j*j + 7*j)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, twin := acd.New(1), acd.New(1)
		g := &gibberish{data: data, now: epoch}
		for seq := uint64(1); len(g.data) > 1 && seq < 2000; seq++ {
			rec := call.Record{Seq: seq, At: g.now, Event: g.event()}
			effects := m.Step(rec)
			if also := twin.Step(rec); !reflect.DeepEqual(effects, also) {
				t.Fatalf("record %d, %+v: %+v and %+v", seq, rec.Event, effects, also)
			}
			for _, e := range effects {
				if o, ok := e.(acd.OfferCall); ok {
					g.offers = append(g.offers, o)
				}
			}
			if err := m.Consistent(); err != nil {
				t.Fatalf("record %d, %+v: %v", seq, rec.Event, err)
			}
			if at, ok := m.Deadline(); ok && rec.Event == (call.TimePassed{}) && !at.After(g.now) {
				t.Fatalf("record %d: time has passed %v, but that is still the deadline", seq, at)
			}
		}
	})
}

// gibberish makes events from bytes, with few names so that they meet.
type gibberish struct {
	data   []byte
	now    time.Time
	offers []acd.OfferCall
}

func (g *gibberish) byte() int {
	if len(g.data) == 0 {
		return 0
	}
	n := g.data[0]
	g.data = g.data[1:]
	return int(n)
}

func (g *gibberish) agent() call.AgentID { return call.AgentID(fmt.Sprintf("agent%d", g.byte()%4)) }
func (g *gibberish) queue() call.QueueID { return call.QueueID(fmt.Sprintf("queue%d", g.byte()%4)) }
func (g *gibberish) call() call.ID       { return call.ID(fmt.Sprintf("call%d", g.byte()%8)) }

func (g *gibberish) offer() acd.OfferCall {
	n := g.byte()
	if len(g.offers) == 0 || n == 255 {
		return acd.OfferCall{Offer: "?", Call: "call0", Agent: "agent0"}
	}
	return g.offers[len(g.offers)-1-n%min(len(g.offers), 8)]
}

func (g *gibberish) event() call.Event {
	switch g.byte() % 26 {
	case 0, 1:
		return g.rules()
	case 2:
		return call.NodeStarted{}
	case 3:
		kinds := []call.StationKind{call.StationSIP, call.StationWebRTC, call.StationPSTN, call.StationStatic}
		return call.AgentSignedIn{Agent: g.agent(), Station: call.Station{Kind: kinds[g.byte()%4]}}
	case 4, 5:
		states := []call.ChosenState{call.ChoseReady, call.ChoseReady, call.ChosePaused, call.ChoseOff, "?"}
		return call.AgentStateChosen{Agent: g.agent(), State: states[g.byte()%5]}
	case 6:
		return call.StationUp{Agent: g.agent()}
	case 7:
		return call.StationDown{Agent: g.agent()}
	case 8:
		return call.AgentCallStarted{Agent: g.agent(), Call: g.call()}
	case 9:
		return call.AgentCallEnded{Agent: g.agent(), Call: g.call(), WrapUp: time.Duration(g.byte()-20) * time.Second}
	case 10, 11, 12:
		e := call.CallQueued{Call: g.call(), Queue: g.queue(), Priority: g.byte() % 3, Preferred: g.agent()}
		if n := g.byte(); n%4 == 0 {
			e.Returned, e.Since = n%8 == 0, g.now.Add(time.Duration(n-128)*time.Second)
		}
		return e
	case 19, 20:
		return call.CallDirected{Call: g.call(), Agent: g.agent(), Queue: g.queue(), Consult: g.byte()%2 == 0}
	case 21:
		return call.ConsultEnded{Call: g.call()}
	case 22:
		o := g.offer()
		return call.Transferred{Call: o.Call, Agent: g.agent(), Kind: call.TransferAttended, Offer: o.Offer}
	case 13:
		return call.CallDequeued{Call: g.call()}
	case 14:
		return call.CallerLeft{Call: g.call()}
	case 15:
		return call.AgentStationChosen{Agent: g.agent(), Station: call.Station{Kind: call.StationSIP, Number: fmt.Sprint(g.byte() % 2)}}
	case 16:
		return call.WrapUpFinished{Agent: g.agent(), Call: g.call()}
	case 17, 18:
		g.now = g.now.Add([]time.Duration{0, time.Second, 8 * time.Second, 20 * time.Second, time.Minute, 4 * time.Hour}[g.byte()%6])
		return call.TimePassed{}
	default:
		return g.result()
	}
}

func (g *gibberish) result() call.Event {
	o := g.offer()
	switch g.byte() % 9 {
	case 0:
		return call.OfferRinging{Offer: o.Offer, Call: o.Call, Agent: o.Agent}
	case 1, 2:
		return call.OfferAnswered{Offer: o.Offer, Call: o.Call, Agent: o.Agent}
	case 3:
		misses := []call.Miss{call.MissNoAnswer, call.MissDeclined, call.MissBusy, call.MissUnreachable, "?"}
		return call.OfferMissed{Offer: o.Offer, Call: o.Call, Agent: o.Agent, Miss: misses[g.byte()%5]}
	case 4, 5:
		return call.Bridged{Offer: o.Offer, Call: o.Call, Agent: o.Agent}
	case 6:
		return call.TalkEnded{Offer: o.Offer, Call: o.Call, Agent: o.Agent, By: []call.Side{call.ByAgent, call.ByCaller}[g.byte()%2]}
	case 7:
		return call.PartyJoined{Offer: o.Offer, Call: o.Call, Agent: o.Agent}
	default:
		return call.AgentLegLost{Offer: o.Offer, Call: o.Call, Agent: o.Agent}
	}
}

func (g *gibberish) rules() call.RoutingConfigured {
	var r call.RoutingConfigured
	for range 1 + g.byte()%4 {
		n := g.byte()
		r.Queues = append(r.Queues, call.QueueRules{
			Queue: g.queue(), Weight: n % 3, MaxMisses: n / 3 % 3, MaxWaiting: n / 9 % 3,
			WrapUp: time.Duration(n/27%2) * 10 * time.Second, RingTimeout: time.Duration(n/54-1) * 10 * time.Second,
		})
	}
	for range g.byte() % 6 {
		n := g.byte()
		a := call.AgentRules{Agent: g.agent(), NoWrapUp: n&1 != 0, MissesDontCount: n&2 != 0}
		for i := range 4 {
			if n>>(2+i)&1 != 0 {
				a.Queues = append(a.Queues, call.QueueID(fmt.Sprintf("queue%d", i)))
			}
		}
		r.Agents = append(r.Agents, a)
	}
	return r
}

func TestOfferIDsAreUUIDsOfTheirOwn(t *testing.T) {
	const agents = 5000 // more than fit into twelve bits
	storm := func(salt uint32) []call.OfferID {
		m := acd.New(salt)
		rules := call.RoutingConfigured{Queues: []call.QueueRules{{Queue: "sales"}}}
		seq := uint64(0)
		step := func(e call.Event) []acd.Effect {
			seq++
			return m.Step(call.Record{Seq: seq, At: epoch, Event: e})
		}
		step(rules)
		for i := range agents {
			id := call.AgentID(fmt.Sprintf("agent%d", i))
			rules.Agents = append(rules.Agents, call.AgentRules{Agent: id, Queues: []call.QueueID{"sales"}})
			step(call.CallQueued{Call: call.ID(fmt.Sprintf("call%d", i)), Queue: "sales"})
		}
		queueless := call.RoutingConfigured{Queues: rules.Queues, Agents: slices.Clone(rules.Agents)}
		for i := range queueless.Agents {
			queueless.Agents[i].Queues = nil
		}
		step(queueless)
		for _, a := range rules.Agents {
			step(call.AgentSignedIn{Agent: a.Agent, Station: call.Station{Kind: call.StationStatic}})
			step(call.AgentStateChosen{Agent: a.Agent, State: call.ChoseReady})
		}
		var ids []call.OfferID
		for _, e := range step(rules) {
			if o, ok := e.(acd.OfferCall); ok {
				ids = append(ids, o.Offer)
			}
		}
		return ids
	}
	ids := append(storm(1), storm(2)...)
	if len(ids) != 2*agents {
		t.Fatalf("got %d offers, want %d", len(ids), 2*agents)
	}
	want := fmt.Sprintf("%012x", epoch.UnixMilli())
	for _, id := range ids {
		s := string(id)
		if len(s) != 36 || s[0:8]+s[9:13] != want || s[14] != '7' || s[19] < '8' || s[19] > 'b' {
			t.Fatalf("%s is no UUIDv7 of %v (%s)", id, epoch, want)
		}
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != 2*agents {
		t.Errorf("%d different IDs for %d offers", n, 2*agents)
	}
}
