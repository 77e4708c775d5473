package media

import "encoding/binary"

const (
	rtpHeader = 12
	maxPacket = 2048 // longer ones are not speech
)

// rtpPacket is a view of a received packet; payload points into the buffer it was read into.
type rtpPacket struct {
	ts, ssrc uint32
	seq      uint16
	pt       uint8
	marker   bool
	start    int // where the payload begins
	payload  []byte
}

// parseRTP reads a packet's header (RFC 3550, 5.1). It is false for whatever is not RTP version 2 with
// all that its header promises.
func parseRTP(b []byte) (rtpPacket, bool) {
	var p rtpPacket
	if len(b) < rtpHeader || b[0]>>6 != 2 {
		return p, false
	}
	p.start = rtpHeader + 4*int(b[0]&0x0F) // contributing sources
	if b[0]&0x10 != 0 {                    // header extension, 5.3.1
		if len(b) < p.start+4 {
			return p, false
		}
		p.start += 4 + 4*int(binary.BigEndian.Uint16(b[p.start+2:]))
	}
	end := len(b)
	if b[0]&0x20 != 0 { // padding: the last byte counts it, itself included
		end -= int(b[len(b)-1])
		if b[len(b)-1] == 0 {
			return p, false
		}
	}
	if p.start > end {
		return p, false
	}
	p.marker = b[1]&0x80 != 0
	p.pt = b[1] & 0x7F
	p.seq = binary.BigEndian.Uint16(b[2:])
	p.ts = binary.BigEndian.Uint32(b[4:])
	p.ssrc = binary.BigEndian.Uint32(b[8:])
	p.payload = b[p.start:end]
	return p, true
}

// isRTCP tells RTCP from RTP on one port (RFC 5761, 4).
func isRTCP(b []byte) bool { return len(b) >= 8 && b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223 }

// putRTP writes a header of twelve bytes.
func putRTP(b []byte, pt uint8, marker bool, seq uint16, ts, ssrc uint32) {
	_ = b[rtpHeader-1]
	b[0] = 0x80
	b[1] = pt & 0x7F
	if marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	binary.BigEndian.PutUint32(b[8:], ssrc)
}
