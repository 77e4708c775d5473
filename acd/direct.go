package acd

import "github.com/linedesk/linedesk/call"

// callDirected offers a call to one agent, whoever else is free or waits: ready or paused, but not at work. One that is
// elsewhere leaves there first. It stands in no queue: if nothing comes of it, it is given back. An agent who is asked by a
// colleague is offered the same call beside what it is otherwise.
func (m *Machine) callDirected(e call.CallDirected) {
	if e.Consult {
		m.consultEnded(e.Call)
	}
	if c, known := m.calls[e.Call]; known && !e.Consult {
		m.takeOver(c)
	}
	m.comesBackTo(e.Agent, e.Call)
	a, ok := m.agents[e.Agent]
	if !ok || !a.directable() {
		m.do(RefuseCall{Call: e.Call, Reason: ReasonNotTaken, Consult: e.Consult})
		return
	}
	own := &queue{}
	if q, ok := m.queues[e.Queue]; ok {
		own.rules.RingTimeout, own.rules.WrapUp = q.rules.RingTimeout, q.rules.WrapUp
	}
	c := m.enlist(e.Call, own, e.Consult)
	c.direct = true
	why := whyTransferred
	if e.Consult {
		why = WhyConsult
	}
	m.offer(c, a, why)
}

// directable tells whether a colleague's call may be put before the agent now.
func (a *agent) directable() bool { return a.configured && a.onShift && a.up && !a.working() }

// partyJoined begins the talk of an agent who is asked.
func (m *Machine) partyJoined(e call.PartyJoined) {
	if e.Offer != "" {
		m.bridged(call.Bridged{Call: e.Call, Agent: e.Agent, Offer: e.Offer})
	}
}

// consultEnded lets who was asked go. Nothing is to be wrapped up.
func (m *Machine) consultEnded(id call.ID) {
	c := m.consults[id]
	switch {
	case c == nil:
	case c.stage == talking:
		c.queue.rules.WrapUp = 0
		m.endTalk(c)
	default:
		m.drop(c)
	}
}

// transferred makes the call of who was asked of it the call that it is: who asked has left it.
func (m *Machine) transferred(e call.Transferred) {
	c := m.consults[e.Call]
	if e.Kind != call.TransferAttended || c == nil || c.offer != e.Offer {
		return
	}
	switch main := m.calls[e.Call]; {
	case main == nil:
	case main.stage == talking:
		m.endTalk(main)
	default:
		m.drop(main)
	}
	delete(m.consults, e.Call)
	c.consult = false
	m.calls[e.Call] = c
}
