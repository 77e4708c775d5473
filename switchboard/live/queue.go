package live

import (
	"slices"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
)

// queue is a queue's figures.
type queue struct {
	id           call.QueueID
	configured   bool
	serviceLevel time.Duration
	agents       Agents
	talking      int
	today        today

	// Those who wait, the longest waiting first. A caller who lost an agent waits anew.
	first, last *liveCall
	waiting     int
}

// today is what was counted since the day began, of calls that arrived in it.
type today struct {
	offered, answered, answeredInSL, abandoned, abandonedShort, left int
	waitAnswered, longestWait                                        time.Duration
}

func (q *queue) shown() bool {
	return q.configured || q.waiting > 0 || q.talking > 0 || q.today.offered > 0
}

func (q *queue) snapshot() Queue {
	t := &q.today
	out := Queue{
		ID: q.id, Waiting: q.waiting, Talking: q.talking,
		Offered: t.offered, Answered: t.answered, AnsweredInSL: t.answeredInSL,
		Abandoned: t.abandoned, AbandonedShort: t.abandonedShort, Left: t.left,
		Pending:          t.offered - t.answered - t.abandoned - t.left,
		ServiceLevelSecs: q.serviceLevel.Seconds(),
		WaitAnsweredMS:   t.waitAnswered.Milliseconds(), LongestWaitMS: t.longestWait.Milliseconds(),
		Agents: q.agents,
	}
	if q.first != nil {
		out.LongestWaitSince = q.first.WaitSince
	}
	out.ServiceLevel = ServiceLevel(t.answeredInSL, t.offered, t.abandonedShort)
	return out
}

// ServiceLevel is the share, 0…1, of calls that were answered in time among those offered, with what was abandoned
// within [call.ShortAbandon] left out; nil: there is nothing to divide by. Of several queues it is that of their calls
// added up, not the mean of the queues' levels.
func ServiceLevel(answeredInTime, offered, abandonedShort int) *float64 {
	base := offered - abandonedShort
	if base <= 0 {
		return nil
	}
	level := float64(answeredInTime) / float64(base)
	return &level
}

// queueOf gives a queue, made if it is not known: the site may have changed since.
func (l *Live) queueOf(id call.QueueID) *queue {
	q, ok := l.queues[id]
	if !ok {
		q = &queue{id: id, serviceLevel: call.DefaultServiceLevel}
		l.queues[id] = q
		at, _ := slices.BinarySearchFunc(l.queueList, id, func(q *queue, id call.QueueID) int {
			return strings.Compare(string(q.id), string(id))
		})
		l.queueList = slices.Insert(l.queueList, at, q)
	}
	return q
}

// push puts a call behind all who wait.
func (q *queue) push(c *liveCall, since time.Time) {
	c.waits = q
	c.WaitSince = &since
	c.before, c.after = q.last, nil
	if q.last != nil {
		q.last.after = c
	} else {
		q.first = c
	}
	q.last = c
	q.waiting++
}

// remove takes a call out of those who wait.
func (q *queue) remove(c *liveCall) {
	if c.before != nil {
		c.before.after = c.after
	} else {
		q.first = c.after
	}
	if c.after != nil {
		c.after.before = c.before
	} else {
		q.last = c.before
	}
	c.before, c.after, c.waits = nil, nil, nil
	c.WaitSince = nil
	q.waiting--
}

// configure takes the site's queues and agents.
func (l *Live) configure(e call.RoutingConfigured) {
	for _, q := range l.queueList {
		q.configured = false
	}
	for _, r := range e.Queues {
		q := l.queueOf(r.Queue)
		q.configured, q.serviceLevel = true, r.ServiceLevel
		if q.serviceLevel <= 0 {
			q.serviceLevel = call.DefaultServiceLevel
		}
	}
	for _, a := range l.agentList {
		a.configured = false
		a.serve(l, nil)
		l.changed(a)
	}
	for _, r := range e.Agents {
		a := l.agentOf(r.Agent)
		a.configured = true
		a.serve(l, r.Queues)
		l.changed(a)
	}
}

// of gives the counter of a status.
func (n *Agents) of(s call.AgentStatus) *int {
	switch s {
	case call.StatusReady:
		return &n.Ready
	case call.StatusOffered:
		return &n.Offered
	case call.StatusTalking:
		return &n.Talking
	case call.StatusWrapUp:
		return &n.WrapUp
	case call.StatusBusy:
		return &n.Busy
	case call.StatusPaused:
		return &n.Paused
	case call.StatusUnreachable:
		return &n.Unreachable
	default:
		return &n.Off
	}
}
