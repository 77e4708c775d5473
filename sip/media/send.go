package media

import "time"

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
