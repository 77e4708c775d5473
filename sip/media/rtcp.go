package media

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// RTCP packet types (RFC 3550, 12.1).
const (
	rtcpSR   = 200
	rtcpRR   = 201
	rtcpSDES = 202
	rtcpBYE  = 203
)

const (
	rtcpEvery = 5 * time.Second // RFC 3550, 6.2: the recommended minimum, which two parties always come to
	ntpEpoch  = 2208988800      // seconds from 1900 to 1970
)

// reportBlock is what one side says of what it hears (RFC 3550, 6.4.1).
type reportBlock struct {
	ssrc         uint32
	fractionLost uint8  // of the last interval, in 1/256
	lost         int32  // since the beginning; negative with duplicates
	highest      uint32 // extended sequence number
	jitter       uint32 // in timestamp units
	lastSR       uint32 // the middle of the NTP time of the last SR heard
	delay        uint32 // since it was heard, in 1/65536 s
}

// rtcpReport is what we keep of a compound packet.
type rtcpReport struct {
	ssrc   uint32 // of its sender
	sr     bool
	ntpMid uint32 // of an SR
	block  reportBlock
	about  bool // block is set: the sender speaks of us
	bye    bool
}

// parseRTCP reads a compound packet (RFC 3550, 6.1) and picks the report block about us. It is false
// for what is not RTCP or lies about its length.
func parseRTCP(b []byte, us uint32) (rtcpReport, bool) {
	var r rtcpReport
	if !isRTCP(b) || (b[1] != rtcpSR && b[1] != rtcpRR) {
		return r, false // a compound begins with a report
	}
	for first := true; len(b) > 0; first = false {
		if len(b) < 4 || b[0]>>6 != 2 {
			return r, false
		}
		size := 4 * (1 + int(binary.BigEndian.Uint16(b[2:])))
		if size > len(b) {
			return r, false
		}
		p, count := b[:size], int(b[0]&0x1F)
		switch p[1] {
		case rtcpSR, rtcpRR:
			head := 8
			if p[1] == rtcpSR {
				head = 28
			}
			if size < head+24*count {
				return r, false
			}
			if first {
				r.ssrc = binary.BigEndian.Uint32(p[4:])
			}
			if p[1] == rtcpSR {
				r.sr, r.ntpMid = true, binary.BigEndian.Uint32(p[10:])
			}
			for i := range count {
				if blk := readBlock(p[head+24*i:]); blk.ssrc == us {
					r.block, r.about = blk, true
				}
			}
		case rtcpBYE:
			r.bye = true
		}
		b = b[size:]
	}
	return r, true
}

func readBlock(b []byte) reportBlock {
	lost := int32(binary.BigEndian.Uint32(b[4:])<<8) >> 8 // 24 bits with a sign
	return reportBlock{
		ssrc: binary.BigEndian.Uint32(b), fractionLost: b[4], lost: lost,
		highest: binary.BigEndian.Uint32(b[8:]), jitter: binary.BigEndian.Uint32(b[12:]),
		lastSR: binary.BigEndian.Uint32(b[16:]), delay: binary.BigEndian.Uint32(b[20:]),
	}
}

// senderInfo is the second part of an SR (RFC 3550, 6.4.1).
type senderInfo struct {
	ntp             uint64
	ts              uint32
	packets, octets uint32
}

// appendReport builds an SR, or an RR if we sent nothing lately, with at most one block and our CNAME.
func appendReport(b []byte, ssrc uint32, sent *senderInfo, block *reportBlock, cname string) []byte {
	count, kind, words := byte(0), byte(rtcpRR), uint16(1)
	if block != nil {
		count, words = 1, words+6
	}
	if sent != nil {
		kind, words = rtcpSR, words+5
	}
	b = append(b, 0x80|count, kind)
	b = binary.BigEndian.AppendUint16(b, words)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	if sent != nil {
		b = binary.BigEndian.AppendUint64(b, sent.ntp)
		b = binary.BigEndian.AppendUint32(b, sent.ts)
		b = binary.BigEndian.AppendUint32(b, sent.packets)
		b = binary.BigEndian.AppendUint32(b, sent.octets)
	}
	if block != nil {
		b = binary.BigEndian.AppendUint32(b, block.ssrc)
		lost := min(max(block.lost, -1<<23), 1<<23-1)
		b = binary.BigEndian.AppendUint32(b, uint32(block.fractionLost)<<24|uint32(lost)&0xFFFFFF)
		b = binary.BigEndian.AppendUint32(b, block.highest)
		b = binary.BigEndian.AppendUint32(b, block.jitter)
		b = binary.BigEndian.AppendUint32(b, block.lastSR)
		b = binary.BigEndian.AppendUint32(b, block.delay)
	}
	// SDES with the CNAME, which every compound must have (RFC 3550, 6.1); at least one zero byte ends the list.
	items := 2 + len(cname)
	pad := 4 - items%4
	b = append(b, 0x81, rtcpSDES)
	b = binary.BigEndian.AppendUint16(b, uint16(1+(items+pad)/4))
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = append(b, 1, byte(len(cname)))
	b = append(b, cname...)
	for range pad {
		b = append(b, 0)
	}
	return b
}

