package switchboard

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/demosite"
)

// paper is a ledger in memory. While it burns it keeps nothing.
type paper struct {
	seq    uint64
	burns  bool
	smokes bool     // it takes what comes and loses it when that is to be written
	names  []string // of what was written, with the agent
	onPen  func()   // called when something is written
	staged bool
}

func (p *paper) Commit() error {
	if p.smokes && p.staged {
		return errors.New("the paper smokes")
	}
	p.staged = false
	if p.onPen != nil {
		p.onPen()
	}
	return nil
}

func (p *paper) Stage(e call.Event) (call.Record, error) {
	if p.burns {
		return call.Record{}, errors.New("the paper burns")
	}
	p.seq, p.staged = p.seq+1, true
	switch e := e.(type) {
	case call.AgentStatusChanged:
		p.names = append(p.names, fmt.Sprintf("%s is %s", e.Agent, e.Status))
	case call.AgentCallEnded:
		p.names = append(p.names, fmt.Sprintf("AgentCallEnded %s %v", e.Agent, e.WrapUp))
	case call.StationDown:
		p.names = append(p.names, "StationDown "+e.Cause)
	default:
		p.names = append(p.names, strings.TrimPrefix(fmt.Sprintf("%T", e), "call."))
	}
	return call.Record{Seq: p.seq, At: p.Now(), Event: e}, nil
}

func (p *paper) Now() time.Time { return time.Now() }
func (p *paper) Last() uint64   { return p.seq }

// desk is a router without a goroutine: requests are served one by one, as data.
func desk(t *testing.T) (*router, *paper) {
	t.Helper()
	site, _, err := demosite.Site(demosite.Options{})
	ok(t, err)
	p := &paper{}
	sb := &Switchboard{log: logtest.New(t), maxCalls: 2, numbers: newKnown[call.Number](0)}
	sb.site.Store(site)
	sb.router = newRouter(sb, p, acd.New(1), sb.log)
	sb.router.serve(posted{request: record{site.Routing()}})
	sb.router.flush()
	return sb.router, p
}

// asked serves a request and gives the refusal's code and what was written.
func asked(r *router, p *paper, q request) (string, []string) {
	answered := make(chan answer, 1)
	p.names = nil
	r.serve(posted{request: q, answer: answered})
	r.flush()
	a := <-answered
	return refusal(a.err), p.names
}

func TestRequestsAsData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := desk(t)
		amy, ben := r.sb.Site().Agents[0], r.sb.Site().Agents[1]
		static := call.Station{Kind: call.StationStatic, URI: "sip:1001@127.0.0.1:5070"}
		pstn := call.Station{Kind: call.StationPSTN, Number: "13800138000"}
		c := r.sb.newCall(call.Outbound)
		in := r.sb.newCall(call.Inbound)
		name := func(s string) string { return string(amy.ID) + " is " + s }
		for i, one := range []struct {
			request
			refused string
			writes  []string
		}{
			{signIn{agent: "nobody", station: static}, "unknown_agent", nil},
			{chooseState{agent: amy.ID, state: call.ChoseReady}, "not_signed_in", nil},
			{chooseState{agent: amy.ID, state: call.ChoseOff}, "", nil},
			{placeCall{agent: amy.ID}, "not_signed_in", nil},
			{signIn{agent: amy.ID, station: call.Station{Kind: call.StationWebRTC}}, "", []string{"AgentSignedIn", name("paused")}},
			{placeCall{agent: amy.ID}, "station_unreachable", nil},
			{signIn{agent: amy.ID, station: static}, "", []string{"AgentStationChosen"}},
			{signIn{agent: amy.ID, station: static}, "", nil},
			{signIn{agent: amy.ID, station: pstn}, "", []string{"StationDown station changed", "AgentStationChosen"}},
			{chooseState{agent: amy.ID, state: call.ChoseReady}, "", []string{"AgentStateChosen", name("ready")}},
			{callBegan{c}, "", nil},
			{occupy{agent: amy.ID, call: c.id}, "", []string{"AgentCallStarted", name("busy")}},
			{occupy{agent: amy.ID, call: c.id}, "", nil},
			{occupy{agent: ben.ID, call: c.id}, "", nil}, // not on shift
			{placeCall{agent: amy.ID}, "agent_busy", nil},
			{free{call: c.id, placer: amy.ID, worked: true}, "", []string{"AgentCallEnded " + string(amy.ID) + " 15s", "WrapUpStarted", name("wrap_up")}},
			{record{call.WrapUpFinished{Call: c.id, Agent: amy.ID}}, "", []string{"WrapUpFinished", "WrapUpEnded", name("ready")}},
			{callBegan{in}, "", nil},
			{occupy{agent: amy.ID, call: in.id, ifIdle: true}, "", []string{"AgentCallStarted", name("busy")}},
			{occupy{agent: amy.ID, call: c.id, ifIdle: true}, "", nil}, // has a call in hand
			{free{call: in.id, placer: amy.ID, worked: true}, "", []string{"AgentCallEnded " + string(amy.ID) + " 0s", name("ready")}},
			{placeCall{agent: amy.ID}, "too_many_calls", nil},
			{callOver{call: c, event: call.CallEnded{Call: c.id}}, "", []string{"CallEnded"}},
			{commandCall{call: c.id}, "not_your_call", nil},
			{commandOffer{}, "offer_over", nil},
			{featureDialled{agent: amy.ID, code: "*99"}, "unknown_feature", nil},
			{featureDialled{agent: amy.ID, code: "*46"}, "", []string{"AgentStateChosen", name("paused")}},
			{featureDialled{agent: amy.ID, code: "*46"}, "", []string{"AgentStateChosen", name("ready")}},
			{featureDialled{agent: ben.ID, code: "*46"}, "", nil},
			{featureDialled{agent: amy.ID, code: "*45"}, "", []string{"AgentStateChosen", name("off")}},
			{settle{refused: refuse(409, "call_over")}, "call_over", nil},
			{callsWanted{}, "", nil},
		} {
			refused, writes := asked(r, p, one.request)
			if refused != one.refused || !slices.Equal(writes, one.writes) {
				t.Errorf("%d: %T is refused with %q and writes %q; want %q and %q", i, one.request, refused, writes, one.refused, one.writes)
			}
		}
	})
}

