package live

import (
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// A call that was handed over is the other agent's; the one who did it wraps it up meanwhile.
func TestACallThatIsHandedOverIsShownWithBothAgents(t *testing.T) {
	s := begin(t, morning)
	s.arrive("c", "support")
	s.bridge("c", "ben", "support")
	until := s.now.Add(time.Minute)
	s.after(10*time.Second).is(call.Transferred{Call: "c", Agent: "ben", Kind: call.TransferBlind, To: "agent:amy"},
		call.TalkEnded{Call: "c", Agent: "ben", Offer: "offer-c", By: call.ByAgent}, call.WrapUpStarted{Call: "c", Agent: "ben", Until: until},
		call.AgentStatusChanged{Agent: "ben", Status: call.StatusWrapUp, Call: "c", Queue: "support", Chosen: call.ChoseReady, Until: &until},
		call.CallDirected{Call: "c", Agent: "amy", Queue: "support"})
	if c, _ := s.Call("c"); c.State != StateTransferring || c.Agent != "" || c.BridgedAt != nil || c.FirstBridgedAt == nil {
		t.Errorf("on its way it is %+v", c)
	}
	if q := s.queue("support"); q.Waiting != 0 || q.Talking != 0 || q.Answered != 1 || q.Offered != 1 {
		t.Errorf("its queue is %+v", q)
	}
	s.is(call.CallOffered{Call: "c", Offer: "o2", Agent: "amy", Why: "transferred"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusOffered, Call: "c", Chosen: call.ChoseReady})
	if a := s.agent("amy"); a.Call.State != StateOffered || a.Call.Offer != "o2" || a.Call.Peer.Number.Raw != "13800000001" {
		t.Errorf("amy is offered %+v", a.Call)
	}
	s.after(5*time.Second).is(call.OfferAnswered{Call: "c", Offer: "o2", Agent: "amy", Leg: "l2"}, call.Bridged{Call: "c", Offer: "o2", Agent: "amy", Leg: "l2"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusTalking, Call: "c", Chosen: call.ChoseReady},
		call.AgentMuted{Call: "c", Agent: "amy", Muted: true})
	if a, b := s.agent("amy"), s.agent("ben"); a.Call.State != StateTalking || !a.Call.Since.Equal(s.now) || !a.Call.Muted || b.Call.Muted || b.Call.Offer != "" {
		t.Errorf("amy has %+v, ben %+v", a.Call, b.Call)
	}
	if b := s.agent("ben").Call.Own; b.TransferredTo != "agent:amy" || b.BridgedAt == nil || s.agent("amy").Call.Own.TransferredTo != "" {
		t.Errorf("ben's own part is %+v", b)
	}
	there := s.Presences("c")
	if len(there) != 2 || there[1].Agent != "amy" || !there[1].Muted || there[1].State != history.Joined || !there[1].Since.Equal(s.now) {
		t.Errorf("there are %+v", there)
	}
	if parts := s.Segments("c"); len(parts) != 2 || parts[0].TransferredTo != "agent:amy" || parts[1].Talk() != 0 {
		t.Errorf("parts %+v", parts)
	}
	s.after(20*time.Second).is(call.TalkEnded{Call: "c", Agent: "amy", Offer: "o2", By: call.ByAgent}, call.CallEnded{Call: "c"})
	if a, b := s.agent("amy"), s.agent("ben"); a.TalkMSToday != 20_000 || b.TalkMSToday != 10_000 || a.CallsToday != 1 || b.CallsToday != 1 {
		t.Errorf("amy talked %d ms, ben %d", a.TalkMSToday, b.TalkMSToday)
	}
	if s.Presences("none") != nil || s.Segments("none") != nil {
		t.Error("of a call that is not known there is something to tell")
	}
}

// Whoever gets a call that a colleague placed sees whom it was placed to.
func TestWhoGetsAPlacedCallSeesTheCustomer(t *testing.T) {
	s := begin(t, morning)
	s.is(call.CallPlaced{Call: "c", Agent: "ben", Direction: call.Outbound, From: call.Number{Raw: "1002"}, To: call.Number{Raw: "13800000001"}},
		call.AgentCallStarted{Call: "c", Agent: "ben"}, call.CallAnswered{Call: "c", Leg: "far"}, call.Bridged{Call: "c", Agent: "ben", Leg: "near"},
		call.Transferred{Call: "c", Agent: "ben", Kind: call.TransferBlind, To: "agent:amy"}, call.AgentCallEnded{Call: "c", Agent: "ben"},
		call.CallDirected{Call: "c", Agent: "amy"}, call.CallOffered{Call: "c", Offer: "o", Agent: "amy", Why: "transferred"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusOffered, Call: "c", Chosen: call.ChoseReady})
	if p := s.agent("amy").Call.Peer.Number.Raw; p != "13800000001" {
		t.Errorf("amy sees %q", p)
	}
}
