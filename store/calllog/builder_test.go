package calllog

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/ticket"
)

var t0 = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC) // 09:00 in Shanghai

// story feeds a builder with events at seconds from t0.
type story struct {
	t   *testing.T
	b   *Builder
	seq uint64
}

func newStory(t *testing.T) *story {
	t.Helper()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return &story{t: t, b: NewBuilder(Options{
		Numbering: func() store.Numbering {
			return store.Numbering{Location: shanghai, Prefix: map[string]string{"complaint": "K"}}
		},
		Extension: func(a call.AgentID) call.Extension { return call.Extension("ext-" + a) },
	})}
}

func moment(s float64) time.Time {
	return t0.Add(time.Duration(s * float64(time.Second))).Truncate(time.Microsecond)
}

func (s *story) at(sec float64, events ...call.Event) {
	for _, e := range events {
		s.seq++
		s.b.Add(call.Record{Seq: s.seq, At: moment(sec), Event: e})
	}
}

// row gives the only row that there is.
func (s *story) row() store.Call {
	s.t.Helper()
	rows := s.b.Take()
	if len(rows.Calls) != 1 {
		s.t.Fatalf("%d rows, want 1", len(rows.Calls))
	}
	return rows.Calls[0]
}

const theCall = call.ID("call-1")

var (
	wang    = call.Party{Number: call.Number{Raw: "13800000001", E164: "+8613800000001"}, Name: "Wang"}
	hangup  = call.End{By: call.ByCaller, Cause: call.CauseHangup}
	arrived = call.CallArrived{Call: theCall, Leg: "far", Direction: call.Inbound, From: wang, To: call.Number{Raw: "4000"}, Trunk: "demo"}
)

// bridged plays a call until ben talks: arrived at 0, queued at 2, offered at 3, answered at 5, bridged at 5.5.
func (s *story) bridged() {
	s.at(0, arrived, call.CustomerIdentified{Call: theCall, Customer: "c-wang", Grade: "AAA", Name: "王芳"})
	s.at(0.01, call.CallAnswered{Call: theCall, Leg: "far"}, call.FlowEntered{Call: theCall, Flow: "main", Version: 3})
	s.at(2, call.FlowStepped{Call: theCall, Flow: "main", Node: "menu", Exit: "2", Digits: "2"}, call.CallQueued{Call: theCall, Queue: "support"})
	s.at(3, call.CallOffered{Offer: "o1", Call: theCall, Queue: "support", Agent: "ben", Why: "longest_idle"})
	s.at(3.1, call.OfferRinging{Offer: "o1", Call: theCall, Agent: "ben", Leg: "leg-ben"})
	s.at(5, call.OfferAnswered{Offer: "o1", Call: theCall, Agent: "ben", Leg: "leg-ben"})
	s.at(5.5, call.Bridged{Offer: "o1", Call: theCall, Agent: "ben", Leg: "leg-ben"})
}

// ended takes a bridged call down, as the switchboard does when the caller hangs up.
func (s *story) ended(sec float64) {
	s.at(sec, call.TalkEnded{Offer: "o1", Call: theCall, Agent: "ben", By: call.ByCaller})
	s.at(sec+0.2, call.LegEnded{Call: theCall, Leg: "leg-ben", Agent: "ben", End: hangup})
	s.at(sec+0.3, call.LegEnded{Call: theCall, Leg: "far", End: hangup, Quality: call.Quality{MOS: 4.2, Codec: "PCMA"}})
	s.at(sec+0.4, call.CallEnded{Call: theCall, End: hangup})
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}

type durations struct{ Wait, Ring, Talk, Hold, WrapUp int64 }

func durationsOf(c store.Call) durations {
	return durations{c.WaitMS, c.RingMS, c.TalkMS, c.HoldMS, c.WrapUpMS}
}

