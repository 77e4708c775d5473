package store

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Customer is a person or firm.
type Customer struct {
	ID             call.CustomerID `json:"id"`
	Name           string          `json:"name"`
	Company        string          `json:"company,omitempty"`
	Position       string          `json:"position,omitempty"`
	Grade          string          `json:"grade,omitempty"` // "AAA", "AA", "A", "B"; empty: not graded
	Language       string          `json:"language,omitempty"`
	Email          string          `json:"email,omitempty"`
	Address        string          `json:"address,omitempty"`
	Region         string          `json:"region,omitempty"`
	AccountManager call.UserID     `json:"account_manager,omitempty"`
	Tags           []string        `json:"tags"`
	Notes          string          `json:"notes,omitempty"`
	Phones         []Phone         `json:"phones"` // at most MaxPhones
	// DoNotCallFrom and DoNotCallTo are the daily time when this customer is not to be called (不宜访问时间),
	// "HH:MM" in the site's time zone; it may run over midnight. Both empty: none.
	DoNotCallFrom string    `json:"do_not_call_from,omitempty"`
	DoNotCallTo   string    `json:"do_not_call_to,omitempty"`
	Version       int       `json:"version"` // grows with each update; an update quotes the one it read
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
}

// MaxPhones is how many numbers a customer may have.
const MaxPhones = 20

// Phone is one of a customer's numbers.
type Phone struct {
	Kind string `json:"kind"` // "mobile", "work", "home", "other"
	Raw  string `json:"raw"`  // as it was typed
	E164 string `json:"e164,omitempty"`
	// Extension is what is dialled behind it, as 8001 in 010-62345678转8001. It is no part of what a caller is found by.
	Extension string `json:"extension,omitempty"`
	Primary   bool   `json:"primary,omitempty"`
}

// CustomerFilter says which customers to list. Empty fields do not narrow.
type CustomerFilter struct {
	Q       string // part of name or company in any case, or the last digits of a number (3 at least)
	Phone   string // whole number, as in CustomersByPhone
	Grade   string
	Manager call.UserID
	Of      []call.UserID // only those of these account managers, or of nobody; nil: all
	Cursor  string
	Limit   int // 1…200; 0: 50
}
