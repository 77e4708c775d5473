package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The classes of bytes in the grammar (RFC 3261, 25.1).
const (
	classToken   = 1 << iota // token
	classUser                // user, with what people do put there unescaped ("#")
	classHost                // hostname, with the underscore that some have
	classParam               // a parameter's value outside quotes: token, and what hosts need
	classControl             // CTL but for the tab
	classHex
	classDigit
)

var class = func() (t [256]uint8) {
	set := func(chars string, bit uint8) {
		for i := range len(chars) {
			t[chars[i]] |= bit
		}
	}
	const alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	set(alnum+"-.!%*_+`'~", classToken)
	set(alnum+"-_.!~*'()&=+$,;?/#", classUser)
	set(alnum+"-._", classHost)
	set(alnum+"-.!%*_+`'~[]:/&$()@,", classParam)
	set("0123456789abcdefABCDEF", classHex)
	set("0123456789", classDigit)
	for c := range 32 {
		t[c] |= classControl
	}
	t['\t'] &^= classControl
	t[0x7f] |= classControl
	return t
}()

// all tells whether s has something and only bytes of a class.
func all[T string | []byte](s T, bit uint8) bool {
	for i := range len(s) {
		if class[s[i]]&bit == 0 {
			return false
		}
	}
	return len(s) > 0
}

// IsToken says whether s may be a method, an option tag or a header's name.
func IsToken(s string) bool { return all(s, classToken) }

// HasControl says whether s has a control character other than the tab.
func HasControl(s string) bool { return hasControl(s) }

func hasControl[T string | []byte](s T) bool {
	for i := range len(s) {
		if class[s[i]]&classControl != 0 {
			return true
		}
	}
	return false
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

const blanks = " \t"

// trim takes blanks off both ends.
func trim(s string) string {
	for s != "" && blank(s[0]) {
		s = s[1:]
	}
	for s != "" && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// Clean makes text from outside fit to be shown and stored: valid UTF-8, no control or formatting
// characters (which could turn the line around on a screen; but the joiners, which names in some scripts
// and emoji need, stay), at most so many characters, no blanks at its ends.
func Clean(s string, most int) string {
	if plain(s, most) {
		return strings.TrimSpace(s)
	}
	var b strings.Builder
	n := 0
	for len(s) > 0 && n < most {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' || r == '\u2028' || r == '\u2029' {
			continue
		}
		b.WriteRune(r) // what was no UTF-8 is written as U+FFFD
		n++
	}
	return strings.TrimSpace(b.String())
}

func plain(s string, most int) bool {
	if len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
