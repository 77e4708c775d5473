package history

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// State is how far a call has come. A closed set.
type State string

// The states of a call.
const (
	Arriving  State = "arriving"  // not answered yet; one that an agent placed: the agent is rung
	Dialling  State = "dialling"  // placed by an agent: the number is called
	Unreached State = "unreached" // placed by an agent: the number was not reached, the agent hears why
	InFlow    State = "flow"      // in a menu, an announcement, voicemail
	Waiting   State = "waiting"   // in a queue
	Offered   State = "offered"   // in a queue, an agent is rung
	Talking   State = "talking"
	// Transferring: an agent has handed the call over, and nobody has it yet.
	Transferring State = "transferring"
	// Parked: an agent has put the call down in a slot.
	Parked State = "parked"
	Ended  State = "ended" // the customer's part is over; an agent may still be wrapping it up
)

// Call is a call as told so far. Times that are pointers are replaced, never changed, so that a copy may keep them.
type Call struct {
	ID        call.ID
	First     uint64 // number of its first record
	Touched   time.Time
	Direction call.Direction
	From      call.Party
	To        call.Number
	Trunk     call.TrunkID
	Extension call.Extension // of an internal caller, or of who placed the call
	PlacedBy  call.AgentID   // empty: it came in
	Whose     Whose

	State      State
	Unreached  call.Cause // why, in state Unreached
	ArrivedAt  time.Time
	AnsweredAt *time.Time // the far party's leg was answered: by us, or by whom we called
	QueuedAt   *time.Time // first time
	BridgedAt  *time.Time // first time
	OverAt     *time.Time // the customer's part was over; nil: it goes on
	EndedAt    *time.Time // CallEnded has come: as OverAt, and final
	End        call.End   // with EndedAt

	Queue    call.QueueID // the present or last one
	Priority int
	Agent    call.AgentID // the last one who took the call, or who placed it
	Ring     time.Duration

	FarParty Party // who called in, or whom an agent called
	Guests   []*Guest
	Stays    []Stay
	Segments []*Segment
	Legs     []*Leg
	// Present is the part of whom the call is offered to, or who speaks or spoke last; nil: it is with nobody.
	Present *Segment

	HandedBy call.AgentID // who handed the call over last; empty: nobody did

	Asks *Asks // an agent asks somebody beside the call; replaced, never changed

	// In state Parked: where, by whom, since when and until when.
	Slot                  int
	ParkedBy              call.AgentID
	ParkedAt, ParkedUntil *time.Time

	Disposition call.CodeID
	Notes       string
	WrapUp      time.Duration // all agents together
	Unfinished  bool          // time ended the wrap-up before the agent did

	farGone bool // nothing that follows is the customer's
	left    bool // the caller is gone or the call has ended: what was under way crosses with that
	wrapUps map[call.AgentID]wrapUp
	longest time.Time // the latest end of a wrap-up
	cut     time.Time // the server died no later than this; zero: it didn't
}

// Whose says whose call it is; the zero value: not known.
type Whose struct {
	Customer call.CustomerID
	Grade    string
	Name     string
}

// Begin makes a call of its first record; nil if that is no beginning.
func Begin(rec call.Record) *Call {
	c := &Call{First: rec.Seq, Touched: rec.At, ArrivedAt: rec.At, State: Arriving}
	c.FarParty = Party{Role: Customer, State: Ringing}
	switch e := rec.Event.(type) {
	case call.CallArrived:
		c.ID, c.Direction, c.From, c.To = e.Call, e.Direction, e.From, e.To
		c.Trunk, c.Extension = e.Trunk, e.Extension
		c.FarParty.Leg = e.Leg
		c.startLeg(e.Leg, "", rec.At)
	case call.CallPlaced:
		c.ID, c.Direction, c.From, c.To = e.Call, e.Direction, call.Party{Number: e.From}, e.To
		c.Trunk, c.Extension, c.Agent, c.PlacedBy = e.Trunk, e.Extension, e.Agent, e.Agent
		c.Present = c.addSegment(Segment{OfferedAt: rec.At}, e.Agent, "")
	default:
		return nil
	}
	if c.Direction == call.Internal && c.PlacedBy != "" {
		c.FarParty.Role = Colleague
	}
	return c
}

// Parties gives all who take or took part: the far one first, then our agents in the order in which they came in, then
// whom they asked to join.
func (c *Call) Parties() []Party {
	out := append(make([]Party, 0, 1+len(c.Segments)+len(c.Guests)), c.FarParty)
	for _, s := range c.Segments {
		out = append(out, s.Party)
	}
	for _, g := range c.Guests {
		out = append(out, g.Party)
	}
	return out
}

