package history

import (
	"slices"
	"strconv"
	"time"

	"github.com/linedesk/linedesk/call"
)

// SegmentEnd says why an agent's part in a call ended. A closed set.
type SegmentEnd string

// The ends of a segment. The first four are a missed offer's.
const (
	EndNoAnswer    SegmentEnd = "no_answer"
	EndDeclined    SegmentEnd = "declined"
	EndBusy        SegmentEnd = "busy"
	EndUnreachable SegmentEnd = "unreachable"
	EndWithdrawn   SegmentEnd = "withdrawn"   // the caller left while the agent's station rang
	EndAgent       SegmentEnd = "agent"       // the agent hung up
	EndCaller      SegmentEnd = "caller"      // the far party hung up
	EndSystem      SegmentEnd = "system"      // ended by flow, administrator or the end of the call
	EndTrunk       SegmentEnd = "trunk"       // the carrier ended it
	EndLost        SegmentEnd = "lost"        // the agent's phone or link went away
	EndTransferred SegmentEnd = "transferred" // the agent handed the call over
	EndConsulted   SegmentEnd = "consulted"   // the agent was asked by a colleague, who kept the call
	EndRestart     SegmentEnd = "server restarted"
)

// Segment is one agent's part in a call, from the offer on; of a call outside queues, from its beginning for this
// agent on.
type Segment struct {
	Party
	Queue      call.QueueID
	Why        string // why this agent
	OfferedAt  time.Time
	RingingAt  *time.Time
	AnsweredAt *time.Time
	BridgedAt  *time.Time
	StoppedAt  *time.Time // the talk was over; nil: it goes on, or there was none
	EndedAt    *time.Time
	End        SegmentEnd
	Missed     bool          // the offer came to nothing, and not because we took it back
	HeldBy     []call.Side   // while held; replaced, never changed
	HeldSince  *time.Time    // nil: nobody holds it
	Held       time.Duration // finished holds
	AsksSince  *time.Time    // nil: does not ask, and is not asked, beside the call
	Consulted  time.Duration // finished askings
	WrapUp     time.Duration
	Muted      bool

	TransferredTo call.Target // with EndTransferred
}

// Directed tells whether a colleague handed the call to this agent, or asks this one, past any queue.
func (s *Segment) Directed() bool { return s.Offer != "" && s.Queue == "" }

// Asked tells whether a colleague asked this agent beside the call, whatever came of it.
func (s *Segment) Asked() bool { return s.Why == whyConsult }

// Talks tells whether the agent speaks with the far party, on hold or not.
func (s *Segment) Talks() bool { return s.BridgedAt != nil && s.StoppedAt == nil }

// Talk is the time of a finished talk, without hold.
func (s *Segment) Talk() time.Duration {
	if s.BridgedAt == nil || s.StoppedAt == nil {
		return 0
	}
	return s.StoppedAt.Sub(*s.BridgedAt) - s.Held - s.consultedInTalk()
}

// consultedInTalk is how much of the talk's whole time went into asking; who was asked first was so before it.
func (s *Segment) consultedInTalk() time.Duration {
	if s.Why == whyConsult {
		return 0
	}
	return s.Consulted
}

// TalkHoldMS are the talk and the hold of a finished talk in milliseconds. Talk is what hold leaves of the whole, so
// that the two add up.
func (s *Segment) TalkHoldMS() (talk, hold int64) {
	if s.BridgedAt == nil || s.StoppedAt == nil {
		return 0, 0
	}
	hold = s.Held.Milliseconds()
	return s.StoppedAt.Sub(*s.BridgedAt).Milliseconds() - hold - s.consultedInTalk().Milliseconds(), hold
}

// Ring is how long the agent's station rang, or was tried: from the offer to the answer, or to the end of an offer
// that came to nothing. Outside queues it is the time to the agent's own answer, where that is told.
func (s *Segment) Ring() time.Duration {
	switch {
	case s.AnsweredAt != nil:
		return s.AnsweredAt.Sub(s.OfferedAt)
	case s.BridgedAt == nil && s.EndedAt != nil:
		return s.EndedAt.Sub(s.OfferedAt)
	}
	return 0
}

