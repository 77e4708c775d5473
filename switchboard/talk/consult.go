package talk

import "github.com/linedesk/linedesk/call"

// Consult is an agent's asking of somebody beside the call, while the customer hears music. The zero value: nobody asks.
type Consult struct {
	By   PartyID // who asks
	With PartyID // who is asked; 0: the ACD has not rung the agent yet
	To   Destination
}

func (v *Consult) on() bool { return v.By != 0 }

// consult begins it.
func (m *step) consult(a *Party, to Destination) Refusal {
	far := m.Customer()
	switch {
	case far == nil || !a.bridged() || !far.bridged():
		return NotTalking
	case m.Consult.on() || m.guest() != nil:
		return Consults
	}
	m.unhold(a, far)
	m.journal(call.ConsultBegan{Call: m.Call, Agent: a.Agent, To: to.Name})
	m.Consult = Consult{By: a.ID, To: to}
	far.State, a.State = Held, Consulting
	m.connect()
	m.do(Play{Party: far.ID, Sound: Music, Queue: m.Queue, Agent: a.Agent})
	m.do(Play{Party: a.ID, Sound: Ringback})
	if to.Agent != "" {
		m.journal(call.CallDirected{Call: m.Call, Agent: to.Agent, Queue: m.Queue, Consult: true})
		return Done
	}
	m.Consult.With = m.invite(to, a.Agent)
	return Done
}

// unhold ends the agent's own hold in the books: what follows is no hold.
func (m *step) unhold(a, far *Party) {
	if far.State == Held {
		m.journal(call.CallResumed{Call: m.Call, Agent: a.Agent, By: call.ByAgent})
	}
}

// consults gives both sides of the consultation; asked is nil while nobody is rung yet.
func (m *step) consults() (asks, asked *Party) {
	return m.Party(m.Consult.By), m.Party(m.Consult.With)
}

// askedIsOffered rings the agent who is asked.
func (m *step) askedIsOffered(o Offered) {
	if !m.Consult.on() || m.Consult.With != 0 || m.Consult.To.Agent != o.Agent {
		m.missed(o.Offer, o.Agent, call.MissUnreachable)
		return
	}
	g := m.join(Party{
		Role: RoleColleague, Guest: true, State: Invited, Leg: o.Leg, Line: LineOutgoing, Agent: o.Agent, Offer: o.Offer,
		Browser: o.Station.Kind == call.StationWebRTC,
	})
	m.Consult.With = g.ID
	m.do(Ring{Party: g.ID, Leg: o.Leg, Agent: o.Agent, Station: o.Station, Show: m.shown(), For: o.Ring})
}

// askedAnswers lets the two speak, unless the agent is back with the customer for the moment.
func (m *step) askedAnswers(g *Party) {
	a, _ := m.consults()
	g.Line, g.State = LineUp, Held
	if g.Offer != "" {
		m.journal(call.OfferAnswered{Offer: g.Offer, Call: m.Call, Agent: g.Agent, Leg: g.Leg})
	}
	if a.State == Consulting {
		g.State = Consulting
		m.do(StopPlay{Party: a.ID})
	}
	m.connect()
	if g.State == Held {
		m.do(Play{Party: g.ID, Sound: Music, Queue: m.Queue, Agent: a.Agent})
	}
	m.journal(call.PartyJoined{Call: m.Call, Leg: g.Leg, Agent: g.Agent, Offer: g.Offer})
}

// swap has the agent speak with the other one.
func (m *step) swap(a *Party) Refusal {
	if !m.Consult.on() {
		return NotConsulting
	}
	if a.State == Consulting {
		m.backToCustomer()
		m.journal(call.ConsultSwapped{Call: m.Call, Agent: a.Agent, Customer: true})
		return Done
	}
	far := m.Customer()
	_, g := m.consults()
	m.unhold(a, far)
	far.State, a.State = Held, Consulting
	if g != nil && g.accepted() {
		g.State = Consulting
		m.do(StopPlay{Party: g.ID})
	}
	m.connect()
	m.do(Play{Party: far.ID, Sound: Music, Queue: m.Queue, Agent: a.Agent})
	if g == nil || !g.accepted() {
		m.do(Play{Party: a.ID, Sound: Ringback})
	}
	m.journal(call.ConsultSwapped{Call: m.Call, Agent: a.Agent})
	return Done
}

// backToCustomer brings agent and customer together again. Who was asked waits.
func (m *step) backToCustomer() {
	far := m.Customer()
	a, g := m.consults()
	if a.State != Consulting {
		return
	}
	if g != nil && g.State == Consulting {
		g.State = Held
	}
	a.State, far.State = Talking, Talking
	m.do(StopPlay{Party: far.ID})
	m.do(StopPlay{Party: a.ID})
	m.connect()
	if g != nil && g.State == Held {
		m.do(Play{Party: g.ID, Sound: Music, Queue: m.Queue, Agent: a.Agent})
	}
}

// consultOver ends the asking; the agent is back with the customer.
func (m *step) consultOver(reason string, end call.End) {
	a, g := m.consults()
	agent := a.Agent
	m.drop(g, end)
	m.connect()
	m.backToCustomer()
	m.journal(call.ConsultEnded{Call: m.Call, Agent: agent, Reason: reason})
	m.Consult = Consult{}
}

// cancel is the agent's wish to end the asking.
func (m *step) cancel() Refusal {
	if !m.Consult.on() {
		return NotConsulting
	}
	m.consultOver("cancelled", call.End{By: call.ByAgent, Cause: call.CauseCancelled})
	return Done
}

// complete hands the call over to who was asked, and the agent leaves (RFC 5589, 7: attended).
func (m *step) complete(a *Party) Refusal {
	_, g := m.consults()
	switch {
	case !m.Consult.on():
		return NotConsulting
	case g == nil || !g.accepted():
		return NotTalking
	}
	m.mute(g, false) // the customer is not to speak to a closed microphone
	agent, with := *a, g.ID
	m.Move = Move{Destination: m.Consult.To, By: agent.Agent}
	to := m.Consult.To.Name
	m.Consult = Consult{}
	m.letGo(a, call.End{By: call.ByAgent, Cause: call.CauseTransferred})
	g = m.Party(with)
	m.journal(call.Transferred{Call: m.Call, Agent: agent.Agent, Kind: call.TransferAttended, To: to, Offer: g.Offer})
	m.partOver(agent)
	if g.Offer != "" {
		g.Role, g.Guest = RoleAgent, false
		m.bridge(g, m.Customer())
		return Done
	}
	m.guestJoins(g)
	return Done
}

// askingLeaves is the going of the agent who asks: who has answered gets the call. Else nobody is asked any more. It tells
// whether the call has been handed over.
func (m *step) askingLeaves(a *Party, end call.End) bool {
	if !m.Consult.on() || a.ID != m.Consult.By {
		return false
	}
	if _, g := m.consults(); g != nil && g.accepted() {
		m.complete(a)
		return true
	}
	back := m.Consult.To.Back
	m.consultOver("left", call.End{By: call.ByAgent, Cause: call.CauseCancelled})
	if a.Gone && back != "" && end.Cause != call.CauseLost { // hung up while the customer waited
		m.transfer(a, Destination{Name: call.Target("queue:" + back), Queue: back, Back: back})
		return true
	}
	return false
}

// askedRefused says that the ACD does not ring who was to be asked, or took that back.
func (m *step) askedRefused(reason string) {
	if m.Consult.on() && m.Consult.To.Agent != "" {
		m.consultOver(reason, call.End{By: call.BySystem, Cause: call.CauseCancelled})
	}
}
