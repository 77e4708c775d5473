package sdp

import (
	"net/netip"
	"strconv"
	"strings"
)

// Codec is a way to code sound that we speak.
type Codec uint8

// The codecs, in the order in which we offer them.
const (
	PCMU Codec = iota
	PCMA
)

var codecNames = [...]string{"PCMU", "PCMA"}

// String is the encoding name (RFC 3551, 6).
func (c Codec) String() string { return codecNames[c&1] }

// staticPT is the payload type that needs no rtpmap (RFC 3551, 6).
func (c Codec) staticPT() uint8 { return uint8(c) * 8 }

// OfferedDTMF is the payload type of telephone-event in our own offers.
const OfferedDTMF = 101

// Choice is what an offer and an answer come to.
type Choice struct {
	Index     int // of the m= line
	Codec     Codec
	PT        uint8 // the codec's payload type, as the offerer numbers it
	DTMFPT    uint8 // telephone-event's; 0: not agreed
	Remote    netip.AddrPort
	RTCP      netip.AddrPort // the zero value: one above Remote
	Direction Direction      // as the other side wrote it; Inactive too if its address is 0.0.0.0
}

// Choose finds the first audio that we can speak in an offer, or in the answer to ours: first m= line,
// first format. Payload types are the other side's (RFC 3264, 5.1 and 6.1). It gives false if nothing fits.
//
// RFC 3711, no: only RTP/AVP is taken from a SIP peer, so its sound is not encrypted.
func (d *Description) Choose() (Choice, bool) {
	for i := range d.Media {
		m := &d.Media[i]
		if m.Kind != "audio" || m.Proto != "RTP/AVP" || m.Port == 0 || !m.Addr.IsValid() {
			continue
		}
		if c, ok := m.choose(); ok {
			c.Index = i
			return c, true
		}
	}
	return Choice{}, false
}

func (m *Media) choose() (c Choice, ok bool) {
	for list := m.Formats; list != ""; {
		var f string
		f, list, _ = strings.Cut(strings.TrimLeft(list, " "), " ")
		n, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		pt := uint8(n)
		name, rate := m.format(pt)
		switch {
		case rate != "8000" && rate != "8000/1":
		case strings.EqualFold(name, "telephone-event"):
			if c.DTMFPT == 0 {
				c.DTMFPT = pt
			}
		case !ok && strings.EqualFold(name, "PCMU"):
			c.Codec, c.PT, ok = PCMU, pt, true
		case !ok && strings.EqualFold(name, "PCMA"):
			c.Codec, c.PT, ok = PCMA, pt, true
		}
	}
	c.Remote = netip.AddrPortFrom(m.Addr, m.Port)
	if m.RTCP.Port() != 0 {
		c.RTCP = m.RTCP
		if !c.RTCP.Addr().IsValid() {
			c.RTCP = netip.AddrPortFrom(m.Addr, m.RTCP.Port())
		}
	}
	c.Direction = m.Direction
	if m.Addr.IsUnspecified() { // RFC 3264, 8.4: the old way to say hold
		c.Direction = Inactive
	}
	return c, ok
}

// format tells what a payload type stands for: what its rtpmap says, or its static meaning without one.
func (m *Media) format(pt uint8) (name, rate string) {
	for i := range m.maps {
		if m.maps[i].pt == pt {
			return m.maps[i].name, m.maps[i].rate
		}
	}
	for c := range codecNames {
		if pt == Codec(c).staticPT() {
			return codecNames[c], "8000"
		}
	}
	return "", ""
}
