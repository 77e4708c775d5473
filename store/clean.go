package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Clean makes text from outside fit to be stored in any database and shown on any page, without losing
// any of it: what cannot stand there is spelled out. A control character or a byte that is no UTF-8
// becomes \x and two hexadecimal digits (NUL is what PostgreSQL refuses), one of the controls
// U+0080…U+009F becomes \u and four. Line breaks become "\n"; they and tabs stay. HTML is text like
// any other and stays as it is: pages show it, they do not run it.
//
// Clean text is given back unchanged.
func Clean(s string) string { return clean(s, false) }

// CleanLine is Clean for what has one line only: names, numbers, subjects. Line breaks and tabs become
// blanks, blanks at both ends go, and the characters that turn the direction of the text around them
// (U+202A…U+202E, U+2066…U+2069) are spelled out, so that a caller's name cannot rearrange the line
// that it is shown in.
func CleanLine(s string) string { return clean(s, true) }

func clean(s string, line bool) string {
	if plain(s) {
		if line {
			return strings.TrimSpace(s)
		}
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\r':
			if !strings.HasPrefix(s[i+1:], "\n") {
				b.WriteByte(lineBreak(line))
			}
		case r == '\n':
			b.WriteByte(lineBreak(line))
		case r == '\t':
			if line {
				b.WriteByte(' ')
			} else {
				b.WriteByte('\t')
			}
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case 0x80 <= r && r <= 0x9f, line && turnsDirection(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	if line {
		return strings.TrimSpace(b.String())
	}
	return b.String()
}

// plain tells the ordinary case, ASCII without controls, in one pass and without a copy.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func lineBreak(line bool) byte {
	if line {
		return ' '
	}
	return '\n'
}

func turnsDirection(r rune) bool {
	return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}
