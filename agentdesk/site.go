package agentdesk

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// site is the published site with what the desks ask of it.
type site struct{ *configs.Site }

// site gives the site as it is now.
func (s *Server) site() site { return site{s.calls.Site()} }

// teamOf gives the team of an agent, "" if there is none.
func (v site) teamOf(a call.AgentID) string {
	if ag := v.Agent(a); ag != nil {
		return ag.Team
	}
	return ""
}

// number formats a number for reading.
func (v site) number(n call.Number) string { return store.FormatForReading(n, v.Region) }

func (v site) location() *time.Location {
	if v.Location != nil {
		return v.Location
	}
	return time.UTC
}
