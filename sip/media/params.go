package media

import (
	"fmt"
	"net/netip"
)

// Codec is how sound is coded on the wire. All have 8,000 samples a second, one byte each.
type Codec uint8

// The codecs.
const (
	PCMU Codec = iota // G.711 µ-law
	PCMA              // G.711 A-law
)

// String is the encoding name in SDP (RFC 3551, 6).
func (c Codec) String() string {
	switch c {
	case PCMU:
		return "PCMU"
	case PCMA:
		return "PCMA"
	}
	return fmt.Sprintf("codec %d", uint8(c))
}

// PayloadType is the codec's static payload type (RFC 3551, 6).
func (c Codec) PayloadType() uint8 {
	if c == PCMA {
		return 8
	}
	return 0
}

// silence is the byte for no sound.
func (c Codec) silence() byte {
	if c == PCMA {
		return 0xD5
	}
	return 0xFF
}

// Direction says which way sound goes, as seen from us.
type Direction uint8

// The directions.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// String is the attribute in SDP (RFC 8866, 6.7).
func (d Direction) String() string {
	switch d {
	case SendRecv:
		return "sendrecv"
	case SendOnly:
		return "sendonly"
	case RecvOnly:
		return "recvonly"
	case Inactive:
		return "inactive"
	}
	return fmt.Sprintf("direction %d", uint8(d))
}

func (d Direction) sends() bool    { return d == SendRecv || d == SendOnly }
func (d Direction) receives() bool { return d == SendRecv || d == RecvOnly }

// Params are what an offer and its answer came to.
type Params struct {
	// Remote is where the far end wants its RTP. An unspecified address (0.0.0.0, the old way to hold)
	// or port 0 means that nothing is sent.
	Remote netip.AddrPort
	// RemoteRTCP is where it wants RTCP; the zero value means Remote's port + 1 (RFC 3550, 11).
	RemoteRTCP netip.AddrPort
	Codec      Codec
	// PT is the codec's payload type as negotiated, in both directions.
	PT uint8
	// DTMFPT is telephone-event's payload type (RFC 4733); 0: not negotiated.
	DTMFPT    uint8
	Direction Direction
}
