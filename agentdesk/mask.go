package agentdesk

import "strings"

// maskedDigits is how many of the last digits of a number are shown to whom may not see it whole.
const maskedDigits = 3

// mask hides a number but for its last three digits. What is no number (a name, "anonymous") stays.
func mask(number string) string {
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