// addsUp checks what the call log promises of a call that one agent took.
func addsUp(t *testing.T, c store.Call) {
	t.Helper()
	if d := c.BridgedAt.Sub(*c.QueuedAt).Milliseconds() - c.WaitMS; d < -1 || d > 1 {
		t.Errorf("bridged − queued and wait differ by %d ms", d)
	}
	if d := c.EndedAt.Sub(*c.BridgedAt).Milliseconds() - c.TalkMS - c.HoldMS; d < -1 || d > 1 {
		t.Errorf("ended − bridged and talk + hold differ by %d ms", d)
	}
}

func TestAnAnsweredCallIsOneRowWhoseTimesAddUp(t *testing.T) {
	s := newStory(t)
	s.bridged()
	s.at(20, call.CallHeld{Call: theCall, Agent: "ben", By: call.ByAgent})
	s.at(26, call.CallResumed{Call: theCall, Agent: "ben", By: call.ByAgent})
	s.ended(65.5)
	c := s.row()
	addsUp(t, c)
	same(t, "durations", durationsOf(c), durations{Wait: 3500, Ring: 2000, Talk: 54000, Hold: 6000})
	same(t, "end", c.End, hangup)
	same(t, "ended at the caller's hang-up, not when our side was done", *c.EndedAt, moment(65.5))
	same(t, "arrived, answered, queued, bridged", []time.Time{c.ArrivedAt, *c.AnsweredAt, *c.QueuedAt, *c.BridgedAt},
		[]time.Time{moment(0), moment(0.01), moment(2), moment(5.5)})
	same(t, "who", []any{c.Customer, c.CustomerName, c.FromName, c.Queue, c.Agent, c.Extension, c.Trunk, c.From, c.To.Raw},
		[]any{call.CustomerID("c-wang"), "王芳", "Wang", call.QueueID("support"), call.AgentID("ben"), call.Extension("ext-ben"), call.TrunkID("demo"), wang.Number, "4000"})
	same(t, "quality", c.Quality, &call.Quality{MOS: 4.2, Codec: "PCMA"})
	if len(c.Segments) != 1 || len(c.Legs) != 2 {
		t.Fatalf("%d segments, %d legs", len(c.Segments), len(c.Legs))
	}
	seg := c.Segments[0]
	same(t, "segment", []any{seg.Agent, seg.Offer, seg.Why, seg.OfferedAt, *seg.RingingAt, *seg.AnsweredAt, *seg.BridgedAt, *seg.EndedAt, seg.End, seg.TalkMS, seg.HoldMS},
		[]any{call.AgentID("ben"), call.OfferID("o1"), "longest_idle", moment(3), moment(3.1), moment(5), moment(5.5), moment(65.5), store.SegmentCaller, int64(54000), int64(6000)})
	var types []string
	for _, e := range c.Timeline {
		types = append(types, e.Type)
	}
	same(t, "timeline", types, []string{
		"call_arrived", "customer_identified", "call_answered", "flow_entered", "flow_stepped", "call_queued", "call_offered", "offer_ringing",
		"offer_answered", "bridged", "call_held", "call_resumed", "talk_ended", "leg_ended", "leg_ended", "call_ended",
	})
}

func TestThereIsNoRowBeforeTheCallHasEnded(t *testing.T) {
	s := newStory(t)
	s.bridged()
	if n := s.b.Take().Len(); n != 0 {
		t.Errorf("%d rows of a call in progress", n)
	}
}

func TestHoldByBothSidesCountsOnce(t *testing.T) {
	s := newStory(t)
	s.bridged()
	s.at(10, call.CallHeld{Call: theCall, Agent: "ben", By: call.ByAgent})
	s.at(12, call.CallHeld{Call: theCall, Agent: "ben", By: call.ByCaller})
	s.at(14, call.CallResumed{Call: theCall, Agent: "ben", By: call.ByAgent})
	s.at(16, call.CallResumed{Call: theCall, Agent: "ben", By: call.ByCaller})
	s.at(18, call.CallHeld{Call: theCall, Agent: "ben", By: call.ByAgent}) // and hangs up
	s.ended(20)
	c := s.row()
	addsUp(t, c)
	same(t, "durations", durationsOf(c), durations{Wait: 3500, Ring: 2000, Talk: 6500, Hold: 8000})
}

