package wire

import (
	"net/netip"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// URI is an address. Its parts are as written, escapes and all.
type URI struct {
	Text   string // the whole
	Scheme string // lower case: "sip", "sips", "tel", …
	// The rest is for sip and sips only.
	User    string // escaped; empty if there is none
	Host    string // a name or an address; an IPv6 address with its brackets
	Port    uint16 // 0: not said
	Params  string // ";transport=tcp;lr", with its first semicolon, or ""
	Headers string // what follows "?", or ""
}

// IsSIP says whether the address can be called by SIP.
func (u *URI) IsSIP() bool { return u.Scheme == "sip" || u.Scheme == "sips" }

// Addr is the host as an address, if it is one.
func (u *URI) Addr() (netip.Addr, bool) { return hostAddr(u.Host) }

// UserText is the user part with its escapes undone, without parameters that telephone numbers carry
// in it (RFC 3966: "+1234;phone-context=…"), as text fit to be shown.
func (u *URI) UserText() string {
	user := u.User
	if u.Scheme == "tel" {
		user = strings.TrimPrefix(u.Text[len("tel"):], ":")
	}
	user, _, _ = strings.Cut(user, ";")
	user, _, _ = strings.Cut(user, ":") // a password, which nobody should send
	return Clean(Unescape(user), 128)
}

func hostAddr(host string) (netip.Addr, bool) {
	if host == "" || host[0] != '[' && (host[0] < '0' || host[0] > '9') {
		return netip.Addr{}, false
	}
	if host[0] == '[' {
		host = strings.ReplaceAll(strings.Trim(host, "[]"), ":::", "::") // see hostOK
	}
	a, err := netip.ParseAddr(host)
	return a.Unmap(), err == nil && a.Zone() == ""
}

// Unescape undoes %HH. What is no proper escape is left as it is.
func Unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && all(s[i+1:i+3], classHex) {
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// EscapeUser writes s so that it can stand as the user part of a URI.
func EscapeUser(s string) string {
	const hex = "0123456789ABCDEF"
	plain := true
	for i := range len(s) {
		plain = plain && escapeless(s[i])
	}
	if plain {
		return s
	}
	b := make([]byte, 0, len(s)+8)
	for i := range len(s) {
		if escapeless(s[i]) {
			b = append(b, s[i])
		} else {
			b = append(b, '%', hex[s[i]>>4], hex[s[i]&15])
		}
	}
	return string(b)
}

func escapeless(c byte) bool {
	return class[c]&classUser != 0 && c != ';' && c != '?' && c != ',' && c != '#'
}

var uris = sync.Pool{New: func() any { return new(sip.Uri) }}

// ParseURI reads a URI. A scheme other than sip and sips is no error; its rest is not looked into.
//
// The scheme is read here, as sipgo takes none with a digit, a dot, a plus or a minus (RFC 3986, 3.1). So are
// parameters and headers: sipgo takes an IPv6 address among them for the host ("sip:h;maddr=[::1]"), and
// searches all that it has for each that it adds, which takes 160 ms for what a datagram can hold.
// An IPv6 address of more than 40 characters (all groups written out before a dotted IPv4 part) is refused, as
// sipgo reads no longer one.
func ParseURI(s string) (u URI, ok bool) {
	colon := strings.IndexByte(s, ':')
	if colon <= 0 {
		return u, false
	}
	u.Text = s
	if u.Scheme, ok = scheme(s[:colon]); !ok {
		return u, false
	}
	if !u.IsSIP() {
		return u, opaque(s[colon+1:])
	}
	// An "@" can stand nowhere but after the user, who may contain ";" and "?" (RFC 4475, 3.1.1.9).
	end := max(colon, strings.IndexByte(s, '@')) + 1
	if i := strings.IndexAny(s[end:], ";?"); i >= 0 {
		end += i
	} else {
		end = len(s)
	}
	r := uris.Get().(*sip.Uri)
	ok = sip.ParseUri(s[:end], r) == nil && u.take(r, s[:end])
	*r = sip.Uri{}
	uris.Put(r)
	return u, ok && u.extras(s[end:])
}

// take takes over what sipgo read of a URI up to its parameters, and checks that it is good and all there is:
// sipgo takes any characters, and passes over text around an IPv6 address.
func (u *URI) take(r *sip.Uri, text string) (ok bool) {
	rest := text[len(r.Scheme)+1:]
	if r.User != "" { // sipgo's is without slashes before it and the password after it
		at := strings.IndexByte(rest, '@')
		u.User, rest = rest[:at], rest[at+1:]
		if !userOK(u.User) {
			return false
		}
	}
	u.Host = r.Host
	u.Port, ok = hostPort(rest, r.Host, r.Port)
	return ok
}

// extras takes the parameters and headers, which stay text, see [Param].
func (u *URI) extras(s string) bool {
	if q := strings.IndexByte(s, '?'); q >= 0 {
		u.Headers, s = s[q+1:], s[:q]
		if !opaque(u.Headers) {
			return false
		}
	}
	u.Params = s
	return uriParamsOK(s)
}

func scheme(s string) (string, bool) {
	switch s {
	case "sip", "sips", "tel":
		return s, true
	}
	if c := s[0] | 0x20; c < 'a' || c > 'z' {
		return "", false
	}
	for i := range len(s) {
		if c := s[i]; c|0x20 < 'a' || c|0x20 > 'z' {
			if (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' {
				return "", false
			}
		}
	}
	return strings.ToLower(s), true
}

// opaque tells whether s is printable ASCII without what would end a URI.
func opaque(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' {
			return false
		}
	}
	return s != ""
}

func userOK(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%':
			if i+2 >= len(s) || !all(s[i+1:i+3], classHex) {
				return false
			}
		case class[c]&classUser == 0 && c != ':': // ":" before a password
			return false
		}
	}
	return s != "" && s[0] != ':'
}

// hostPort checks that text is a host and perhaps a port, which sipgo read from it, and nothing else.
func hostPort(text, host string, port int) (uint16, bool) {
	rest, ok := strings.CutPrefix(text, host)
	if !ok || !hostOK(host) {
		return 0, false
	}
	if rest == "" {
		return 0, true
	}
	const longest = len(":65535")
	if rest[0] != ':' || len(rest) > longest || !all(rest[1:], classDigit) || port > 65535 {
		return 0, false
	}
	return uint16(port), true
}

func hostOK(s string) bool {
	if s != "" && s[0] == '[' {
		// RFC 5118, 4.10: three colons come of a fault in an older grammar; take them for two.
		_, ok := hostAddr(s)
		return ok
	}
	return all(s, classHost)
}

// uriParamsOK checks ";name=value;name": blanks and empty parameters are faults.
func uriParamsOK(s string) bool {
	for s != "" {
		if s[0] != ';' {
			return false
		}
		s = s[1:]
		end := strings.IndexByte(s, ';')
		if end < 0 {
			end = len(s)
		}
		name, value, has := strings.Cut(s[:end], "=")
		if !all(name, classToken|classParam) || has && value != "" && !all(value, classParam) {
			return false
		}
		s = s[end:]
	}
	return true
}
