package wire

import (
	"net/netip"
	"strings"
)

// ViaValue is one hop that a message came by.
type ViaValue struct {
	Value     string // the whole, as written
	Transport string // "UDP", "TCP", …, as written
	Host      string
	Port      uint16 // 0: not said
	Branch    string
	Params    string

	rport    int  // where in Value a valueless rport ends; 0: it has none
	received bool // a received parameter that should not be there
}

// Addr is the host as an address, if it is one.
func (v *ViaValue) Addr() (netip.Addr, bool) { return hostAddr(v.Host) }

// RPort says whether the sender wants its answers where they came from (RFC 3581).
func (v *ViaValue) RPort() bool { return v.rport > 0 }

// ParseVia reads one value of a Via header (RFC 3261, 20.42), with blanks where the grammar has them.
func ParseVia(s string) (v ViaValue, ok bool) {
	s = trim(s)
	v.Value = s
	rest, ok := viaProtocol(s, &v)
	if !ok {
		return v, false
	}
	if v.Host, rest, ok = cutHost(rest); !ok {
		return v, false
	}
	rest = trim(rest)
	if rest != "" && rest[0] == ':' {
		if v.Port, rest, ok = cutPort(trim(rest[1:])); !ok {
			return v, false
		}
		rest = trim(rest)
	}
	v.Params = rest
	return v, v.params()
}

func viaProtocol(s string, v *ViaValue) (rest string, ok bool) {
	// The common form needs no search.
	if strings.HasPrefix(s, "SIP/2.0/") {
		s = s[len("SIP/2.0/"):]
	} else {
		name, after, _ := strings.Cut(s, "/")
		version, more, found := strings.Cut(after, "/")
		if !found || !strings.EqualFold(trim(name), "SIP") || trim(version) != "2.0" {
			return "", false
		}
		s = trim(more)
	}
	n := 0
	for n < len(s) && class[s[n]]&classToken != 0 {
		n++
	}
	if n == 0 || n == len(s) || !blank(s[n]) {
		return "", false
	}
	v.Transport = s[:n]
	return trim(s[n:]), true
}

func (v *ViaValue) params() bool {
	s := v.Params
	if s != "" && s[0] != ';' {
		return false
	}
	for s != "" {
		name, value, rest := nextParam(s)
		if !IsToken(name) || value != "" && value[0] != '"' && !all(value, classParam|classHost) {
			return false
		}
		switch {
		case len(name) == 6 && strings.EqualFold(name, "branch"):
			v.Branch = value
		case len(name) == 5 && strings.EqualFold(name, "rport"):
			if value == "" {
				v.rport = len(v.Value) - len(rest)
				v.rport -= len(v.Value[:v.rport]) - len(strings.TrimRight(v.Value[:v.rport], " \t="))
			}
		case len(name) == 8 && strings.EqualFold(name, "received"):
			v.received = true
		}
		s = rest
	}
	return true
}

// appendAnswered writes the top Via as the answer has it: with the address and port that the request
// came from (RFC 3261, 18.2.1; RFC 3581, 4).
func (v *ViaValue) appendAnswered(b []byte, src netip.AddrPort) []byte {
	value := v.Value
	switch {
	case v.received:
		value = strings.TrimSuffix(value, v.Params)
		b = append(b, value...)
		for s := v.Params; s != ""; {
			var name string
			before := s
			name, _, s = nextParam(s)
			switch {
			case strings.EqualFold(name, "received"):
			case strings.EqualFold(name, "rport") && v.rport > 0:
				b = appendUint(append(b, ";rport="...), uint64(src.Port()))
			default:
				b = append(b, before[:len(before)-len(s)]...)
			}
		}
	case v.rport > 0:
		b = append(b, value[:v.rport]...)
		b = appendUint(append(b, '='), uint64(src.Port()))
		b = append(b, strings.TrimLeft(value[v.rport:], " \t=")...)
	default:
		b = append(b, value...)
	}
	if a, is := v.Addr(); v.rport > 0 || !is || a != src.Addr() {
		b = append(b, ";received="...)
		b = src.Addr().AppendTo(b)
	}
	return b
}
