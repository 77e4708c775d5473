package view

import (
	"strings"

	"github.com/linedesk/linedesk/call"
)

// maskedDigits is how many of the last digits of a number are shown to whom may not see it whole.
const maskedDigits = 3

// Mask hides a number but for its last three digits. What is no number (a name, "anonymous") stays.
func Mask(number string) string {
	digits := 0
	for _, r := range number {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	if digits <= maskedDigits+1 { // extensions are no secret
		return number
	}
	hide := digits - maskedDigits
	var b strings.Builder
	for _, r := range number {
		if '0' <= r && r <= '9' && hide > 0 {
			hide--
			r = '•'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Shown is a number in both its forms, hidden if it must be.
func Shown(n call.Number, masked bool) call.Number {
	return call.Number{Raw: shown(n.Raw, masked), E164: shown(n.E164, masked)}
}

func shown(number string, masked bool) string {
	if masked {
		return Mask(number)
	}
	return number
}
