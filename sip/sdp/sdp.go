// Package sdp reads and writes session descriptions (RFC 8866) as far as an audio call needs them, and
// does the choosing of offer and answer (RFC 3264).
//
// It knows PCMU, PCMA and telephone-event over RTP/AVP. Other media in an offer are refused in the
// answer one by one, in their places. It knows no SIP and opens no ports.
package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

const (
	maxSize  = 16 << 10
	maxMedia = 16
	maxMaps  = 64
)

// Direction says which way sound goes, as seen from who wrote the description.
type Direction uint8

// The directions (RFC 8866, 6.7).
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

var directions = [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}

// String is the attribute's name.
func (d Direction) String() string { return directions[d&3] }

// Reversed is the direction as the other side sees it.
func (d Direction) Reversed() Direction {
	switch d {
	case SendOnly:
		return RecvOnly
	case RecvOnly:
		return SendOnly
	default:
		return d
	}
}

// Description is what was read.
type Description struct {
	Media []Media
}

// Media is one m= section.
type Media struct {
	Kind      string // "audio", "video", …
	Port      uint16 // 0: refused or not wanted
	Proto     string // "RTP/AVP", …
	Formats   string // as written: payload types, blanks between
	Addr      netip.Addr
	Direction Direction
	RTCP      netip.AddrPort // a=rtcp (RFC 3605); the zero value if there is none
	maps      []rtpmap
}

type rtpmap struct {
	pt   uint8
	name string // "PCMU"
	rate string // "8000" or "48000/2"
}

// ErrSyntax is at the root of every error of [Parse].
var ErrSyntax = errors.New("bad session description")

func syntax(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrSyntax}, args...)...)
}

// Parse reads a description. Lines may end in LF alone. Attributes that it doesn't know are passed over.
func Parse(s string) (*Description, error) {
	if len(s) > maxSize {
		return nil, syntax("%d bytes, more than %d", len(s), maxSize)
	}
	r := reader{d: &Description{}}
	for n := 1; s != ""; n++ {
		line := s
		if end := strings.IndexByte(s, '\n'); end >= 0 {
			line, s = s[:end], s[end+1:]
		} else {
			s = ""
		}
		line = strings.TrimSuffix(line, "\r")
		if line == "" && strings.TrimSpace(s) == "" {
			break
		}
		if n == 1 && line != "v=0" {
			return nil, syntax("it begins with %.20q, not with v=0", line)
		}
		if err := r.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if len(r.d.Media) == 0 {
		return nil, syntax("it has no m= line")
	}
	return r.d, nil
}

type reader struct {
	d    *Description
	addr netip.Addr // the session's c=
	dir  Direction  // the session's direction
	maps int
}

func (r *reader) line(line string) error {
	if len(line) < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z' {
		return syntax("%.20q is no x=value", line)
	}
	for i := range len(line) {
		if c := line[i]; c < ' ' && c != '\t' || c == 0x7f {
			return syntax("control character")
		}
	}
	value := line[2:]
	switch line[0] {
	case 'c':
		return r.connection(value)
	case 'm':
		return r.media(value)
	case 'a':
		return r.attribute(value)
	}
	return nil
}

// connection reads "IN IP4 192.0.2.1". A host that is a name is taken as no address: we look nothing
// up in the middle of an offer.
func (r *reader) connection(v string) error {
	f := strings.Fields(v)
	if len(f) != 3 || f[0] != "IN" || f[1] != "IP4" && f[1] != "IP6" {
		return syntax("c=%.40s", v)
	}
	host, _, _ := strings.Cut(f[2], "/")
	a, err := netip.ParseAddr(host)
	if err != nil || a.Zone() != "" {
		a = netip.Addr{}
	}
	a = a.Unmap()
	if n := len(r.d.Media); n > 0 {
		r.d.Media[n-1].Addr = a
	} else {
		r.addr = a
	}
	return nil
}

// media reads "audio 49170 RTP/AVP 0 8 101".
func (r *reader) media(v string) error {
	if len(r.d.Media) == maxMedia {
		return syntax("more than %d m= lines", maxMedia)
	}
	kind, rest, _ := strings.Cut(v, " ")
	port, rest, _ := strings.Cut(rest, " ")
	proto, formats, ok := strings.Cut(rest, " ")
	port, _, _ = strings.Cut(port, "/")
	n, err := strconv.ParseUint(port, 10, 16)
	if !ok || err != nil || kind == "" || proto == "" || formats == "" {
		return syntax("m=%.40s", v)
	}
	r.d.Media = append(r.d.Media, Media{
		Kind: kind, Port: uint16(n), Proto: proto, Formats: formats, Addr: r.addr, Direction: r.dir,
	})
	return nil
}

func (r *reader) attribute(v string) error {
	name, value, _ := strings.Cut(v, ":")
	for d, text := range directions {
		if name != text {
			continue
		}
		if n := len(r.d.Media); n > 0 {
			r.d.Media[n-1].Direction = Direction(d)
		} else {
			r.dir = Direction(d)
		}
		return nil
	}
	if len(r.d.Media) == 0 {
		return nil
	}
	m := &r.d.Media[len(r.d.Media)-1]
	switch name {
	case "rtpmap":
		return r.rtpmap(m, value)
	case "rtcp":
		return m.rtcp(value)
	}
	return nil
}

// rtpmap reads "101 telephone-event/8000".
func (r *reader) rtpmap(m *Media, v string) error {
	pt, enc, ok := strings.Cut(v, " ")
	n, err := strconv.ParseUint(pt, 10, 7)
	name, rate, _ := strings.Cut(strings.TrimSpace(enc), "/")
	if !ok || err != nil || name == "" {
		return syntax("a=rtpmap:%.40s", v)
	}
	if r.maps++; r.maps > maxMaps {
		return syntax("more than %d rtpmaps", maxMaps)
	}
	m.maps = append(m.maps, rtpmap{pt: uint8(n), name: name, rate: rate})
	return nil
}

// rtcp reads "53020" or "53020 IN IP4 126.16.64.4" (RFC 3605, 2.1).
func (m *Media) rtcp(v string) error {
	port, rest, more := strings.Cut(v, " ")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return syntax("a=rtcp:%.40s", v)
	}
	addr := m.Addr
	if more {
		if f := strings.Fields(rest); len(f) == 3 {
			a, bad := netip.ParseAddr(f[2])
			if bad != nil || a.Zone() != "" { // a name: as if it were not there
				return nil //nolint:nilerr // it is none of ours
			}
			addr = a
		}
	}
	m.RTCP = netip.AddrPortFrom(addr.Unmap(), uint16(n))
	return nil
}
