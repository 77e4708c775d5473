package live

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/call/logtest"
)

// shanghai is the demo site's timezone, eight hours ahead of UTC.
var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// morning is 10:00 in Shanghai.
var morning = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// story feeds a projection with events at moments.
type story struct {
	*Live
	t   *testing.T
	seq uint64
	now time.Time
}

func begin(t *testing.T, at time.Time) *story {
	t.Helper()
	s := &story{Live: New(shanghai), t: t, now: at}
	s.is(call.NodeStarted{Node: "n"}, call.RoutingConfigured{
		Queues: []call.QueueRules{{Queue: "support", ServiceLevel: 20 * time.Second}, {Queue: "sales"}},
		Agents: []call.AgentRules{
			{Agent: "amy", Queues: []call.QueueID{"sales", "support"}},
			{Agent: "ben", Queues: []call.QueueID{"support"}},
		},
	})
	return s
}

func (s *story) is(events ...call.Event) {
	s.t.Helper()
	for _, e := range events {
		s.seq++
		s.Apply(call.Record{Seq: s.seq, At: s.now, Event: e})
	}
}

func (s *story) after(d time.Duration) *story { s.now = s.now.Add(d); return s }

// arrive brings a call into a queue.
func (s *story) arrive(id call.ID, q call.QueueID) {
	s.t.Helper()
	s.is(
		call.CallArrived{Call: id, Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "13800000001"}}, To: call.Number{Raw: "4001"}},
		call.CallAnswered{Call: id},
		call.CallQueued{Call: id, Queue: q},
	)
}

// bridge has an agent take a waiting call.
func (s *story) bridge(id call.ID, a call.AgentID, q call.QueueID) {
	s.t.Helper()
	offer := call.OfferID("offer-" + string(id))
	s.is(
		call.CallOffered{Offer: offer, Call: id, Queue: q, Agent: a},
		call.AgentStatusChanged{Agent: a, Status: call.StatusOffered, Call: id, Queue: q, Chosen: call.ChoseReady},
		call.OfferAnswered{Offer: offer, Call: id, Agent: a},
		call.Bridged{Call: id, Agent: a, Offer: offer},
		call.AgentStatusChanged{Agent: a, Status: call.StatusTalking, Call: id, Queue: q, Chosen: call.ChoseReady},
	)
}

func (s *story) queue(id call.QueueID) Queue {
	s.t.Helper()
	for _, q := range s.Queues() {
		if q.ID == id {
			return q
		}
	}
	s.t.Fatalf("no queue %s", id)
	return Queue{}
}

func (s *story) agent(id call.AgentID) Agent {
	s.t.Helper()
	a, ok := s.Agent(id)
	if !ok {
		s.t.Fatalf("no agent %s", id)
	}
	return a
}

func TestServiceLevelOfTheReferenceVector(t *testing.T) {
	// 100 offered: 80 answered, 60 of them within T; 20 abandoned, 8 of them within T, 5 within 5 s.
	// Answered ≤ T ÷ (offered − short) = 60 / 95 = 63.16 %.
	s := begin(t, morning)
	n := 0
	many := func(count int, wait time.Duration, answer bool) {
		for range count {
			n++
			id := call.ID(rune('A' + n))
			s.arrive(id, "support")
			s.after(wait)
			if answer {
				s.bridge(id, "ben", "support")
			} else {
				s.is(call.CallerLeft{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseAbandoned}})
			}
			s.is(call.CallEnded{Call: id})
		}
	}
	many(60, 20*time.Second, true)
	many(20, 20*time.Second+time.Microsecond, true)
	many(5, 5*time.Second, false)
	many(3, 20*time.Second, false)
	many(12, time.Minute, false)
	q := s.queue("support")
	if q.Offered != 100 || q.Answered != 80 || q.AnsweredInSL != 60 || q.Abandoned != 20 || q.AbandonedShort != 5 || q.Pending != 0 {
		t.Errorf("figures are %+v", q)
	}
	if q.ServiceLevel == nil || math.Abs(*q.ServiceLevel-0.631579) > 1e-6 || q.ServiceLevelSecs != 20 {
		t.Errorf("service level is %v within %v s, want 0.6316 within 20 s", *q.ServiceLevel, q.ServiceLevelSecs)
	}
	if q.LongestWaitMS != 60_000 || q.WaitAnsweredMS != 80*20_000 {
		t.Errorf("longest wait %d ms, sum of waits %d ms, want 60000 and 1600000", q.LongestWaitMS, q.WaitAnsweredMS)
	}
}

