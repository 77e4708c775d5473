package store

import (
	"iter"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Projection names one kind of rows that are made of the journal. Each has a position of its own, under
// this name, and can be made anew without the others. Names never change.
type Projection string

// The projections.
const (
	ProjectionCalls  Projection = "calls"  // the call log: calls with agents' parts in them, and the tickets that calls left
	ProjectionAgents Projection = "agents" // what agents did: their states
)

// Position says how far a node's journal has been turned into the rows of one projection.
type Position struct {
	Applied uint64 `json:"applied"` // every record up to this one is in the database
	// Safe is where to read from to know again everything about what is unfinished (calls in progress): the
	// first record of the oldest, or Applied+1.
	Safe uint64 `json:"safe"`
	// At is the time of the record Applied. It tells a journal that lost its tail in a power cut.
	At time.Time `json:"at"`
}

// Batch is what a stretch of the journal came to in one projection.
type Batch struct {
	From     uint64 // the Applied that the batch builds on
	Position Position
	Calls    []Call
	Tickets  []NewTicket
	WrapUps  []WrapUp // for calls that were finished before the batch, after Calls
	States   []AgentState
}

// Rows is how many rows the batch has.
func (b Batch) Rows() int {
	return len(b.Calls) + len(b.Tickets) + len(b.WrapUps) + len(b.States)
}

// Singles gives each row as a batch of its own, in the order in which they are written, with the word for
// its kind. From and Position are left out.
func (b Batch) Singles() iter.Seq2[string, Batch] {
	return func(yield func(string, Batch) bool) {
		for i := range b.Calls {
			if !yield("call", Batch{Calls: b.Calls[i : i+1]}) {
				return
			}
		}
		for i := range b.Tickets {
			if !yield("ticket", Batch{Tickets: b.Tickets[i : i+1]}) {
				return
			}
		}
		for i := range b.WrapUps {
			if !yield("wrap-up", Batch{WrapUps: b.WrapUps[i : i+1]}) {
				return
			}
		}
		for i := range b.States {
			if !yield("agent's state", Batch{States: b.States[i : i+1]}) {
				return
			}
		}
	}
}

// With is the batch and the rows of another after its own.
func (b Batch) With(more Batch) Batch {
	b.Calls = append(b.Calls, more.Calls...)
	b.Tickets = append(b.Tickets, more.Tickets...)
	b.WrapUps = append(b.WrapUps, more.WrapUps...)
	b.States = append(b.States, more.States...)
	return b
}

// WrapUp is what an agent wrote about a call after its row was complete.
type WrapUp struct {
	Call        call.ID
	Disposition call.CodeID // kept as it is if Saved is false
	Notes       string
	Saved       bool // disposition and notes are to be stored
	Finished    bool // no longer unfinished
}
