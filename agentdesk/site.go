package agentdesk

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// site is the published site with what the desks make of it once.
type site struct {
	*configs.Site
	numbering store.Numbering
}

// site gives the site as it is now. It is made anew when another version was published.
func (s *Server) site() *site {
	raw := s.calls.Site()
	if known := s.sites.Load(); known != nil && known.Site == raw {
		return known
	}
	v := &site{Site: raw, numbering: store.Numbering{Location: raw.Location, Prefix: map[string]string{}}}
	for _, k := range raw.TicketKinds {
		v.numbering.Prefix[k.ID] = k.Prefix
	}
	s.sites.Store(v)
	return v
}

// teamOf gives the team of an agent, "" if there is none.
func (v *site) teamOf(a call.AgentID) string {
	if ag := v.Agent(a); ag != nil {
		return ag.Team
	}
	return ""
}

// number formats a number for reading.
func (v *site) number(n call.Number) string { return store.FormatForReading(n, v.Region) }

func (v *site) location() *time.Location {
	if v.Location != nil {
		return v.Location
	}
	return time.UTC
}