func TestACallerWhoLeavesIsLoggedAtEachStage(t *testing.T) {
	left := call.End{By: call.ByCaller, Cause: call.CauseAbandoned}
	for _, c := range []struct {
		name string
		play func(*story)
		want durations
		segs []store.SegmentEnd
	}{
		{"in the menu", func(s *story) { s.at(0, arrived, call.CallAnswered{Call: theCall, Leg: "far"}) }, durations{}, nil},
		{
			"waiting", func(s *story) {
				s.at(0, arrived)
				s.at(2, call.CallQueued{Call: theCall, Queue: "support"})
			}, durations{Wait: 8000}, nil,
		},
		{
			"while the agent's phone rings", func(s *story) {
				s.at(0, arrived)
				s.at(2, call.CallQueued{Call: theCall, Queue: "support"})
				s.at(4, call.CallOffered{Offer: "o1", Call: theCall, Agent: "ben", Queue: "support"})
				s.at(10, call.OfferWithdrawn{Offer: "o1", Call: theCall, Agent: "ben"})
			}, durations{Wait: 8000}, []store.SegmentEnd{store.SegmentWithdrawn},
		},
		{
			"after a miss", func(s *story) {
				s.at(0, arrived)
				s.at(2, call.CallQueued{Call: theCall, Queue: "support"})
				s.at(3, call.CallOffered{Offer: "o1", Call: theCall, Agent: "ben", Queue: "support"})
				s.at(8, call.OfferMissed{Offer: "o1", Call: theCall, Agent: "ben", Miss: call.MissDeclined})
			}, durations{Wait: 8000}, []store.SegmentEnd{store.SegmentDeclined},
		},
		{
			"taken out of the queue before", func(s *story) {
				s.at(0, arrived)
				s.at(2, call.CallQueued{Call: theCall, Queue: "support"})
				s.at(5, call.CallDequeued{Call: theCall, Reason: "max_waiting"})
			}, durations{Wait: 3000}, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t)
			c.play(s)
			s.at(10, call.CallerLeft{Call: theCall, End: left})
			s.at(11, call.LegEnded{Call: theCall, Leg: "far", End: left}, call.CallEnded{Call: theCall, End: left})
			row := s.row()
			same(t, "durations", durationsOf(row), c.want)
			same(t, "ended", *row.EndedAt, moment(10))
			same(t, "agent: nobody took it", row.Agent, call.AgentID(""))
			var ends []store.SegmentEnd
			for _, seg := range row.Segments {
				ends = append(ends, seg.End)
			}
			same(t, "segments", ends, c.segs)
		})
	}
}

func TestTheNextAgentGetsASegmentWhenThePhoneOfTheFirstIsLost(t *testing.T) {
	s := newStory(t)
	s.bridged()
	s.at(15.5, call.LegEnded{Call: theCall, Leg: "leg-ben", Agent: "ben", End: call.End{By: call.ByAgent, Cause: call.CauseLost}})
	s.at(15.6, call.AgentLegLost{Offer: "o1", Call: theCall, Agent: "ben"})
	s.at(18, call.CallOffered{Offer: "o2", Call: theCall, Queue: "support", Agent: "amy"})
	s.at(21, call.OfferAnswered{Offer: "o2", Call: theCall, Agent: "amy", Leg: "leg-amy"})
	s.at(21.5, call.Bridged{Offer: "o2", Call: theCall, Agent: "amy", Leg: "leg-amy"})
	s.at(31.5, call.TalkEnded{Offer: "o2", Call: theCall, Agent: "amy", By: call.ByAgent})
	s.at(32, call.CallEnded{Call: theCall, End: call.End{By: call.ByAgent, Cause: call.CauseHangup}})
	c := s.row()
	same(t, "durations", durationsOf(c), durations{Wait: 3500, Ring: 3000, Talk: 20000})
	same(t, "agent", []any{c.Agent, c.Extension}, []any{call.AgentID("amy"), call.Extension("ext-amy")})
	same(t, "bridged first", *c.BridgedAt, moment(5.5))
	same(t, "ended", *c.EndedAt, moment(31.5))
	same(t, "segment ends", []any{c.Segments[0].End, *c.Segments[0].EndedAt, c.Segments[1].End}, []any{store.SegmentLost, moment(15.5), store.SegmentAgent})
}

