package web

import (
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
)

// ParseTime reads a moment of a query: RFC 3339, or a day ("2026-11-22"), which begins at midnight in the
// site's time zone.
func ParseTime(v view.Site, name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, v.Zone()); err == nil {
		return t, nil
	}
	return time.Time{}, NewProblem(422, proto.CodeBadValue, "query."+name+": write a moment as 2026-11-22T08:00:00Z or a day as 2026-11-22",
		"field", name)
}
