package media

import (
	"context"
	"math"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call/logtest"
)

// soon is how long a test waits for what comes at once on a machine that is not busy with something else.
const soon = 10 * time.Second

var loopback = netip.MustParseAddr("127.0.0.1")

// startEngine runs an engine for the length of the test.
func startEngine(t *testing.T, c Config) *Engine {
	t.Helper()
	return startWith(t, c, newSockets)
}

func startWith(t *testing.T, c Config, open func() (sockets, error)) *Engine {
	t.Helper()
	if !c.Addr.IsValid() {
		c.Addr = loopback
	}
	c.Log = logtest.New(t)
	e, err := newEngine(c, open)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the engine does not end")
		}
	})
	return e
}

// events collects what a leg tells.
type events struct {
	t  *testing.T
	ch chan Event
}

func newEvents(t *testing.T) *events {
	t.Helper()
	return &events{t: t, ch: make(chan Event, 1024)}
}

func (e *events) observe(ev Event) {
	select {
	case e.ch <- ev:
	default:
	}
}

// wait gives the next event of a type, passing over others.
func wait[E Event](e *events, within time.Duration) E {
	e.t.Helper()
	timeout := time.After(within)
	for {
		select {
		case ev := <-e.ch:
			if ev, ok := ev.(E); ok {
				return ev
			}
		case <-timeout:
			var none E
			e.t.Fatalf("no %T within %v", none, within)
			return none
		}
	}
}

// none says that no event of a type is there now.
func none[E Event](e *events) {
	e.t.Helper()
	for {
		select {
		case ev := <-e.ch:
			if _, ok := ev.(E); ok {
				e.t.Fatalf("unexpected %#v", ev)
			}
		default:
			return
		}
	}
}

// phone is a telephone made of a real socket: a tone in, what comes out in memory.
type phone struct {
	t      *testing.T
	conn   *net.UDPConn
	codec  Codec
	dtmfPT uint8

	mu      sync.Mutex
	to      netip.AddrPort
	packets []rtpPacket // payloads copied
	sound   []int16     // of audio packets in order of arrival
	froms   map[netip.AddrPort]int
	ssrc    uint32
	seq     uint16
	ts      uint32

	stop  chan struct{}
	ended sync.WaitGroup
}

func newPhone(t *testing.T, codec Codec) *phone {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{
		t: t, conn: conn, codec: codec, dtmfPT: 101, froms: map[netip.AddrPort]int{},
		ssrc: uint32(conn.LocalAddr().(*net.UDPAddr).Port) * 7919, seq: 65000, ts: 1 << 31, stop: make(chan struct{}),
	}
	p.ended.Go(p.read)
	t.Cleanup(p.hangUp)
	return p
}

func (p *phone) hangUp() {
	p.mu.Lock()
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	p.mu.Unlock()
	_ = p.conn.Close()
	p.ended.Wait()
}

func (p *phone) addr() netip.AddrPort { return p.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// params are what an offer of this phone comes to.
func (p *phone) params() Params {
	return Params{Remote: p.addr(), Codec: p.codec, PT: p.codec.PayloadType(), DTMFPT: p.dtmfPT}
}

func (p *phone) read() {
	buf := make([]byte, maxPacket)
	for {
		n, from, err := p.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		b := append([]byte(nil), buf[:n]...)
		pkt, ok := parseRTP(b)
		if !ok {
			continue
		}
		p.mu.Lock()
		p.froms[netip.AddrPortFrom(from.Addr().Unmap(), from.Port())]++
		p.packets = append(p.packets, pkt)
		if pkt.pt == p.codec.PayloadType() {
			pcm := make([]int16, len(pkt.payload))
			decodeFrame(p.codec, pcm, pkt.payload)
			p.sound = append(p.sound, pcm...)
		}
		p.mu.Unlock()
	}
}

// packet builds the next audio packet.
func (p *phone) packet(payload []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := make([]byte, rtpHeader+len(payload))
	putRTP(b, p.codec.PayloadType(), false, p.seq, p.ts, p.ssrc)
	copy(b[rtpHeader:], payload)
	p.seq++
	p.ts += uint32(len(payload))
	return b
}

func (p *phone) send(to netip.AddrPort, b []byte) {
	if _, err := p.conn.WriteToUDPAddrPort(b, to); err != nil {
		select {
		case <-p.stop:
		default:
			p.t.Logf("phone sends: %v", err)
		}
	}
}

// speak sends a tone in real time until the phone hangs up; 0 Hz is silence.
func (p *phone) speak(to netip.AddrPort, hz float64) {
	s := Tone(hz, 2*time.Second)
	if hz == 0 {
		s = Silence(2 * time.Second)
	}
	p.ended.Go(func() {
		tick := time.NewTicker(frame)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-p.stop:
				return
			case <-tick.C:
			}
			p.send(to, p.packet(s.frame(p.codec, i%s.frames())))
		}
	})
}

