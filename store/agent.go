package store

import (
	"cmp"
	"time"

	"github.com/linedesk/linedesk/call"
)

// AgentState is a stretch of time in which an agent did one thing. Who is off has none. States of one agent follow each
// other without overlap; between the end of a run of the server and the start of the next there is a gap, in which
// nobody knows.
type AgentState struct {
	Agent  call.AgentID     `json:"agent"`
	Status call.AgentStatus `json:"status"`
	Reason call.ReasonID    `json:"reason,omitempty"` // of a pause
	Queue  call.QueueID     `json:"queue,omitempty"`
	Call   call.ID          `json:"call,omitempty"`
	From   time.Time        `json:"from"`         // with Agent, the row's key
	To     *time.Time       `json:"to,omitempty"` // nil: it goes on
}

// SegmentKind says how an agent came to a call. A closed set.
type SegmentKind string

// The kinds of segment.
const (
	KindQueue    SegmentKind = "queue"    // a queue offered it: so it stands in an [AgentSegment]
	KindOffer    SegmentKind = "offer"    // the same: so it stands in a [Segment]
	KindTransfer SegmentKind = "transfer" // a colleague handed it over to this agent, past any queue
	KindConsult  SegmentKind = "consult"  // a colleague asked this agent beside the call, and may have handed it over then
	KindPlaced   SegmentKind = "placed"   // the agent placed the call
	KindCalled   SegmentKind = "called"   // a colleague's call, outside queues
)

// AgentSegment is an agent's part in a call that has ended, in a row of its own: see [Segment]. It is written with the
// call's row.
type AgentSegment struct {
	Call       call.ID      `json:"call"`   // with Number, the row's key
	Number     int          `json:"number"` // which of the call's segments, from 0
	Agent      call.AgentID `json:"agent"`
	Queue      call.QueueID `json:"queue,omitempty"`
	Kind       SegmentKind  `json:"kind"`
	OfferedAt  time.Time    `json:"offered_at"`
	AnsweredAt *time.Time   `json:"answered_at,omitempty"`
	BridgedAt  *time.Time   `json:"bridged_at,omitempty"`
	EndedAt    time.Time    `json:"ended_at"`
	End        SegmentEnd   `json:"end"`
	Missed     bool         `json:"missed,omitempty"` // the offer came to nothing, and we did not take it back
	RingMS     int64        `json:"ring_ms"`
	TalkMS     int64        `json:"talk_ms"`
	HoldMS     int64        `json:"hold_ms"`
	WrapUpMS   int64        `json:"wrap_up_ms"`

	ConsultMS     int64       `json:"consult_ms"`               // asking a colleague beside the call, or being asked
	TransferredTo call.Target `json:"transferred_to,omitempty"` // with SegmentTransferred
}

// AgentSegments are the rows of the call's segments. The call must have ended.
func (c *Call) AgentSegments() []AgentSegment {
	rows := make([]AgentSegment, 0, len(c.Segments))
	for i, s := range c.Segments {
		row := AgentSegment{
			Call: c.ID, Number: i, Agent: s.Agent, Queue: s.Queue, Kind: c.kindOf(i),
			OfferedAt: s.OfferedAt, AnsweredAt: s.AnsweredAt, BridgedAt: s.BridgedAt, End: s.End, Missed: s.missed(),
			TalkMS: s.TalkMS, HoldMS: s.HoldMS, WrapUpMS: s.WrapUpMS,
			ConsultMS: s.ConsultMS, TransferredTo: s.TransferredTo,
		}
		row.EndedAt = cmp.Or(s.EndedAt, c.EndedAt, &c.ArrivedAt).UTC()
		row.RingMS = s.ringMS(row.EndedAt)
		rows = append(rows, row)
	}
	return rows
}

// RingMS is how long the agent's station rang, or was tried: to the answer, or to the end of an offer that came to
// nothing.
func (s *Segment) RingMS() int64 {
	if s.EndedAt == nil {
		return s.ringMS(s.OfferedAt)
	}
	return s.ringMS(*s.EndedAt)
}

func (s *Segment) ringMS(ended time.Time) int64 {
	switch {
	case s.AnsweredAt != nil:
		return s.AnsweredAt.Sub(s.OfferedAt).Milliseconds()
	case s.BridgedAt == nil:
		return ended.Sub(s.OfferedAt).Milliseconds()
	}
	return 0
}

// kindOf tells how an agent came to the call. Rows from before segments had a kind do not say: there, whoever placed it
// has the first segment, and the call.
func (c *Call) kindOf(i int) SegmentKind {
	switch s := &c.Segments[i]; {
	case s.Kind != "" && s.Kind != KindOffer:
		return s.Kind
	case s.Offer != "":
		return KindQueue
	case i == 0 && s.Agent == c.Agent:
		return KindPlaced
	}
	return KindCalled
}

// missed tells whether an offer came to nothing, and not because we took it back.
func (s *Segment) missed() bool {
	switch s.End {
	case SegmentNoAnswer, SegmentDeclined, SegmentBusy, SegmentUnreachable:
		return s.Offer != ""
	}
	return false
}

// AgentFilter says which rows of agents to list. Empty fields do not narrow.
type AgentFilter struct {
	Agent call.AgentID
	Queue call.QueueID
	// From and To: of states, those of which a part is at From or later and before To; of segments, those offered
	// then.
	From, To time.Time
	Cursor   string
	Limit    int // 1…200; 0: 50
}
