// Package agents turns the journal into rows of what agents did: their states. It is a projection of its own, so that
// these rows outlive the journal and can be made anew without the call log. Agents' parts in calls are the call log's.
//
// A state's row is written when it ends; of one that lasts, after a minute too, without an end. What was open when a
// server died ended when that server was last known to live; when the next one starts, agents who are still on shift
// begin anew, with the gap in between.
//
// Where agents sit the Roster in call/history tells. Rows are keyed by agent and time: a record told again comes to the
// same rows.
package agents

import (
	"time"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/projection"
)

// Projection is what agents did as a projection of the journal.
func Projection() projection.Projection {
	return projection.Projection{
		Name: store.ProjectionAgents, Title: "agents' log",
		Fold:  func() projection.Fold { return newFold() },
		Every: 5 * time.Second, // they are for reports; boards look elsewhere
	}
}