func TestTalkThatAFlowFollowsIsNotTheEndOfTheCall(t *testing.T) {
	s := newStory(t)
	s.bridged()
	s.at(15.5, call.TalkEnded{Offer: "o1", Call: theCall, Agent: "ben", By: call.ByAgent})
	s.at(15.6, call.FlowEntered{Call: theCall, Flow: "survey", Version: 1})
	s.at(25, call.CallerLeft{Call: theCall, End: hangup})
	s.at(25.1, call.CallEnded{Call: theCall, End: hangup})
	c := s.row()
	same(t, "ended", *c.EndedAt, moment(25))
	same(t, "talk", c.TalkMS, int64(10000))
}

func TestAnOutboundCallRingsUntilTheFarEndAnswers(t *testing.T) {
	s := newStory(t)
	s.at(0, call.CallPlaced{Call: theCall, Agent: "ben", Extension: "1002", To: wang.Number, Direction: call.Outbound, Trunk: "demo"},
		call.AgentCallStarted{Agent: "ben", Call: theCall})
	s.at(8, call.CallAnswered{Call: theCall, Leg: "far"})
	s.at(8.1, call.Bridged{Call: theCall, Agent: "ben", Leg: "leg-ben"})
	s.at(28.1, call.AgentCallEnded{Agent: "ben", Call: theCall})
	s.at(28.3, call.LegEnded{Call: theCall, Leg: "leg-ben", Agent: "ben"}, call.LegEnded{Call: theCall, Leg: "far", Quality: call.Quality{MOS: 4}})
	s.at(28.4, call.CallEnded{Call: theCall, End: call.End{By: call.ByAgent, Cause: call.CauseHangup}})
	c := s.row()
	same(t, "durations", durationsOf(c), durations{Ring: 8000, Talk: 20000})
	same(t, "who", []any{c.Agent, c.Extension, c.From.Raw, c.Direction, *c.EndedAt}, []any{call.AgentID("ben"), call.Extension("1002"), "1002", call.Outbound, moment(28.1)})
	same(t, "one segment", []any{len(c.Segments), c.Segments[0].End, c.Segments[0].TalkMS}, []any{1, store.SegmentAgent, int64(20000)})
	same(t, "quality", c.Quality, &call.Quality{MOS: 4})
}

func TestAnOutboundCallThatIsRefusedHasNoTalk(t *testing.T) {
	busy := call.End{By: call.ByCaller, Cause: call.CauseBusy, SIP: 486}
	s := newStory(t)
	s.at(0, call.CallPlaced{Call: theCall, Agent: "ben", To: wang.Number, Direction: call.Outbound})
	s.at(3, call.LegEnded{Call: theCall, Leg: "far", End: busy})
	s.at(9, call.LegEnded{Call: theCall, Leg: "leg-ben", Agent: "ben", End: busy}, call.CallEnded{Call: theCall, End: busy})
	c := s.row()
	same(t, "durations", durationsOf(c), durations{})
	same(t, "end", []any{c.End, *c.EndedAt, c.AnsweredAt == nil}, []any{busy, moment(9), true}) // the agent hears the busy tone until then
}

