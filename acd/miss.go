package acd

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// rest keeps offers away from an agent for a while. A reason shows as unreachable; without one the agent
// shows as ready.
type rest struct {
	timer
	agent  *agent
	reason call.ReasonID
}

func (m *Machine) restFor(a *agent, d time.Duration, reason call.ReasonID) {
	a.rest.reason = reason
	m.set(&a.rest.timer, m.now.Add(d))
	m.touch(a)
}

func (m *Machine) unrest(a *agent) {
	m.stop(&a.rest.timer)
	a.rest.reason = ""
}

func (r *rest) expired(m *Machine) {
	r.reason = ""
	m.touch(r.agent)
}

// missed puts an agent whose offer came to nothing behind the other free ones and lets it rest. Calls
// that the agent let ring out or declined count towards the pause; a phone that is busy or does not react
// is not the agent's doing and only delays.
func (m *Machine) missed(a *agent, q *queue, miss call.Miss) {
	m.free(a)
	switch miss {
	case call.MissNoAnswer, call.MissDeclined:
		a.misses++
		if q.rules.MaxMisses > 0 && a.misses >= q.rules.MaxMisses && !a.rules.MissesDontCount {
			if a.chosen == call.ChoseReady { // what the agent chose meanwhile stands
				a.chosen, a.chosenReason = call.ChosePaused, ReasonMissed
			}
			a.misses = 0
			return
		}
		m.restFor(a, RestAfterMiss, "")
	case call.MissBusy:
		m.restFor(a, m.fault(a), ReasonPhoneBusy)
	default:
		m.restFor(a, m.fault(a), ReasonNoRoute)
	}
}

// fault counts an offer that the phone refused and says how long to leave it alone: 5, 10, 20, 40, 60, 60 … s.
func (m *Machine) fault(a *agent) time.Duration {
	d := RestAfterFault << min(a.faults, 8)
	a.faults++
	return min(d, LongestRest)
}

// forgive forgets misses, faults and a rest: the agent has just shown to be there.
func (m *Machine) forgive(a *agent) {
	a.misses, a.faults = 0, 0
	m.unrest(a)
}
