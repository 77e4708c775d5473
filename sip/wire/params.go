package wire

import "strings"

// Lists and parameters are taken apart here: sipgo's parsers cut at separators inside quotes, end a quoted
// string at an escaped quote, tell parameters' names apart by case, and leave blanks in them.

// Param finds a parameter in ";name=value;name" and gives its value, unquoted if it was quoted.
// Names are compared without regard to case.
func Param(params, name string) (value string, ok bool) {
	for params != "" {
		var n, v string
		n, v, params = nextParam(params)
		if strings.EqualFold(n, name) {
			return Unquote(v), true
		}
	}
	return "", false
}

// nextParam cuts the first of ";name=value;…" off.
func nextParam(s string) (name, value, rest string) {
	if s != "" && s[0] == ';' {
		s = s[1:]
	}
	end := scan(s, ";")
	one := s[:end]
	rest = s[end:]
	if eq := strings.IndexByte(one, '='); eq >= 0 {
		return trim(one[:eq]), trim(one[eq+1:]), rest
	}
	return trim(one), "", rest
}

// paramsOK checks header parameters: "; name = value" with blanks anywhere, values may be quoted. An
// empty one is a fault (RFC 4475, 3.1.2.1).
func paramsOK(s string) bool {
	s = trim(s)
	if s != "" && s[0] != ';' {
		return false
	}
	for s != "" {
		var n, v string
		n, v, s = nextParam(s)
		if !IsToken(n) {
			return false
		}
		if v != "" && v[0] == '"' {
			if quoted(v) != len(v) {
				return false
			}
		} else if v != "" && !all(v, classParam|classHost) {
			return false
		}
	}
	return true
}

// scan finds the first of some stop bytes outside quotes and angle brackets; len(s) if there is none.
func scan(s, stops string) int {
	angle := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			n := quoted(s[i:])
			if n < 0 {
				return len(s)
			}
			i += n - 1
		case angle:
			angle = c != '>'
		case strings.IndexByte(stops, c) >= 0:
			return i
		case c == '<':
			angle = true
		}
	}
	return len(s)
}

// quoted gives the length of the quoted string that s begins with, quotes included; −1 if it does not end.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// Unquote takes a quoted string's quotes and backslashes away; anything else is left as it is.
func Unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// Quote writes s as a quoted string (RFC 3261, 25.1). Control characters are left out.
func Quote(s string) string {
	b := make([]byte, 0, len(s)+2)
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		if class[c]&classControl != 0 {
			continue
		}
		if c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return string(append(b, '"'))
}

// NextValue cuts the first of a comma-separated list's values off.
func NextValue(list string) (value, rest string) {
	end := scan(list, ",")
	value = trim(list[:end])
	if end < len(list) {
		end++
	}
	return value, list[end:]
}
