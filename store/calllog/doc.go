// Package calllog turns the journal into the call log: rows of calls, and the tickets that calls left.
//
// [Builder] is pure: records in, rows out. [Projection] makes it a projection
// of the journal, which store/projection runs: rows are written exactly once, whatever crashes in between.
// [CloseOrphans] ends, at the start of a server, the calls that the last run left open.
//
// What the durations mean:
//
//	wait   in queues, until the first bridge; without one, until the call left them
//	ring   from the offer that was answered to that answer; outbound: from the click to the far end's answer
//	talk   bridged, all agents together, without hold
//	hold   on hold while bridged, by whichever side
//
// A call ends when the customer's part in it does: when the caller left, or the talk ended that nothing
// followed. What our side needs to take its legs down counts for nobody. So, for a call that one agent
// took straight from its queue, bridged − queued is wait and ended − bridged is talk and hold.
//
// A caller who loses an agent in mid-call (the phone is gone) waits again at the queue's head. That is no wait:
// service level and speed of answer tell how soon a caller was first answered, and the second wait would
// make a late answer of a prompt one. What it was, the segments and the timeline tell. Board and live calls
// (switchboard/live) count the same way.
package calllog

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// Options are what rows need to know of the site as it is at the moment. They may be asked from any goroutine.
type Options struct {
	// Numbering says how new tickets are numbered. Nil: as the zero Numbering does.
	Numbering func() store.Numbering
	// Extension gives an agent's extension, for the call's row. Nil: left empty.
	Extension func(call.AgentID) call.Extension
}

func (o *Options) series(kind string, at time.Time) string {
	var n store.Numbering
	if o.Numbering != nil {
		n = o.Numbering()
	}
	return n.Series(kind, at)
}
