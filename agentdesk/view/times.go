package view

import (
	"maps"
	"strconv"
	"time"

	"github.com/linedesk/linedesk/configs"
)

// jsonLayout is how the API writes moments: RFC 3339, UTC, milliseconds.
const jsonLayout = "2006-01-02T15:04:05.000Z"

// JSONTime is a moment as the API writes it.
func JSONTime(t time.Time) string { return t.UTC().Format(jsonLayout) }

// JSONTimeOpt gives null for what has not happened.
func JSONTimeOpt(t *time.Time) *string {
	if t == nil || t.IsZero() {
		return nil
	}
	s := JSONTime(*t)
	return &s
}

// EpochMS is how the websocket writes moments; 0 for what has not happened.
func EpochMS(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// EpochMSOpt is EpochMS of what may not have happened.
func EpochMSOpt(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return EpochMS(*t)
}

// Millis is a duration as parameters of problems carry it.
func Millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Names copies what people see of a thing, so that nobody can change the site by it.
func Names(n configs.Names) map[string]string {
	out := make(map[string]string, len(n))
	maps.Copy(out, n)
	return out
}
