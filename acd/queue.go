package acd

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// queue is one queue: its rules, who waits in it, which of its agents are free.
type queue struct {
	id        call.QueueID
	rules     call.QueueRules
	waiting   heap[*caller] // without an offer
	ready     heap[*seat]   // free to be offered a call
	standing  int           // callers that no agent has answered
	unsettled bool
}

// stage is how far a call has come.
type stage int

const (
	waiting  stage = iota
	offered        // an offer is out, the station has not reacted
	ringing        // the station rings
	answered       // the agent took it
	talking        // both hear each other
)

// caller is a call that a queue answers for, from CallQueued until it is talked out or leaves.
type caller struct {
	timer // of the stage
	id    call.ID
	queue *queue
	stage stage

	consult   bool // an agent is asked beside the call: in Machine.consults
	direct    bool // for one agent only; the queue is the call's own, for its rules, and nobody else is in it
	returned  bool // was with an agent who went away, or handed it over in vain: stands at the head
	priority  int
	since     time.Time // began to wait
	order     uint64    // of arrival in the queue
	spot      int       // in queue.waiting
	preferred call.AgentID
	why       string    // the preferred one
	expires   time.Time // of waiting
	unbridged int       // answers in a row that did not come to a bridge
	ending    bool      // EndCall is out

	offer call.OfferID // of the stages from offered to talking, as are:
	agent *agent
	until time.Time // end of ringing
}

func (c *caller) before(d *caller) bool {
	switch {
	case c.returned != d.returned:
		return c.returned
	case c.priority != d.priority:
		return c.priority > d.priority
	case !c.since.Equal(d.since):
		return c.since.Before(d.since)
	default:
		return c.order < d.order
	}
}

func (c *caller) place() *int   { return &c.spot }
func (c *caller) ringing() bool { return c.stage == offered || c.stage == ringing }

// enter moves a call to another stage, without anything that goes with it but the queue's count.
func (c *caller) enter(s stage) {
	if c.stage <= ringing {
		c.queue.standing--
	}
	c.stage = s
	if c.stage <= ringing {
		c.queue.standing++
	}
}

// callQueued takes a call into a queue. A call that stands in this queue already keeps its place and its
// offer, with the new priority; one that is elsewhere leaves there first.
func (m *Machine) callQueued(e call.CallQueued) {
	q, ok := m.queues[e.Queue]
	if c, known := m.calls[e.Call]; known {
		if c.queue == q && c.stage != talking {
			c.priority, c.preferred = e.Priority, e.Preferred
			if c.stage == waiting {
				q.waiting.fix(c.spot - 1)
			}
			return
		}
		m.takeOver(c)
	}
	if !ok {
		m.do(RefuseCall{Call: e.Call, Queue: e.Queue, Reason: ReasonUnknownQueue})
		return
	}
	// Callers without an offer means that no agent is free, so this one would wait as well.
	if q.full() && !e.Returned {
		m.do(RefuseCall{Call: e.Call, Queue: e.Queue, Reason: ReasonFull})
		return
	}
	c := m.enlist(e.Call, q, false)
	c.priority, c.preferred, c.returned, c.since = e.Priority, e.Preferred, e.Returned, m.now
	if s := e.Since; !s.IsZero() && s.Before(m.now) {
		c.since = s
	}
	c.why = whyPreferred
	if e.Returned {
		c.why = whyReturned
		m.comesBackTo(e.Preferred, c.id)
	}
	m.wait(c)
}

func (q *queue) full() bool { return q.rules.MaxWaiting > 0 && len(q.waiting) >= q.rules.MaxWaiting }

// enlist makes a call one of the queue's.
func (m *Machine) enlist(id call.ID, q *queue, consult bool) *caller {
	c := &caller{id: id, queue: q, order: m.next(), expires: m.now.Add(MaxCall), consult: consult}
	c.owner = c
	m.tableOf(c)[c.id] = c
	q.standing++
	return c
}

// tableOf is where a call is kept: an agent may be asked beside it.
func (m *Machine) tableOf(c *caller) map[call.ID]*caller {
	if c.consult {
		return m.consults
	}
	return m.calls
}

// comesBackTo ends the wrap-up of a call that its agent has handed over and that comes back: there is more to do in it.
func (m *Machine) comesBackTo(id call.AgentID, c call.ID) {
	if a, ok := m.agents[id]; ok && a.wrapUp.running() && a.wrapUp.call == c {
		m.endWrapUp(a, false)
	}
}

// wait puts a call into the line of its queue.
func (m *Machine) wait(c *caller) {
	c.queue.waiting.push(c)
	m.set(&c.timer, c.expires)
	m.unsettle(c.queue)
}

// requeue gives a call its place back after an offer that came to nothing.
func (m *Machine) requeue(c *caller) {
	if c.direct {
		m.forget(c)
		m.do(RefuseCall{Call: c.id, Reason: ReasonNotTaken, Consult: c.consult})
		return
	}
	if m.queues[c.queue.id] != c.queue { // the queue was taken out of the site meanwhile
		m.forget(c)
		m.do(RefuseCall{Call: c.id, Queue: c.queue.id, Reason: ReasonUnknownQueue})
		return
	}
	c.enter(waiting)
	m.wait(c)
}

// callDequeued takes a call out of its queue by the flow's decision, agent or none. One that talks is
// out already.
func (m *Machine) callDequeued(e call.CallDequeued) {
	if c, ok := m.calls[e.Call]; ok && c.stage != talking {
		m.drop(c)
	}
}

// callerLeft takes a call out because nobody is there any more.
func (m *Machine) callerLeft(e call.CallerLeft) {
	m.consultEnded(e.Call)
	c, ok := m.calls[e.Call]
	switch {
	case !ok:
	case c.stage == talking:
		m.endTalk(c)
	default:
		m.drop(c)
	}
}

// drop takes a call that no agent talks to out of the machine, and the agent's station off it.
func (m *Machine) drop(c *caller) {
	switch c.stage {
	case offered, ringing:
		m.do(WithdrawOffer{Offer: c.offer, Call: c.id, Agent: c.agent.id})
	case answered:
		m.do(ReleaseAgent{Offer: c.offer, Call: c.id, Agent: c.agent.id})
	case waiting, talking:
	}
	m.detach(c)
	m.forget(c)
}

// takeOver takes a call from wherever it is, because it was queued anew.
func (m *Machine) takeOver(c *caller) {
	if c.stage == talking {
		m.do(ReleaseAgent{Offer: c.offer, Call: c.id, Agent: c.agent.id})
		m.endTalk(c)
		return
	}
	m.drop(c)
}

// forget removes a call that has no agent.
func (m *Machine) forget(c *caller) {
	m.stop(&c.timer)
	if c.spot != 0 {
		c.queue.waiting.remove(c)
	}
	if c.stage <= ringing {
		c.queue.standing--
	}
	delete(m.tableOf(c), c.id)
}
