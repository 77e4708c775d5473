package wire

import (
	"bytes"
	"strings"
)

// scrubName takes the control characters out of the caller's name in a From or P-Asserted-Identity line: carriers
// pad names with them, and nobody's call should be refused for that. Anywhere else they stay, and are a fault; so do
// a lone CR or LF, which are no padding but an attempt at a header of their own.
func scrubName(line []byte) []byte {
	label, value, _ := bytes.Cut(line, []byte{':'})
	switch nameOf(string(bytes.TrimRight(label, blanks))) {
	case From, PAssertedIdentity:
	default:
		return line
	}
	end := len(line) - len(value) + displayEnd(string(value))
	if bytes.ContainsAny(line, "\r\n") {
		return line
	}
	b := make([]byte, 0, len(line)) // the message itself stays as it came
	for i := 0; i < end; i++ {
		switch {
		case class[line[i]]&classControl != 0:
		case line[i] == '\\' && i+1 < end:
			// An escape goes with what it escapes (RFC 3261, 25.1, quoted-pair).
			if i++; class[line[i]]&classControl == 0 {
				b = append(b, '\\', line[i])
			}
		default:
			b = append(b, line[i])
		}
	}
	return append(b, line[end:]...)
}

// displayEnd is where a display name before an address ends; 0 if there is none.
func displayEnd(s string) int {
	start := len(s) - len(strings.TrimLeft(s, blanks))
	if start < len(s) && s[start] == '"' {
		return start + max(quoted(s[start:]), 0)
	}
	return max(strings.IndexByte(s, '<'), 0)
}