// applyToSegment carries out what concerns one agent's part.
func (c *Call) applyToSegment(e call.Event, at time.Time) {
	switch e := e.(type) {
	case call.CallOffered:
		c.offered(e, at)
	case call.OfferRinging:
		s := c.segment(e.Offer, e.Agent, at)
		if s.RingingAt != nil || s.EndedAt != nil {
			return
		}
		s.RingingAt = new(at)
		c.joinLeg(s, e.Leg, at)
	case call.OfferAnswered:
		s := c.segment(e.Offer, e.Agent, at)
		if s.AnsweredAt != nil || s.EndedAt != nil {
			return // said already, or too late: the offer is over
		}
		s.AnsweredAt = new(at)
		c.joinLeg(s, e.Leg, at)
		if c.left || s.Why == whyConsult {
			return // it crossed with the caller's going: nobody took the call; or who answered is only asked
		}
		c.taken(s)
		if e.Offer != "" && c.PlacedBy == "" {
			c.Ring = at.Sub(s.OfferedAt)
		}
	case call.OfferMissed:
		s := c.segment(e.Offer, e.Agent, at)
		s.Missed = s.Missed || s.EndedAt == nil
		s.close(missEnd(e.Miss), at)
		c.unring(s)
	case call.OfferWithdrawn:
		s := c.segment(e.Offer, e.Agent, at)
		s.close(EndWithdrawn, at)
		c.unring(s)
	case call.Bridged:
		c.bridged(e, at)
	case call.CallHeld:
		c.talking(e.Agent).hold(e.By, at)
	case call.CallResumed:
		c.talking(e.Agent).resume(e.By, at)
	case call.AgentMuted:
		s := c.talking(e.Agent)
		if s == nil {
			s = c.Asked(e.Agent)
		}
		if s != nil {
			s.Muted = e.Muted
		}
	case call.TalkEnded:
		s := c.segment(e.Offer, e.Agent, at)
		s.stop(at)
		s.close(endBy(e.By), at)
		if s.End == EndTransferred {
			return // the customer's part goes on
		}
		c.over(at)
		if c.State == Talking {
			c.become(InFlow)
		}
	case call.Transferred:
		c.transferred(e.Agent, e.To, at)
		if e.Kind == call.TransferAttended {
			c.taking(e, at)
		}
	case call.ConsultBegan:
		c.talking(e.Agent).asks(at)
		c.Asks = &Asks{By: e.Agent, To: e.To, Since: at, Beside: true}
	case call.ConsultSwapped:
		c.asking(func(a *Asks) { a.Beside = !e.Customer })
		if s := c.talking(e.Agent); e.Customer {
			s.asksNoMore(at)
		} else {
			s.asks(at)
		}
	case call.ConsultEnded:
		c.talking(e.Agent).asksNoMore(at)
		c.unasked(at)
	case call.CallParked:
		if c.transferred(e.Agent, call.Target("park:"+strconv.Itoa(e.Slot)), at); c.State == Transferring {
			c.become(Parked)
			c.Slot, c.ParkedBy, c.ParkedAt, c.ParkedUntil = e.Slot, e.Agent, new(at), new(e.Until)
		}
	case call.AgentLegLost:
		s := c.segment(e.Offer, e.Agent, at)
		s.stop(at)
		s.close(EndLost, at)
		if e.Offer != "" {
			c.waitsAgain(s, at)
		}
	case call.AgentCallStarted:
		c.segment("", e.Agent, at)
	case call.AgentCallEnded:
		s := c.segment("", e.Agent, at)
		if s.BridgedAt != nil && s.End != EndTransferred {
			c.over(at)
		}
		s.stop(at) // whose doing it was, only the end of the call tells
	}
}

// offered begins an agent's part. An offer that crosses with the caller's going is the agent's all the same.
func (c *Call) offered(e call.CallOffered, at time.Time) {
	c.goesOn()
	s := c.addSegment(Segment{Queue: e.Queue, Why: e.Why, OfferedAt: at}, e.Agent, e.Offer)
	if e.Why == whyConsult {
		c.asking(func(a *Asks) { a.Agent = e.Agent })
		return
	}
	if c.left {
		return
	}
	c.Present = s
	if c.Standing() != nil || s.Directed() {
		c.become(Offered)
	}
}

// unring ends an offer for the call, if it is the present one.
func (c *Call) unring(s *Segment) {
	if c.State == Offered && c.Present == s {
		c.Present = nil
		if s.Directed() {
			c.become(Transferring)
			return
		}
		c.become(Waiting)
	}
}

// transferred ends the part of who hands the call over. The customer's goes on.
func (c *Call) transferred(by call.AgentID, to call.Target, at time.Time) {
	s := c.talking(by)
	if s == nil || c.left {
		return
	}
	s.TransferredTo, c.HandedBy = to, by
	s.stop(at)
	s.close(EndTransferred, at)
	c.Present = nil
	c.become(Transferring)
}