func TestServiceLevelIsUnknownBeforeTheFirstCall(t *testing.T) {
	s := begin(t, morning)
	if q := s.queue("sales"); q.ServiceLevel != nil || q.ServiceLevelSecs != 20 || q.LongestWaitSince != nil {
		t.Errorf("an idle queue shows %+v", q)
	}
	s.arrive("c", "sales")
	s.after(3 * time.Second).is(call.CallerLeft{Call: "c"})
	if q := s.queue("sales"); q.ServiceLevel != nil {
		t.Errorf("with nothing but a short abandon the service level is %v, want none", *q.ServiceLevel)
	}
}

func TestWaitingCallsAndTheLongestWait(t *testing.T) {
	s := begin(t, morning)
	s.arrive("c1", "support")
	s.after(10*time.Second).arrive("c2", "support")
	s.is(call.CallOffered{Offer: "o1", Call: "c1", Queue: "support", Agent: "ben"})
	if q := s.queue("support"); q.Waiting != 2 || !q.LongestWaitSince.Equal(morning) {
		t.Errorf("%d wait since %v, want 2 since %v: a call that rings waits still", q.Waiting, q.LongestWaitSince, morning)
	}
	if c, _ := s.Call("c1"); c.State != StateOffered || c.Agent != "ben" || c.Offer != "o1" {
		t.Errorf("the offered call is %+v", c)
	}
	s.is(call.OfferMissed{Offer: "other", Call: "c1", Agent: "amy"})
	if c, _ := s.Call("c1"); c.State != StateOffered {
		t.Errorf("a stale miss made the call %s", c.State)
	}
	s.is(call.OfferMissed{Offer: "o1", Call: "c1", Agent: "ben", Miss: call.MissNoAnswer})
	if c, _ := s.Call("c1"); c.State != StateWaiting || c.Agent != "" {
		t.Errorf("after the miss the call is %+v", c)
	}
	if n := s.agent("ben").MissesToday; n != 1 {
		t.Errorf("ben has %d misses, want 1", n)
	}
	s.bridge("c1", "amy", "support")
	if q := s.queue("support"); q.Waiting != 1 || !q.LongestWaitSince.Equal(morning.Add(10*time.Second)) || q.Talking != 1 {
		t.Errorf("after the first was taken the queue is %+v", q)
	}
	s.is(call.CallDequeued{Call: "c2", Reason: "flow"})
	if q := s.queue("support"); q.Waiting != 0 || q.Left != 1 || q.LongestWaitSince != nil {
		t.Errorf("after the second was sent on the queue is %+v", q)
	}
}

