package acd

import "time"

// timer is one deadline. It is part of what it watches over, which it calls when due.
type timer struct {
	at    time.Time
	order uint64 // of two at the same moment, the one set earlier goes first
	spot  int
	owner interface{ expired(m *Machine) }
}

func (t *timer) before(u *timer) bool {
	if c := t.at.Compare(u.at); c != 0 {
		return c < 0
	}
	return t.order < u.order
}

func (t *timer) place() *int   { return &t.spot }
func (t *timer) running() bool { return t.spot != 0 }

// set (re)starts a timer.
func (m *Machine) set(t *timer, at time.Time) {
	m.stop(t)
	t.at, t.order = at, m.next()
	m.timers.push(t)
}

func (m *Machine) stop(t *timer) {
	if t.running() {
		m.timers.remove(t)
	}
}

// expire calls whatever is due. A deadline counts when TimePassed says so and not before: an answer that
// was journalled a moment after its deadline, but ahead of the TimePassed, is still an answer.
func (m *Machine) expire() {
	for len(m.timers) > 0 && !m.timers[0].at.After(m.now) {
		t := m.timers[0]
		m.timers.remove(t)
		t.owner.expired(m)
	}
}
