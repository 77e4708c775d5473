package history

import (
	"reflect"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
)

var t0 = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)

// story folds one call's events, at seconds from t0.
type story struct {
	c   *Call
	run Run
	seq uint64
}

func (s *story) at(sec float64, events ...call.Event) {
	for _, e := range events {
		s.seq++
		rec := call.Record{Seq: s.seq, At: moment(sec), Event: e}
		if s.c == nil {
			s.c = Begin(rec)
		} else {
			s.c.Apply(rec, s.run.Alive())
		}
		s.run.Note(rec)
	}
}

func moment(sec float64) time.Time { return t0.Add(time.Duration(sec * float64(time.Second))) }

// talking plays a call until ben talks: queued at 2, offered at 3, answered and bridged at 5.
func talking() *story {
	s := &story{}
	s.at(0, call.CallArrived{Call: "c", Leg: "far", Direction: call.Inbound}, call.CallAnswered{Call: "c", Leg: "far"})
	s.at(2, call.CallQueued{Call: "c", Queue: "support"})
	s.at(3, call.CallOffered{Call: "c", Offer: "o1", Queue: "support", Agent: "ben"})
	s.at(5, call.OfferAnswered{Call: "c", Offer: "o1", Agent: "ben", Leg: "ben-leg"},
		call.Bridged{Call: "c", Offer: "o1", Agent: "ben", Leg: "ben-leg"})
	return s
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

func TestACallKnowsItsPartiesAndStates(t *testing.T) {
	s := &story{}
	states := []State{}
	for i, e := range []call.Event{
		call.CallArrived{Call: "c", Leg: "far", Direction: call.Inbound},
		call.CallAnswered{Call: "c", Leg: "far"},
		call.CallQueued{Call: "c", Queue: "support"},
		call.CallOffered{Call: "c", Offer: "o1", Queue: "support", Agent: "ben"},
		call.OfferMissed{Call: "c", Offer: "o1", Agent: "ben", Miss: call.MissDeclined},
		call.CallOffered{Call: "c", Offer: "o2", Queue: "support", Agent: "amy"},
		call.Bridged{Call: "c", Offer: "o2", Agent: "amy", Leg: "amy-leg"},
		call.TalkEnded{Call: "c", Offer: "o2", Agent: "amy", By: call.ByAgent},
		call.CallEnded{Call: "c"},
	} {
		s.at(float64(i), e)
		states = append(states, s.c.State)
	}
	same(t, "states", states, []State{Arriving, InFlow, Waiting, Offered, Waiting, Offered, Talking, InFlow, Ended})
	same(t, "parties", s.c.Parties(), []Party{
		{Role: Customer, Leg: "far", State: Gone},
		{Role: Agent, Agent: "ben", Offer: "o1", State: Gone},
		{Role: Agent, Agent: "amy", Offer: "o2", Leg: "amy-leg", State: Gone},
	})
	same(t, "missed", []bool{s.c.Segments[0].Missed, s.c.Segments[1].Missed}, []bool{true, false})
	same(t, "the missed agent was rung for", s.c.Segments[0].Ring(), time.Second)
}

func TestOfACallBetweenExtensionsTheOtherIsAColleague(t *testing.T) {
	s := &story{}
	s.at(0, call.CallPlaced{Call: "c", Agent: "amy", Direction: call.Internal})
	s.at(1, call.AgentCallStarted{Call: "c", Agent: "amy"}, call.NumberDialled{Call: "c", Leg: "far"})
	same(t, "state", s.c.State, Dialling)
	s.at(2, call.AgentCallStarted{Call: "c", Agent: "ben"}, call.CallAnswered{Call: "c", Leg: "far"},
		call.Bridged{Call: "c", Agent: "amy", Leg: "amy-leg"})
	same(t, "parties", s.c.Parties(), []Party{
		{Role: Colleague, Leg: "far", State: Joined},
		{Role: Agent, Agent: "amy", Leg: "amy-leg", State: Joined},
		{Role: Colleague, Agent: "ben", State: Ringing},
	})
	same(t, "whose it is", s.c.Agent, call.AgentID("amy"))
}

func TestWhoLosesTheAgentStaysAgainAndThatIsNoWait(t *testing.T) {
	s := talking()
	s.at(15, call.AgentLegLost{Call: "c", Offer: "o1", Agent: "ben"})
	same(t, "state", s.c.State, Waiting)
	s.at(20, call.CallQueued{Call: "c", Queue: "sales"})
	s.at(30, call.CallerLeft{Call: "c"})
	same(t, "stays", s.c.Stays, []Stay{
		{Queue: "support", Since: moment(2), Until: moment(5), Outcome: Answered, Waits: true},
		{Queue: "support", Since: moment(15), Until: moment(20), Outcome: Left, Again: true},
		{Queue: "sales", Since: moment(20), Until: moment(30), Outcome: Abandoned},
	})
	same(t, "wait", s.c.Wait(moment(40)), 3*time.Second)
}

func TestTheWaitGoesOnWhileTheCallStands(t *testing.T) {
	s := &story{}
	s.at(0, call.CallArrived{Call: "c"}, call.CallQueued{Call: "c", Queue: "support"})
	same(t, "wait", s.c.Wait(moment(7)), 7*time.Second)
	s.at(10, call.CallDequeued{Call: "c"})
	s.at(15, call.CallQueued{Call: "c", Queue: "support"})
	same(t, "wait", s.c.Wait(moment(20)), 15*time.Second)
}

func TestHoldByBothSidesIsOneHold(t *testing.T) {
	s := talking()
	s.at(10, call.CallHeld{Call: "c", Agent: "ben", By: call.ByAgent})
	s.at(12, call.CallHeld{Call: "c", Agent: "ben", By: call.ByCaller}, call.CallHeld{Call: "c", Agent: "ben", By: call.ByCaller})
	s.at(14, call.CallResumed{Call: "c", Agent: "ben", By: call.ByAgent})
	same(t, "held by", s.c.Segments[0].HeldBy, []call.Side{call.ByCaller})
	s.at(16, call.CallResumed{Call: "c", Agent: "ben", By: call.ByCaller})
	s.at(20, call.CallHeld{Call: "c", Agent: "ben", By: call.ByAgent})
	s.at(25, call.TalkEnded{Call: "c", Offer: "o1", Agent: "ben", By: call.ByCaller})
	seg := s.c.Segments[0]
	same(t, "talk, hold", []time.Duration{seg.Talk(), seg.Held}, []time.Duration{9 * time.Second, 11 * time.Second})
	same(t, "held", seg.HeldSince, (*time.Time)(nil))
}

// TestWhatCrossesWithTheCallersGoingCountsForNothing: a queue, an offer and a bridge that were under way when the
// caller left. No clock may run backwards.
func TestWhatCrossesWithTheCallersGoingCountsForNothing(t *testing.T) {
	s := &story{}
	s.at(0, call.CallArrived{Call: "c", Leg: "far"}, call.CallAnswered{Call: "c", Leg: "far"})
	s.at(1, call.CallerLeft{Call: "c", End: call.End{By: call.ByCaller, Cause: call.CauseLeftMenu}})
	s.at(2, call.CallQueued{Call: "c", Queue: "support"}, call.CallOffered{Call: "c", Offer: "o1", Agent: "ben", Queue: "support"},
		call.Bridged{Call: "c", Offer: "o1", Agent: "ben"}, call.OfferWithdrawn{Call: "c", Offer: "o1", Agent: "ben"},
		call.AgentLegLost{Call: "c", Offer: "o1", Agent: "ben"}, call.CallDequeued{Call: "c"})
	s.at(3, call.CallEnded{Call: "c", End: call.End{By: call.ByCaller, Cause: call.CauseLeftMenu}})
	same(t, "state", s.c.State, Ended)
	same(t, "stays", s.c.Stays, []Stay(nil))
	same(t, "bridged", s.c.BridgedAt, (*time.Time)(nil))
	same(t, "ended", *s.c.EndedAt, moment(1))
	seg := s.c.Segments[0]
	same(t, "the agent's part", []any{seg.End, *seg.EndedAt, seg.Talk()}, []any{EndWithdrawn, moment(2), time.Duration(0)})
}

func TestARestartEndsTheCallWithTheLastWordOfTheDeadRun(t *testing.T) {
	s := talking()
	s.at(8, call.CallHeld{Call: "c", Agent: "ben", By: call.ByAgent})
	s.run.Note(call.Record{At: moment(30), Event: call.TimePassed{}})
	restarted := call.End{By: call.BySystem, Cause: call.CauseServerRestarted}
	s.at(4000, call.LegEnded{Call: "c", Leg: "ben-leg", Agent: "ben", End: restarted},
		call.LegEnded{Call: "c", Leg: "far", End: restarted}, call.CallEnded{Call: "c", End: restarted})
	seg := s.c.Segments[0]
	same(t, "ended", *s.c.EndedAt, moment(30))
	same(t, "talk, hold, end", []any{seg.Talk(), seg.Held, seg.End}, []any{3 * time.Second, 22 * time.Second, EndRestart})
	same(t, "known to live until", s.run.Alive(), moment(30))
}

func TestAWrapUpLastsNoLongerThanItWasGiven(t *testing.T) {
	s := talking()
	s.at(10, call.TalkEnded{Call: "c", Offer: "o1", Agent: "ben", By: call.ByCaller},
		call.WrapUpStarted{Call: "c", Agent: "ben", Until: moment(40)}, call.CallEnded{Call: "c"})
	same(t, "who wraps up", s.c.WrappingUp(), []call.AgentID{"ben"})
	s.at(4000, call.WrapUpEnded{Call: "c", Agent: "ben", TimedOut: true})
	same(t, "wrap-up", []any{s.c.WrapUp, s.c.Segments[0].WrapUp, s.c.Unfinished}, []any{30 * time.Second, 30 * time.Second, true})
	s.at(4001, call.WrapUpFinished{Call: "c", Agent: "ben"})
	same(t, "unfinished", s.c.Unfinished, false)
	same(t, "who wraps up", len(s.c.WrappingUp()), 0)
}

func TestAPlacedCallThatReachesNobodyTellsWhy(t *testing.T) {
	s := &story{}
	s.at(0, call.CallPlaced{Call: "c", Agent: "amy", Direction: call.Outbound})
	s.at(2, call.NumberDialled{Call: "c", Leg: "far"})
	s.at(9, call.LegEnded{Call: "c", Leg: "far", End: call.End{By: call.ByTrunk, Cause: call.CauseBusy}})
	same(t, "state", []any{s.c.State, s.c.Unreached, s.c.OverAt}, []any{Unreached, call.CauseBusy, (*time.Time)(nil)})
	s.at(12, call.CallEnded{Call: "c", End: call.End{By: call.ByTrunk, Cause: call.CauseBusy}})
	same(t, "ended, by", []any{*s.c.EndedAt, s.c.Segments[0].End}, []any{moment(12), EndTrunk})
}

func TestOtherEventsBeginNoCall(t *testing.T) {
	if c := Begin(call.Record{Event: call.CallQueued{Call: "c"}}); c != nil {
		t.Errorf("CallQueued began %+v", c)
	}
}