func TestWrapUpChangesTheRowThatIsThere(t *testing.T) {
	s := newStory(t)
	s.bridged()
	s.ended(65.5)
	s.row()
	s.at(66, call.WrapUpStarted{Call: theCall, Agent: "ben", Until: moment(96)})
	s.at(70, call.WrapUpSaved{Call: theCall, Agent: "ben", Notes: "dra"})
	s.at(72, call.WrapUpSaved{Call: theCall, Agent: "ben", Disposition: "solved", Notes: "draft"})
	c := s.row()
	same(t, "as typed", []any{c.Disposition, c.Notes}, []any{call.CodeID("solved"), "draft"})
	s.at(76, call.WrapUpFinished{Call: theCall, Agent: "ben"}, call.WrapUpEnded{Call: theCall, Agent: "ben"})
	c = s.row()
	same(t, "wrap-up", []any{c.WrapUpMS, c.Segments[0].WrapUpMS, c.Unfinished}, []any{int64(10000), int64(10000), false})
	same(t, "one entry for the typing", c.Timeline[len(c.Timeline)-3].Type, "wrap_up_saved")
	s.b.Forget(moment(79))
	if s.b.Held() != 0 {
		t.Error("the call is still held")
	}
}

func TestAWrapUpThatTimeEndedIsUnfinishedUntilTheAgentIsDone(t *testing.T) {
	s := newStory(t)
	s.bridged()
	s.ended(65.5)
	s.at(66, call.WrapUpStarted{Call: theCall, Agent: "ben", Until: moment(96)})
	s.at(96, call.WrapUpEnded{Call: theCall, Agent: "ben", TimedOut: true})
	if c := s.row(); !c.Unfinished || c.WrapUpMS != 30000 {
		t.Errorf("unfinished %v, wrap-up %d ms", c.Unfinished, c.WrapUpMS)
	}
	s.b.Forget(moment(200))
	s.at(900, call.WrapUpSaved{Call: theCall, Agent: "ben", Disposition: "sale", Notes: "late"})
	s.at(901, call.WrapUpFinished{Call: theCall, Agent: "ben"})
	rows := s.b.Take()
	same(t, "wrap-ups for the row that is there", rows, Rows{WrapUps: []store.WrapUp{
		{Call: theCall, Saved: true, Disposition: "sale", Notes: "late"}, {Call: theCall, Finished: true},
	}})
}

func TestACallIsHeldWhileSomethingOfItIsMissing(t *testing.T) {
	s := newStory(t)
	s.bridged()
	s.at(65.5, call.TalkEnded{Offer: "o1", Call: theCall, Agent: "ben", By: call.ByCaller}, call.CallEnded{Call: theCall, End: hangup})
	s.row()
	s.b.Forget(moment(90))
	s.at(91, call.LegEnded{Call: theCall, Leg: "far", End: hangup, Quality: call.Quality{MOS: 4}})
	if c := s.row(); c.Quality == nil || c.Quality.MOS != 4 {
		t.Errorf("late figures: got %+v", c.Quality)
	}
	if s.b.Safe() != 1 {
		t.Errorf("safe is %d, want the call's first record", s.b.Safe())
	}
	s.b.Forget(moment(91 + 31)) // ben's leg never ends: enough
	if s.b.Held() != 0 || s.b.Safe() != 0 {
		t.Errorf("still held; safe is %d", s.b.Safe())
	}
}