// appendBye says that the line is over (RFC 3550, 6.6).
func appendBye(b []byte, ssrc uint32) []byte {
	b = append(b, 0x81, rtcpBYE, 0, 1)
	return binary.BigEndian.AppendUint32(b, ssrc)
}

// ntpTime is a wall-clock time in NTP's 64 bits (RFC 3550, 4).
func ntpTime(t time.Time) uint64 {
	frac := uint64(t.Nanosecond()) << 32 / uint64(time.Second)
	return uint64(t.Unix()+ntpEpoch)<<32 | frac
}

// roundTrip is RFC 3550, 6.4.1: now − LSR − DLSR, all in the middle 32 bits of NTP time. False if the far
// end has heard no SR of ours, or claims what can not be.
func roundTrip(nowMid uint32, blk reportBlock) (time.Duration, bool) {
	if blk.lastSR == 0 {
		return 0, false
	}
	d := nowMid - blk.lastSR - blk.delay
	if d > 10<<16 { // above ten seconds, or below zero
		return 0, false
	}
	return time.Duration(d) * time.Second >> 16, true
}

// lookAfter is called four times a second.
func (s *shard) lookAfter(l *Leg) {
	l.quota = floodQuota
	if l.lostDue > 0 && s.now >= l.lostDue {
		s.loseLink(l)
	}
	if !l.negotiated || l.out == nil {
		return
	}
	if l.isBrowser() {
		// A browser's life is told by ICE. An idle one gets a packet a second.
		if !l.at.armed && l.bridge == nil && s.now-l.lastSent >= keepAlive {
			s.sendFrame(l, silentFrame[l.params.Codec][:], 1)
			l.fresh = true
		}
	} else if quiet := s.now - l.lastHeard; l.spoken && l.silences < len(silentAfter) && quiet >= silentAfter[l.silences] &&
		l.params.Direction == SendRecv {
		l.silences++
		if t, ok := l.out.(*udpTransport); ok {
			t.doubt(s)
		}
		l.tell(Silent{For: quiet})
	}
	if s.now >= l.rtcpDue {
		s.sendReport(l)
		// RFC 3550, 6.2: between half and one and a half of the interval, so that legs don't march in step.
		l.rtcpDue = s.now + rtcpEvery/2 + rand.N(rtcpEvery)
	}
}

// sendReport tells the far end what we sent and how we hear it.
func (s *shard) sendReport(l *Leg) {
	if !l.maySend() || !l.begun && !l.in.heard {
		return
	}
	var sent *senderInfo
	if l.sent > l.sentAtSR {
		sent = &senderInfo{
			ntp: ntpTime(s.engine.wall(s.now)), ts: l.ts + clockTS(s.now-l.lastSent),
			packets: uint32(l.sent), octets: uint32(l.octets),
		}
		l.sentAtSR = l.sent
	}
	var block *reportBlock
	if l.in.heard {
		b := l.in.block()
		if l.heardSRAt != 0 {
			b.lastSR, b.delay = l.heardSR, uint32((s.now-l.heardSRAt)<<16/time.Second)
		}
		block = &b
	}
	b := appendReport(s.report[:0], l.out.line(l.ssrc), sent, block, s.engine.cname)
	if err := l.out.sendRTCP(s, b); err != nil {
		s.n.sendErrors.Add(1)
	}
}

func (s *shard) sendBye(l *Leg) {
	if !l.maySend() {
		return
	}
	line := l.out.line(l.ssrc)
	b := appendReport(s.report[:0], line, nil, nil, s.engine.cname)
	_ = l.out.sendRTCP(s, appendBye(b, line)) // nobody waits for it
}

// rtcpIn takes a report of the far end. That it comes is a sign of life: a far end that sends no silence
// still sends these.
func (s *shard) rtcpIn(l *Leg, b []byte) {
	if !l.negotiated || l.out == nil || l.quota <= 0 {
		return
	}
	l.quota--
	r, ok := parseRTCP(b, l.out.line(l.ssrc))
	if !ok || l.in.heard && r.ssrc != l.in.ssrc {
		s.n.invalid.Add(1)
		return
	}
	if r.bye || !l.spoken {
		return
	}
	s.alive(l)
	if r.sr {
		l.heardSR, l.heardSRAt = r.ntpMid, s.now
	}
	if r.about {
		mid := uint32(ntpTime(s.engine.wall(s.now)) >> 16)
		if d, ok := roundTrip(mid, r.block); ok {
			l.rtt = d
		}
	}
}
