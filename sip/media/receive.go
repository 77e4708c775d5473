package media

import "net/netip"

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
