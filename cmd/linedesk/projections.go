package main

import (
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
}

// projections are all that the journal is turned into in the database.
func projections(o projectionOptions) []projection.Projection {
	return []projection.Projection{
		calllog.Projection(calllog.Options{Numbering: o.numbering, Kind: o.kind, Extension: o.extension}),
		agents.Projection(),
	}
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
