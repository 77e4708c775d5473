package history

import (
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
)

// seconds are a part's own times.
type seconds struct{ ring, talk, hold, wrapUp float64 }

func (s *Segment) seconds() seconds {
	return seconds{s.Ring().Seconds(), s.Talk().Seconds(), s.Held.Seconds(), s.WrapUp.Seconds()}
}

// transferred lets ben hand his call over at 15, after three seconds of hold; his wrap-up runs from then on.
func (s *story) transferred(to call.Target) {
	s.at(8, call.CallHeld{Call: "c", Agent: "ben", By: call.ByAgent})
	s.at(11, call.CallResumed{Call: "c", Agent: "ben", By: call.ByAgent})
	s.at(15, call.Transferred{Call: "c", Agent: "ben", Kind: call.TransferBlind, To: to},
		call.TalkEnded{Call: "c", Offer: "o1", Agent: "ben", By: call.ByAgent},
		call.WrapUpStarted{Call: "c", Agent: "ben", Until: moment(45)},
		call.LegEnded{Call: "c", Leg: "ben-leg", Agent: "ben", End: call.End{By: call.ByAgent, Cause: call.CauseTransferred}})
}

// taken lets amy answer the offer at once and end the talk ten seconds later, with the call.
func (s *story) taken(sec float64, offer call.OfferID) {
	s.at(sec, call.OfferAnswered{Call: "c", Offer: offer, Agent: "amy", Leg: "amy-leg"},
		call.Bridged{Call: "c", Offer: offer, Agent: "amy", Leg: "amy-leg"})
	s.at(sec+10, call.TalkEnded{Call: "c", Offer: offer, Agent: "amy", By: call.ByCaller},
		call.WrapUpStarted{Call: "c", Agent: "amy", Until: moment(sec + 40)},
		call.CallEnded{Call: "c", End: call.End{By: call.ByCaller, Cause: call.CauseHangup}})
	s.at(sec+15, call.WrapUpEnded{Call: "c", Agent: "amy"})
}

func TestACallIsHandedToAnAgent(t *testing.T) {
	s := talking()
	s.transferred("agent:amy")
	same(t, "state", s.c.State, Transferring)
	if s.c.Present != nil || s.c.OverAt != nil {
		t.Errorf("it is with %+v and was over at %v", s.c.Present, s.c.OverAt)
	}
	s.at(15, call.CallDirected{Call: "c", Agent: "amy"}, call.CallOffered{Call: "c", Offer: "o2", Agent: "amy", Why: "transferred"})
	same(t, "state", s.c.State, Offered)
	same(t, "who is there", s.c.Presences(), []Presence{
		{Party: Party{Role: Customer, Leg: "far", State: Joined}, Since: moment(0)},
		{Party: Party{Role: Agent, Agent: "amy", Offer: "o2", State: Ringing}, Since: moment(15)},
	})
	s.at(18, call.WrapUpEnded{Call: "c", Agent: "ben"})
	s.taken(19, "o2")
	same(t, "ben's", s.c.Segments[0].seconds(), seconds{ring: 2, talk: 7, hold: 3, wrapUp: 3})
	same(t, "amy's", s.c.Segments[1].seconds(), seconds{ring: 4, talk: 10, wrapUp: 5})
	same(t, "ends", []SegmentEnd{s.c.Segments[0].End, s.c.Segments[1].End}, []SegmentEnd{EndTransferred, EndCaller})
	same(t, "where to", s.c.Segments[0].TransferredTo, call.Target("agent:amy"))
	same(t, "wrap-up of both", s.c.WrapUp, 8*time.Second)
	same(t, "wait", s.c.Wait(moment(60)), 3*time.Second)
	same(t, "the customer's part", *s.c.OverAt, moment(29))
	same(t, "whose it is", s.c.Agent, call.AgentID("amy"))
	same(t, "who is there", s.c.Presences(), []Presence(nil))
}

func TestACallIsHandedToAQueue(t *testing.T) {
	s := talking()
	s.transferred("queue:sales")
	s.at(15, call.CallQueued{Call: "c", Queue: "sales", Since: moment(2)})
	same(t, "state", s.c.State, Waiting)
	s.at(20, call.CallOffered{Call: "c", Offer: "o2", Queue: "sales", Agent: "amy", Why: "longest_idle"})
	s.taken(22, "o2")
	same(t, "stays", s.c.Stays, []Stay{
		{Queue: "support", Since: moment(2), Until: moment(5), Outcome: Answered, Waits: true},
		{Queue: "sales", Since: moment(15), Until: moment(22), Outcome: Answered},
	})
	same(t, "amy's", s.c.Segments[1].seconds(), seconds{ring: 2, talk: 10, wrapUp: 5})
	same(t, "queue", s.c.Queue, call.QueueID("sales"))
}