func TestCallWhoseAgentWasLostWaitsAgainButCountsOnce(t *testing.T) {
	s := begin(t, morning)
	s.arrive("c", "support")
	s.after(8*time.Second).bridge("c", "ben", "support")
	s.after(30 * time.Second).is(call.AgentLegLost{Call: "c", Agent: "ben", Offer: "offer-c"})
	q := s.queue("support")
	if q.Waiting != 1 || q.Offered != 1 || q.Answered != 1 || q.Pending != 0 || q.Talking != 0 || !q.LongestWaitSince.Equal(s.now) {
		t.Errorf("the queue is %+v", q)
	}
	if a := s.agent("ben"); a.CallsToday != 1 || a.TalkMSToday != 30_000 {
		t.Errorf("ben has %d calls, %d ms", a.CallsToday, a.TalkMSToday)
	}
	s.after(2*time.Second).bridge("c", "amy", "support")
	if c, ok := s.Call("c"); !ok || c.Waited(s.now) != 8*time.Second || !c.BridgedAt.Equal(s.now) || !c.FirstBridgedAt.Equal(morning.Add(8*time.Second)) {
		t.Errorf("the call waited %v, bridged at %v, want the 8 s until the first answer; it is %+v", c.Waited(s.now), c.BridgedAt, c)
	}
	s.after(10*time.Second).is(call.CallerLeft{Call: "c"}, call.CallEnded{Call: "c"})
	q = s.queue("support")
	if q.Waiting != 0 || q.Offered != 1 || q.Answered != 1 || q.Abandoned != 0 {
		t.Errorf("at the end the queue is %+v", q)
	}
	if a := s.agent("amy"); a.CallsToday != 1 || a.TalkMSToday != 10_000 {
		t.Errorf("amy has %d calls, %d ms", a.CallsToday, a.TalkMSToday)
	}
}

func TestTalkTimeLeavesHoldsOut(t *testing.T) {
	s := begin(t, morning)
	s.arrive("c", "support")
	s.bridge("c", "ben", "support")
	s.after(10 * time.Second).is(call.CallHeld{Call: "c", Agent: "ben", By: call.ByAgent})
	s.after(5 * time.Second).is(call.CallHeld{Call: "c", Agent: "ben", By: call.ByCaller})
	s.after(5 * time.Second).is(call.CallResumed{Call: "c", Agent: "ben", By: call.ByAgent})
	if c, _ := s.Call("c"); !c.Held || len(c.HeldBy) != 1 || c.HeldBy[0] != call.ByCaller || !c.HeldSince.Equal(morning.Add(10*time.Second)) {
		t.Errorf("with the caller's hold left the call is %+v", c)
	}
	s.after(5*time.Second).is(call.CallResumed{Call: "c", Agent: "ben", By: call.ByCaller}, call.AgentMuted{Call: "c", Agent: "ben", Muted: true})
	if a := s.agent("ben"); a.Call.Held || !a.Call.Muted {
		t.Errorf("ben's call is %+v, want it muted and not held", a.Call)
	}
	s.after(20 * time.Second).is(call.CallHeld{Call: "c", Agent: "ben", By: call.ByAgent})
	s.after(time.Minute).is(call.TalkEnded{Call: "c", Agent: "ben", Offer: "offer-c", By: call.ByAgent}, call.CallEnded{Call: "c"})
	if got := s.agent("ben").TalkMSToday; got != 30_000 {
		t.Errorf("ben talked %d ms, want 30000: 10 s before and 20 s between the holds", got)
	}
}

