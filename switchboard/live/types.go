package live

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// Queue is a queue's board line. The figures are today's, by arrival of the call; the waiting and the
// agents are those of this moment.
//
// Every call offered today is in exactly one of these: offered = answered + abandoned + left + pending.
// A call that comes into a queue twice, through another one, the flow or a transfer, was offered twice; one
// whose agent's phone was lost, or that was handed over in vain, and that waits again was offered once and
// answered once, whatever comes.
type Queue struct {
	ID               call.QueueID `json:"id"`
	Waiting          int          `json:"waiting"`               // calls that wait or ring an agent
	LongestWaitSince *time.Time   `json:"longest_wait_since"`    // since when the one that waits longest has waited; nil: none waits
	Talking          int          `json:"talking"`               // calls of this queue that speak with an agent
	Offered          int          `json:"offered"`               // calls that came into the queue
	Answered         int          `json:"answered"`              // of those, bridged to an agent
	AnsweredInSL     int          `json:"answered_in_sl"`        // of those, within the service level's T
	Abandoned        int          `json:"abandoned"`             // the caller left while waiting or while an agent rang
	AbandonedShort   int          `json:"abandoned_short"`       // of those, within 5 s
	Left             int          `json:"left"`                  // taken out otherwise: a limit, a flow's decision, a restart
	Pending          int          `json:"pending"`               // nothing of this has happened yet
	ServiceLevel     *float64     `json:"service_level"`         // 0…1: answered ≤ T ÷ (offered − abandoned ≤ 5 s); nil: nothing was offered
	ServiceLevelSecs float64      `json:"service_level_seconds"` // the T
	WaitAnsweredMS   int64        `json:"wait_answered_ms"`      // sum over the answered; ÷ answered = average speed of answer
	LongestWaitMS    int64        `json:"longest_wait_ms"`       // of today's answered and abandoned
	Agents           Agents       `json:"agents"`                // of this queue, by what they do
}

// Agents counts agents by status.
type Agents struct {
	Ready       int `json:"ready"`
	Offered     int `json:"offered"`
	Talking     int `json:"talking"`
	WrapUp      int `json:"wrap_up"`
	Busy        int `json:"busy"`
	Paused      int `json:"paused"`
	Unreachable int `json:"unreachable"`
	Off         int `json:"off"`
}

// Agent is what one agent is doing.
type Agent struct {
	ID           call.AgentID     `json:"id"`
	Status       call.AgentStatus `json:"status"`
	Since        time.Time        `json:"since"`            // of this status with this reason and this call; zero: not known, nothing happened yet
	Reason       call.ReasonID    `json:"reason,omitempty"` // of a pause
	Chosen       call.ChosenState `json:"chosen"`           // what comes after the call, if there is one
	ChosenReason call.ReasonID    `json:"chosen_reason,omitempty"`
	Call         *AgentCall       `json:"call,omitempty"`  // the call that is offered, spoken or wrapped up
	Until        *time.Time       `json:"until,omitempty"` // end of the wrap-up
	Station      call.Station     `json:"station"`
	StationUp    bool             `json:"station_up"`
	Queues       []call.QueueID   `json:"queues"`
	CallsToday   int              `json:"calls_today"`   // calls spoken, of those that arrived today
	TalkMSToday  int64            `json:"talk_ms_today"` // talk of finished conversations, hold not counted
	MissesToday  int              `json:"misses_today"`  // offers that rang out, were declined or could not be delivered
}

// AgentCall is an agent's call in short.
type AgentCall struct {
	ID       call.ID        `json:"id"`
	Offer    call.OfferID   `json:"offer,omitempty"`
	Queue    call.QueueID   `json:"queue,omitempty"`
	Dir      call.Direction `json:"direction"`
	Peer     call.Party     `json:"peer"` // the far party
	Customer *Customer      `json:"customer,omitempty"`
	State    State          `json:"state"`
	Since    time.Time      `json:"since"` // of the conversation; of the offer or dialling before it
	Held     bool           `json:"held,omitempty"`
	Muted    bool           `json:"muted,omitempty"`
	Asked    bool           `json:"asked,omitempty"` // is asked by a colleague, beside the call: see [Call.Asks]
	Why      string         `json:"why,omitempty"`   // of the offer: see [call.CallOffered]
	By       call.AgentID   `json:"by,omitempty"`    // who handed the call over, or asks; empty: nobody did

	Own OwnPart `json:"own"`
}