func TestACallIsHandedToANumberOutside(t *testing.T) {
	s := talking()
	s.transferred("13900000009")
	number := call.Number{Raw: "13900000009", E164: "+8613900000009"}
	s.at(15, call.PartyInvited{Call: "c", Leg: "guest", Agent: "ben", Number: number, Trunk: "demo"})
	same(t, "state", s.c.State, Transferring)
	s.at(20, call.PartyJoined{Call: "c", Leg: "guest"})
	same(t, "state", s.c.State, Talking)
	same(t, "who is there", s.c.Presences(), []Presence{
		{Party: Party{Role: Customer, Leg: "far", State: Joined}, Since: moment(0)},
		{Party: Party{Role: Outside, Leg: "guest", State: Joined}, Number: number, Since: moment(20)},
	})
	end := call.End{By: call.BySystem, Cause: call.CauseHangup}
	s.at(30, call.CallerLeft{Call: "c", End: end})
	s.at(31, call.LegEnded{Call: "c", Leg: "guest", End: end}, call.LegEnded{Call: "c", Leg: "far", End: end},
		call.CallEnded{Call: "c", End: end})
	same(t, "the customer's part", *s.c.EndedAt, moment(30))
	same(t, "parties", s.c.Parties(), []Party{
		{Role: Customer, Leg: "far", State: Gone},
		{Role: Agent, Agent: "ben", Offer: "o1", Leg: "ben-leg", State: Gone},
		{Role: Outside, Leg: "guest", State: Gone},
	})
	same(t, "ben's", s.c.Segments[0].seconds(), seconds{ring: 2, talk: 7, hold: 3})
}

