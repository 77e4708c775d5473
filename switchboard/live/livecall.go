package live

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

// liveCall is a call in progress. What Call points to is shared with snapshots: it is replaced,
// never changed.
type liveCall struct {
	Call

	over    bool     // CallEnded has come
	holders []*agent // whose call it is, wrap-up included

	// The queue's side. offered is the queue that has not had its outcome yet: neither answered, nor
	// abandoned, nor left. waits is the queue in which it stands, for the first time or again.
	offered       *queue
	offeredAt     time.Time
	rungAt        time.Time // the present or last offer
	waits         *queue
	before, after *liveCall // in waits

	// The conversation.
	talker   *agent // nil: none
	talkOf   *queue // nil: of no queue
	talkFrom time.Time
	holds    time.Duration // finished ones of this conversation
	talked   []*agent      // with whom there was one
	placedBy call.AgentID  // outbound and internal calls
}

// peer is the far party, as the agent sees it.
func (c *liveCall) peer(a call.AgentID) call.Party {
	if c.placedBy == "" || c.placedBy != a {
		return c.From
	}
	p := call.Party{Number: c.To}
	if c.Customer != nil {
		p.Name = c.Customer.Name
	}
	return p
}

// forget drops a call that is over and that no agent has any more.
func (l *Live) forget(c *liveCall) {
	if c.over && len(c.holders) == 0 {
		delete(l.calls, c.ID)
	}
}

// begin enters a call. One that is known already is left as it is.
func (l *Live) begin(c Call) *liveCall {
	lc := &liveCall{Call: c}
	if _, known := l.calls[c.ID]; !known {
		l.calls[c.ID] = lc
	}
	return lc
}

// today tells whether the call counts for today's figures.
func (l *Live) today(c *liveCall) bool { return l.day.has(c.ArrivedAt) }

// enqueue puts a call into a queue.
func (l *Live) enqueue(c *liveCall, e call.CallQueued, at time.Time) {
	l.leaveQueue(c, at, leftOtherwise)
	q := l.queueOf(e.Queue)
	c.Queue, c.Priority, c.State = e.Queue, e.Priority, StateWaiting
	c.BridgedAt = nil
	if c.QueuedAt == nil {
		c.QueuedAt = &at
	}
	c.Agent, c.Offer = "", ""
	c.offered, c.offeredAt = q, at
	q.push(c, at)
	if l.today(c) {
		q.today.offered++
	}
}

// outcome is how a call's stay in a queue came to its end.
type outcome int

const (
	answered outcome = iota
	abandoned
	leftOtherwise
)

// leaveQueue takes a call out of the queue it waits in, if any, and counts the outcome if it has
// none yet.
func (l *Live) leaveQueue(c *liveCall, at time.Time, o outcome) {
	if c.waits != nil {
		c.waited = c.Waited(at)
		c.waits.remove(c)
	}
	q := c.offered
	if q == nil {
		return
	}
	c.offered = nil
	if !l.today(c) {
		return
	}
	t, wait := &q.today, at.Sub(c.offeredAt)
	switch o {
	case answered:
		t.answered++
		if wait <= q.serviceLevel {
			t.answeredInSL++
		}
		t.waitAnswered += wait
		t.longestWait = max(t.longestWait, wait)
	case abandoned:
		t.abandoned++
		if wait <= call.ShortAbandon {
			t.abandonedShort++
		}
		t.longestWait = max(t.longestWait, wait)
	case leftOtherwise:
		t.left++
	}
}

// ring offers a call to an agent.
func (c *liveCall) ring(e call.CallOffered, at time.Time) {
	c.Agent, c.Offer, c.rungAt = e.Agent, e.Offer, at
	if c.waits != nil {
		c.State = StateOffered
	}
}

// unring ends an offer, if it is the present one.
func (c *liveCall) unring(offer call.OfferID) {
	if c.Offer != offer || c.State != StateOffered {
		return
	}
	c.Agent, c.Offer, c.State = "", "", StateWaiting
}

// talk begins a conversation.
func (l *Live) talk(c *liveCall, e call.Bridged, at time.Time) {
	l.hush(c, at)
	if e.Offer != "" && c.Queue != "" {
		c.talkOf = l.queueOf(c.Queue)
		c.talkOf.talking++
	}
	l.leaveQueue(c, at, answered)
	a := l.agentOf(e.Agent)
	c.talker, c.talkFrom, c.holds = a, at, 0
	c.Agent, c.Offer, c.State = e.Agent, e.Offer, StateTalking
	c.BridgedAt = &at
	if c.FirstBridgedAt == nil {
		c.FirstBridgedAt = &at
	}
	c.Muted = false
	l.changed(a)
	if !slices.Contains(c.talked, a) {
		c.talked = append(c.talked, a)
		if l.today(c) {
			a.calls++
		}
	}
}

// hush ends the conversation, if there is one.
func (l *Live) hush(c *liveCall, at time.Time) {
	if c.talker == nil {
		return
	}
	if c.HeldSince != nil {
		c.holds += at.Sub(*c.HeldSince)
	}
	if l.today(c) {
		c.talker.talk += at.Sub(c.talkFrom) - c.holds
	}
	l.changed(c.talker)
	if c.talkOf != nil {
		c.talkOf.talking--
	}
	c.talker, c.talkOf = nil, nil
	c.Held, c.HeldBy, c.HeldSince, c.Muted = false, nil, nil, false
}

// hold and resume: a call is held as long as either side holds it.
func (c *liveCall) hold(by call.Side, at time.Time) {
	if c.talker == nil || slices.Contains(c.HeldBy, by) {
		return
	}
	c.HeldBy = append(slices.Clone(c.HeldBy), by)
	if !c.Held {
		c.Held, c.HeldSince = true, &at
	}
}

func (c *liveCall) resume(by call.Side, at time.Time) {
	i := slices.Index(c.HeldBy, by)
	if i < 0 {
		return
	}
	c.HeldBy = slices.Delete(slices.Clone(c.HeldBy), i, i+1)
	if len(c.HeldBy) == 0 {
		c.holds += at.Sub(*c.HeldSince)
		c.Held, c.HeldBy, c.HeldSince = false, nil, nil
	}
}

// lose ends the conversation because the agent's phone is gone: the caller waits again.
func (l *Live) lose(c *liveCall, e call.AgentLegLost, at time.Time) {
	l.hush(c, at)
	if c.State == StateEnded || e.Offer == "" || c.Queue == "" {
		return
	}
	c.Agent, c.Offer, c.State = "", "", StateWaiting
	if c.waits == nil {
		l.queueOf(c.Queue).push(c, at)
	}
}

// gone ends what the caller took part in.
func (l *Live) gone(c *liveCall, at time.Time, o outcome) {
	l.leaveQueue(c, at, o)
	l.hush(c, at)
	c.State = StateEnded
}

// end ends the call itself.
func (l *Live) end(c *liveCall, e call.End, at time.Time) {
	o := leftOtherwise
	if e.Cause == call.CauseAbandoned {
		o = abandoned
	}
	if e.Cause == call.CauseServerRestarted && !l.alive.IsZero() {
		at = l.alive // nobody talked while no server ran
	}
	l.gone(c, at, o)
	c.over = true
	l.forget(c)
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