func TestAgentKeepsTheCallUntilTheWrapUpIsOver(t *testing.T) {
	s := begin(t, morning)
	s.is(call.AgentSignedIn{Agent: "ben", Station: call.Station{Kind: call.StationSIP, Extension: "1002"}}, call.StationUp{Agent: "ben"})
	s.arrive("c", "support")
	s.is(call.CustomerIdentified{Call: "c", Customer: "k1", Grade: "AAA", Name: "王芳"})
	s.bridge("c", "ben", "support")
	a := s.agent("ben")
	if a.Status != call.StatusTalking || a.Call == nil || a.Call.Customer.Name != "王芳" || a.Call.Peer.Number.Raw != "13800000001" ||
		a.Call.Offer != "offer-c" || a.Call.State != StateTalking || !a.StationUp || a.Station.Extension != "1002" {
		t.Errorf("talking ben is %+v with call %+v", a, a.Call)
	}
	if q := s.queue("support"); q.Agents != (Agents{Talking: 1, Off: 1}) {
		t.Errorf("agents of support are %+v", q.Agents)
	}
	until := s.now.Add(time.Minute)
	s.after(time.Second).is(
		call.CallerLeft{Call: "c"}, call.TalkEnded{Call: "c", Agent: "ben", Offer: "offer-c"}, call.CallEnded{Call: "c"},
		call.AgentStatusChanged{Agent: "ben", Status: call.StatusWrapUp, Call: "c", Queue: "support", Chosen: call.ChosePaused, ChosenReason: "lunch", Until: &until},
	)
	a = s.agent("ben")
	if a.Status != call.StatusWrapUp || a.Call == nil || a.Call.State != StateEnded || a.Call.Customer.Name != "王芳" ||
		!a.Until.Equal(until) || a.Chosen != call.ChosePaused || a.ChosenReason != "lunch" {
		t.Errorf("ben in wrap-up is %+v with call %+v", a, a.Call)
	}
	if calls := s.Calls(); len(calls) != 0 {
		t.Errorf("calls in progress: %+v, want none", calls)
	}
	if _, ok := s.Call("c"); !ok {
		t.Error("the call that is wrapped up is gone")
	}
	s.after(time.Minute).is(call.AgentStatusChanged{Agent: "ben", Status: call.StatusPaused, Reason: "lunch", Chosen: call.ChosePaused, ChosenReason: "lunch"})
	if a := s.agent("ben"); a.Call != nil || a.Until != nil || !a.Since.Equal(s.now) {
		t.Errorf("after the wrap-up ben is %+v", a)
	}
	if len(s.calls) != 0 {
		t.Errorf("%d calls are kept, want none", len(s.calls))
	}
}

func TestStatusSinceChangesWithReasonButNotWithTheWish(t *testing.T) {
	s := begin(t, morning)
	paused := call.AgentStatusChanged{Agent: "ben", Status: call.StatusPaused, Reason: "lunch", Chosen: call.ChosePaused, ChosenReason: "lunch"}
	s.is(paused)
	s.after(time.Minute).is(paused)
	if a := s.agent("ben"); !a.Since.Equal(morning) {
		t.Errorf("since %v, want %v", a.Since, morning)
	}
	paused.Reason = "training"
	s.is(paused)
	if a := s.agent("ben"); !a.Since.Equal(s.now) {
		t.Errorf("since %v, want %v: another reason is another pause", a.Since, s.now)
	}
}

func TestOutboundCallThatWasRefusedSaysWhy(t *testing.T) {
	s := begin(t, morning)
	s.is(
		call.CallPlaced{Call: "o", Agent: "amy", To: call.Number{Raw: "13800000001"}, Direction: call.Outbound},
		call.AgentCallStarted{Agent: "amy", Call: "o"},
		call.NumberDialled{Call: "o", Leg: "far"},
		call.LegEnded{Call: "o", Leg: "far", End: call.End{By: call.ByCaller, Cause: call.CauseBusy, SIP: 486}},
	)
	if c, ok := s.Call("o"); !ok || c.State != StateUnreached || c.Unreached != call.CauseBusy {
		t.Errorf("the call is %+v", c)
	}
}

func TestOutboundCallShowsTheNumberDialled(t *testing.T) {
	s := begin(t, morning)
	s.is(
		call.CallPlaced{Call: "o", Agent: "amy", Extension: "1001", From: call.Number{Raw: "1001"}, To: call.Number{Raw: "13800000001"}, Direction: call.Outbound},
		call.AgentCallStarted{Agent: "amy", Call: "o"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusBusy, Call: "o", Chosen: call.ChoseReady},
	)
	a := s.agent("amy")
	if a.Call == nil || a.Call.Peer.Number.Raw != "13800000001" || a.Call.State != StateArriving || a.Call.Dir != call.Outbound {
		t.Errorf("amy, who is rung, is %+v with %+v", a, a.Call)
	}
	s.after(2 * time.Second).is(call.NumberDialled{Call: "o", Leg: "far"})
	if a := s.agent("amy"); a.Call.State != StateDialling {
		t.Errorf("dialling amy is %+v with %+v", a, a.Call)
	}
	s.is(call.LegEnded{Call: "o", Leg: "near", Agent: "amy", End: call.End{By: call.ByAgent, Cause: call.CauseHangup}})
	if a := s.agent("amy"); a.Call.State != StateDialling {
		t.Errorf("the agent's own leg made it %+v", a.Call)
	}
	s.after(5*time.Second).is(call.CallAnswered{Call: "o"}, call.Bridged{Call: "o", Agent: "amy"})
	if a := s.agent("amy"); a.Call.State != StateTalking || !a.Call.Since.Equal(s.now) || a.CallsToday != 1 {
		t.Errorf("talking amy is %+v with %+v", a, a.Call)
	}
	for _, q := range s.Queues() {
		if q.Offered != 0 || q.Talking != 0 {
			t.Errorf("a call outside queues counts in %+v", q)
		}
	}
}

