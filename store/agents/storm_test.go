package agents

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/acd/acdsim"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// stream is the journal of a storm: what acdsim does to an ACD, with the ACD's decisions as the switchboard writes them
// down, and what is the switchboard's own: calls that arrive and end, legs, holds by both sides, restarts of a killed
// server. Some of it comes late, twice, or of calls long gone.
type stream struct {
	*acd.Machine
	rand   *rand.Rand
	recs   []call.Record
	away   time.Duration // sum of the times in which no server ran
	roster history.Roster
	next   time.Time // of AgentsCarried

	calls   map[call.ID]bool // begun: true while they go on
	talking map[call.ID]call.AgentID
	left    map[call.ID]bool // the caller is gone, the talk not over
	wraps   map[call.ID]call.AgentID
	handed  map[call.ID]bool // handed over, not yet taken
	late    map[call.OfferID]bool
}

// storm gives the journal of a seed.
func storm(t *testing.T, seed uint64, steps int) []call.Record {
	t.Helper()
	s := &stream{
		Machine: acd.New(uint32(seed)), rand: rand.New(rand.NewPCG(seed, 7)),
		calls: map[call.ID]bool{}, talking: map[call.ID]call.AgentID{}, left: map[call.ID]bool{}, wraps: map[call.ID]call.AgentID{},
		handed: map[call.ID]bool{}, late: map[call.OfferID]bool{},
	}
	if _, err := (acdsim.Storm{Seed: seed, Steps: steps, Machine: s}).Run(); err != nil {
		t.Fatal(err)
	}
	return s.recs
}

// say writes an event down, unless no switchboard would: it puts no call into a queue, or before an agent, that has ended.
func (s *stream) say(at time.Time, e call.Event) {
	if s.afterTheEnd(e) {
		return
	}
	rec := call.Record{Seq: uint64(len(s.recs) + 1), At: at.Add(s.away).UTC().Truncate(time.Microsecond), Event: e}
	s.recs = append(s.recs, rec)
	s.roster.Apply(rec)
}

// afterTheEnd tells whether an event is of an offer that came after its call's end.
func (s *stream) afterTheEnd(e call.Event) bool {
	goesOn, begun := s.calls[call.Of(e)]
	switch e := e.(type) {
	case call.CallQueued, call.CallDirected:
		return begun && !goesOn
	case call.CallOffered:
		s.late[e.Offer] = begun && !goesOn
	}
	offer := reflect.ValueOf(e).FieldByName("Offer")
	return offer.IsValid() && s.late[call.OfferID(offer.String())]
}

// Step implements acdsim.Subject.
func (s *stream) Step(rec call.Record) []acd.Effect {
	s.before(rec)
	s.say(rec.At, rec.Event)
	effects := s.Machine.Step(rec)
	for _, e := range effects {
		s.fact(rec.At, e)
	}
	s.after(rec)
	if rec.At.After(s.next) {
		s.next = rec.At.Add(10 * time.Minute)
		s.say(rec.At, s.roster.Carried())
	}
	return effects
}

func (s *stream) before(rec call.Record) {
	switch e := rec.Event.(type) {
	case call.NodeStarted:
		s.away += time.Duration(s.rand.IntN(120)) * time.Minute
	case call.CallQueued:
		s.arrive(rec.At, e.Call)
	case call.CallDirected:
		s.arrive(rec.At, e.Call)
	case call.AgentCallStarted:
		if _, begun := s.calls[e.Call]; !begun {
			s.calls[e.Call] = true
			s.say(rec.At, call.CallPlaced{Call: e.Call, Agent: e.Agent, Direction: call.Outbound})
		}
	case call.TalkEnded:
		s.mayHandOver(rec.At, e.Call, e.Agent)
	case call.AgentCallEnded:
		s.mayHandOver(rec.At, e.Call, e.Agent)
	}
}

// arrive begins a call that was not heard of yet.
func (s *stream) arrive(at time.Time, id call.ID) {
	if _, begun := s.calls[id]; begun {
		return
	}
	s.calls[id] = true
	s.say(at, call.CallArrived{Call: id, Leg: "far-" + call.LegID(id), Direction: call.Inbound})
	s.say(at, call.CallAnswered{Call: id, Leg: "far-" + call.LegID(id)})
	s.say(at, call.CustomerIdentified{Call: id, Customer: "c", Name: "Wang Fang"})
}

// mayHandOver makes of the end of a talk, now and then, that the agent hands the call over. Where a queue's call goes then,
// the storm tells; one that was placed goes to somebody outside.
func (s *stream) mayHandOver(at time.Time, id call.ID, a call.AgentID) {
	if s.calls[id] && s.talking[id] == a && !s.left[id] && s.rand.IntN(4) == 0 {
		s.handed[id] = true
		s.say(at, call.Transferred{Call: id, Agent: a, Kind: call.TransferBlind, To: "13900000009"})
	}
}