func (c *Call) bridged(e call.Bridged, at time.Time) {
	if c.left {
		return
	}
	c.goesOn()
	c.leaveQueue(Answered, at)
	if c.BridgedAt == nil {
		c.BridgedAt = new(at)
	}
	s := c.segment(e.Offer, e.Agent, at)
	if s.BridgedAt == nil {
		s.BridgedAt = new(at)
	}
	if s.AnsweredAt == nil && e.Offer == "" {
		s.AnsweredAt = new(at)
	}
	s.State, s.Muted = Joined, false
	c.joinLeg(s, e.Leg, at)
	c.taken(s)
	c.Present = s
	c.become(Talking)
}

// addSegment begins an agent's part, and with it a party.
func (c *Call) addSegment(s Segment, agent call.AgentID, offer call.OfferID) *Segment {
	role := Agent
	if offer == "" && agent != c.PlacedBy {
		role = Colleague
	}
	s.Party = Party{Role: role, Agent: agent, Offer: offer, State: Ringing}
	c.Segments = append(c.Segments, &s)
	return &s
}

// segment finds an agent's part: by its offer, or the last one outside queues. One that was not begun
// begins now, so that nothing that happened is lost.
func (c *Call) segment(offer call.OfferID, agent call.AgentID, at time.Time) *Segment {
	for _, s := range slices.Backward(c.Segments) {
		if s.Offer == offer && (offer != "" || s.Agent == agent) {
			return s
		}
	}
	queue := c.Queue
	if offer == "" {
		queue = ""
	}
	return c.addSegment(Segment{Queue: queue, OfferedAt: at}, agent, offer)
}

// talking finds the part in which an agent talks; nil if none does.
func (c *Call) talking(agent call.AgentID) *Segment {
	for _, s := range slices.Backward(c.Segments) {
		if s.Talks() && (s.Agent == agent || agent == "") {
			return s
		}
	}
	return nil
}

// taken makes the segment's agent the call's. Of two agents on a call between extensions, the one who placed it is.
func (c *Call) taken(s *Segment) {
	if s.Agent == "" || s.Offer == "" && c.Agent != "" {
		return
	}
	c.Agent = s.Agent
}

// stop ends the clocks of talk and hold; the first word counts.
func (s *Segment) stop(at time.Time) {
	if !s.Talks() {
		return
	}
	s.unhold(at)
	s.asksNoMore(at)
	s.HeldBy, s.Muted = nil, false
	s.StoppedAt, s.State = new(at), Gone
}

// close says when and why the part ended; the first word counts. A part that was bridged ended when its
// talk did, though we may learn only later why.
func (s *Segment) close(end SegmentEnd, at time.Time) {
	if s.EndedAt != nil {
		return
	}
	ended := at
	if s.StoppedAt != nil {
		ended = *s.StoppedAt
	}
	s.EndedAt, s.End, s.State = &ended, end, Gone
}

// hold counts the time once, though both sides may hold.
func (s *Segment) hold(by call.Side, at time.Time) {
	if s == nil || slices.Contains(s.HeldBy, by) {
		return
	}
	s.HeldBy = append(slices.Clone(s.HeldBy), by)
	if s.HeldSince == nil && s.AsksSince == nil { // who asks speaks with somebody else meanwhile
		s.HeldSince = new(at)
	}
}

func (s *Segment) resume(by call.Side, at time.Time) {
	if s == nil || !slices.Contains(s.HeldBy, by) {
		return
	}
	s.HeldBy = slices.DeleteFunc(slices.Clone(s.HeldBy), func(o call.Side) bool { return o == by })
	if len(s.HeldBy) == 0 {
		s.HeldBy = nil
		s.unhold(at)
	}
}

func (s *Segment) unhold(at time.Time) {
	if s.HeldSince != nil {
		s.Held += at.Sub(*s.HeldSince)
		s.HeldSince = nil
	}
}

// endOf says in a segment's words whose doing an end was.
func endOf(e call.End) SegmentEnd {
	switch e.Cause {
	case call.CauseServerRestarted:
		return EndRestart
	case call.CauseAgentNoAnswer:
		return EndNoAnswer
	default:
		return endBy(e.By)
	}
}

func endBy(s call.Side) SegmentEnd {
	switch s {
	case call.ByAgent:
		return EndAgent
	case call.ByCaller:
		return EndCaller
	case call.ByTrunk:
		return EndTrunk
	case call.BySystem:
	}
	return EndSystem
}

func missEnd(m call.Miss) SegmentEnd {
	switch m {
	case call.MissDeclined:
		return EndDeclined
	case call.MissBusy:
		return EndBusy
	case call.MissUnreachable:
		return EndUnreachable
	case call.MissNoAnswer:
	}
	return EndNoAnswer
}
