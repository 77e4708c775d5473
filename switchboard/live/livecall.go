package live

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// liveCall is a call in progress: its history, what is shown of it, and what of it is counted already. What Call
// points to is shared with snapshots: it is replaced, never changed.
type liveCall struct {
	Call
	told    *history.Call
	holders []*agent // whose call it is, wrap-up included

	waits         *queue // in whose line it stands; nil: in none
	before, after *liveCall

	entered, left int    // stays that were counted as offered, and as one of the outcomes
	parts         []part // one for each segment
}

// part is what of an agent's part is counted.
type part struct {
	bridged, stopped, missed bool
	queue                    *queue // whose talk it is; nil: of none
}

func (c *liveCall) over() bool { return c.told.EndedAt != nil }

// peer is the far party, as the agent sees it.
func (c *liveCall) peer(a call.AgentID) call.Party {
	if c.told.PlacedBy == "" || c.told.PlacedBy != a && !c.offeredTo(a) {
		return c.From
	}
	p := call.Party{Number: c.To}
	if c.Customer != nil {
		p.Name = c.Customer.Name
	}
	return p
}

// offeredTo tells whether the agent came to the call by an offer, and not as the one who was called.
func (c *liveCall) offeredTo(a call.AgentID) bool {
	return slices.ContainsFunc(c.told.Segments, func(s *history.Segment) bool { return s.Agent == a && s.Offer != "" })
}

func (c *liveCall) ownPart(a call.AgentID) OwnPart {
	for _, s := range slices.Backward(c.told.Segments) {
		if s.Agent == a {
			return OwnPart{BridgedAt: s.BridgedAt, HoldMS: s.Held.Milliseconds(), TransferredTo: s.TransferredTo}
		}
	}
	return OwnPart{}
}

// forget drops a call that is over and that no agent has any more.
func (l *Live) forget(c *liveCall) {
	if c.over() && len(c.holders) == 0 {
		delete(l.calls, c.ID)
	}
}

// begin enters a call. One that is known already is left as it is.
func (l *Live) begin(rec call.Record) {
	h := history.Begin(rec)
	if _, known := l.calls[h.ID]; known {
		return
	}
	c := &liveCall{told: h, Call: Call{
		ID: h.ID, Direction: h.Direction, From: h.From, To: h.To, Trunk: h.Trunk, Extension: h.Extension,
		ArrivedAt: h.ArrivedAt,
	}}
	l.calls[h.ID] = c
	c.show()
	l.tally(c)
}

// advance takes a record of a known call.
func (l *Live) advance(c *liveCall, rec call.Record) {
	gone := c.State == StateEnded
	c.told.Apply(rec, l.run.Alive())
	switch e := rec.Event.(type) {
	case call.CustomerIdentified:
		c.Customer = &Customer{ID: e.Customer, Grade: e.Grade, Name: e.Name}
	case call.CallQueued, call.Transferred:
		c.BridgedAt = nil
	case call.FlowEntered:
		if !gone {
			c.Flow, c.Node, c.Path = e.Flow, "", string(e.Flow)+":"
		}
	case call.FlowStepped:
		if !gone {
			c.step(e)
		}
	}
	c.show()
	l.keepParked(c)
	l.tally(c)
	l.changed(c.holders...)
	l.forget(c)
}

// keepParked keeps the list of the calls that are parked: every desk shows it.
func (l *Live) keepParked(c *liveCall) {
	switch {
	case c.Parked != nil:
		l.parked[c.ID] = c
	case len(l.parked) > 0:
		delete(l.parked, c.ID)
	}
}

// show brings what is shown up to the history.
func (c *liveCall) show() {
	h := c.told
	c.State, c.Unreached = h.State, h.Unreached
	c.AnsweredAt, c.QueuedAt, c.FirstBridgedAt = h.AnsweredAt, h.QueuedAt, h.BridgedAt
	c.Queue, c.Priority, c.RingMS = h.Queue, h.Priority, h.Ring.Milliseconds()
	c.waited = h.Wait(time.Time{})
	c.Agent, c.Offer, c.Muted = "", "", false
	if p := h.Present; p != nil {
		c.Agent, c.Offer, c.Muted = p.Agent, p.Offer, p.Muted
		if p.BridgedAt != nil {
			c.BridgedAt = p.BridgedAt
		}
	}
	c.Parked, c.Asks = nil, nil
	if h.Slot != 0 {
		c.Parked = &Parked{Slot: h.Slot, By: h.ParkedBy, At: *h.ParkedAt, Until: *h.ParkedUntil}
	}
	if a := h.Asks; a != nil {
		c.Asks = &Asks{By: a.By, To: a.To, Agent: a.Agent, Since: a.Since, Joined: a.Joined, Beside: a.Beside}
	}
	c.Held, c.HeldBy, c.HeldSince = false, nil, nil
	for _, s := range h.Segments {
		if s.Talks() && s.HeldSince != nil {
			c.Held, c.HeldBy, c.HeldSince = true, s.HeldBy, s.HeldSince
		}
	}
}

