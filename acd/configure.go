package acd

import (
	"slices"

	"github.com/linedesk/linedesk/call"
)

// configured replaces what is known of the site. What goes on keeps its state: callers their place,
// agents their shift and the call in hand. Callers of a queue that is gone are refused, at once or when
// the agent who rings for them does not answer.
func (m *Machine) configured(e call.RoutingConfigured) {
	for _, a := range m.roster {
		m.unlist(a)
		a.configured, a.seats = false, nil
		m.touch(a)
	}
	m.configureQueues(e.Queues)
	for _, rules := range e.Agents {
		m.configureAgent(rules)
	}
}

func (m *Machine) configureQueues(rules []call.QueueRules) {
	old := m.lines
	m.lines = make([]*queue, 0, len(rules))
	for _, r := range rules {
		q, ok := m.queues[r.Queue]
		if !ok {
			q = &queue{id: r.Queue}
			m.queues[q.id] = q
		}
		q.rules = r
		if !slices.Contains(m.lines, q) {
			m.lines = append(m.lines, q)
		}
		m.unsettle(q)
	}
	for _, q := range old {
		if slices.Contains(m.lines, q) {
			continue
		}
		delete(m.queues, q.id)
		for len(q.waiting) > 0 {
			c := q.waiting[0]
			m.forget(c)
			m.do(RefuseCall{Call: c.id, Queue: q.id, Reason: ReasonUnknownQueue})
		}
	}
}

func (m *Machine) configureAgent(rules call.AgentRules) {
	a, ok := m.agents[rules.Agent]
	if !ok {
		a = newAgent(rules.Agent)
		m.agents[a.id] = a
		m.roster = append(m.roster, a)
	}
	a.rules, a.configured, a.seats = rules, true, nil
	m.touch(a)
	for _, id := range rules.Queues {
		if q, ok := m.queues[id]; ok && !a.serves(q) {
			a.seats = append(a.seats, &seat{agent: a, queue: q})
		}
	}
}

// dismiss forgets an agent who is no longer in the site and has finished.
func (m *Machine) dismiss(a *agent) {
	m.unrest(a)
	delete(m.agents, a.id)
	m.roster = slices.DeleteFunc(m.roster, func(b *agent) bool { return b == a })
}
