package acd

import (
	"slices"

	"github.com/linedesk/linedesk/call"
)

// outsideCall is a call of an agent's that no queue gave: dialled out, internal, direct.
type outsideCall struct {
	timer
	agent  *agent
	id     call.ID
	ending bool // EndCall is out
}

// agentCallStarted makes the agent busy. An offer that still rings goes to somebody else: the agent's
// line is taken, and it is no miss.
func (m *Machine) agentCallStarted(e call.AgentCallStarted) {
	a, ok := m.agents[e.Agent]
	if !ok || slices.ContainsFunc(a.outside, func(o *outsideCall) bool { return o.id == e.Call }) {
		return
	}
	o := &outsideCall{agent: a, id: e.Call}
	o.owner = o
	a.outside = append(a.outside, o)
	m.set(&o.timer, m.now.Add(MaxCall))
	m.touch(a)
	if c := a.caller; c != nil && c.ringing() {
		m.withdraw(c, "")
	}
}

// agentCallEnded starts the wrap-up that the event asks for, unless the agent still talks elsewhere or is
// not on shift.
func (m *Machine) agentCallEnded(e call.AgentCallEnded) {
	a, ok := m.agents[e.Agent]
	if !ok {
		return
	}
	i := slices.IndexFunc(a.outside, func(o *outsideCall) bool { return o.id == e.Call })
	if i < 0 {
		return
	}
	m.leaveOutside(a.outside[i])
	if e.WrapUp > 0 && a.onShift && a.caller == nil && len(a.outside) == 0 {
		m.startWrapUp(a, e.Call, "", e.WrapUp)
	}
}

func (m *Machine) leaveOutside(o *outsideCall) {
	a := o.agent
	m.stop(&o.timer)
	a.outside = slices.DeleteFunc(a.outside, func(p *outsideCall) bool { return p == o })
	m.free(a)
}

func (o *outsideCall) expired(m *Machine) {
	if o.ending {
		m.leaveOutside(o) // its end was never reported: nobody stays busy for that
		return
	}
	o.ending = true
	m.do(EndCall{Call: o.id})
	m.set(&o.timer, m.now.Add(EndLimit))
}
