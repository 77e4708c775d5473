package acd

import "github.com/linedesk/linedesk/call"

// Why an agent was chosen.
const (
	whyLongestIdle = "longest_idle"
	whyPreferred   = "preferred"
	whyTransferred = "transferred" // a colleague handed the call to this agent
	WhyConsult     = "consult"     // a colleague asks this agent
	whyReturned    = "returned"    // nobody took the call that this agent had handed over
)

// offer rings a free agent for a waiting call.
func (m *Machine) offer(c *caller, a *agent, why string) {
	q := c.queue
	if c.spot != 0 {
		q.waiting.remove(c)
	}
	m.unlist(a)
	ring := q.rules.RingTimeout
	if ring <= 0 {
		ring = call.DefaultRing
	}
	c.enter(offered)
	c.offer, c.agent, c.until = m.mintOffer(), a, m.now.Add(ring)
	a.caller = c
	m.touch(a)
	deadline := c.until
	if a.station.Kind != call.StationPSTN {
		deadline = m.now.Add(min(ring, SetupLimit))
	}
	m.set(&c.timer, deadline)
	m.do(OfferCall{Offer: c.offer, Call: c.id, Queue: q.id, Agent: a.id, Until: c.until, Why: why})
}

// current finds the call of an offer that is still on; nil: the offer is over, its result is stale.
func (m *Machine) current(id call.ID, o call.OfferID) *caller {
	if c, ok := m.calls[id]; ok && o != "" && c.offer == o {
		return c
	}
	if c, ok := m.consults[id]; ok && o != "" && c.offer == o {
		return c
	}
	return nil
}

func (m *Machine) offerRinging(e call.OfferRinging) {
	if c := m.current(e.Call, e.Offer); c != nil && c.stage == offered {
		c.enter(ringing)
		m.set(&c.timer, c.until)
	}
}

// offerAnswered takes an agent's answer. One that comes after the offer was withdrawn picks up a dead
// line: it is hung up.
func (m *Machine) offerAnswered(e call.OfferAnswered) {
	c := m.current(e.Call, e.Offer)
	if c == nil {
		m.do(ReleaseAgent{Offer: e.Offer, Call: e.Call, Agent: e.Agent})
		return
	}
	if !c.ringing() {
		return
	}
	c.enter(answered)
	m.set(&c.timer, m.now.Add(BridgeLimit))
	m.forgive(c.agent)
	m.touch(c.agent)
}

// offerMissed hears that an offer came to nothing, be it before the answer or right after it.
func (m *Machine) offerMissed(e call.OfferMissed) {
	c := m.current(e.Call, e.Offer)
	switch {
	case c == nil || c.stage == talking:
	case c.stage == answered:
		m.unbridged(c, e.Miss)
	default:
		a := m.detach(c)
		m.missed(a, c.queue, e.Miss)
		m.requeue(c)
	}
}

// withdraw takes back an offer that still rings, and the caller keeps the place. Without a miss the agent
// keeps the place among the idle, too. A station that went away is no reason to rest: it is down.
func (m *Machine) withdraw(c *caller, miss call.Miss) {
	m.do(WithdrawOffer{Offer: c.offer, Call: c.id, Agent: c.agent.id, Miss: miss})
	a := m.detach(c)
	if miss != "" && a.up {
		m.missed(a, c.queue, miss)
	}
	m.requeue(c)
}

// unbridged takes a call back from an agent who answered but never spoke to the caller.
func (m *Machine) unbridged(c *caller, miss call.Miss) {
	a := m.detach(c)
	m.missed(a, c.queue, miss)
	if c.unbridged++; c.unbridged >= MaxUnbridged {
		m.forget(c)
		m.do(EndCall{Call: c.id})
		return
	}
	m.comeBack(c)
}

// comeBack puts a caller who was with an agent already at the head of the queue.
func (m *Machine) comeBack(c *caller) {
	c.returned, c.expires = true, m.now.Add(MaxCall)
	if m.queues[c.queue.id] == c.queue {
		m.do(ResumeWaiting{Call: c.id, Queue: c.queue.id})
	}
	m.requeue(c)
}

// detach parts call and agent.
func (m *Machine) detach(c *caller) *agent {
	a := c.agent
	if a != nil {
		a.caller = nil
		m.touch(a)
	}
	c.agent, c.offer = nil, ""
	return a
}

// expired ends a stage that took too long.
func (c *caller) expired(m *Machine) {
	switch c.stage {
	case waiting:
		m.forget(c)
		m.do(EndCall{Call: c.id})
	case offered:
		// A station behind a trunk, or with a short ring time-out, has had its full time to ring.
		if c.at.Before(c.until) {
			m.withdraw(c, call.MissUnreachable)
		} else {
			m.withdraw(c, call.MissNoAnswer)
		}
	case ringing:
		m.withdraw(c, call.MissNoAnswer)
	case answered:
		m.do(ReleaseAgent{Offer: c.offer, Call: c.id, Agent: c.agent.id})
		m.unbridged(c, call.MissUnreachable)
	case talking:
		if c.ending {
			m.do(ReleaseAgent{Offer: c.offer, Call: c.id, Agent: c.agent.id})
			m.endTalk(c)
			return
		}
		c.ending = true
		m.do(EndCall{Call: c.id})
		m.set(&c.timer, m.now.Add(EndLimit))
	}
}
