package acd

import "github.com/linedesk/linedesk/call"

// bridged begins the talk. If its offer is over, the machine has given the caller back to the queue and
// whoever is on the agent's leg has to leave.
func (m *Machine) bridged(e call.Bridged) {
	if e.Offer == "" {
		return // a call outside queues
	}
	c := m.current(e.Call, e.Offer)
	if c == nil {
		m.do(ReleaseAgent{Offer: e.Offer, Call: e.Call, Agent: e.Agent})
		return
	}
	if c.stage == talking {
		return
	}
	c.enter(talking)
	c.unbridged = 0
	m.set(&c.timer, m.now.Add(MaxCall))
	m.forgive(c.agent)
	m.touch(c.agent)
}

// talkEnded ends the agent's part. An agent who hangs up between answer and bridge leaves a caller behind
// who has spoken to nobody.
func (m *Machine) talkEnded(e call.TalkEnded) {
	c := m.current(e.Call, e.Offer)
	switch {
	case c == nil || c.ringing():
	case c.stage == talking:
		m.endTalk(c)
	case e.By == call.ByAgent:
		m.unbridged(c, call.MissDeclined)
	default:
		m.detach(c)
		m.forget(c)
	}
}

// endTalk lets the agent go on to the wrap-up; the call is no business of the queue's any more.
func (m *Machine) endTalk(c *caller) {
	a := m.detach(c)
	m.forget(c)
	if d := c.queue.rules.WrapUp; d > 0 && !a.rules.NoWrapUp {
		m.startWrapUp(a, c.id, c.queue.id, d)
		return
	}
	m.free(a)
}

// agentLegLost gives the caller back to the head of the queue. The agent has lost the link: no offers
// until StationUp, or for a while where the station counts as up all the same.
func (m *Machine) agentLegLost(e call.AgentLegLost) {
	c := m.current(e.Call, e.Offer)
	if c == nil {
		return
	}
	if c.ringing() {
		a := m.detach(c)
		m.missed(a, c.queue, call.MissUnreachable)
		m.requeue(c)
		return
	}
	a := m.detach(c)
	m.free(a)
	m.restFor(a, RestAfterLoss, ReasonLinkLost)
	m.comeBack(c)
}
