package sip

import (
	"strconv"
	"strings"
	"time"
)

// Keys that come by INFO last this long if they don't say, and no longer than the other.
const (
	usualKey   = 160 * time.Millisecond
	longestKey = 10 * time.Second
)

// infoDigit reads a key out of an INFO's body: application/dtmf-relay ("Signal=5" and "Duration=160" on
// lines of their own) or application/dtmf (the key alone). Supported tells whether the type is one of them.
func infoDigit(contentType, body string) (digit rune, length time.Duration, supported, ok bool) {
	kind, _, _ := strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/dtmf":
		digit, ok = key(body)
		return digit, usualKey, true, ok
	case "application/dtmf-relay":
		digit, length, ok = relayDigit(body)
		return digit, length, true, ok
	}
	return 0, 0, false, false
}

func relayDigit(body string) (digit rune, length time.Duration, ok bool) {
	length = usualKey
	for line := range strings.Lines(body) {
		name, value, has := strings.Cut(line, "=")
		if !has {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			if digit, ok = key(value); !ok {
				return 0, 0, false
			}
		case "duration":
			if ms, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31); err == nil && ms > 0 {
				length = min(time.Duration(ms)*time.Millisecond, longestKey)
			}
		}
	}
	return digit, length, ok
}

// key reads one key: its sign, or its number as RFC 4733, 3.2 counts them (10 is *, 11 is #, 12–15 are A–D).
func key(s string) (rune, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) == 1 && strings.IndexByte("0123456789*#ABCD", s[0]) >= 0 {
		return rune(s[0]), true
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 10 && n <= 15 && len(s) == 2 {
		return rune("*#ABCD"[n-10]), true
	}
	return 0, false
}