// CutOff says that the server that carried the call died, and until when it was known to live. Nothing of the call
// lasted longer. The first word counts.
func (c *Call) CutOff(alive time.Time) {
	if c.cut.IsZero() {
		c.cut = alive
	}
}

// When is the time that a record has for this call: its own, unless the server died before.
func (c *Call) When(rec call.Record) time.Time {
	if !c.cut.IsZero() && c.cut.Before(rec.At) {
		return c.cut
	}
	return rec.At
}

// Apply takes the call's next record. Alive is until when the server was known to live before it ([Run.Alive]).
func (c *Call) Apply(rec call.Record, alive time.Time) {
	if Closing(rec.Event) {
		c.CutOff(alive)
	}
	at := c.When(rec)
	c.Touched = rec.At
	switch e := rec.Event.(type) {
	case call.CustomerIdentified:
		c.Whose = Whose{e.Customer, e.Grade, e.Name}
	case call.NumberDialled:
		c.become(Dialling)
	case call.CallAnswered:
		c.answered(e.Leg, at)
	case call.FlowEntered, call.FlowStepped:
		c.goesOn()
		if c.State == Transferring {
			c.become(InFlow)
		}
	case call.CallDirected:
		c.goesOn()
		if c.State == Parked {
			c.become(Transferring)
		}
	case call.TransferFailed:
		c.goesOn()
		c.become(Transferring)
	case call.PartyInvited:
		c.invited(e, at)
	case call.PartyJoined:
		c.joined(e, at)
	case call.CallQueued:
		c.queued(e, at)
	case call.CallDequeued:
		c.dequeued(e, at)
	case call.CallerLeft:
		c.callerLeft(e.End, at)
	case call.LegEnded:
		c.legEnded(e, at)
	case call.CallEnded:
		c.callEnded(e.End, at)
	case call.WrapUpStarted, call.WrapUpSaved, call.WrapUpFinished, call.WrapUpEnded:
		c.applyWrapUp(e, at)
	default:
		c.applyToSegment(e, at)
	}
}

// become moves the call on, unless its caller is gone.
func (c *Call) become(s State) {
	if !c.left {
		c.State = s
	}
	if c.State != Parked {
		c.Slot, c.ParkedBy, c.ParkedAt, c.ParkedUntil = 0, "", nil, nil
	}
}

func (c *Call) answered(leg call.LegID, at time.Time) {
	if c.AnsweredAt == nil {
		c.AnsweredAt = new(at)
	}
	if !c.farGone {
		c.FarParty.State = Joined
	}
	if c.Direction != call.Inbound && c.FarParty.Leg == "" {
		c.FarParty.Leg = leg
		c.Ring = at.Sub(c.ArrivedAt)
		c.startLeg(leg, "", c.ArrivedAt)
	}
	if c.State == Arriving && c.PlacedBy == "" {
		c.become(InFlow)
	}
}

// goesOn takes back that the customer's part was over: after the talk came a flow or another agent.
func (c *Call) goesOn() {
	if !c.farGone {
		c.OverAt = nil
	}
}

// over notes when the customer's part was over; the first word counts.
func (c *Call) over(at time.Time) {
	if c.OverAt == nil {
		c.OverAt = new(at)
	}
}

func (c *Call) callerLeft(end call.End, at time.Time) {
	c.leaveQueue(Abandoned, at)
	c.over(at)
	c.farIsGone()
	for _, s := range c.Segments {
		if s.BridgedAt != nil {
			s.stop(at)
			s.close(endOf(end), at)
		}
	}
	c.become(Ended)
	c.left = true
}

func (c *Call) farIsGone() {
	c.Asks = nil
	c.farGone = true
	c.FarParty.State = Gone
}

func (c *Call) callEnded(end call.End, at time.Time) {
	if c.EndedAt != nil {
		return // the first end counts
	}
	c.over(at)
	c.End, c.EndedAt = end, c.OverAt
	at = *c.EndedAt
	outcome := Left
	if end.Cause == call.CauseAbandoned {
		outcome = Abandoned
	}
	c.leaveQueue(outcome, at)
	for _, s := range c.Segments {
		s.stop(at)
		s.close(endOf(end), at)
	}
	c.farIsGone()
	c.become(Ended)
	c.left = true
}
