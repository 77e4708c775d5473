package store

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// Call is a finished call as the customer lived it, one row of the call log.
//
// The times of a call that one agent took straight from its queue and kept to its end add up: BridgedAt − QueuedAt = WaitMS, and EndedAt −
// BridgedAt = TalkMS + HoldMS, each within a millisecond, less the time in which the agent asked a colleague beside it.
type Call struct {
	ID           call.ID         `json:"id"`
	Direction    call.Direction  `json:"direction"`
	From         call.Number     `json:"from"`
	FromName     string          `json:"from_name,omitempty"` // as the line carried it
	To           call.Number     `json:"to"`
	Customer     call.CustomerID `json:"customer,omitempty"`
	CustomerName string          `json:"customer_name,omitempty"`
	Queue        call.QueueID    `json:"queue,omitempty"`     // the last one it stood in
	Agent        call.AgentID    `json:"agent,omitempty"`     // the last one who took it, or who placed it
	Extension    call.Extension  `json:"extension,omitempty"` // that agent's
	Trunk        call.TrunkID    `json:"trunk,omitempty"`

	ArrivedAt  time.Time  `json:"arrived_at"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"` // the far party's leg was answered: by us, or by whom we called
	QueuedAt   *time.Time `json:"queued_at,omitempty"`   // first time
	BridgedAt  *time.Time `json:"bridged_at,omitempty"`  // first time
	EndedAt    *time.Time `json:"ended_at,omitempty"`    // the customer's end of it; never nil in a row
	End        call.End   `json:"end"`

	WaitMS   int64 `json:"wait_ms"`    // in queues until the first bridge; without one, until it left them
	RingMS   int64 `json:"ring_ms"`    // of the offer that was answered; outbound: until the far end answered
	TalkMS   int64 `json:"talk_ms"`    // bridged, without hold, all agents together
	HoldMS   int64 `json:"hold_ms"`    // on hold while bridged
	WrapUpMS int64 `json:"wrap_up_ms"` // all agents together

	Disposition call.CodeID `json:"disposition,omitempty"`
	Notes       string      `json:"notes,omitempty"`
	Unfinished  bool        `json:"unfinished,omitempty"` // time ended the wrap-up before the agent did
	Voicemail   *Voicemail  `json:"voicemail,omitempty"`

	// What only Calls.Call gives.
	Segments []Segment       `json:"segments,omitempty"`
	Legs     []Leg           `json:"legs,omitempty"`
	Timeline []TimelineEntry `json:"timeline,omitempty"`
	Quality  *call.Quality   `json:"quality,omitempty"` // the far party's leg
}

// Voicemail is a message that the caller left.
type Voicemail struct {
	File       string        `json:"file"` // relative to the recordings folder
	DurationMS int64         `json:"duration_ms"`
	Ticket     call.TicketID `json:"ticket,omitempty"`
}

// SegmentEnd says why an agent's part in a call ended; history has the list.
type SegmentEnd = history.SegmentEnd

// The ends of a segment, as history has them.
const (
	SegmentNoAnswer    = history.EndNoAnswer
	SegmentDeclined    = history.EndDeclined
	SegmentBusy        = history.EndBusy
	SegmentUnreachable = history.EndUnreachable
	SegmentWithdrawn   = history.EndWithdrawn
	SegmentAgent       = history.EndAgent
	SegmentCaller      = history.EndCaller
	SegmentSystem      = history.EndSystem
	SegmentTrunk       = history.EndTrunk
	SegmentLost        = history.EndLost
	SegmentTransferred = history.EndTransferred
	SegmentConsulted   = history.EndConsulted
	SegmentRestart     = history.EndRestart
)

