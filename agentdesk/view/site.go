package view

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// Site is the published site with what the desks ask of it.
type Site struct{ *configs.Site }

// TeamOf gives the team of an agent, "" if there is none.
func (v Site) TeamOf(a call.AgentID) string {
	if ag := v.Agent(a); ag != nil {
		return ag.Team
	}
	return ""
}

// Number formats a number for reading.
func (v Site) Number(n call.Number) string { return store.FormatForReading(n, v.Region) }

// Zone is the site's time zone.
func (v Site) Zone() *time.Location {
	if v.Location != nil {
		return v.Location
	}
	return time.UTC
}
