package history

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Stay is one stay in a queue.
type Stay struct {
	Queue   call.QueueID
	Since   time.Time
	Until   time.Time // zero: it goes on
	Outcome Outcome   // empty: it goes on
	// Again: the caller has spoken with an agent, lost him, or was handed over in vain, and waits once more. It counts
	// for no figure.
	Again bool
	// Waits: no agent had the call before it, so that its time is wait.
	Waits bool
}

// Outcome is how a stay in a queue came to its end. A closed set.
type Outcome string

// The outcomes.
const (
	Answered  Outcome = "answered"  // bridged to an agent
	Abandoned Outcome = "abandoned" // the caller left while waiting or while an agent rang
	Left      Outcome = "left"      // taken out otherwise: a limit, a flow's decision, another queue, a restart
)

// Standing gives the stay that goes on; nil: the call stands in no queue.
func (c *Call) Standing() *Stay {
	if n := len(c.Stays); n > 0 && c.Stays[n-1].Outcome == "" {
		return &c.Stays[n-1]
	}
	return nil
}

// Wait is the call's wait as of a moment.
func (c *Call) Wait(now time.Time) time.Duration {
	var sum time.Duration
	for i := range c.Stays {
		s := &c.Stays[i]
		switch {
		case !s.Waits:
		case s.Outcome == "":
			sum += max(0, now.Sub(s.Since))
		default:
			sum += s.Until.Sub(s.Since)
		}
	}
	return sum
}

func (c *Call) queued(e call.CallQueued, at time.Time) {
	if c.left {
		return
	}
	c.goesOn()
	c.leaveQueue(Left, at)
	c.Queue, c.Priority = e.Queue, e.Priority
	if c.QueuedAt == nil {
		c.QueuedAt = new(at)
	}
	c.Stays = append(c.Stays, Stay{Queue: e.Queue, Since: at, Again: e.Returned, Waits: c.BridgedAt == nil})
	c.Present = nil
	c.become(Waiting)
}

func (c *Call) dequeued(e call.CallDequeued, at time.Time) {
	if c.left {
		return
	}
	c.leaveQueue(Left, at)
	c.Present = nil
	if e.Reason == notTaken {
		c.become(Transferring)
		return
	}
	c.become(InFlow)
}

// notTaken is the reason of a CallDequeued that takes a call away from the agent it was directed to.
const notTaken = "not_taken"

// waitsAgain puts a caller who lost the agent back into the queue. A call that a colleague had handed to that agent
// stands in none: it goes back to the colleague.
func (c *Call) waitsAgain(s *Segment, at time.Time) {
	switch {
	case c.farGone:
		return
	case s.Directed():
		c.Present = nil
		c.become(Transferring)
		return
	case c.Queue == "":
		return
	}
	c.Present = nil
	c.become(Waiting)
	if c.Standing() == nil {
		c.Stays = append(c.Stays, Stay{Queue: c.Queue, Since: at, Again: true})
	}
}

func (c *Call) leaveQueue(o Outcome, at time.Time) {
	if s := c.Standing(); s != nil {
		s.Until, s.Outcome = at, o
	}
}
