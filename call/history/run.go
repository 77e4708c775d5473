package history

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Run tells until when the server is known to have run. A server that is killed writes no last word; the next one
// finds its calls open and ends them with records of its own time, which would count the absence as talk. So nothing
// that was open lasted longer than Alive.
type Run struct{ alive time.Time }

// Alive is the time of the last record that tells of life; zero: there was none.
func (r *Run) Alive() time.Time { return r.alive }

// Note takes a record, after all who asked Alive about it.
func (r *Run) Note(rec call.Record) {
	if _, wrapUp := rec.Event.(call.WrapUpEnded); !wrapUp && !Closing(rec.Event) {
		r.alive = rec.At
	}
}

// Closing tells an end that a starting server wrote for what the run before it left open. The ends of wrap-ups that
// it writes too can't be told from others.
func Closing(e call.Event) bool {
	switch e := e.(type) {
	case call.LegEnded:
		return e.End.Cause == call.CauseServerRestarted
	case call.CallEnded:
		return e.End.Cause == call.CauseServerRestarted
	}
	return false
}