// Segment is one agent's part in a call, from the offer on.
type Segment struct {
	Offer      call.OfferID `json:"offer,omitempty"` // empty outside queues
	Queue      call.QueueID `json:"queue,omitempty"`
	Agent      call.AgentID `json:"agent"`
	Why        string       `json:"why,omitempty"` // why this agent: see [call.CallOffered]
	OfferedAt  time.Time    `json:"offered_at"`
	RingingAt  *time.Time   `json:"ringing_at,omitempty"`
	AnsweredAt *time.Time   `json:"answered_at,omitempty"`
	BridgedAt  *time.Time   `json:"bridged_at,omitempty"`
	EndedAt    *time.Time   `json:"ended_at,omitempty"`
	End        SegmentEnd   `json:"end,omitempty"`
	TalkMS     int64        `json:"talk_ms"`
	HoldMS     int64        `json:"hold_ms"`
	WrapUpMS   int64        `json:"wrap_up_ms"`

	ConsultMS     int64       `json:"consult_ms,omitempty"`     // asking a colleague beside the call, or being asked
	Kind          SegmentKind `json:"kind,omitempty"`           // empty: the row is older than that
	TransferredTo call.Target `json:"transferred_to,omitempty"` // with SegmentTransferred
}

// SegmentOf is the row of an agent's part in a call.
func SegmentOf(s *history.Segment) Segment {
	row := Segment{
		Offer: s.Offer, Queue: s.Queue, Agent: s.Agent, Why: s.Why,
		OfferedAt: s.OfferedAt, RingingAt: s.RingingAt, AnsweredAt: s.AnsweredAt, BridgedAt: s.BridgedAt,
		EndedAt: s.EndedAt, End: s.End, WrapUpMS: s.WrapUp.Milliseconds(),
		ConsultMS: s.Consulted.Milliseconds(), Kind: KindCalled, TransferredTo: s.TransferredTo,
	}
	switch {
	case s.Asked():
		row.Kind = KindConsult
	case s.Directed():
		row.Kind = KindTransfer
	case s.Offer != "":
		row.Kind = KindOffer
	case s.Role == history.Agent:
		row.Kind = KindPlaced
	}
	row.TalkMS, row.HoldMS = s.TalkHoldMS()
	return row
}

// Leg is one stretch between us and a telephone or browser.
type Leg struct {
	ID        call.LegID   `json:"id"`
	Agent     call.AgentID `json:"agent,omitempty"` // empty: the far party's, or that of one who was asked to join
	StartedAt time.Time    `json:"started_at"`
	EndedAt   *time.Time   `json:"ended_at,omitempty"`
	End       *call.End    `json:"end,omitempty"`
	Quality   call.Quality `json:"quality"`
}

// TimelineEntry is one thing that happened to a call. Type is the event's name in the journal; the
// other fields are the event's, as far as it has them.
type TimelineEntry struct {
	At       time.Time       `json:"at"`
	Seq      uint64          `json:"seq"`
	Type     string          `json:"type"`
	Agent    call.AgentID    `json:"agent,omitempty"`
	Queue    call.QueueID    `json:"queue,omitempty"`
	Customer call.CustomerID `json:"customer,omitempty"`
	Ticket   call.TicketID   `json:"ticket,omitempty"`
	Leg      call.LegID      `json:"leg,omitempty"`
	Flow     call.FlowID     `json:"flow,omitempty"`
	Node     string          `json:"node,omitempty"`
	Exit     string          `json:"exit,omitempty"`
	Digits   string          `json:"digits,omitempty"`
	By       string          `json:"by,omitempty"`     // whose doing: a side, or a user
	Reason   string          `json:"reason,omitempty"` // miss, cause, why this agent, ticket kind
	SIP      int             `json:"sip,omitempty"`    // status code of an end
	Version  int             `json:"version,omitempty"`
	Priority int             `json:"priority,omitempty"`
	Muted    bool            `json:"muted,omitempty"`
	// To is where the call was handed over to: a target, or the number or extension of one who was asked to join.
	To call.Target `json:"to,omitempty"`
}

// CallFilter says which calls to list. Empty fields do not narrow.
type CallFilter struct {
	From, To   time.Time // arrived at From or later, and before To
	Direction  call.Direction
	Queue      call.QueueID
	Agent      call.AgentID
	Customer   call.CustomerID // also those of nobody known with one of this customer's numbers
	Number     string          // of either side, E.164 where the number is valid: normalise first
	Of         []call.AgentID  // only calls of these agents; nil: of all and of none
	Unfinished bool            // only calls whose wrap-up was ended by time
	Cursor     string
	Limit      int // 1…200; 0: 50
}
