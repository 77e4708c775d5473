package talk

import (
	"slices"

	"github.com/linedesk/linedesk/call"
)

// offered rings the agent whom the ACD chose.
func (m *step) offered(o Offered) {
	a := m.Serving()
	switch {
	case o.Offer == "", slices.ContainsFunc(m.Parties, func(p Party) bool { return p.Offer == o.Offer && p.State != Left }):
		return // the same again
	case o.Consult:
		m.askedIsOffered(o)
		return
	case a != nil, m.guest() != nil, m.parked(), !m.Served && m.Move.Agent == "":
		// An earlier offer is still ours, or nobody waits: this one comes to nothing.
		m.missed(o.Offer, o.Agent, call.MissUnreachable)
		return
	}
	a = m.join(Party{
		Role: RoleAgent, State: Invited, Leg: o.Leg, Line: LineOutgoing, Agent: o.Agent, Offer: o.Offer,
		Browser: o.Station.Kind == call.StationWebRTC,
	})
	m.do(Ring{Party: a.ID, Leg: o.Leg, Agent: o.Agent, Station: o.Station, Show: m.shown(), For: o.Ring})
}

// present is a browser's leg on loan. Who clicks a number has the headset on already.
func (m *step) present(a *Party) {
	if !a.Browser {
		return
	}
	if a.Offer == "" || m.Move.Taken && m.Move.Agent == a.Agent { // so has who takes up a parked call
		m.agentAnswered(a)
		return
	}
	m.agentRings(a)
}

func (m *step) agentRings(a *Party) {
	if a.Offer != "" && a.Line == LineOutgoing {
		m.journal(call.OfferRinging{Offer: a.Offer, Call: m.Call, Agent: a.Agent, Leg: a.Leg})
	}
}

// agentAnswered joins the two. For a call that the agent placed, it is now time to dial.
func (m *step) agentAnswered(a *Party) {
	if a.Line != LineOutgoing {
		return
	}
	a.Line, a.State = LineUp, Waiting
	if a.Offer == "" {
		m.dialFar()
		return
	}
	m.journal(call.OfferAnswered{Offer: a.Offer, Call: m.Call, Agent: a.Agent, Leg: a.Leg})
	if far := m.Customer(); far != nil && far.accepted() {
		m.bridge(a, far)
	}
}

// bridge lets agent and far party hear each other.
func (m *step) bridge(a, far *Party) {
	if m.Served {
		m.do(TellFlow{NewsTaken})
	}
	m.do(StopPlay{Party: far.ID})
	m.do(StopPlay{Party: a.ID})
	a.State, far.State = Talking, Talking
	m.connect()
	m.journal(call.Bridged{Call: m.Call, Agent: a.Agent, Leg: a.Leg, Offer: a.Offer})
}

// offerOver lets go of the agent of an offer that the ACD took back. An agent may have answered in the same moment,
// and talk already: to the call, that agent is lost, for the caller waits again.
func (m *step) offerOver(id call.OfferID) {
	if g := m.guest(); g != nil && g.Offer == id && id != "" {
		m.consultOver("not_taken", call.End{By: call.BySystem, Cause: call.CauseCancelled})
		return
	}
	a := m.Serving()
	if a == nil || a.Offer != id || id == "" {
		return
	}
	if m.askingLeaves(a, call.End{Cause: call.CauseLost}) {
		return
	}
	agent, wasTaken, talked := a.Agent, a.accepted(), a.bridged()
	m.letGo(a, call.End{By: call.BySystem, Cause: call.CauseCancelled})
	if talked {
		m.journal(call.AgentLegLost{Call: m.Call, Agent: agent, Offer: id})
	}
	if wasTaken && m.Served && m.Move.Agent == "" {
		m.do(TellFlow{NewsRequeued})
	}
}

// ringFailed is a station that can not be rung.
func (m *step) ringFailed(a *Party) {
	if a.Line == LineOutgoing {
		m.turnFailed(a, call.MissUnreachable)
	}
}

// turnFailed ends a turn that was not answered. An offer goes back to the ACD; a placed call is over.
func (m *step) turnFailed(a *Party, miss call.Miss) {
	if a.Offer == "" {
		cause := call.CauseAgentNoAnswer
		if far := m.Customer(); far != nil && far.Line != LineNone { // dialled on the telephone itself, and given up
			cause = call.CauseCancelled
		}
		m.finish(call.End{By: call.ByAgent, Cause: cause})
		return
	}
	offer, agent := a.Offer, a.Agent
	m.letGo(a, call.End{By: call.ByAgent, Cause: call.CauseNoAnswer})
	m.missed(offer, agent, miss)
}

func (m *step) missed(o call.OfferID, a call.AgentID, miss call.Miss) {
	m.journal(call.OfferMissed{Offer: o, Call: m.Call, Agent: a, Miss: miss})
}

// missOf tells why a telephone did not take an offer, by its answer (RFC 3261, 21.4 and 21.6).
func missOf(end call.End) call.Miss {
	switch end.SIP {
	case 486, 600:
		return call.MissBusy
	case 603:
		return call.MissDeclined
	case 0, 408, 487:
		return call.MissNoAnswer
	}
	return call.MissUnreachable
}

// agentLost is the loss of the agent's telephone or browser in mid-call. A queue's caller goes back to the head of
// the queue; another call is over.
func (m *step) agentLost(a *Party, end call.End) {
	if m.askingLeaves(a, end) {
		return
	}
	switch {
	case m.Phase == PhaseUnreached:
		m.finish(m.Unreached)
		return
	case a.Offer == "":
		m.finish(end)
		return
	}
	offer, agent, wasTaken := a.Offer, a.Agent, a.accepted()
	m.letGo(a, end)
	if wasTaken {
		m.journal(call.AgentLegLost{Call: m.Call, Agent: agent, Offer: offer})
		return
	}
	m.missed(offer, agent, call.MissUnreachable)
}

// letGo drops the agent's leg and leaves the far party alone.
func (m *step) letGo(a *Party, end call.End) {
	if far := m.Customer(); far != nil && far.State != Left && far.accepted() {
		far.State, far.Holds = Waiting, false // a hold is of one talk
	}
	m.drop(a, end)
	m.connect()
}
