package calllog

import (
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// handOver is the end of an agent's part: the call goes to somebody else.
func (s *storm) handOver(p *player) (call.Event, func(*player)) {
	e := call.Transferred{Call: p.id, Agent: p.agent, Kind: call.TransferBlind, To: "somewhere"}
	return e, goTo(func(p *player) (call.Event, func(*player)) {
		then := goTo(func(p *player) (call.Event, func(*player)) {
			p.wrapping = append(p.wrapping, p.agent)
			return call.WrapUpStarted{Call: p.id, Agent: p.agent, Until: t0.Add(24 * time.Hour)}, goTo(s.goes)
		})
		if p.offer == "" {
			return call.AgentCallEnded{Call: p.id, Agent: p.agent}, then
		}
		return call.TalkEnded{Call: p.id, Offer: p.offer, Agent: p.agent, By: call.ByAgent}, then
	})
}

// goes sends it to an agent, to a queue, to a number outside, or into a flow.
func (s *storm) goes(p *player) (call.Event, func(*player)) {
	by := p.agent
	p.by = by
	switch s.rand.IntN(4) {
	case 0:
		p.agent = s.anAgent()
		return call.CallDirected{Call: p.id, Agent: p.agent, Queue: "support"}, goTo(s.directed)
	case 1:
		guest := call.LegID("guest-" + p.id)
		return call.PartyInvited{Call: p.id, Leg: guest, Agent: by, Number: wang.Number, Trunk: "demo"}, goTo(func(p *player) (call.Event, func(*player)) {
			if s.chance(50) {
				return call.LegEnded{Call: p.id, Leg: guest, End: call.End{By: call.ByCaller, Cause: call.CauseBusy}}, goTo(s.failed)
			}
			return call.PartyJoined{Call: p.id, Leg: guest}, goTo(func(p *player) (call.Event, func(*player)) {
				return call.CallerLeft{Call: p.id, End: hangup}, goTo(func(p *player) (call.Event, func(*player)) {
					return call.LegEnded{Call: p.id, Leg: guest, End: hangup}, goTo(s.over)
				})
			})
		})
	case 2:
		if s.chance(20) {
			return call.CallQueued{Call: p.id, Queue: "sales"}, goTo(func(p *player) (call.Event, func(*player)) {
				return call.CallDequeued{Call: p.id, Reason: "full"}, goTo(s.failed)
			})
		}
		return call.CallQueued{Call: p.id, Queue: "sales", Since: t0}, goTo(s.waiting)
	}
	return call.FlowEntered{Call: p.id, Flow: "main"}, goTo(s.menu)
}

// directed rings the one agent whom a colleague has chosen.
func (s *storm) directed(p *player) (call.Event, func(*player)) {
	p.n++
	p.offer, p.direct = call.OfferID(fmt.Sprintf("%s-%d", p.id, p.n)), true
	return call.CallOffered{Call: p.id, Offer: p.offer, Agent: p.agent, Why: "transferred"}, goTo(func(p *player) (call.Event, func(*player)) {
		switch {
		case s.chance(30):
			return call.OfferMissed{Call: p.id, Offer: p.offer, Agent: p.agent, Miss: call.MissDeclined}, goTo(s.notTaken)
		case s.chance(10):
			return call.CallerLeft{Call: p.id, End: hangup}, goTo(func(p *player) (call.Event, func(*player)) {
				return call.OfferWithdrawn{Call: p.id, Offer: p.offer, Agent: p.agent}, goTo(s.over)
			})
		}
		return call.OfferAnswered{Call: p.id, Offer: p.offer, Agent: p.agent, Leg: call.LegID("leg-" + p.agent)}, goTo(func(p *player) (call.Event, func(*player)) {
			return call.Bridged{Call: p.id, Offer: p.offer, Agent: p.agent, Leg: call.LegID("leg-" + p.agent)}, goTo(s.talking)
		})
	})
}

func (s *storm) notTaken(p *player) (call.Event, func(*player)) {
	return call.CallDequeued{Call: p.id, Reason: "not_taken"}, goTo(s.failed)
}

// failed brings the call back to who handed it over.
func (s *storm) failed(p *player) (call.Event, func(*player)) {
	p.direct = false
	return call.TransferFailed{Call: p.id, Agent: p.by, To: "somewhere", Reason: "not_taken"}, goTo(func(p *player) (call.Event, func(*player)) {
		return call.CallQueued{Call: p.id, Queue: "support", Returned: true, Preferred: p.by}, goTo(s.waiting)
	})
}

// wrapped ends the wrap-ups of who handed the call over.
func (s *storm) wrapped(then step) step {
	return func(p *player) (call.Event, func(*player)) {
		if len(p.wrapping) == 0 {
			return then(p)
		}
		a := p.wrapping[0]
		p.wrapping = p.wrapping[1:]
		return call.WrapUpEnded{Call: p.id, Agent: a}, goTo(s.wrapped(then))
	}
}

// recordsWithTransfers is as recordsOf, of a storm in which calls are handed over.
func recordsWithTransfers(seed uint64, events int) []call.Record {
	s := newStorm(seed)
	s.transfers = true
	return s.records(events)
}

// The parts of all agents, each with its own times, make up the row: ring, talk, hold and wrap-up.
func TestAgentsPartsOfCallsThatWereHandedOverAddUp(t *testing.T) {
	handed, kinds := 0, map[store.SegmentKind]int{}
	for seed := range uint64(20) {
		b, log := NewBuilder(Options{}), newTable()
		recs := recordsWithTransfers(seed, 3000)
		for _, rec := range recs {
			b.Add(rec)
			log.apply(b.Take())
		}
		for id, c := range log.calls {
			var talk, hold, wrapUp int64
			last := c.ArrivedAt
			for i, sg := range c.Segments {
				talk, hold, wrapUp = talk+sg.TalkMS, hold+sg.HoldMS, wrapUp+sg.WrapUpMS
				kinds[sg.Kind]++
				if (sg.End == store.SegmentTransferred) != (sg.TransferredTo != "") {
					t.Errorf("seed %d: %s, part %d ended as %q and went to %q", seed, id, i, sg.End, sg.TransferredTo)
				}
				if sg.End == store.SegmentTransferred {
					handed++
				}
				if sg.BridgedAt == nil {
					continue
				}
				// One agent after the other talks with the caller, each for as long as its part says.
				if sg.BridgedAt.Before(last) {
					t.Errorf("seed %d: %s, part %d began before the last was over", seed, id, i)
				}
				last = *sg.EndedAt
				if d := last.Sub(*sg.BridgedAt).Milliseconds() - sg.TalkMS - sg.HoldMS; d < -1 || d > 1 {
					t.Errorf("seed %d: %s, part %d: its times and its talk and hold differ by %d ms", seed, id, i, d)
				}
			}
			if c.TalkMS != talk || c.HoldMS != hold || c.WrapUpMS != wrapUp {
				t.Errorf("seed %d: %s has %d talk, %d hold, %d wrap-up, its parts %d, %d, %d", seed, id, c.TalkMS, c.HoldMS, c.WrapUpMS, talk, hold, wrapUp)
			}
			if c.EndedAt.Before(last) {
				t.Errorf("seed %d: %s ended before its last part", seed, id)
			}
		}
	}
	if handed < 100 || kinds[store.KindTransfer] < 100 || kinds[store.KindPlaced] < 100 {
		t.Errorf("only %d were handed over, parts %v", handed, kinds)
	}
}

func TestATransferIsInTheTimelineWithWhereItGoes(t *testing.T) {
	s := newStory(t)
	s.bridged()
	number := call.Number{Raw: "13900000009", E164: "+8613900000009"}
	s.at(20, call.Transferred{Call: theCall, Agent: "ben", Kind: call.TransferBlind, To: "13900000009"},
		call.TalkEnded{Call: theCall, Agent: "ben", Offer: "o1", By: call.ByAgent},
		call.PartyInvited{Call: theCall, Leg: "guest", Agent: "ben", Number: number})
	s.at(25, call.LegEnded{Call: theCall, Leg: "guest", End: call.End{Cause: call.CauseBusy}},
		call.TransferFailed{Call: theCall, Agent: "ben", To: "13900000009", Reason: "busy"},
		call.CallQueued{Call: theCall, Queue: "support", Returned: true, Preferred: "ben"})
	s.at(26, call.CallerLeft{Call: theCall, End: hangup}, call.CallEnded{Call: theCall, End: hangup})
	c := s.row()
	told := map[string]store.TimelineEntry{}
	for _, e := range c.Timeline {
		e.At, e.Seq = t0, 0
		told[e.Type] = e
	}
	same(t, "transferred", told["transferred"], store.TimelineEntry{At: t0, Type: "transferred", Agent: "ben", To: "13900000009", Reason: "blind"})
	same(t, "invited", told["party_invited"], store.TimelineEntry{At: t0, Type: "party_invited", Agent: "ben", To: "13900000009", Leg: "guest"})
	same(t, "failed", told["transfer_failed"], store.TimelineEntry{At: t0, Type: "transfer_failed", Agent: "ben", To: "13900000009", Reason: "busy"})
	same(t, "queued", told["call_queued"], store.TimelineEntry{At: t0, Type: "call_queued", Queue: "support", Reason: "returned"})
	same(t, "where it went", []any{c.Segments[0].End, c.Segments[0].TransferredTo, c.Segments[0].Kind},
		[]any{store.SegmentTransferred, call.Target("13900000009"), store.KindOffer})
}

// Who asks a colleague beside the call, and who is asked, have that time in a figure of its own.
func TestAskingBesideTheCallIsNoTalk(t *testing.T) {
	s := newStory(t)
	s.bridged() // ben talks from 5.5 on
	s.at(10, call.ConsultBegan{Call: theCall, Agent: "ben", To: "agent:amy"}, call.CallDirected{Call: theCall, Agent: "amy", Consult: true},
		call.CallOffered{Call: theCall, Offer: "o2", Agent: "amy", Why: "consult"})
	s.at(12, call.OfferAnswered{Call: theCall, Offer: "o2", Agent: "amy", Leg: "leg-amy"},
		call.PartyJoined{Call: theCall, Leg: "leg-amy", Agent: "amy", Offer: "o2"})
	s.at(20, call.Transferred{Call: theCall, Agent: "ben", Kind: call.TransferAttended, To: "agent:amy", Offer: "o2"},
		call.TalkEnded{Call: theCall, Agent: "ben", Offer: "o1", By: call.ByAgent},
		call.Bridged{Call: theCall, Agent: "amy", Offer: "o2", Leg: "leg-amy"})
	s.at(50, call.TalkEnded{Call: theCall, Agent: "amy", Offer: "o2", By: call.ByCaller}, call.CallEnded{Call: theCall, End: hangup})
	c := s.row()
	for i, want := range []store.Segment{
		{Kind: store.KindOffer, TalkMS: 4500, ConsultMS: 10000, End: store.SegmentTransferred, TransferredTo: "agent:amy"},
		{Kind: store.KindConsult, TalkMS: 30000, ConsultMS: 8000, End: store.SegmentCaller},
	} {
		got := c.Segments[i]
		same(t, "part", store.Segment{Kind: got.Kind, TalkMS: got.TalkMS, ConsultMS: got.ConsultMS, End: got.End, TransferredTo: got.TransferredTo}, want)
		same(t, "its row", c.AgentSegments()[i].ConsultMS, want.ConsultMS)
	}
}