// goesOn is what comes of a call that was placed and handed over.
func (s *stream) goesOn(at time.Time, id call.ID) {
	delete(s.handed, id)
	delete(s.talking, id)
	guest, end := "guest-"+call.LegID(id), call.End{By: call.ByCaller, Cause: call.CauseHangup}
	s.say(at, call.PartyInvited{Call: id, Leg: guest})
	if s.rand.IntN(2) == 0 {
		s.say(at.Add(time.Millisecond), call.PartyJoined{Call: id, Leg: guest})
	} else {
		s.say(at.Add(time.Millisecond), call.LegEnded{Call: id, Leg: guest, End: call.End{By: call.ByCaller, Cause: call.CauseBusy}})
		s.say(at.Add(time.Millisecond), call.TransferFailed{Call: id, To: "13900000009", Reason: "busy"})
	}
	s.say(at.Add(time.Millisecond), call.CallerLeft{Call: id, End: end})
	s.end(at.Add(time.Millisecond), id, end)
}

// fact is an effect as the switchboard writes it down.
func (s *stream) fact(at time.Time, effect acd.Effect) {
	switch e := effect.(type) {
	case acd.OfferCall:
		s.say(at, call.CallOffered{Offer: e.Offer, Call: e.Call, Queue: e.Queue, Agent: e.Agent, Until: e.Until.Add(s.away), Why: e.Why})
	case acd.WithdrawOffer:
		if e.Miss == "" {
			s.say(at, call.OfferWithdrawn{Offer: e.Offer, Call: e.Call, Agent: e.Agent})
		} else {
			s.say(at, call.OfferMissed{Offer: e.Offer, Call: e.Call, Agent: e.Agent, Miss: e.Miss})
		}
	case acd.StartWrapUp:
		s.wraps[e.Call] = e.Agent
		s.say(at, call.WrapUpStarted{Call: e.Call, Agent: e.Agent, Until: e.Until.Add(s.away)})
	case acd.EndWrapUp:
		delete(s.wraps, e.Call)
		s.say(at, call.WrapUpEnded{Call: e.Call, Agent: e.Agent, TimedOut: e.TimedOut})
	case acd.RefuseCall:
		if e.Reason == acd.ReasonNotTaken {
			s.say(at, call.CallDequeued{Call: e.Call, Reason: e.Reason})
		}
	case acd.ReportStatus:
		s.say(at, e.AgentStatusChanged)
	}
}

func (s *stream) after(rec call.Record) {
	switch e := rec.Event.(type) {
	case call.NodeStarted:
		s.closeOrphans(rec.At)
	case call.AgentCallStarted:
		if s.calls[e.Call] && s.rand.IntN(3) > 0 {
			s.say(rec.At, call.NumberDialled{Call: e.Call, Leg: "far"})
			s.say(rec.At, call.CallAnswered{Call: e.Call, Leg: "far"})
			s.say(rec.At, call.Bridged{Call: e.Call, Agent: e.Agent, Leg: "near"})
			s.talking[e.Call] = e.Agent
		}
	case call.AgentCallEnded:
		if s.handed[e.Call] {
			s.goesOn(rec.At, e.Call)
		}
		s.end(rec.At, e.Call, call.End{By: call.ByAgent, Cause: call.CauseHangup})
	case call.Bridged:
		s.talking[e.Call] = e.Agent
	case call.CallerLeft:
		if s.left[e.Call] = true; s.talking[e.Call] == "" {
			s.end(rec.At, e.Call, e.End)
		}
	case call.AgentLegLost:
		delete(s.talking, e.Call)
	case call.TalkEnded:
		delete(s.talking, e.Call)
		delete(s.handed, e.Call)
		if s.left[e.Call] {
			s.end(rec.At, e.Call, call.End{By: call.ByCaller, Cause: call.CauseHangup})
		}
	}
	s.fiddle(rec.At)
}

// fiddle has somebody who talks hold, resume, or mute.
func (s *stream) fiddle(at time.Time) {
	if len(s.talking) == 0 || s.rand.IntN(2) == 0 {
		return
	}
	ids := slices.Sorted(maps.Keys(s.talking))
	id := ids[s.rand.IntN(len(ids))]
	by := []call.Side{call.ByAgent, call.ByCaller}[s.rand.IntN(2)]
	switch a := s.talking[id]; s.rand.IntN(5) {
	case 0, 1:
		s.say(at, call.CallHeld{Call: id, Agent: a, By: by})
	case 2, 3:
		s.say(at, call.CallResumed{Call: id, Agent: a, By: by})
	case 4:
		s.say(at, call.AgentMuted{Call: id, Agent: a, Muted: s.rand.IntN(2) == 0})
	}
}

func (s *stream) end(at time.Time, id call.ID, how call.End) {
	if !s.calls[id] {
		return
	}
	s.calls[id] = false
	delete(s.talking, id)
	s.say(at, call.LegEnded{Call: id, Leg: "far-" + call.LegID(id), End: how})
	s.say(at, call.CallEnded{Call: id, End: how})
}

// closeOrphans is what a starting server writes of the calls of a killed one.
func (s *stream) closeOrphans(at time.Time) {
	for _, id := range slices.Sorted(maps.Keys(s.calls)) {
		s.end(at, id, call.End{By: call.BySystem, Cause: call.CauseServerRestarted})
	}
	for _, id := range slices.Sorted(maps.Keys(s.wraps)) {
		s.say(at, call.WrapUpEnded{Call: id, Agent: s.wraps[id], TimedOut: true})
	}
	clear(s.wraps)
	clear(s.left)
}