// TestADeskThatIsAway follows the waits after a link was lost, in virtual time.
func TestADeskThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := desk(t)
		amy := r.sb.Site().Agents[0].ID
		a := r.agentOf(amy)
		a.browser = &browserLeg{agent: amy, linked: true}
		asked(r, p, signIn{agent: amy, station: call.Station{Kind: call.StationWebRTC}})
		asked(r, p, deskSeen{agent: amy, page: "one"})
		if _, writes := asked(r, p, browserLinked{agent: amy}); !slices.Equal(writes, []string{"StationUp"}) {
			t.Fatalf("desk and browser are there: %q", writes)
		}
		waited := func() []string {
			t.Helper()
			var writes []string
			for {
				select {
				case q := <-r.requests:
					p.names = nil
					r.serve(q)
					r.flush()
					writes = append(writes, p.names...)
				default:
					return writes
				}
			}
		}
		asked(r, p, deskLost{agent: amy, page: "older"}) // no news
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := waited(); got != nil {
			t.Errorf("an older opening's end: %q", got)
		}
		asked(r, p, deskLost{agent: amy, page: "one"})
		time.Sleep(3 * time.Second)
		asked(r, p, deskSeen{agent: amy, page: "two"}) // back in time
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := waited(); got != nil {
			t.Errorf("a desk that was away for 3 s: %q", got)
		}
		asked(r, p, deskLost{agent: amy, page: "two"})
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if got := waited(); !slices.Equal(got, []string{"StationDown link lost"}) {
			t.Errorf("after 6 s: %q", got)
		}
		c := r.sb.newCall(call.Outbound)
		asked(r, p, callBegan{c})
		asked(r, p, occupy{agent: amy, call: c.id})
		time.Sleep(time.Minute)
		synctest.Wait()
		waited()
		if len(c.mailbox) != 1 {
			t.Errorf("after 15 s the agent's call has %d messages, want that its leg is lost", len(c.mailbox))
		}
		a.browser.linked = false
		asked(r, p, browserLinked{agent: amy})
		time.Sleep(time.Minute)
		synctest.Wait()
		waited()
	})
}

func TestAJournalThatKeepsNothingStopsNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logtest.Expect(t, "not kept in the journal", "offer of a call that is not in the table", "frees its agents")
		r, p := desk(t)
		amy := r.sb.Site().Agents[0].ID
		p.burns = true
		asked(r, p, signIn{agent: amy, station: call.Station{Kind: call.StationStatic}})
		asked(r, p, chooseState{agent: amy, state: call.ChoseReady})
		if a := r.machine.Agent(amy); a.Status != call.StatusReady {
			t.Errorf("the agent is %s", a.Status)
		}
		asked(r, p, free{call: "gone"})
		p.burns = false
		p.smokes = true
		lost := r.lostRecs.Load()
		asked(r, p, chooseState{agent: amy, state: call.ChosePaused})
		if a := r.machine.Agent(amy); a.Status != call.StatusPaused || r.lostRecs.Load() < lost+2 {
			t.Errorf("the agent is %s, %d events were lost", a.Status, r.lostRecs.Load()-lost)
		}
		asked(r, p, carryAgents{})
		if r.sb.carried.Load() != 0 {
			t.Error("agents count as carried by a record that is not there")
		}
		p.smokes = false
		asked(r, p, chooseState{agent: amy, state: call.ChoseReady})
		// A call that is in the queue and in no table.
		if _, writes := asked(r, p, record{call.CallQueued{Call: "gone", Queue: "support"}}); !slices.Contains(writes, "OfferMissed") {
			t.Errorf("an offer of a call that is not there: %q", writes)
		}
		if r.lostRecs.Load() == 0 {
			t.Error("nobody counted what was lost")
		}
	})
}

// TestNothingLeavesBeforeItIsWritten: an offer, a refusal and an answer go out when the journal has what decided them.
func TestNothingLeavesBeforeItIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := desk(t)
		amy := r.sb.Site().Agents[0].ID
		asked(r, p, signIn{agent: amy, station: call.Station{Kind: call.StationStatic}})
		asked(r, p, chooseState{agent: amy, state: call.ChoseReady})
		c := r.sb.newCall(call.Inbound)
		r.serve(posted{request: callBegan{c}})
		r.flush()
		answered := make(chan answer, 1)
		pens := 0
		p.onPen = func() {
			pens++
			if len(c.mailbox) > 0 || len(answered) > 0 {
				t.Error("something left before it was written")
			}
		}
		r.serve(posted{request: report{[]call.Event{
			call.CallArrived{Call: c.id, Direction: call.Inbound}, call.CallQueued{Call: c.id, Queue: "support"},
		}}, answer: answered})
		r.serve(posted{request: record{call.AgentMuted{Call: c.id, Agent: amy}}})
		if len(c.mailbox) > 0 || len(answered) > 0 {
			t.Error("something left before it was asked to")
		}
		r.flush()
		if pens != 1 || len(c.mailbox) != 1 || len(answered) != 1 {
			t.Errorf("%d writes, %d messages to the call, %d answers; want one each", pens, len(c.mailbox), len(answered))
		}
		if a := <-answered; a.seq != p.seq {
			t.Errorf("answered with record %d of %d", a.seq, p.seq)
		}
	})
}

func TestStationsAreDialledAsTheyAre(t *testing.T) {
	sb := rig(t)
	if d := sb.dialStation(call.Station{Kind: call.StationStatic, URI: "sip:x@127.0.0.1"}); d.URI == "" {
		t.Errorf("static: %+v", d)
	}
	if d := sb.dialStation(call.Station{Kind: call.StationPSTN, Number: "13800138000"}); d.E164 != "+8613800138000" || d.Trunk == "" {
		t.Errorf("a number: %+v", d)
	}
	if d := sb.dialStation(call.Station{Kind: call.StationSIP, Extension: "1001"}); d.Extension != "1001" {
		t.Errorf("a telephone: %+v", d)
	}
	if _, is := staticStation(configs.Agent{SignedIn: true, Station: "sip:x@127.0.0.1"}); !is {
		t.Error("an agent who is signed in from the start has a station")
	}
	if _, err := sb.route("12 34x"); refusal(err) != "bad_number" {
		t.Errorf("a number of letters: %v", err)
	}
	site := *sb.Site()
	site.Outbound.Trunk = ""
	site.PauseReasons = nil
	sb.site.Store(&site)
	if _, err := sb.route("13800138000"); refusal(err) != "no_outbound_trunk" {
		t.Errorf("without a trunk: %v", err)
	}
	if phonePause(&site) != "" || sb.holdMusic("", "nobody") != "" || hasCode(nil, "x") {
		t.Error("of nothing comes nothing")
	}
	if got := refuse(409, "agent_busy", "status", "busy", "call", "c1").Error(); got != "refused: agent_busy call=c1 status=busy" {
		t.Errorf("a refusal says %q", got)
	}
}