func TestTicketsComeFromCallsAndMessages(t *testing.T) {
	s := newStory(t)
	s.bridged()
	due := moment(86400)
	s.at(30, call.TicketOpened{Ticket: "t-1", Call: theCall, Kind: "complaint", Subject: "迟到", Text: "…", Urgency: "urgent", By: "amy", Owner: "ben", State: "waiting", Due: &due})
	s.at(31, call.VoicemailLeft{Call: theCall, File: "2026/11/22/a.wav", Duration: 3500 * time.Millisecond, Ticket: "t-2", Queue: "support"})
	got := s.b.Take().Tickets
	want := []store.NewTicket{
		{Series: "K-20261122", Ticket: store.Ticket{
			ID: "t-1", Kind: "complaint", Subject: "迟到", Text: "…", State: "waiting", Urgency: "urgent", Owner: "ben", CreatedBy: "amy", Due: &due,
			Customer: "c-wang", Call: theCall, Queue: "support", CreatedAt: moment(30), UpdatedAt: moment(30),
		}},
		{Series: "V-20261122", Ticket: store.Ticket{
			ID: "t-2", Kind: "voicemail", Subject: "王芳 · 13800000001", State: "open", Recording: "2026/11/22/a.wav",
			Customer: "c-wang", Call: theCall, Queue: "support", CreatedAt: moment(31), UpdatedAt: moment(31),
		}},
	}
	same(t, "tickets, before the call has ended", got, want)
	s.ended(65.5)
	same(t, "message", s.row().Voicemail, &store.Voicemail{File: "2026/11/22/a.wav", DurationMS: 3500, Ticket: "t-2"})
}

func TestAMessageIsPromisedWhatItsKindPromises(t *testing.T) {
	s := newStory(t)
	s.b.o.Kind = func(id string) *ticket.Kind {
		if id != "voicemail" {
			return nil
		}
		return &ticket.Kind{States: []ticket.State{{ID: "unheard"}, {ID: "closed", Closed: true}}, Due: map[string]time.Duration{"normal": 24 * time.Hour}}
	}
	s.at(0, call.CallArrived{Call: theCall, Leg: "far", Direction: call.Inbound, From: wang, To: call.Number{Raw: "4004"}})
	s.at(5, call.VoicemailLeft{Call: theCall, File: "a.wav", Duration: time.Second, Ticket: "t-1"})
	s.at(6, call.VoicemailLeft{Call: theCall, File: "b.wav", Duration: time.Second, Ticket: "t-2", Kind: "abolished"})
	due := moment(5).Add(24 * time.Hour)
	same(t, "tickets", s.b.Take().Tickets, []store.NewTicket{
		{Series: "V-20261122", Ticket: store.Ticket{
			ID: "t-1", Kind: "voicemail", Subject: "Wang · 13800000001", State: "unheard", Urgency: "normal", Due: &due, Recording: "a.wav",
			Phone: wang.Number, Call: theCall, CreatedAt: moment(5), UpdatedAt: moment(5),
		}},
		{Series: "A-20261122", Ticket: store.Ticket{
			ID: "t-2", Kind: "abolished", Subject: "Wang · 13800000001", State: "open", Recording: "b.wav",
			Phone: wang.Number, Call: theCall, CreatedAt: moment(6), UpdatedAt: moment(6),
		}},
	})
}

func TestATicketBelongsToWhomItsCallWasWith(t *testing.T) {
	s := newStory(t)
	to := call.Number{Raw: "13900000009", E164: "+8613900000009"}
	s.at(0, call.CallPlaced{Call: theCall, Agent: "amy", Direction: call.Outbound, From: call.Number{Raw: "1001"}, To: to})
	s.at(1, call.TicketOpened{Ticket: "t-1", Call: theCall, Kind: "complaint", Subject: "x", By: "amy"})
	s.at(2, call.TicketOpened{Ticket: "t-2", Call: theCall, Kind: "complaint", Subject: "x", By: "amy", Phone: call.Number{Raw: "8001"}})
	s.at(3, call.CustomerIdentified{Call: theCall, Customer: "c-wang", Name: "王芳"})
	s.at(4, call.TicketOpened{Ticket: "t-3", Call: theCall, Kind: "complaint", Subject: "x", By: "amy"})
	got := s.b.Take().Tickets
	if len(got) != 3 || got[0].Phone != to || got[1].Phone.Raw != "8001" || got[2].Phone != (call.Number{}) || got[2].Customer != "c-wang" {
		t.Errorf("got %+v", got)
	}
}

