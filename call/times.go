package call

import "time"

// Times that more than one room goes by. Each stands here once.
const (
	// LinkNoOffers is how long the link to an agent's browser may be lost before the agent gets no new offers,
	// and LinkLost how long before the link counts as gone. Desk sockets are given up after LinkLost without a
	// word, too.
	LinkNoOffers = 5 * time.Second
	LinkLost     = 15 * time.Second

	// DefaultRing is how long an agent is rung by a queue that sets no time.
	DefaultRing = 15 * time.Second

	// DefaultServiceLevel is within what a call of a queue that sets no time must be answered to be answered well.
	DefaultServiceLevel = 20 * time.Second

	// ShortAbandon is how soon a caller may hang up without counting against the service level.
	ShortAbandon = 5 * time.Second

	// LookUpTime is how long an offer waits for the customer's record: it goes without rather than late.
	LookUpTime = 200 * time.Millisecond
)

// MaxDigits is how many keys of a telephone are sent to the far party at once, or gathered by a menu.
const MaxDigits = 32