// today tells whether the call counts for today's figures.
func (l *Live) today(c *liveCall) bool { return l.day.has(c.ArrivedAt) }

// tally counts what the history has that was not counted yet.
func (l *Live) tally(c *liveCall) {
	stays := c.told.Stays
	for ; c.left < len(stays) && stays[c.left].Outcome != ""; c.left++ {
		l.enter(c, stays)
		l.leave(c, &stays[c.left])
	}
	l.enter(c, stays)
	for i, s := range c.told.Segments {
		if i == len(c.parts) {
			c.parts = append(c.parts, part{})
		}
		l.count(c, s, &c.parts[i])
	}
}

// enter counts stays that began, up to the one whose end comes next, and puts the call into that queue's line.
func (l *Live) enter(c *liveCall, stays []history.Stay) {
	for ; c.entered < len(stays) && c.entered <= c.left; c.entered++ {
		s := &stays[c.entered]
		q := l.queueOf(s.Queue)
		q.push(c, s.Since)
		if !s.Again && l.today(c) {
			q.today.offered++
		}
	}
}

// leave takes a call out of the line it stands in and counts the outcome of the stay.
func (l *Live) leave(c *liveCall, s *history.Stay) {
	q := c.waits
	q.remove(c)
	if s.Again || !l.today(c) {
		return
	}
	t, wait := &q.today, s.Until.Sub(s.Since)
	switch s.Outcome {
	case history.Answered:
		t.answered++
		if wait <= q.serviceLevel {
			t.answeredInSL++
		}
		t.waitAnswered += wait
		t.longestWait = max(t.longestWait, wait)
	case history.Abandoned:
		t.abandoned++
		if wait <= call.ShortAbandon {
			t.abandonedShort++
		}
		t.longestWait = max(t.longestWait, wait)
	case history.Left:
		t.left++
	}
}

// count counts what an agent's part has come to.
func (l *Live) count(c *liveCall, s *history.Segment, p *part) {
	if s.Missed && !p.missed {
		p.missed = true
		if l.today(c) {
			l.touch(s.Agent).misses++
		}
	}
	if s.BridgedAt != nil && !p.bridged {
		p.bridged = true
		if s.Offer != "" && c.Queue != "" {
			p.queue = l.queueOf(c.Queue)
			p.queue.talking++
		}
		if a := l.touch(s.Agent); l.today(c) && !c.talkedBefore(s) {
			a.calls++
		}
	}
	if s.StoppedAt != nil && !p.stopped {
		p.stopped = true
		if p.queue != nil {
			p.queue.talking--
		}
		if l.today(c) {
			l.touch(s.Agent).talk += s.Talk()
		}
	}
}

// talkedBefore tells whether the agent has had a talk in this call already, in another part of it.
func (c *liveCall) talkedBefore(s *history.Segment) bool {
	for i, o := range c.told.Segments {
		if o != s && o.Agent == s.Agent && i < len(c.parts) && c.parts[i].bridged {
			return true
		}
	}
	return false
}

// step notes what the caller chose, as "main:2" or, after several steps, "main:9,1".
func (c *liveCall) step(e call.FlowStepped) {
	if e.Flow != c.Flow || c.Path == "" {
		c.Path = string(e.Flow) + ":"
	}
	c.Flow, c.Node = e.Flow, e.Node
	if e.Digits == "" {
		return
	}
	if c.Path[len(c.Path)-1] != ':' {
		c.Path += ","
	}
	c.Path += e.Digits
	if len(c.Path) > pathMax {
		c.Path = c.Path[:pathMax]
	}
}

// pathMax bounds what a caller in a menu's loop can make us keep.
const pathMax = 200
