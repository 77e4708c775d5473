package main

import (
	"maps"
	"slices"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/agents"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/store/projection"
	"github.com/linedesk/linedesk/store/ticket"
)

// projectionOptions are what rows need to know of the site.
type projectionOptions struct {
	numbering func() store.Numbering
	kind      func(string) *ticket.Kind
	extension func(call.AgentID) call.Extension
	wrote     func([]call.AgentID) // whose calls have new rows; nil: nobody asks
}

// projections are all that the journal is turned into in the database.
func projections(o projectionOptions) []projection.Projection {
	calls := calllog.Projection(calllog.Options{Numbering: o.numbering, Kind: o.kind, Extension: o.extension})
	if o.wrote != nil {
		calls.Wrote = func(b store.Batch) { o.wrote(agentsOf(b)) }
	}
	return []projection.Projection{calls, agents.Projection()}
}

// agentsOf are the agents who have a part in some calls.
func agentsOf(b store.Batch) []call.AgentID {
	seen := map[call.AgentID]bool{}
	for i := range b.Calls {
		seen[b.Calls[i].Agent] = true
		for _, s := range b.Calls[i].Segments {
			seen[s.Agent] = true
		}
	}
	delete(seen, "")
	return slices.Collect(maps.Keys(seen))
}

// safeFor is the first record that one of the projections still needs; 0, all of them, while there is none or
// one has not read its position yet.
func safeFor(running []*projection.Runner) uint64 {
	if len(running) == 0 {
		return 0
	}
	safe := running[0].Position().Safe
	for _, p := range running[1:] {
		safe = min(safe, p.Position().Safe)
	}
	return safe
}
