package sdp

import (
	"net/netip"
	"strconv"
)

// Local is our side of a description.
type Local struct {
	Addr      netip.AddrPort
	Session   uint64 // o=: the same for the life of a dialog
	Version   uint64 // o=: one more with each change
	Direction Direction
}

func (l *Local) head(b []byte) []byte {
	family := "IN IP4 "
	if l.Addr.Addr().Is6() {
		family = "IN IP6 "
	}
	b = strconv.AppendUint(append(b, "v=0\r\no=- "...), l.Session, 10)
	b = strconv.AppendUint(append(b, ' '), l.Version, 10)
	b = append(append(b, ' '), family...)
	b = l.Addr.Addr().AppendTo(b)
	b = append(append(b, "\r\ns=-\r\nc="...), family...)
	b = l.Addr.Addr().AppendTo(b)
	return append(b, "\r\nt=0 0\r\n"...)
}

// AppendOffer writes our offer: both codecs and telephone-event; or, if only is set, the one codec
// that was agreed on, with its payload types.
func (l *Local) AppendOffer(b []byte, only *Choice) []byte {
	b = l.head(b)
	b = append(strconv.AppendUint(append(b, "m=audio "...), uint64(l.Addr.Port()), 10), " RTP/AVP"...)
	if only != nil {
		return l.formats(b, only)
	}
	b = append(b, " 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"...)
	b = append(b, "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"...)
	return l.tail(b)
}

// AppendAnswer writes our answer to an offer: the chosen line taken, all others refused (RFC 3264, 6).
func (l *Local) AppendAnswer(b []byte, offer *Description, c *Choice) []byte {
	b = l.head(b)
	for i := range offer.Media {
		m := &offer.Media[i]
		b = append(append(b, "m="...), m.Kind...)
		if i != c.Index {
			b = append(append(b, " 0 "...), m.Proto...)
			b = append(append(append(b, ' '), m.Formats...), "\r\n"...)
			continue
		}
		b = strconv.AppendUint(append(b, ' '), uint64(l.Addr.Port()), 10)
		b = append(append(b, ' '), m.Proto...)
		b = l.formats(b, c)
	}
	return b
}

// formats ends the m= line and adds the attributes.
func (l *Local) formats(b []byte, c *Choice) []byte {
	b = strconv.AppendUint(append(b, ' '), uint64(c.PT), 10)
	if c.DTMFPT != 0 {
		b = strconv.AppendUint(append(b, ' '), uint64(c.DTMFPT), 10)
	}
	b = strconv.AppendUint(append(b, "\r\na=rtpmap:"...), uint64(c.PT), 10)
	b = append(append(append(b, ' '), c.Codec.String()...), "/8000\r\n"...)
	if c.DTMFPT != 0 {
		b = strconv.AppendUint(append(b, "a=rtpmap:"...), uint64(c.DTMFPT), 10)
		b = strconv.AppendUint(append(b, " telephone-event/8000\r\na=fmtp:"...), uint64(c.DTMFPT), 10)
		b = append(b, " 0-15\r\n"...)
	}
	return l.tail(b)
}

func (l *Local) tail(b []byte) []byte {
	b = append(b, "a=ptime:20\r\na="...)
	return append(append(b, l.Direction.String()...), "\r\n"...)
}

// Answer is our direction in answer to theirs: what they offer reversed, and no more than we want.
func Answer(offered, want Direction) Direction {
	sends := offered != SendOnly && offered != Inactive && (want == SendRecv || want == SendOnly)
	receives := offered != RecvOnly && offered != Inactive && (want == SendRecv || want == RecvOnly)
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	}
	return Inactive
}
