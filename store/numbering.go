package store

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Numbering makes the readable numbers of tickets: a prefix per kind, the day in the site's time zone,
// and a counter that begins at 1 each day and has no gaps.
type Numbering struct {
	Location *time.Location    // nil: UTC
	Prefix   map[string]string // kind → "C"; a kind without one gets its initial in upper case
}

// Series is what the numbers of a kind begin with on the day of at: "C-20261122".
func (n Numbering) Series(kind string, at time.Time) string {
	prefix := n.Prefix[kind]
	if prefix == "" {
		prefix = "T"
		if r, _ := utf8.DecodeRuneInString(kind); unicode.IsLetter(r) {
			prefix = strings.ToUpper(string(r))
		}
	}
	loc := n.Location
	if loc == nil {
		loc = time.UTC
	}
	return prefix + "-" + at.In(loc).Format("20060102")
}

// TicketNumber is the n-th number of a series: "C-20261122-001".
func TicketNumber(series string, n int64) string { return fmt.Sprintf("%s-%03d", series, n) }
