package siptest

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// direction of a stream, as its owner says it (RFC 3264, 5.1).
type direction string

const (
	sendRecv direction = "sendrecv"
	sendOnly direction = "sendonly"
	recvOnly direction = "recvonly"
	inactive direction = "inactive"
)

// reverse is how the other side sees it.
func (d direction) reverse() direction {
	switch d {
	case sendOnly:
		return recvOnly
	case recvOnly:
		return sendOnly
	default:
		return d
	}
}

func (d direction) sends() bool { return d == sendRecv || d == sendOnly }

// session is what one side says of its audio stream.
type session struct {
	addr   netip.AddrPort // port 0: no audio
	codecs []Codec
	pts    map[Codec]uint8
	dtmf   uint8 // 0: none
	dir    direction
}

// parseSession reads a session description (RFC 4566), its audio stream only.
func parseSession(body []byte) (session, error) {
	s := session{dir: sendRecv, pts: map[Codec]uint8{}}
	var formats []string
	maps := map[string]string{"0": "PCMU/8000", "8": "PCMA/8000"}
	var addr netip.Addr
	port, media := 0, ""
	for line := range strings.Lines(string(body)) {
		kind, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if !ok {
			continue
		}
		fields := strings.Fields(value)
		if kind == "m" && len(fields) > 3 {
			media = fields[0]
			if media == "audio" {
				formats = fields[3:]
				port, _ = strconv.Atoi(fields[1])
			}
		}
		if media != "" && media != "audio" {
			continue
		}
		switch {
		case kind == "c" && len(fields) == 3:
			a, err := netip.ParseAddr(fields[2])
			if err != nil {
				return session{}, fmt.Errorf("session description: %w", err)
			}
			addr = a
		case kind == "a" && strings.HasPrefix(value, "rtpmap:") && len(fields) == 2:
			maps[strings.TrimPrefix(fields[0], "rtpmap:")] = fields[1]
		case kind == "a":
			if d := direction(value); d == sendRecv || d == sendOnly || d == recvOnly || d == inactive {
				s.dir = d
			}
		}
	}
	if formats == nil || port < 0 || port > 65535 {
		return session{}, fmt.Errorf("no audio in the session description %q", body)
	}
	s.addr = netip.AddrPortFrom(addr, uint16(port))
	for _, f := range formats {
		pt, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		name, _, _ := strings.Cut(strings.ToUpper(maps[f]), "/")
		switch {
		case name == "TELEPHONE-EVENT" && s.dtmf == 0:
			s.dtmf = uint8(pt)
		case name == string(PCMU) || name == string(PCMA):
			s.codecs = append(s.codecs, Codec(name))
			s.pts[Codec(name)] = uint8(pt)
		}
	}
	if len(s.codecs) == 0 {
		return session{}, fmt.Errorf("no codec of ours in the session description %q", body)
	}
	return s, nil
}

// describe writes the session description of our audio stream.
func (s session) describe(version int) string {
	var b strings.Builder
	ip := s.addr.Addr()
	fmt.Fprintf(&b, "v=0\r\no=- %d %d IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n", s.addr.Port(), version, ip, ip)
	fmt.Fprintf(&b, "m=audio %d RTP/AVP", s.addr.Port())
	for _, c := range s.codecs {
		fmt.Fprintf(&b, " %d", s.pts[c])
	}
	if s.dtmf != 0 {
		fmt.Fprintf(&b, " %d", s.dtmf)
	}
	b.WriteString("\r\n")
	for _, c := range s.codecs {
		fmt.Fprintf(&b, "a=rtpmap:%d %s/8000\r\n", s.pts[c], c)
	}
	if s.dtmf != 0 {
		fmt.Fprintf(&b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", s.dtmf, s.dtmf)
	}
	fmt.Fprintf(&b, "a=ptime:20\r\na=%s\r\n", s.dir)
	return b.String()
}

// offered is what we say first.
func (o Options) offered(addr netip.AddrPort, dir direction) session {
	s := session{addr: addr, dir: dir, pts: map[Codec]uint8{}, codecs: o.Codecs}
	for _, c := range o.Codecs {
		s.pts[c] = c.payloadType()
	}
	if o.DTMF > 0 {
		s.dtmf = uint8(o.DTMF)
	}
	return s
}

// answered is what we say to an offer: its first codec that we speak, its payload types, and its
// direction in kind (RFC 3264, 6.1).
func (o Options) answered(offer session, addr netip.AddrPort, own direction) (session, error) {
	i := slices.IndexFunc(offer.codecs, func(c Codec) bool { return slices.Contains(o.Codecs, c) })
	if i < 0 {
		return session{}, fmt.Errorf("offered %v, we speak %v", offer.codecs, o.Codecs)
	}
	c := offer.codecs[i]
	s := session{addr: addr, codecs: []Codec{c}, pts: map[Codec]uint8{c: offer.pts[c]}, dir: both(offer.dir.reverse(), own)}
	if o.DTMF > 0 {
		s.dtmf = offer.dtmf
	}
	return s, nil
}

// both is what is left when each side has its say.
func both(a, b direction) direction {
	sends := a.sends() && b.sends()
	receives := a.reverse().sends() && b.reverse().sends()
	switch {
	case sends && receives:
		return sendRecv
	case sends:
		return sendOnly
	case receives:
		return recvOnly
	}
	return inactive
}
