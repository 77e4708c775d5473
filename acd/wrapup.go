package acd

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// wrapUp is the time an agent has after a call. Its timer running means that it is on.
type wrapUp struct {
	timer
	agent *agent
	call  call.ID
	queue call.QueueID // empty: of a call outside queues
}

// startWrapUp gives the agent time to finish a call. A wrap-up still on, of the call before, was not
// finished and ends as if its time were over.
func (m *Machine) startWrapUp(a *agent, id call.ID, q call.QueueID, d time.Duration) {
	if a.wrapUp.running() {
		m.endWrapUp(a, true)
	}
	a.wrapUp.call, a.wrapUp.queue = id, q
	m.set(&a.wrapUp.timer, m.now.Add(d))
	m.do(StartWrapUp{Call: id, Agent: a.id, Until: a.wrapUp.at})
	m.touch(a)
}

func (m *Machine) wrapUpFinished(e call.WrapUpFinished) {
	a, ok := m.agents[e.Agent]
	if ok && a.wrapUp.running() && a.wrapUp.call == e.Call {
		m.endWrapUp(a, false)
	}
}

func (m *Machine) endWrapUp(a *agent, timedOut bool) {
	m.stop(&a.wrapUp.timer)
	m.do(EndWrapUp{Call: a.wrapUp.call, Agent: a.id, TimedOut: timedOut})
	m.free(a)
}

func (w *wrapUp) expired(m *Machine) { m.endWrapUp(w.agent, true) }
