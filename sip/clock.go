package sip

import "time"

// The timers of RFC 3261, 17 (table 4).
const (
	t1 = 500 * time.Millisecond // round trip estimate
	t2 = 4 * time.Second        // longest interval between repetitions
	// timeout is 64·T1: timers B, F, H, J, L, M, and D, which need only be no less than 32 s.
	timeout = 64 * t1
	t4      = 5 * time.Second // timer I and K: how long a message may live in the network
)

// alarm is a timer of a worker. It is a part of what it wakes, so that setting it allocates nothing.
type alarm struct {
	owner alarmed
	at    time.Duration // since the endpoint's start
	pos   int32         // 1 + its place in the heap; 0: not set
	kind  uint8         // what for, in the owner's own terms
}

// alarmed is what an alarm wakes.
type alarmed interface{ ring(kind uint8) }

// clock is a worker's heap of alarms, the earliest first.
type clock struct{ heap []*alarm }

// set sets or moves an alarm.
func (c *clock) set(a *alarm, owner alarmed, kind uint8, at time.Duration) {
	a.owner, a.kind = owner, kind
	if a.pos == 0 {
		a.at = at
		c.heap = append(c.heap, a)
		a.pos = int32(len(c.heap))
		c.up(len(c.heap) - 1)
		return
	}
	was := a.at
	if a.at = at; at < was {
		c.up(int(a.pos) - 1)
	} else {
		c.down(int(a.pos) - 1)
	}
}

// stop takes an alarm out. It may be out already.
func (c *clock) stop(a *alarm) {
	if a.pos == 0 {
		return
	}
	i, last := int(a.pos)-1, len(c.heap)-1
	c.swap(i, last)
	c.heap[last] = nil
	c.heap = c.heap[:last]
	a.pos, a.owner = 0, nil
	if i < last {
		c.down(i)
		c.up(i)
	}
}

// due takes out the first alarm whose time has come; nil if there is none.
func (c *clock) due(now time.Duration) (alarmed, uint8) {
	if len(c.heap) == 0 || c.heap[0].at > now {
		return nil, 0
	}
	a := c.heap[0]
	owner, kind := a.owner, a.kind
	c.stop(a)
	return owner, kind
}

// next is the time of the first alarm.
func (c *clock) next() (time.Duration, bool) {
	if len(c.heap) == 0 {
		return 0, false
	}
	return c.heap[0].at, true
}

func (c *clock) swap(i, j int) {
	h := c.heap
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = int32(i+1), int32(j+1)
}

func (c *clock) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if c.heap[parent].at <= c.heap[i].at {
			return
		}
		c.swap(i, parent)
		i = parent
	}
}

func (c *clock) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(c.heap) {
			return
		}
		if child+1 < len(c.heap) && c.heap[child+1].at < c.heap[child].at {
			child++
		}
		if c.heap[i].at <= c.heap[child].at {
			return
		}
		c.swap(i, child)
		i = child
	}
}
