package acd

import (
	"fmt"
	"slices"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/invariant"
)

// fewEnough is how many agents and calls are looked through after each step; of more, after each 1,024th.
const fewEnough = 60

// checkConsistent panics if the machine contradicts itself, in builds with the race detector.
func (m *Machine) checkConsistent() {
	if !invariant.On || len(m.roster)+len(m.calls) > fewEnough && m.seq%1024 != 0 {
		return
	}
	if err := m.Consistent(); err != nil {
		invariant.Check(false, fmt.Sprintf("acd after record %d: %v", m.seq, err))
	}
}

// Consistent checks that what the machine knows in two places is the same in both. It looks at everything, so it
// is for tests and for builds with the race detector.
func (m *Machine) Consistent() error {
	if len(m.roster) != len(m.agents) || len(m.lines) != len(m.queues) {
		return fmt.Errorf("%d agents and %d on the roster, %d queues and %d lines", len(m.agents), len(m.roster), len(m.queues), len(m.lines))
	}
	if err := ordered(m.timers); err != nil {
		return fmt.Errorf("timers: %w", err)
	}
	standing := make(map[*queue]int)
	for _, table := range []map[call.ID]*caller{m.calls, m.consults} {
		for id, c := range table {
			if err := m.consistentCall(c); err != nil || c.id != id {
				return fmt.Errorf("call %s (%d): %w", id, c.stage, err)
			}
			if c.stage <= ringing {
				standing[c.queue]++
			}
		}
	}
	for _, q := range m.lines {
		if q.standing != standing[q] || q.unsettled {
			return fmt.Errorf("%d callers in %s, %d counted, unsettled %v", standing[q], q.id, q.standing, q.unsettled)
		}
		if len(q.waiting) > 0 && len(q.ready) > 0 {
			return fmt.Errorf("callers and free agents in %s", q.id)
		}
		if err := ordered(q.waiting); err != nil {
			return fmt.Errorf("callers of %s: %w", q.id, err)
		}
		if err := ordered(q.ready); err != nil {
			return fmt.Errorf("agents of %s: %w", q.id, err)
		}
	}
	for _, a := range m.roster {
		if err := m.consistentAgent(a); err != nil {
			return fmt.Errorf("%s: %w", a.id, err)
		}
	}
	return nil
}

func (m *Machine) consistentCall(c *caller) error {
	switch {
	case !c.running():
		return fmt.Errorf("no deadline")
	case (c.stage == waiting) != (c.agent == nil) || (c.stage == waiting) != (c.offer == "") || (c.stage == waiting) != (c.spot > 0):
		return fmt.Errorf("agent %v, offer %s, place %d", c.agent, c.offer, c.spot)
	case c.agent != nil && (c.agent.caller != c || !slices.Contains(m.roster, c.agent)):
		return fmt.Errorf("%s has another call", c.agent.id)
	}
	return nil
}

func (m *Machine) consistentAgent(a *agent) error {
	switch {
	case a.touched:
		return fmt.Errorf("not settled")
	case a.listed != a.routable():
		return fmt.Errorf("listed %v, routable %v", a.listed, a.routable())
	case a.visible() != a.reported:
		return fmt.Errorf("is %+v, reported %+v", a.visible(), a.reported)
	case a.caller != nil && m.tableOf(a.caller)[a.caller.id] != a.caller:
		return fmt.Errorf("has call %s, which is gone", a.caller.id)
	case !a.configured && !a.working():
		return fmt.Errorf("is neither in the site nor working")
	}
	for _, s := range a.seats {
		if (s.spot > 0) != a.listed {
			return fmt.Errorf("listed %v, place %d in %s", a.listed, s.spot, s.queue.id)
		}
	}
	for _, o := range a.outside {
		if !o.running() {
			return fmt.Errorf("no deadline for call %s", o.id)
		}
	}
	return nil
}

// ordered checks a heap and that its items know their places.
func ordered[T ranked[T]](h heap[T]) error {
	for i, x := range h {
		if *x.place() != i+1 {
			return fmt.Errorf("the item at %d thinks it is at %d", i, *x.place()-1)
		}
		if i > 0 && x.before(h[(i-1)/2]) {
			return fmt.Errorf("the item at %d belongs before its parent", i)
		}
	}
	return nil
}
