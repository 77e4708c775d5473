package acd

// match offers calls as long as some queue has both a caller and a free agent. Before each step no
// queue had, so only those that got one of them in this step are looked at.
func (m *Machine) match() {
	for {
		var first *queue
		for _, q := range m.unsettled {
			if len(q.waiting) > 0 && len(q.ready) > 0 && (first == nil || q.goesBefore(first)) {
				first = q
			}
		}
		if first == nil {
			break
		}
		c := first.waiting[0]
		if p, ok := m.agents[c.preferred]; ok && p.listed && p.serves(first) {
			c.preferred = "" // tried once
			m.offer(c, p, c.why)
			continue
		}
		m.offer(c, first.ready[0].agent, whyLongestIdle)
	}
	for _, q := range m.unsettled {
		q.unsettled = false
	}
	clear(m.unsettled)
	m.unsettled = m.unsettled[:0]
}

// goesBefore tells whose first caller goes first where an agent serves both queues.
func (q *queue) goesBefore(r *queue) bool {
	if q.rules.Weight != r.rules.Weight {
		return q.rules.Weight > r.rules.Weight
	}
	return q.waiting[0].before(r.waiting[0])
}
