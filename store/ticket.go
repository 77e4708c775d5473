package store

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Ticket is something promised to a customer. Its rules are those of package ticket.
type Ticket struct {
	ID       call.TicketID   `json:"id"`
	Number   string          `json:"number"` // what people read: "C-20261122-001"
	Kind     string          `json:"kind"`
	Subject  string          `json:"subject"`
	Text     string          `json:"text"`
	State    string          `json:"state"`
	Owner    call.UserID     `json:"owner,omitempty"`
	Customer call.CustomerID `json:"customer,omitempty"`
	// Phone is whom it is about while Customer is not known: the far party's number. What stands under it is shown when
	// that number calls again, and with the customer who comes to have it.
	Phone     call.Number  `json:"phone,omitzero"`
	Call      call.ID      `json:"call,omitempty"`
	Queue     call.QueueID `json:"queue,omitempty"`     // who should take it, if nobody owns it
	Urgency   string       `json:"urgency,omitempty"`   // "normal", "urgent", "very_urgent" (普通, 急, 特急)
	Due       *time.Time   `json:"due_at,omitempty"`    // the promised deadline (承诺办理期限)
	Recording string       `json:"recording,omitempty"` // relative to the recordings folder
	Version   int          `json:"version"`
	CreatedBy call.UserID  `json:"created_by,omitempty"`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
	ClosedAt  *time.Time   `json:"closed_at,omitempty"` // not nil: closed, whatever the state is called
}

// NewTicket is a ticket to be made, and the series that its number comes from.
type NewTicket struct {
	Ticket
	Series string // "C-20261122": see [Numbering]
}

// TicketFilter says which tickets to list. Empty fields do not narrow.
type TicketFilter struct {
	Kind     string
	State    string
	Owner    call.UserID
	Customer call.CustomerID // also those that nobody's customer left, by one of this customer's numbers
	Phone    string          // those that nobody's customer left, by this number; with Customer: those, too
	Call     call.ID
	Number   string        // what people read
	Open     bool          // only those not closed
	Of       []call.UserID // only those whose owner or maker is one of these, or that nobody owns; nil: all
	Cursor   string
	Limit    int // 1…200; 0: 50
}