func TestPathShowsWhatTheCallerChose(t *testing.T) {
	s := begin(t, morning)
	s.is(call.CallArrived{Call: "c"}, call.CallAnswered{Call: "c"}, call.FlowEntered{Call: "c", Flow: "main", Version: 3})
	for _, step := range []call.FlowStepped{
		{Node: "welcome", Exit: "done"}, {Node: "menu", Exit: "9", Digits: "9"}, {Node: "menu", Exit: "2", Digits: "2"},
	} {
		step.Call, step.Flow = "c", "main"
		s.is(step)
	}
	if c, _ := s.Call("c"); c.Path != "main:9,2" || c.Node != "menu" || c.State != StateFlow {
		t.Errorf("the call is %+v, want path main:9,2", c)
	}
}

func TestNewDayBeginsAtTheSitesMidnightAndKeepsCalls(t *testing.T) {
	late := time.Date(2026, 3, 2, 15, 59, 50, 0, time.UTC) // 23:59:50 in Shanghai
	s := begin(t, late)
	s.arrive("before", "support")
	s.arrive("talks", "support")
	s.bridge("talks", "amy", "support")
	s.is(call.CallArrived{Call: "menu"}, call.CallAnswered{Call: "menu"})
	s.after(10*time.Second).arrive("after", "support")
	q := s.queue("support")
	if q.Offered != 1 || q.Answered != 0 || q.Waiting != 2 || q.Pending != 1 || q.Talking != 1 {
		t.Errorf("at midnight the queue is %+v", q)
	}
	if n := len(s.Calls()); n != 4 {
		t.Errorf("%d calls are in progress, want 4", n)
	}
	s.is(call.CallQueued{Call: "menu", Queue: "support"})
	s.bridge("before", "ben", "support")
	s.after(5*time.Second).is(call.CallEnded{Call: "talks"}, call.CallerLeft{Call: "menu"}, call.CallerLeft{Call: "before"})
	q = s.queue("support")
	if q.Offered != 1 || q.Answered != 0 || q.Abandoned != 0 || q.Pending != 1 || q.Waiting != 1 {
		t.Errorf("calls of yesterday count today: %+v", q)
	}
	if a := s.agent("amy"); a.CallsToday != 0 || a.TalkMSToday != 0 {
		t.Errorf("amy's call of yesterday counts today: %+v", a)
	}
}

func TestDaysWithoutMidnightBeginAtTheirFirstMoment(t *testing.T) {
	// In these places the clocks went from midnight to one o'clock, or from one back to midnight.
	for zone, date := range map[string][3]int{
		"America/Sao_Paulo": {2018, 11, 4}, "Asia/Beirut": {2024, 3, 31}, "America/Havana": {2024, 11, 3},
		"Asia/Shanghai": {2026, 3, 2}, "America/New_York": {2026, 3, 8},
	} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Skip(err)
		}
		first := firstMoment(date[0], time.Month(date[1]), date[2], loc)
		if first.Day() != date[2] || first.Add(-time.Second).In(loc).Day() == date[2] {
			t.Errorf("%s: the day begins at %v", zone, first)
		}
	}
}

