package media

import (
	"bytes"
	"math"
	"testing"
	"time"
)

func TestParseRTP(t *testing.T) {
	b := make([]byte, 12+160)
	putRTP(b, 8, true, 0xFFFE, 0xDEADBEEF, 0x01020304)
	p, ok := parseRTP(b)
	if !ok || p.pt != 8 || !p.marker || p.seq != 0xFFFE || p.ts != 0xDEADBEEF || p.ssrc != 0x01020304 || len(p.payload) != 160 {
		t.Errorf("%+v %v", p, ok)
	}
	// Two contributing sources, an extension of one word, four bytes of padding.
	long := append([]byte{0xB2, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}, make([]byte, 8)...)
	long = append(long, 0xBE, 0xDE, 0, 1, 9, 9, 9, 9, 'h', 'i', 0, 0, 0, 4)
	if p, ok := parseRTP(long); !ok || string(p.payload) != "hi" || p.start != 28 {
		t.Errorf("%+v %v", p, ok)
	}
	for name, bad := range map[string][]byte{
		"short": b[:11], "version 1": {0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"sources missing":      {0x8F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"extension missing":    {0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"extension too long":   {0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF},
		"padding longer":       {0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9},
		"padding of no length": {0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if _, ok := parseRTP(bad); ok {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzRTP(f *testing.F) {
	b := make([]byte, 12+160)
	putRTP(b, 0, true, 1, 2, 3)
	f.Add(b)
	f.Add([]byte{0xB2, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0xBE, 0xDE, 0, 0, 1, 2, 3, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		p, ok := parseRTP(in)
		if !ok {
			return
		}
		if p.start < rtpHeader || p.start+len(p.payload) > len(in) {
			t.Fatalf("payload %d+%d of %d", p.start, len(p.payload), len(in))
		}
		// What a relay makes of it must be RTP again, with the same payload.
		payload := append([]byte(nil), p.payload...)
		out := in[p.start-rtpHeader : p.start+len(p.payload)]
		putRTP(out, 8, p.marker, p.seq, p.ts, 5)
		again, ok := parseRTP(out)
		if !ok || !bytes.Equal(again.payload, payload) || again.ssrc != 5 {
			t.Fatalf("relayed as %+v %v", again, ok)
		}
		var r reception
		if r.admit(&p) {
			r.count(&p, 0, true)
		}
	})
}

func TestRTCPRoundTrip(t *testing.T) {
	sent := &senderInfo{ntp: 0x1111222233334444, ts: 5, packets: 6, octets: 7}
	block := &reportBlock{ssrc: 99, fractionLost: 64, lost: -3, highest: 1 << 17, jitter: 8, lastSR: 9, delay: 10}
	for _, cname := range []string{"", "a", "ab", "abc", "linedesk@127.0.0.1"} {
		b := appendReport(nil, 42, sent, block, cname)
		b = appendBye(b, 42)
		if len(b)%4 != 0 {
			t.Fatalf("%d bytes", len(b))
		}
		r, ok := parseRTCP(b, 99)
		if !ok || r.ssrc != 42 || !r.sr || r.ntpMid != 0x22223333 || !r.about || r.block != *block || !r.bye {
			t.Errorf("%q: %+v %v", cname, r, ok)
		}
	}
	if r, ok := parseRTCP(appendReport(nil, 42, nil, nil, "x"), 99); !ok || r.sr || r.about {
		t.Errorf("%+v %v", r, ok)
	}
	if _, ok := parseRTCP(appendBye(nil, 42), 99); ok {
		t.Error("a compound that does not begin with a report")
	}
}

func TestRoundTrip(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 250_000_000, time.UTC)
	mid := func(t time.Time) uint32 { return uint32(ntpTime(t) >> 16) }
	b := reportBlock{lastSR: mid(at), delay: 2 << 16}
	d, ok := roundTrip(mid(at.Add(2*time.Second+40*time.Millisecond)), b)
	if !ok || d < 39*time.Millisecond || d > 41*time.Millisecond {
		t.Errorf("%v %v, want 40 ms", d, ok)
	}
	if _, ok := roundTrip(mid(at), b); ok {
		t.Error("a round trip below zero")
	}
	if _, ok := roundTrip(mid(at), reportBlock{}); ok {
		t.Error("a round trip without a report")
	}
}

func FuzzRTCP(f *testing.F) {
	f.Add(appendReport(nil, 1, &senderInfo{}, &reportBlock{ssrc: 2}, "a@b"))
	f.Add(appendBye(appendReport(nil, 1, nil, nil, ""), 1))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, ok := parseRTCP(in, 2)
		if ok && r.about && r.block.ssrc != 2 {
			t.Fatal("a block about somebody else")
		}
	})
}

func TestReceptionCountsLossByA3(t *testing.T) {
	var r reception
	feed := func(seqs ...uint16) {
		for _, s := range seqs {
			p := rtpPacket{seq: s, ts: uint32(s) * 160, ssrc: 7}
			if !r.admit(&p) {
				t.Fatalf("packet %d refused", s)
			}
			r.count(&p, uint32(s)*160, true)
		}
	}
	feed(65533, 65534, 0, 2, 1, 4) // 65535 and 3 are lost, 1 is late
	b := r.block()
	if b.lost != 2 || b.highest != 65536+4 || b.fractionLost != 2*256/8 {
		t.Errorf("%+v", b)
	}
	feed(5, 6)
	if b := r.block(); b.lost != 2 || b.fractionLost != 0 {
		t.Errorf("second report: %+v", b)
	}
	q := r.quality(20*time.Millisecond, 3, PCMU)
	if q.Lost != 2 || q.PacketsIn != 8 || q.LossPct != 20 || q.JitterMS != 0 || q.RTTMS != 20 || q.PacketsOut != 3 {
		t.Errorf("%+v", q)
	}
	// A single packet of another SSRC is not believed, two in a row are.
	if r.admit(&rtpPacket{ssrc: 8, seq: 100}) {
		t.Error("one packet of a new SSRC is believed")
	}
	if p := (rtpPacket{ssrc: 8, seq: 101}); !r.admit(&p) {
		t.Error("two are not")
	} else {
		r.count(&p, 0, true)
	}
	if q := r.quality(0, 0, PCMU); q.Lost != 2 || q.PacketsIn != 9 {
		t.Errorf("after the change: %+v", q)
	}
}

func TestReceptionJitter(t *testing.T) {
	var r reception
	// Every second packet is 10 ms late: the mean deviation tends to 10 ms (RFC 3550, 6.4.1).
	for i := range 400 {
		p := rtpPacket{seq: uint16(i), ts: uint32(i) * 160, ssrc: 7}
		r.count(&p, uint32(i)*160+uint32(i%2)*80, true)
	}
	if q := r.quality(0, 0, PCMU); math.Abs(q.JitterMS-10) > 0.2 {
		t.Errorf("jitter %v ms, want 10", q.JitterMS)
	}
}

func TestMOS(t *testing.T) {
	good := estimateMOS(0, 1, 20)
	bad := estimateMOS(5, 40, 300)
	worst := estimateMOS(100, 500, 5000)
	if good < 4.3 || good > 4.5 || bad > 3.8 || bad < 2.5 || worst != 1 {
		t.Errorf("good %v, bad %v, worst %v", good, bad, worst)
	}
}

func TestDTMFReceiver(t *testing.T) {
	type pkt struct {
		seq      uint16
		ts       uint32
		event    uint8
		end      bool
		marker   bool
		duration uint16
	}
	hear := func(pkts ...pkt) string {
		var d dtmfReceiver
		var keys []rune
		for _, p := range pkts {
			b := make([]byte, 4)
			telephoneEvent{event: p.event, end: p.end, duration: p.duration}.put(b)
			if k, ok := d.hear(&rtpPacket{seq: p.seq, ts: p.ts, marker: p.marker, payload: b}); ok {
				keys = append(keys, k.Digit)
			}
		}
		return string(keys)
	}
	for _, c := range []struct {
		name string
		want string
		pkts []pkt
	}{
		{"whole key", "1", []pkt{{1, 100, 1, false, true, 160}, {2, 100, 1, false, false, 320}, {3, 100, 1, true, false, 480}, {4, 100, 1, true, false, 480}, {5, 100, 1, true, false, 480}}},
		{"start lost", "1", []pkt{{3, 100, 1, true, false, 480}, {4, 100, 1, true, false, 480}}},
		{"ends lost, next key", "12", []pkt{{1, 100, 1, false, true, 160}, {9, 900, 2, false, true, 160}}},
		{"same key twice", "11", []pkt{{1, 100, 1, false, true, 160}, {2, 100, 1, true, false, 320}, {9, 900, 1, false, true, 160}}},
		{"late end after the next key", "12", []pkt{{1, 100, 1, false, true, 160}, {5, 900, 2, false, true, 160}, {3, 100, 1, true, false, 480}}},
		{"reordered within a key", "7", []pkt{{2, 100, 7, false, false, 320}, {1, 100, 7, false, true, 160}, {3, 100, 7, true, false, 480}}},
		{"a key held for 9 s", "0", []pkt{{1, 0, 0, false, true, 160}, {2, 0, 0, false, false, 0xFFFF}, {3, 0xFFFF, 0, false, false, 160}, {4, 0xFFFF, 0, true, false, 6000}}},
		{"timestamp kept for the next key", "12", []pkt{{1, 100, 1, false, true, 160}, {2, 100, 1, true, false, 320}, {3, 100, 2, false, true, 160}}},
		{"timestamp kept for the same key", "11", []pkt{{1, 100, 1, false, true, 160}, {2, 100, 1, true, false, 320}, {3, 100, 1, false, true, 160}}},
		{"no key", "", []pkt{{1, 100, 16, false, true, 160}, {2, 200, 255, false, true, 160}}},
		{"timestamps wrap", "12", []pkt{{65535, 0xFFFFFF00, 1, true, false, 320}, {0, 0x100, 2, true, false, 320}}},
	} {
		if got := hear(c.pkts...); got != c.want {
			t.Errorf("%s: heard %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDTMFSurvivesLoss(t *testing.T) {
	// Each packet lost with 40 %: of eight packets one at least arrives in 99.9 % of keys.
	var d dtmfReceiver
	keys, seq := 0, uint16(0)
	rnd := uint32(1)
	for i := range 1000 {
		s := &dtmfSender{keys: []uint8{uint8(i % 16)}, ts: uint32(i) * 2000}
		for !s.done() {
			e, _, ok := s.next()
			if !ok {
				continue
			}
			seq++
			rnd = rnd*1664525 + 1013904223
			if rnd>>24 < 102 {
				continue
			}
			b := make([]byte, 4)
			e.put(b)
			if k, ok := d.hear(&rtpPacket{seq: seq, ts: s.ts, payload: b}); ok {
				if k.Digit != rune(dtmfKeys[i%16]) {
					t.Fatalf("key %d heard as %c", i, k.Digit)
				}
				keys++
			}
		}
	}
	if keys < 990 || keys > 1000 {
		t.Errorf("%d keys of 1000", keys)
	}
}

func FuzzTelephoneEvent(f *testing.F) {
	f.Add([]byte{5, 0x8A, 3, 0x20, 0, 1, 0, 0, 0, 160})
	f.Fuzz(func(t *testing.T, in []byte) {
		var d dtmfReceiver
		for len(in) >= 10 {
			p := rtpPacket{
				seq: uint16(in[4])<<8 | uint16(in[5]), marker: in[0]&0x80 != 0, payload: in[:4],
				ts: uint32(in[6])<<24 | uint32(in[7])<<16 | uint32(in[8])<<8 | uint32(in[9]),
			}
			if k, ok := d.hear(&p); ok && dtmfIndex(k.Digit) > 15 {
				t.Fatalf("key %q", k.Digit)
			}
			in = in[10:]
		}
		_, _ = parseTelephoneEvent(in)
	})
}
