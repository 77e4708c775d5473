package call

// How long the texts may be that people write about a call, a customer or a ticket, in characters (Unicode code
// points). Each limit stands here once: desk commands, the HTTP API and the forms of the pages take it from here.
const (
	MaxSubject = 300    // of a ticket: one line
	MaxText    = 20_000 // of a ticket
	MaxNotes   = 20_000 // of a wrap-up, and of a customer
)
