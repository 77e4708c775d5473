// Package agents turns the journal into rows of what agents did: their states, and their parts in calls. It is a
// projection of its own, so that these rows outlive the journal and can be made anew without the call log.
//
// A state's row is written when it ends; of one that lasts, after a minute too, without an end. What was open when a server died ended when
// that server was last known to live; when the next one starts, agents who are still on shift begin anew, with the gap
// in between. A segment's row is written when the agent's part is over, and again with its wrap-up.
//
// What a call was the fold in call/history tells, as it does for the call log; where agents sit its Roster tells.
// Rows are keyed by agent and time, and by the call and the place in it: a record told again comes to the same rows.
package agents

import (
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/projection"
)

// Projection is what agents did as a projection of the journal.
func Projection() projection.Projection {
	return projection.Projection{
		Name: store.ProjectionAgents, Title: "agents' log",
		Fold: func() projection.Fold { return newFold() },
	}
}