func TestRestartEndsCallsAndPutsAgentsBack(t *testing.T) {
	s := begin(t, morning)
	s.is(
		call.AgentSignedIn{Agent: "amy", Station: call.Station{Kind: call.StationSIP, Extension: "1001"}}, call.StationUp{Agent: "amy"},
		call.AgentStateChosen{Agent: "amy", State: call.ChoseReady},
		call.AgentSignedIn{Agent: "ben", Station: call.Station{Kind: call.StationStatic, URI: "sip:1002@127.0.0.1"}},
		call.AgentStateChosen{Agent: "ben", State: call.ChoseReady},
	)
	s.arrive("c1", "support")
	s.arrive("c2", "support")
	s.bridge("c1", "amy", "support")
	s.after(30 * time.Second).is(call.TimePassed{})
	s.after(2*time.Hour).is(call.CallEnded{Call: "c1", End: call.End{By: call.BySystem, Cause: call.CauseServerRestarted}}, call.NodeStarted{})
	if n := len(s.Calls()); n != 0 || len(s.calls) != 0 {
		t.Errorf("%d calls are in progress, %d kept", n, len(s.calls))
	}
	q := s.queue("support")
	if q.Offered != 2 || q.Answered != 1 || q.Left != 1 || q.Pending != 0 || q.Waiting != 0 || q.Talking != 0 {
		t.Errorf("the queue is %+v", q)
	}
	if a := s.agent("amy"); a.Status != call.StatusUnreachable || a.StationUp || a.Call != nil || a.TalkMSToday != 30_000 {
		t.Errorf("amy is %+v, want her unreachable, with 30 s of talk", a)
	}
	if a := s.agent("ben"); a.Status != call.StatusReady || !a.StationUp {
		t.Errorf("ben is %+v, want him ready", a)
	}
	if q.Agents != (Agents{Unreachable: 1, Ready: 1}) {
		t.Errorf("agents are %+v", q.Agents)
	}
}

func TestSiteChangeKeepsFiguresAndDropsWhoLeft(t *testing.T) {
	s := begin(t, morning)
	s.is(call.AgentStatusChanged{Agent: "ben", Status: call.StatusReady, Chosen: call.ChoseReady})
	s.arrive("c", "support")
	s.is(call.RoutingConfigured{
		Queues: []call.QueueRules{{Queue: "vip", ServiceLevel: 10 * time.Second}},
		Agents: []call.AgentRules{{Agent: "chen", Queues: []call.QueueID{"vip"}}},
	})
	var ids []call.QueueID
	for _, q := range s.Queues() {
		ids = append(ids, q.ID)
	}
	if len(ids) != 2 || ids[0] != "support" || ids[1] != "vip" {
		t.Errorf("queues are %v, want support, in which a call waits, and vip", ids)
	}
	var agents []call.AgentID
	for _, a := range s.Agents() {
		agents = append(agents, a.ID)
	}
	if len(agents) != 2 || agents[0] != "ben" || agents[1] != "chen" {
		t.Errorf("agents are %v, want ben, who is still here, and chen", agents)
	}
	if q := s.queue("support"); q.Agents != (Agents{}) {
		t.Errorf("agents of support are %+v, want none", q.Agents)
	}
}

func TestSubscribersAreWokenAndWaitersGetTheirVersion(t *testing.T) {
	s := begin(t, morning)
	sub := s.Subscribe()
	s.is(call.TimePassed{}, call.TimePassed{})
	select {
	case <-sub.C():
	default:
		t.Error("the subscriber was not woken")
	}
	select {
	case <-sub.C():
		t.Error("two changes were not made one wake")
	default:
	}
	if err := s.WaitFor(t.Context(), s.seq); err != nil {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.WaitFor(ctx, s.seq+1); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting with an ended context gave %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- s.WaitFor(t.Context(), s.seq+1) }()
	for {
		s.mu.Lock()
		n := len(s.waiting)
		s.mu.Unlock()
		if n == 1 {
			break
		}
	}
	s.is(call.TimePassed{})
	if err := <-done; err != nil {
		t.Error(err)
	}
	sub.Close()
	<-sub.C() // of the last change
	s.is(call.TimePassed{})
	select {
	case <-sub.C():
		t.Error("a closed subscription was woken")
	default:
	}
}