// press sends a key: so many packets of the tone, then its end three times; lose says which to leave out.
func (p *phone) press(to netip.AddrPort, key byte, lose func(i int) bool) {
	p.mu.Lock()
	ssrc, ts := p.ssrc, p.ts
	p.mu.Unlock()
	ev := telephoneEvent{event: byte(dtmfIndex(rune(key))), volume: 10}
	for i := range 8 {
		ev.duration = uint16(min(i+1, 6) * 160)
		ev.end = i >= 5
		b := make([]byte, rtpHeader+4)
		p.mu.Lock()
		putRTP(b, p.dtmfPT, i == 0, p.seq, ts, ssrc)
		p.seq++
		p.mu.Unlock()
		ev.put(b[rtpHeader:])
		if lose == nil || !lose(i) {
			p.send(to, b)
		}
	}
	p.mu.Lock()
	p.ts += 8 * 160
	p.mu.Unlock()
}

func dtmfIndex(r rune) int {
	for i, k := range dtmfKeys {
		if k == r {
			return i
		}
	}
	return 255
}

// heard is the sound from a moment on, as a count of samples before it.
func (p *phone) heard() []int16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]int16(nil), p.sound...)
}

func (p *phone) received() []rtpPacket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]rtpPacket(nil), p.packets...)
}

func (p *phone) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sound, p.packets = nil, nil
}

// eventually waits for a condition, looking every few milliseconds, at most so long.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("not within %v: %s", within, what)
		case <-tick.C:
		}
	}
}

// hears waits until the last 200 ms of what the phone heard are a tone of so many Hz.
func (p *phone) hears(hz float64, within time.Duration) {
	p.t.Helper()
	var got float64
	var level float64
	eventually(p.t, within, "tone", func() bool {
		pcm := p.heard()
		if len(pcm) < 1600 {
			return false
		}
		got, level = pitch(pcm[len(pcm)-1600:])
		return hz == 0 && level < 30 || math.Abs(got-hz) <= 10 && level > 1000
	})
}

// tone is the strength of one frequency (Goertzel), as the amplitude of a sine.
func tone(pcm []int16, hz float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hz/sampleRate)
	var a, b float64
	for _, v := range pcm {
		a, b = float64(v)+c*a-b, a
	}
	power := a*a + b*b - c*a*b
	return 2 * math.Sqrt(max(power, 0)) / float64(len(pcm))
}

// pitch finds the strongest frequency from 100 to 3500 Hz in steps of 10, and its strength.
func pitch(pcm []int16) (hz, level float64) {
	for f := 100.0; f <= 3500; f += 10 {
		if l := tone(pcm, f); l > level {
			hz, level = f, l
		}
	}
	return hz, level
}

// settled waits until the shard has done what the leg was told. Packets from before that are nobody's.
func settled(t *testing.T, l *Leg) {
	t.Helper()
	done := make(chan struct{})
	l.do(func(*shard) { close(done) })
	select {
	case <-done:
	case <-time.After(soon):
		t.Fatal("the shard does not come to the leg")
	}
}

// answered makes a leg that speaks with a phone.
func (p *phone) answered(e *Engine) (*Leg, *events) {
	p.t.Helper()
	ev := newEvents(p.t)
	l := e.NewLeg(ev.observe)
	addr, err := l.OpenUDP()
	if err != nil {
		p.t.Fatal(err)
	}
	l.Negotiated(p.params())
	settled(p.t, l)
	p.mu.Lock()
	p.to = addr
	p.mu.Unlock()
	return l, ev
}
