package talk

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Destination is where a call is handed over to, looked up and let through by the router. Exactly one of Queue, Flow,
// Agent, Extension, Number and Slot says where.
type Destination struct {
	Name      call.Target // as it was asked for
	Queue     call.QueueID
	Flow      call.FlowID
	Agent     call.AgentID   // on shift, and not at work a moment ago
	Extension call.Extension // of ours, where nobody is on shift
	Number    call.Number    // outside
	Trunk     call.TrunkID   // of Number
	Leg       call.LegID     // for Extension and Number
	Since     time.Time      // since when the call counts as waiting in Queue; zero: from now on
	Slot      int            // where it is parked
	Until     time.Time      // of Slot: when it goes back
	For       time.Duration  // of Slot: how long that is

	// Back is the queue that the call goes to when nobody takes it: the one it came from, or one of the agent's.
	Back call.QueueID
}

// Move is how a call came, or is to come, to whom it was handed over. It stays when somebody takes it, who may be lost.
type Move struct {
	Destination
	By       call.AgentID // who handed it over; empty: nobody did
	Returned bool         // nobody took it, and it went back
	Taken    bool         // Agent took it up out of its slot
}

func (v *Move) under() bool { return v.By != "" }

// transfer hands the call over without a word to who gets it (RFC 5589, 6: unattended). The agent's part is over at
// once; the far party hears music until somebody answers.
func (m *step) transfer(a *Party, to Destination) Refusal {
	far := m.Customer()
	if far == nil || !a.bridged() || !far.bridged() {
		return NotTalking
	}
	agent := *a
	m.Move = Move{Destination: to, By: agent.Agent}
	if to.Slot != 0 {
		m.journal(call.CallParked{Call: m.Call, Agent: agent.Agent, Slot: to.Slot, Until: to.Until})
	} else {
		m.journal(call.Transferred{Call: m.Call, Agent: agent.Agent, Kind: call.TransferBlind, To: to.Name})
	}
	// As at the end of a call: the agent's BYE leaves before the ACD learns that the agent is free.
	m.letGo(a, call.End{By: call.ByAgent, Cause: call.CauseTransferred})
	m.partOver(agent)
	m.send(to)
	return Done
}

// partOver tells the ACD that an agent has no part in the call any more.
func (m *step) partOver(agent Party) {
	if agent.Offer != "" {
		m.journal(call.TalkEnded{Call: m.Call, Agent: agent.Agent, Offer: agent.Offer, By: call.ByAgent})
		return
	}
	m.do(Free{Agent: agent.Agent, Placer: agent.Agent, Worked: true})
}

// send brings the call on its way.
func (m *step) send(to Destination) {
	far := m.Customer()
	if to.Queue != "" || to.Flow != "" {
		m.Served = true
		if to.Flow != "" { // from here on it goes as a call that came in
			m.Move = Move{}
		}
		m.do(EnterFlow{Flow: to.Flow, Queue: to.Queue})
		return
	}
	m.do(Play{Party: far.ID, Sound: Music, Queue: m.Queue, Agent: m.Move.By})
	if to.Slot != 0 {
		m.do(SetTimer{Timer: TimerParked, After: to.For})
		return
	}
	if to.Agent != "" {
		m.journal(call.CallDirected{Call: m.Call, Agent: to.Agent, Queue: m.Queue})
		return
	}
	m.invite(to, m.Move.By)
}

// invite rings a number outside, or a telephone without an agent.
func (m *step) invite(to Destination, by call.AgentID) PartyID {
	role := RoleOutside
	if to.Extension != "" {
		role = RoleColleague
	}
	g := m.join(Party{Role: role, Guest: true, State: Invited, Leg: to.Leg, Line: LineOutgoing})
	m.do(Journal{Before: true, Event: call.PartyInvited{
		Call: m.Call, Leg: to.Leg, Agent: by, Number: to.Number, Extension: to.Extension, Trunk: to.Trunk,
	}})
	m.do(Dial{Party: g.ID, Leg: to.Leg, Extension: to.Extension, Number: to.Number, Trunk: to.Trunk})
	return g.ID
}

// bounce sends a call back that nobody took: to the head of the queue it came from, and there to who handed it over, if
// that agent is free.
func (m *step) bounce(reason string) {
	by, to := m.Move.By, m.Move.Name
	m.journal(call.TransferFailed{Call: m.Call, Agent: by, To: to, Reason: reason})
	back := m.Move.Back
	if m.Move.Returned || back == "" { // that queue is gone as well
		m.finish(call.End{By: call.BySystem, Cause: call.CauseFailed})
		return
	}
	m.Move = Move{Destination: Destination{Name: to, Queue: back, Back: back}, By: by, Returned: true}
	m.Served = true
	m.do(EnterFlow{Queue: back})
}

// queued completes how a call stands in a queue by what is known of the way that it came.
func (m *step) queued(e call.CallQueued) call.CallQueued {
	if m.Move.Returned {
		e.Returned, e.Preferred = true, m.Move.By
	}
	e.Since = m.Move.Since
	return e
}

// guestRings says that the station of an agent who is asked rings.
func (m *step) guestRings(g *Party) {
	if g.Offer != "" && g.Line == LineOutgoing {
		m.journal(call.OfferRinging{Offer: g.Offer, Call: m.Call, Agent: g.Agent, Leg: g.Leg})
	}
}

// guestAnswered joins who was asked to.
func (m *step) guestAnswered(g *Party) {
	far := m.Customer()
	switch {
	case g.Line != LineOutgoing || far == nil || !far.accepted():
	case m.Consult.With == g.ID:
		m.askedAnswers(g)
	default:
		g.Line = LineUp
		m.guestJoins(g)
		m.journal(call.PartyJoined{Call: m.Call, Leg: g.Leg})
	}
}

// guestJoins lets a guest and the far party speak.
func (m *step) guestJoins(g *Party) {
	far := m.Customer()
	m.do(StopPlay{Party: far.ID})
	m.do(StopPlay{Party: g.ID})
	far.State, g.State = Talking, Talking
	m.connect()
}

// guestLeft is one who does not come, or who leaves again. Without a consultation nobody of ours is left with the far party
// then.
func (m *step) guestLeft(g *Party, end call.End) {
	reason := string(missOf(end))
	switch {
	case m.Consult.With == g.ID && g.accepted():
		m.consultOver("left", end)
	case m.Consult.With == g.ID:
		offer, agent := g.Offer, g.Agent
		m.drop(g, end)
		if offer != "" {
			m.missed(offer, agent, missOf(end))
		}
		m.consultOver(reason, end)
	case g.accepted():
		m.finish(call.End{By: call.BySystem, Cause: end.Cause, SIP: end.SIP, Q850: end.Q850})
	default:
		m.drop(g, end)
		m.connect()
		m.bounce(reason)
	}
}

// guestFailed is one who can not be called, for a fault of ours.
func (m *step) guestFailed(g *Party) {
	if g.Line == LineOutgoing {
		m.guestLeft(g, call.End{By: call.BySystem, Cause: call.CauseFailed, SIP: 500})
	}
}
