package store

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Position says how far a node's journal has been turned into rows.
type Position struct {
	Applied uint64 `json:"applied"` // every record up to this one is in the database
	// Safe is where to read from to know again everything about unfinished calls: the first record of the
	// oldest of them, or Applied+1.
	Safe uint64 `json:"safe"`
	// At is the time of the record Applied. It tells a journal that lost its tail in a power cut.
	At time.Time `json:"at"`
}

// Batch is what a stretch of the journal came to.
type Batch struct {
	From     uint64 // the Applied that the batch builds on
	Position Position
	Calls    []Call
	Tickets  []NewTicket
	WrapUps  []WrapUp // for calls that were finished before the batch, after Calls
}

// WrapUp is what an agent wrote about a call after its row was complete.
type WrapUp struct {
	Call        call.ID
	Disposition call.CodeID // kept as it is if Saved is false
	Notes       string
	Saved       bool // disposition and notes are to be stored
	Finished    bool // no longer unfinished
}
