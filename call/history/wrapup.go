package history

import (
	"maps"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

type wrapUp struct{ since, until time.Time }

// WrappingUp gives the agents whose wrap-ups run, sorted.
func (c *Call) WrappingUp() []call.AgentID { return slices.Sorted(maps.Keys(c.wrapUps)) }

func (c *Call) applyWrapUp(e call.Event, at time.Time) {
	switch e := e.(type) {
	case call.WrapUpStarted:
		if c.wrapUps == nil {
			c.wrapUps = make(map[call.AgentID]wrapUp, 1)
		}
		c.wrapUps[e.Agent] = wrapUp{since: at, until: e.Until}
		if e.Until.After(c.longest) {
			c.longest = e.Until
		}
	case call.WrapUpSaved:
		c.Disposition, c.Notes = e.Disposition, e.Notes
	case call.WrapUpFinished:
		c.Unfinished = false
	case call.WrapUpEnded:
		c.wrapUpEnded(e, at)
	}
}

func (c *Call) wrapUpEnded(e call.WrapUpEnded, at time.Time) {
	w, ok := c.wrapUps[e.Agent]
	if !ok {
		return
	}
	delete(c.wrapUps, e.Agent)
	if at.After(w.until) {
		at = w.until // found out late: after a restart
	}
	d := max(0, at.Sub(w.since)).Truncate(time.Millisecond) // rows add up to the millisecond
	c.WrapUp += d
	for _, s := range slices.Backward(c.Segments) {
		if s.Agent == e.Agent {
			s.WrapUp += d
			break
		}
	}
	c.Unfinished = e.TimedOut && c.Disposition == ""
}
