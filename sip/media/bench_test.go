package media

import (
	"net/netip"
	"testing"
	"time"
)

// deaf sockets send into nothing, so that benchmarks show our own cost and not the kernel's.
type deaf struct{}

func (deaf) open(a netip.AddrPort) (*socket, error)    { return &socket{local: a}, nil }
func (deaf) attach(*socket) error                      { return nil }
func (deaf) detach(*socket)                            {}
func (deaf) connect(s *socket, _ netip.AddrPort) error { s.connected = true; return nil }
func (deaf) disconnect(s *socket) error                { s.connected = false; return nil }
func (deaf) target(to netip.AddrPort) target           { return target{addr: to} }
func (deaf) send(*socket, []byte, *target) error       { return nil }
func (deaf) close(*socket)                             {}
func (deaf) take(receiver) bool                        { return false }
func (deaf) arm(time.Duration)                         {}
func (deaf) wait() error                               { return nil }
func (deaf) wake()                                     {}
func (deaf) shut()                                     {}

// benchLegs makes legs on a shard that the benchmark runs itself.
func benchLegs(b *testing.B, codecs ...Codec) (*shard, []*Leg) {
	b.Helper()
	e, err := newEngine(Config{Addr: loopback}, func() (sockets, error) { return deaf{}, nil })
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(e.desks.close)
	s := e.shards[0]
	var legs []*Leg
	for i, c := range codecs {
		l := e.NewLeg(nil)
		t := &udpTransport{rtp: &socket{connected: true, leg: l}, rtcp: &socket{rtcp: true, leg: l}}
		s.work()
		l.out, l.negotiated, l.spoken = t, true, true
		l.params = Params{Codec: c, PT: c.PayloadType(), DTMFPT: 101}
		t.to = target{addr: netip.AddrPortFrom(loopback, uint16(10000+i))}
		legs = append(legs, l)
	}
	return s, legs
}

// BenchmarkRelayPacket is one packet from one leg to the other, without the kernel.
func BenchmarkRelayPacket(b *testing.B) {
	for name, codecs := range map[string][]Codec{"same": {PCMU, PCMU}, "transcoded": {PCMU, PCMA}} {
		b.Run(name, func(b *testing.B) {
			s, legs := benchLegs(b, codecs...)
			s.engine.Bridge(legs[0], legs[1])
			s.work()
			sock := legs[0].out.(*udpTransport).rtp
			buf := make([]byte, rtpHeader+frameSamples)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				putRTP(buf, 0, false, uint16(i), uint32(i)*frameSamples, 1)
				s.received(sock, buf, netip.AddrPort{})
			}
			if legs[1].sent == 0 {
				b.Fatal("nothing was relayed")
			}
		})
	}
}

// BenchmarkMixTick is 20 ms of a conference in which all speak.
func BenchmarkMixTick(b *testing.B) {
	for _, n := range []int{3, 4, 10} {
		b.Run(string(rune('0'+n/10))+string(rune('0'+n%10))+"parties", func(b *testing.B) {
			s, legs := benchLegs(b, make([]Codec, n)...)
			br := s.engine.Bridge(nil, nil)
			for _, l := range legs {
				br.Add(l)
			}
			s.work()
			payload := Tone(440, frame).frame(PCMU, 0)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				for _, l := range legs {
					l.jitter.put(uint32(i)*frameSamples, payload)
				}
				br.tick(s, 1)
			}
		})
	}
}

// BenchmarkPlayTick is 20 ms of a prompt on one leg.
func BenchmarkPlayTick(b *testing.B) {
	s, legs := benchLegs(b, PCMU)
	legs[0].PlayMusic(MusicOnHold(Tone(440, time.Second)))
	s.work()
	b.ReportAllocs()
	for b.Loop() {
		legs[0].tick(s, 1)
	}
}
