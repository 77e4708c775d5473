package wire

import (
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"
)

var viaField = sip.DefaultHeadersParser()["via"]

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
	v.Value = trim(s)
	head := v.Value
	if i := strings.IndexByte(head, ';'); i >= 0 {
		head, v.Params = trim(head[:i]), head[i:]
	}
	head = closeUp(head)
	h, err := viaField(nil, head)
	if err != nil {
		return v, false
	}
	via := h.(*sip.ViaHeader)
	if !strings.EqualFold(via.ProtocolName, "SIP") || via.ProtocolVersion != "2.0" || !IsToken(via.Transport) {
		return v, false
	}
	// sipgo takes an IPv6 address out of its brackets, passes over what follows them, and gives no error
	// for a bad port.
	where := head[strings.LastIndexAny(head, blanks)+1:]
	v.Transport, v.Host = via.Transport, via.Host
	if where != "" && where[0] == '[' && len(where) >= len(via.Host)+2 {
		v.Host = where[:len(via.Host)+2]
	}
	if v.Port, ok = hostPort(where, v.Host, via.Port); !ok {
		return v, false
	}
	return v, v.params()
}

// closeUp takes the blanks beside slashes and colons away, where sipgo does not expect them, and leaves one
// where there are several.
func closeUp(s string) string {
	if i := strings.IndexAny(s, blanks); i < 0 || strings.LastIndexAny(s, blanks) == i {
		return s
	}
	b := make([]byte, 0, len(s))
	gap, address := false, false
	for i := range len(s) {
		c := s[i]
		if blank(c) {
			gap = true
			continue
		}
		beside := c == '/' || c == ':' || len(b) > 0 && (b[len(b)-1] == '/' || b[len(b)-1] == ':')
		if gap && (address || !beside) {
			b = append(b, ' ')
		}
		gap = false
		address = c == '[' || address && c != ']'
		b = append(b, c)
	}
	return string(b)
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
