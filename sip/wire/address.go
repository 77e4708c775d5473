package wire

import "strings"

// Address is a name-addr or addr-spec: what stands in From, To, Contact, Route and their like.
type Address struct {
	Display string // as written, with quotes if it has them
	URI     URI
	Params  string // the header's parameters, ";tag=…", or ""
}

// Name is the display name, fit to be shown.
func (a *Address) Name() string { return Clean(Unquote(a.Display), 128) }

// Tag is the tag parameter, or "".
func (a *Address) Tag() string {
	if a.Params == "" {
		return ""
	}
	t, _ := Param(a.Params, "tag")
	return t
}

// ParseAddress reads one address. A URI outside angle brackets must not have "?" or "," (RFC 3261, 20.10).
// sipgo reads the URI only: its reader of addresses passes over text between the parts, cuts parameters inside
// quotes, takes blanks before a semicolon for a part of the host, and gives the URI's parameters to
// sip.ParseUri, see [ParseURI].
func ParseAddress(s string) (a Address, ok bool) {
	s = trim(s)
	if s == "" {
		return a, false
	}
	var open int
	if s[0] == '"' {
		n := quoted(s)
		if n < 0 {
			return a, false
		}
		a.Display = s[:n]
		open = len(s) - len(strings.TrimLeft(s[n:], " \t"))
		if open == len(s) || s[open] != '<' {
			return a, false
		}
	} else if open = strings.IndexByte(s, '<'); open > 0 {
		if a.Display = trim(s[:open]); !displayOK(a.Display) {
			return a, false
		}
	}
	if open < 0 {
		return bareAddress(s)
	}
	end := strings.IndexByte(s[open:], '>')
	if end < 0 {
		return a, false
	}
	end += open
	if a.URI, ok = ParseURI(s[open+1 : end]); !ok {
		return a, false
	}
	a.Params = trim(s[end+1:])
	return a, paramsOK(a.Params)
}

func bareAddress(s string) (a Address, ok bool) {
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	uri := trim(s[:end])
	if strings.ContainsAny(uri, "?,") {
		return a, false
	}
	if a.URI, ok = ParseURI(uri); !ok {
		return a, false
	}
	a.Params = s[end:]
	return a, paramsOK(a.Params)
}

// displayOK tells whether a display name may do without quotes. The grammar wants tokens; letters of
// other scripts and most punctuation are taken all the same, because they are what phones send.
func displayOK(s string) bool { return !strings.ContainsAny(s, `",;>\`) }
