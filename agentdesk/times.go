package agentdesk

import (
	"maps"
	"strconv"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/configs"
)

// jsonLayout is how the API writes moments: RFC 3339, UTC, milliseconds.
const jsonLayout = "2006-01-02T15:04:05.000Z"

func jsonTime(t time.Time) string { return t.UTC().Format(jsonLayout) }

// jsonTimeOpt gives null for what has not happened.
func jsonTimeOpt(t *time.Time) *string {
	if t == nil || t.IsZero() {
		return nil
	}
	s := jsonTime(*t)
	return &s
}

// epochMS is how the websocket writes moments; 0 for what has not happened.
func epochMS(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func epochMSOpt(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return epochMS(*t)
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// parseTime reads a moment of a query: RFC 3339, or a day ("2026-11-22"), which begins at midnight in the
// site's time zone.
func (v site) parseTime(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, v.location()); err == nil {
		return t, nil
	}
	return time.Time{}, problem(422, proto.CodeBadValue, "query."+name+": write a moment as 2026-11-22T08:00:00Z or a day as 2026-11-22",
		"field", name)
}

// names copies what people see of a thing, so that nobody can change the site by it.
func names(n configs.Names) map[string]string {
	out := make(map[string]string, len(n))
	maps.Copy(out, n)
	return out
}