func openJournal(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Options{Dir: dir, Node: "n", SegmentBytes: 2000, Log: logtest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func put(t *testing.T, j *journal.Journal, events ...call.Event) {
	t.Helper()
	for _, e := range events {
		if _, err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRunRebuildsTodayAndKeepsWhatAgentsChoseBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		j := openJournal(t, dir)
		rules := call.RoutingConfigured{
			Queues: []call.QueueRules{{Queue: "support"}}, Agents: []call.AgentRules{{Agent: "amy", Queues: []call.QueueID{"support"}}},
		}
		put(t, j, call.NodeStarted{}, rules,
			call.AgentSignedIn{Agent: "amy", Station: call.Station{Kind: call.StationStatic, URI: "sip:a@b"}},
			call.AgentStateChosen{Agent: "amy", State: call.ChosePaused, Reason: "lunch"},
			call.CallArrived{Call: "y"}, call.CallQueued{Call: "y", Queue: "support"}, call.CallerLeft{Call: "y"}, call.CallEnded{Call: "y"})
		time.Sleep(24 * time.Hour)
		put(t, j, call.CallArrived{Call: "c"}, call.CallQueued{Call: "c", Queue: "support"}, call.NodeStarted{}, rules)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j = openJournal(t, dir)
		l := New(time.UTC)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- l.Run(ctx, j) }()
		if err := l.WaitFor(ctx, j.Last()); err != nil {
			t.Fatal(err)
		}
		q, a := l.Queues()[0], l.Agents()[0]
		if q.Offered != 1 || q.Left != 1 || q.Abandoned != 0 {
			t.Errorf("the queue is %+v, want one call, of today", q)
		}
		if a.Status != call.StatusPaused || a.Reason != "lunch" || a.Station.URI != "sip:a@b" {
			t.Errorf("amy is %+v, want her paused for lunch at her station", a)
		}
		sub := l.Subscribe()
		time.Sleep(24 * time.Hour) // no record comes
		synctest.Wait()
		select {
		case <-sub.C():
		default:
			t.Error("nobody was told of the new day")
		}
		if q := l.Queues()[0]; q.Offered != 0 {
			t.Errorf("on the next day the queue is %+v", q)
		}
		stop()
		if err := <-ran; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestAnAgentIsShownAtHerStationHoweverLongAgoSheSignedIn: a telephone is signed in once and works for weeks.
func TestAnAgentIsShownAtHerStationHoweverLongAgoSheSignedIn(t *testing.T) {
	for _, days := range []int{8, 40} {
		synctest.Test(t, func(t *testing.T) {
			j := openJournal(t, t.TempDir())
			phone := call.Station{Kind: call.StationSIP, Extension: "1001"}
			started := []call.Event{call.NodeStarted{}, call.RoutingConfigured{Agents: []call.AgentRules{{Agent: "amy"}}}}
			put(t, j, append(started, call.AgentSignedIn{Agent: "amy", Station: phone},
				call.AgentStateChosen{Agent: "amy", State: call.ChoseReady}, call.StationUp{Agent: "amy"})...)
			for range days {
				time.Sleep(24 * time.Hour)
				put(t, j, call.TimePassed{})
			}
			put(t, j, started...)
			l := New(time.UTC)
			ctx, stop := context.WithCancel(t.Context())
			ran := make(chan error, 1)
			go func() { ran <- l.Run(ctx, j) }()
			if err := l.WaitFor(ctx, j.Last()); err != nil {
				t.Fatal(err)
			}
			a, _ := l.Agent("amy")
			if a.Station != phone || a.Chosen != call.ChoseReady || a.Status != call.StatusUnreachable {
				t.Errorf("after %d days amy is %+v, want her at her telephone, ready once it is seen", days, a)
			}
			stop()
			<-ran
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
