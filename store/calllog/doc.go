// Package calllog turns the journal into the call log: rows of calls, and the tickets that calls left.
//
// [Builder] is pure: records in, rows out. [Projection] makes it a projection
// of the journal, which store/projection runs: rows are written exactly once, whatever crashes in between.
// [CloseOrphans] ends, at the start of a server, the calls that the last run left open.
//
// What a call was, and what its durations mean, call/history tells; talk, hold and wrap-up of a row are those of
// all agents together. For a call that one agent took straight from its queue, bridged − queued is wait and ended −
// bridged is talk and hold.
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