// A call that nobody takes comes back to who handed it over, who has a second part in it then.
func TestACallThatNobodyTakesComesBack(t *testing.T) {
	for name, tries := range map[string]func(*story){
		"an agent declines": func(s *story) {
			s.at(15, call.CallDirected{Call: "c", Agent: "chen"}, call.CallOffered{Call: "c", Offer: "x", Agent: "chen", Why: "transferred"})
			s.at(17, call.OfferMissed{Call: "c", Offer: "x", Agent: "chen", Miss: call.MissDeclined})
			same(t, "state", s.c.State, Transferring)
			s.at(17, call.CallDequeued{Call: "c", Reason: "not_taken"})
		},
		"an agent is lost in mid-call": func(s *story) {
			s.at(15, call.CallDirected{Call: "c", Agent: "chen"}, call.CallOffered{Call: "c", Offer: "x", Agent: "chen", Why: "transferred"})
			s.at(16, call.OfferAnswered{Call: "c", Offer: "x", Agent: "chen", Leg: "chen-leg"},
				call.Bridged{Call: "c", Offer: "x", Agent: "chen", Leg: "chen-leg"})
			s.at(17, call.AgentLegLost{Call: "c", Offer: "x", Agent: "chen"})
			same(t, "state", s.c.State, Transferring)
			s.at(17, call.CallDequeued{Call: "c", Reason: "not_taken"})
		},
		"a queue is full": func(s *story) {
			s.at(17, call.CallQueued{Call: "c", Queue: "sales"}, call.CallDequeued{Call: "c", Reason: "full"})
		},
		"a number is busy": func(s *story) {
			s.at(15, call.PartyInvited{Call: "c", Leg: "guest", Agent: "ben"})
			s.at(17, call.LegEnded{Call: "c", Leg: "guest", End: call.End{Cause: call.CauseBusy}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := talking()
			s.transferred("somebody")
			tries(s)
			s.at(17, call.TransferFailed{Call: "c", Agent: "ben", To: "somebody", Reason: "not_taken"})
			same(t, "state", s.c.State, Transferring)
			s.at(17, call.CallQueued{Call: "c", Queue: "support", Returned: true, Preferred: "ben"},
				call.WrapUpEnded{Call: "c", Agent: "ben"},
				call.CallOffered{Call: "c", Offer: "o3", Queue: "support", Agent: "ben", Why: "returned"})
			same(t, "state", s.c.State, Offered)
			same(t, "the stay", *s.c.Standing(), Stay{Queue: "support", Since: moment(17), Again: true})
			s.at(18, call.OfferAnswered{Call: "c", Offer: "o3", Agent: "ben", Leg: "ben-2"},
				call.Bridged{Call: "c", Offer: "o3", Agent: "ben", Leg: "ben-2"})
			s.at(28, call.CallerLeft{Call: "c", End: call.End{By: call.ByCaller, Cause: call.CauseHangup}},
				call.WrapUpStarted{Call: "c", Agent: "ben", Until: moment(60)}, call.CallEnded{Call: "c"})
			s.at(32, call.WrapUpEnded{Call: "c", Agent: "ben"})
			var bens []seconds
			var ends []SegmentEnd
			for _, seg := range s.c.Segments {
				if seg.Agent == "ben" {
					bens, ends = append(bens, seg.seconds()), append(ends, seg.End)
				}
			}
			same(t, "ben's", bens, []seconds{{ring: 2, talk: 7, hold: 3, wrapUp: 2}, {ring: 1, talk: 10, wrapUp: 4}})
			same(t, "ends", ends, []SegmentEnd{EndTransferred, EndCaller})
			same(t, "the customer's part", *s.c.EndedAt, moment(28))
			same(t, "wait", s.c.Wait(moment(60)), 3*time.Second)
		})
	}
}

// Of a call that an agent placed, the wait for the customer's answer stays the ring, whoever takes it after that.
func TestACallThatWasPlacedIsHandedOver(t *testing.T) {
	s := &story{}
	s.at(0, call.CallPlaced{Call: "c", Agent: "ben", Direction: call.Outbound, To: call.Number{Raw: "13800000001"}},
		call.AgentCallStarted{Call: "c", Agent: "ben"})
	s.at(2, call.NumberDialled{Call: "c", Leg: "far"})
	s.at(6, call.CallAnswered{Call: "c", Leg: "far"}, call.Bridged{Call: "c", Agent: "ben", Leg: "ben-leg"})
	s.at(16, call.Transferred{Call: "c", Agent: "ben", Kind: call.TransferBlind, To: "agent:amy"},
		call.AgentCallEnded{Call: "c", Agent: "ben"}, call.WrapUpStarted{Call: "c", Agent: "ben", Until: moment(46)},
		call.LegEnded{Call: "c", Leg: "ben-leg", Agent: "ben", End: call.End{By: call.ByAgent, Cause: call.CauseTransferred}})
	if s.c.OverAt != nil || s.c.State != Transferring {
		t.Errorf("over at %v, state %s", s.c.OverAt, s.c.State)
	}
	s.at(16, call.CallDirected{Call: "c", Agent: "amy"}, call.CallOffered{Call: "c", Offer: "o2", Agent: "amy", Why: "transferred"})
	same(t, "who is there", s.c.Presences(), []Presence{
		{Party: Party{Role: Customer, Leg: "far", State: Joined}, Number: call.Number{Raw: "13800000001"}, Since: moment(6)},
		{Party: Party{Role: Agent, Agent: "amy", Offer: "o2", State: Ringing}, Since: moment(16)},
	})
	s.taken(18, "o2")
	s.at(40, call.WrapUpEnded{Call: "c", Agent: "ben"})
	same(t, "ring", s.c.Ring, 6*time.Second)
	same(t, "whose it is", s.c.Agent, call.AgentID("amy"))
	same(t, "the customer's part", *s.c.EndedAt, moment(28))
	same(t, "ben's", s.c.Segments[0].seconds(), seconds{ring: 6, talk: 10, wrapUp: 24})
	same(t, "amy's", s.c.Segments[1].seconds(), seconds{ring: 2, talk: 10, wrapUp: 5})
}

func TestTheColleagueWhoWasCalledIsTheFarParty(t *testing.T) {
	s := &story{}
	s.at(0, call.CallPlaced{Call: "c", Agent: "amy", Direction: call.Internal, To: call.Number{Raw: "1002"}})
	s.at(1, call.AgentCallStarted{Call: "c", Agent: "amy"}, call.NumberDialled{Call: "c", Leg: "far"},
		call.AgentCallStarted{Call: "c", Agent: "ben"})
	s.at(3, call.CallAnswered{Call: "c", Leg: "far"}, call.Bridged{Call: "c", Agent: "amy", Leg: "amy-leg"})
	s.at(4, call.AgentMuted{Call: "c", Agent: "amy", Muted: true})
	same(t, "who is there", s.c.Presences(), []Presence{
		{Party: Party{Role: Colleague, Agent: "ben", Leg: "far", State: Joined}, Number: call.Number{Raw: "1002"}, Since: moment(3)},
		{Party: Party{Role: Agent, Agent: "amy", Leg: "amy-leg", State: Joined}, Since: moment(3), Muted: true},
	})
}

func TestAFlowThatACallIsHandedToGoesOnWithIt(t *testing.T) {
	s := talking()
	s.transferred("flow:main")
	s.at(15, call.FlowEntered{Call: "c", Flow: "main"})
	same(t, "state", s.c.State, InFlow)
	s.at(25, call.CallerLeft{Call: "c", End: call.End{By: call.ByCaller, Cause: call.CauseHangup}}, call.CallEnded{Call: "c"})
	same(t, "the customer's part", *s.c.EndedAt, moment(25))
	same(t, "ben's", s.c.Segments[0].seconds(), seconds{ring: 2, talk: 7, hold: 3})
}
