package media

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// silentAfter is when Silent is told of a silence.
var silentAfter = [...]time.Duration{5 * time.Second, 10 * time.Second}

const (
	// browserQuiet is after how many silent frames an idle browser gets one packet a second only.
	browserQuiet = 5 * 50
	keepAlive    = time.Second

	// floodQuota is how many packets of one leg count in a quarter of a second: six times those of speech in
	// 10 ms packets, and more than its socket holds. The rest is dropped: a flood is not passed on, and packets
	// that SDP sent round in a circle of our own ports do not take the shard with them.
	floodQuota = 150
)

// clockTS is the time in timestamp units.
func clockTS(now time.Duration) uint32 { return uint32(now / (time.Second / sampleRate)) }

// nextTS is the timestamp of a packet that begins something: the line goes on by the clock, in whole frames.
func (l *Leg) nextTS(now time.Duration) uint32 {
	if !l.begun {
		return l.ts
	}
	return l.ts + frameSamples*uint32(max(1, (now-l.lastSent+frame/2)/frame))
}

// sendFrame sends 20 ms of sound of the leg's codec. frames is how many the line goes on by.
func (s *shard) sendFrame(l *Leg, payload []byte, frames int) {
	if !l.maySend() {
		l.fresh = true
		return
	}
	marker := l.fresh
	if l.fresh {
		l.ts = l.nextTS(s.now)
	} else {
		l.ts += uint32(frames) * frameSamples
	}
	l.seq++
	b := s.out[:rtpHeader+len(payload)]
	putRTP(b, l.params.PT, marker, l.seq, l.ts, l.ssrc)
	copy(b[rtpHeader:], payload)
	s.send(l, b)
}

// sendEvent sends a packet of a key in place of a frame. The timestamp is the key's beginning (RFC 4733,
// 2.5.1.2), while the line goes on.
func (s *shard) sendEvent(l *Leg, e telephoneEvent, begins bool, frames int) {
	if !l.maySend() {
		l.fresh = true
		return
	}
	if l.fresh {
		l.ts = l.nextTS(s.now)
	} else {
		l.ts += uint32(frames) * frameSamples
	}
	if begins {
		l.tones.ts = l.ts
	}
	l.seq++
	b := s.out[:rtpHeader+4]
	putRTP(b, l.keyPT(), begins, l.seq, l.tones.ts, l.ssrc)
	e.put(b[rtpHeader:])
	s.send(l, b)
}

// send sends an RTP packet of the leg's line.
func (s *shard) send(l *Leg, b []byte) {
	l.begun, l.fresh, l.lastSent = true, false, s.now
	if err := l.out.sendRTP(s, b); err != nil {
		s.n.sendErrors.Add(1)
		return
	}
	l.sent++
	l.octets += uint64(len(b) - rtpHeader)
	s.n.packetsOut.Add(1)
	s.n.bytesOut.Add(uint64(len(b)))
}

// rtpIn takes an RTP packet of the leg. t is nil for a browser, whose packets are proven by SRTP.
func (s *shard) rtpIn(l *Leg, t *udpTransport, b []byte, from netip.AddrPort) {
	if l.quota <= 0 {
		s.n.flood.Add(1)
		return
	}
	l.quota--
	p, ok := parseRTP(b)
	key := ok && l.params.DTMFPT != 0 && p.pt == l.params.DTMFPT
	if !ok || !l.negotiated || !key && p.pt != l.params.PT || len(p.payload) == 0 {
		s.n.invalid.Add(1)
		return
	}
	if t != nil && !t.accepts(s, from, &p, &l.in) {
		s.n.strangers.Add(1)
		return
	}
	if !l.in.admit(&p) {
		s.n.invalid.Add(1)
		return
	}
	if l.line != l.in.line { // the sender began anew: nothing of before compares with it
		l.line, l.keys, l.onward.on = l.in.line, dtmfReceiver{}, false
	}
	l.in.count(&p, clockTS(s.now), !key)
	s.n.packetsIn.Add(1)
	s.n.bytesIn.Add(uint64(len(b)))
	s.alive(l)
	if !l.mayHear() {
		return
	}
	if key {
		s.keyIn(l, &p, b)
		return
	}
	switch {
	case l.peer != nil:
		s.relay(l, &p, b, false)
	case l.jitter != nil:
		l.jitter.put(p.ts, p.payload)
	}
}

// alive notes that the far end was heard.
func (s *shard) alive(l *Leg) {
	l.lastHeard = s.now
	if !l.spoken {
		l.spoken = true
		l.tell(FirstPacket{})
	}
	if l.silences > 0 || l.refusedTold {
		l.silences, l.refusedTold = 0, false
		l.tell(Heard{})
	}
}

// keyIn takes a telephone-event: it is told, and passed on to whom the leg speaks with.
func (s *shard) keyIn(l *Leg, p *rtpPacket, b []byte) {
	key, isNew := l.keys.hear(p)
	switch {
	case l.peer != nil && l.peer.keyPT() != 0:
		s.relay(l, p, b, true)
	case l.peer != nil:
		l.onward.seq-- // it is not sent on, and leaves no gap
		if isNew {
			s.press(l.peer, string(key.Digit))
		}
	case isNew && l.bridge != nil && !l.muted:
		l.bridge.passKey(s, l, string(key.Digit))
	}
	if isNew {
		l.tell(key)
	}
}

// relay sends a packet on as it came, with the header of the other leg's line.
func (s *shard) relay(l *Leg, p *rtpPacket, b []byte, key bool) {
	to, m := l.peer, &l.onward
	if !to.maySend() {
		m.on, to.fresh = false, true
		return
	}
	marker := p.marker
	if !m.on {
		*m = relayMap{on: true, first: p.seq, seq: to.seq + 1 - p.seq, ts: to.nextTS(s.now) - p.ts}
		marker = true
	}
	switch age := int16(p.seq - m.first); {
	case age < 0:
		return // of before the switch, its number is taken
	case age > 256:
		m.first = p.seq - 128
	}
	seq, ts := p.seq+m.seq, p.ts+m.ts
	pt := to.params.PT
	if key {
		pt = to.keyPT()
	} else if l.params.Codec != to.params.Codec {
		recode(l.params.Codec, p.payload)
	}
	packet := b[p.start-rtpHeader : p.start+len(p.payload)]
	putRTP(packet, pt, marker, seq, ts, to.ssrc)
	if !to.begun || int16(seq-to.seq) > 0 {
		to.seq = seq
		if !to.begun || int32(ts-to.ts) > 0 {
			to.ts = ts
		}
	}
	s.n.relayed.Add(1)
	s.send(to, packet)
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