// OwnPart is an agent's own part in a call, which may go on with somebody else: the last one, if there are several.
type OwnPart struct {
	BridgedAt     *time.Time  `json:"bridged_at,omitempty"`
	HoldMS        int64       `json:"hold_ms"` // finished holds
	TransferredTo call.Target `json:"transferred_to,omitempty"`
}

// Customer is whose call it is.
type Customer struct {
	ID    call.CustomerID `json:"id"`
	Grade string          `json:"grade,omitempty"`
	Name  string          `json:"name,omitempty"`
}

// State is how far a call has come; history has the list. Clients translate it.
type State = history.State

// The states of a call, as history has them.
const (
	StateArriving  = history.Arriving
	StateDialling  = history.Dialling
	StateUnreached = history.Unreached
	StateFlow      = history.InFlow
	StateWaiting   = history.Waiting
	StateOffered   = history.Offered
	StateTalking   = history.Talking
	StateEnded     = history.Ended

	StateTransferring = history.Transferring
	StateParked       = history.Parked
)

// Parked says where a call is put down.
type Parked struct {
	Slot  int          `json:"slot"`
	By    call.AgentID `json:"by"`
	At    time.Time    `json:"at"`
	Until time.Time    `json:"until"` // when it goes back
}

// Asks is a consultation.
type Asks struct {
	By     call.AgentID `json:"by"`
	To     call.Target  `json:"to"`
	Agent  call.AgentID `json:"agent,omitempty"` // of ours who is asked; empty: somebody else, or not rung yet
	Since  time.Time    `json:"since"`
	Joined bool         `json:"joined"` // has answered
	Beside bool         `json:"beside"` // the two speak, and the customer waits
}

// Presence is one who takes part in a call at the moment; history has it.
type Presence = history.Presence

// Segment is an agent's part in a call; history has it.
type Segment = history.Segment

// Call is a call in progress.
type Call struct {
	ID         call.ID        `json:"id"`
	Direction  call.Direction `json:"direction"`
	State      State          `json:"state"`
	From       call.Party     `json:"from"`
	To         call.Number    `json:"to"`
	Trunk      call.TrunkID   `json:"trunk,omitempty"`
	Extension  call.Extension `json:"extension,omitempty"`
	Customer   *Customer      `json:"customer,omitempty"`
	Queue      call.QueueID   `json:"queue,omitempty"` // the present or last queue
	Priority   int            `json:"priority"`
	Agent      call.AgentID   `json:"agent,omitempty"` // who is offered it, speaks or spoke last
	Offer      call.OfferID   `json:"offer,omitempty"`
	Flow       call.FlowID    `json:"flow,omitempty"`
	Node       string         `json:"node,omitempty"` // the flow node left last
	Path       string         `json:"path,omitempty"` // what the caller chose: "main:2", "main:9,1"
	ArrivedAt  time.Time      `json:"arrived_at"`
	AnsweredAt *time.Time     `json:"answered_at,omitempty"`
	QueuedAt   *time.Time     `json:"queued_at,omitempty"`  // first time
	WaitSince  *time.Time     `json:"wait_since,omitempty"` // while waiting: since when
	// The first conversation ends the wait; the desk's clock runs for the present or last one.
	FirstBridgedAt *time.Time  `json:"first_bridged_at,omitempty"`
	BridgedAt      *time.Time  `json:"bridged_at,omitempty"`
	Held           bool        `json:"held,omitempty"`
	HeldBy         []call.Side `json:"held_by,omitempty"`
	HeldSince      *time.Time  `json:"held_since,omitempty"`
	Muted          bool        `json:"muted,omitempty"`
	RingMS         int64       `json:"ring_ms"`             // of the offer that was answered; of a placed call, until the answer
	Unreached      call.Cause  `json:"unreached,omitempty"` // why, in StateUnreached
	Parked         *Parked     `json:"parked,omitempty"`    // in StateParked
	Asks           *Asks       `json:"asks,omitempty"`      // an agent asks somebody beside the call

	waited time.Duration // stays in queues that are over
}

// FarNumber is that of whom the call is about.
func (c *Call) FarNumber() call.Number {
	if c.Direction == call.Inbound {
		return c.From.Number
	}
	return c.To
}

// Waited is the call's wait as of a moment, the one that the call log will have: in queues, until the first
// bridge. Who waits again because an agent's phone was lost has been answered; that second wait is in
// WaitSince and on the board's "longest", and counts for no wait and no service level.
func (c *Call) Waited(at time.Time) time.Duration {
	if c.WaitSince == nil || c.FirstBridgedAt != nil {
		return c.waited
	}
	return c.waited + max(0, at.Sub(*c.WaitSince))
}
