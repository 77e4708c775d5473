package store

import (
	"time"
)

// Numbering makes the readable numbers of tickets: a prefix per kind, the day in the site's time
// zone, and a counter that begins at 1 each day and has no gaps.
type Numbering struct {
	Location *time.Location    // nil: UTC
	Prefix   map[string]string // kind → "C"; a kind without one gets its initial in upper case
}

// Series is what the numbers of a kind begin with on the day of at: "C-20261122".
func (n Numbering) Series(kind string, at time.Time) string { return "" }
