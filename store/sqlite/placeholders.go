package sqlite

import (
	"strconv"
	"strings"
)

// unnamed writes the placeholders $1, $2 … as ? where they come once each and in order. The driver looks
// for a named one among all arguments, and for a row of 30 columns that costs more than the insert.
func unnamed(query string) string {
	var b strings.Builder
	rest := query
	for n := 1; ; n++ {
		before, after, found := strings.Cut(rest, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits := 0
		for digits < len(after) && '0' <= after[digits] && after[digits] <= '9' {
			digits++
		}
		if after[:digits] != strconv.Itoa(n) {
			return query
		}
		b.WriteByte('?')
		rest = after[digits:]
	}
}
