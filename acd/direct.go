package acd

import "github.com/linedesk/linedesk/call"

// callDirected offers a call to one agent, whoever else is free or waits: ready or paused, but not at work. One that is
// elsewhere leaves there first. It stands in no queue: if nothing comes of it, it is given back.
func (m *Machine) callDirected(e call.CallDirected) {
	if c, known := m.calls[e.Call]; known {
		m.takeOver(c)
	}
	m.comesBackTo(e.Agent, e.Call)
	a, ok := m.agents[e.Agent]
	if !ok || !a.directable() {
		m.do(RefuseCall{Call: e.Call, Reason: ReasonNotTaken})
		return
	}
	own := &queue{}
	if q, ok := m.queues[e.Queue]; ok {
		own.rules.RingTimeout, own.rules.WrapUp = q.rules.RingTimeout, q.rules.WrapUp
	}
	c := m.enlist(e.Call, own)
	c.direct = true
	m.offer(c, a, whyTransferred)
}

// directable tells whether a colleague's call may be put before the agent now.
func (a *agent) directable() bool { return a.configured && a.onShift && a.up && !a.working() }