func TestATicketForACallLongGoneIsMadeAllTheSame(t *testing.T) {
	s := newStory(t)
	s.at(0, call.TicketOpened{Ticket: "t-1", Call: "gone", Kind: "", Subject: "x", By: "ben"})
	got := s.b.Take().Tickets
	if len(got) != 1 || got[0].Kind != "other" || got[0].Series != "O-20261122" {
		t.Errorf("got %+v", got)
	}
}

func TestACallEndedByARestartEndsWithTheLastWordOfTheDeadRun(t *testing.T) {
	restarted := call.End{By: call.BySystem, Cause: call.CauseServerRestarted}
	closing := []call.Event{
		call.LegEnded{Call: theCall, Leg: "far", End: restarted},
		call.LegEnded{Call: theCall, Leg: "leg-ben", Agent: "ben", End: restarted},
		call.CallEnded{Call: theCall, End: restarted},
	}
	started := call.NodeStarted{Node: "n"}
	for name, events := range map[string][]call.Event{
		"ends after the start":  append([]call.Event{started}, closing...),
		"ends before the start": append(append([]call.Event{}, closing...), started),
		"ends between two starts": append(append([]call.Event{started}, closing[:2]...), started,
			call.CallEnded{Call: theCall, End: restarted}),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			s.bridged()
			s.at(35.5, call.StationUp{Agent: "amy"}) // the last sign of life
			s.at(3600, events...)
			c := s.row()
			addsUp(t, c)
			same(t, "durations", durationsOf(c), durations{Wait: 3500, Ring: 2000, Talk: 30000})
			same(t, "end", []any{c.End, *c.EndedAt, c.Segments[0].End}, []any{restarted, moment(35.5), store.SegmentRestart})
		})
	}
}

func TestARestartDoesNotStretchAWrapUp(t *testing.T) {
	s := newStory(t)
	s.bridged()
	s.ended(65.5)
	s.at(66, call.WrapUpStarted{Call: theCall, Agent: "ben", Until: moment(96)})
	s.at(3600, call.WrapUpEnded{Call: theCall, Agent: "ben", TimedOut: true}, call.NodeStarted{})
	if c := s.row(); c.WrapUpMS != 30000 {
		t.Errorf("wrap-up of %d ms, want its own limit of 30 s", c.WrapUpMS)
	}
}

func TestATimelineIsBounded(t *testing.T) {
	s := newStory(t)
	s.at(0, arrived)
	for i := range 3 * maxTimeline {
		s.at(float64(i), call.FlowStepped{Call: theCall, Flow: "main", Node: "menu", Exit: "9"})
	}
	s.at(5000, call.CallEnded{Call: theCall, End: hangup})
	c := s.row()
	if n := len(c.Timeline); n != maxTimeline+1 || c.Timeline[n-1].Type != "call_ended" {
		t.Errorf("%d entries, the last is %s", n, c.Timeline[n-1].Type)
	}
}

func TestTheTimelineHasEveryEventOfTheCallButTheAgentsStatus(t *testing.T) {
	for name, typ := range call.Types {
		s := newStory(t)
		s.at(0, arrived)
		v := reflect.New(typ).Elem()
		if v.FieldByName("Call").IsValid() {
			v.FieldByName("Call").SetString(string(theCall))
		}
		e := v.Interface().(call.Event)
		s.at(1, e)
		s.at(2, call.CallEnded{Call: theCall, End: hangup})
		_, status := e.(call.AgentStatusChanged)
		want := call.Of(e) != "" && !status
		timeline := s.row().Timeline
		if got := len(timeline) == 3 && timeline[1].Type == name; got != want {
			t.Errorf("%s is in the timeline: %v, want %v", name, got, want)
		}
	}
}
