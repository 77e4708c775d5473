package media

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestEngineSaysWhatIsWrongWithItsSettings(t *testing.T) {
	taken, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := taken.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	for want, c := range map[string]Config{
		"phones can send to": {Addr: netip.MustParseAddr("0.0.0.0")},
		"RTP address":        {},
		"both ends":          {Addr: loopback, PortMin: 40000},
		"backwards":          {Addr: loopback, PortMin: 40000, PortMax: 30000},
		"no pair":            {Addr: loopback, PortMin: 40000, PortMax: 40001},
		"shards":             {Addr: loopback, Shards: 1000},
		"another program":    {Addr: loopback, PortMin: port, PortMax: max(port, 65535)},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want something about %q", c, err, want)
		}
	}
}

// freeRange finds a range of ports that are all free, below those that the kernel hands out: nobody takes one
// meanwhile but who asks for just that.
func freeRange(t *testing.T, n int) (first, last uint16) {
	t.Helper()
	for range 50 {
		first = uint16(10_000 + 2*rand.IntN(4_900))
		if allFree(first, n) {
			return first, first + uint16(n) - 1
		}
	}
	t.Fatal("no range of ports")
	return 0, 0
}

func allFree(first uint16, n int) bool {
	for i := range n {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(first) + i})
		if err != nil {
			return false
		}
		defer func() { _ = c.Close() }()
	}
	return true
}

func TestPortsOfTheRangeAreSharedOut(t *testing.T) {
	first, last := freeRange(t, 12)
	e := startEngine(t, Config{PortMin: first, PortMax: last})
	if got := e.desks.conn.LocalAddr().(*net.UDPAddr).Port; got != int(first) {
		t.Errorf("browsers are on %d, want %d, the first of the range", got, first)
	}
	// Another program has an odd port in the middle: that pair is passed over.
	busy, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(first) + 5})
	if err != nil {
		t.Skip("a port of the range was taken in between")
	}
	defer func() { _ = busy.Close() }()
	var legs []*Leg
	seen := map[uint16]bool{}
	for {
		l := e.NewLeg(nil)
		a, err := l.OpenUDP()
		if err != nil {
			if !strings.Contains(err.Error(), "wider") {
				t.Errorf("unhelpful: %v", err)
			}
			break
		}
		if a.Port()%2 != 0 || a.Port() <= first+1 || a.Port() > last || seen[a.Port()] || a.Port() == first+4 {
			t.Errorf("port %d", a.Port())
		}
		seen[a.Port()] = true
		legs = append(legs, l)
	}
	if len(legs) != 4 {
		t.Errorf("%d legs in twelve ports, want 4: one pair is the browsers', one another program's", len(legs))
	}
	if st := e.Stats(); st.PortsInUse != len(legs) || st.PortPairs != 5 {
		t.Errorf("%+v", st)
	}
	if _, err := legs[0].OpenUDP(); err == nil {
		t.Error("a second pair for one leg")
	}
	legs[1].Close()
	eventually(t, soon, "the port given back", func() bool { return e.Stats().PortsInUse == len(legs)-1 })
	if st := e.Stats(); st.PortsResting != 1 {
		t.Errorf("%+v", st)
	}
	if a, err := e.NewLeg(nil).OpenUDP(); err != nil || a != legs[1].LocalAddr() {
		t.Errorf("a call was refused for a port's rest: %v %v", a, err)
	}
	if _, err := legs[1].OpenUDP(); err == nil {
		t.Error("ports for a closed leg")
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc")
	}
	return len(d)
}

func TestNothingIsLeftBehind(t *testing.T) {
	fds, routines := descriptors(t), runtime.NumGoroutine()
	t.Run("engine", func(t *testing.T) {
		e := startEngine(t, Config{})
		for range 3 {
			var closed []*events
			var legs []*Leg
			before := descriptors(t)
			for range 20 {
				a, b := newEvents(t), newEvents(t)
				la, lb := e.NewLeg(a.observe), e.NewLeg(b.observe)
				if _, err := la.OpenUDP(); err != nil {
					t.Fatal(err)
				}
				br := e.Bridge(la, lb)
				legs, closed = append(legs, la, lb), append(closed, a, b)
				br.SetGain(la, lb, 0.5)
				defer br.Close()
			}
			for i, l := range legs {
				l.Close()
				l.Close()
				l.Play(1, nil, false)
				wait[Closed](closed[i], soon)
			}
			// What ticks is told at the end of a shard's turn, in whose midst Closed comes.
			eventually(t, soon, "no leg is left and none ticks", func() bool {
				st := e.Stats()
				return st.Legs == 0 && st.Ticking == 0
			})
			// Their ports stay open for a while; here the while is over.
			e.shards[0].post(command{run: func(s *shard) { s.trimWarm(true) }})
			eventually(t, soon, "all files closed", func() bool { return descriptors(t) == before })
		}
		// And legs that nobody closed, one of them a browser's.
		ev := newEvents(t)
		d := newDesk(t)
		d.connect(e, e.NewLeg(ev.observe))
		wait[TransportBack](ev, soon)
		_, phone := newPhone(t, PCMU).answered(e)
		t.Cleanup(func() { // runs before the engine's own
			_ = phone
		})
	})
	eventually(t, soon, "all files closed and goroutines ended", func() bool {
		return descriptors(t) <= fds && runtime.NumGoroutine() <= routines
	})
}

func TestStopClosesAllLegs(t *testing.T) {
	e, err := New(Config{Addr: loopback})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	p := newPhone(t, PCMU)
	l, ev := p.answered(e)
	p.hears(0, soon)
	cancel()
	wait[Closed](ev, soon)
	if err := <-done; err != nil {
		t.Error(err)
	}
	l.Play(1, nil, false)
	l.Close()
	if _, err := e.NewLeg(nil).OpenUDP(); err == nil {
		t.Error("ports after the end")
	}
}

func TestLegsMoveBetweenShards(t *testing.T) {
	e := startEngine(t, Config{Shards: 3})
	a, b, c := newPhone(t, PCMU), newPhone(t, PCMU), newPhone(t, PCMA)
	la, _ := a.answered(e)
	lb, _ := b.answered(e)
	lc, _ := c.answered(e)
	if la.shard.Load() == lb.shard.Load() {
		t.Error("two legs in a row on one shard")
	}
	a.speak(la.LocalAddr(), 440)
	b.speak(lb.LocalAddr(), 880)
	c.speak(lc.LocalAddr(), 1500)
	la.PlayMusic(MusicOnHold(Tone(600, time.Second)))
	a.hears(600, soon)
	e.Move(la, 2)
	e.Move(la, 99)
	a.forget()
	a.hears(600, soon)
	la.StopPlay()
	br := e.Bridge(la, lb) // brings b along
	a.hears(880, soon)
	b.hears(440, soon)
	br.Add(lc)
	eventually(t, soon, "three in one bridge", func() bool {
		pcm := c.heard()
		return len(pcm) > 1600 && tone(pcm[len(pcm)-1600:], 440) > 2000 && tone(pcm[len(pcm)-1600:], 880) > 2000
	})
	if la.shard.Load() != lb.shard.Load() || lb.shard.Load() != lc.shard.Load() {
		t.Error("a bridge over several shards")
	}
	line(t, a.received())
}

func TestPlainSocketsDoTheSame(t *testing.T) {
	plain := func() (sockets, error) { return newPlainSockets(), nil }
	e := startWith(t, Config{}, plain)
	a, b, stranger := newPhone(t, PCMU), newPhone(t, PCMA), newPhone(t, PCMU)
	la, ea := a.answered(e)
	lb, _ := b.answered(e)
	a.speak(la.LocalAddr(), 440)
	b.speak(lb.LocalAddr(), 880)
	la.PlayMusic(MusicOnHold(Tone(600, time.Second)))
	a.hears(600, soon)
	e.Bridge(la, lb)
	la.StopPlay()
	a.hears(880, soon)
	b.hears(440, soon)
	stranger.speak(la.LocalAddr(), 1500)
	a.press(la.LocalAddr(), '7', nil)
	if got := wait[DTMF](ea, soon).Digit; got != '7' {
		t.Errorf("got %c", got)
	}
	la.Close()
	wait[Closed](ea, soon)
	b.hears(0, soon)
	if len(stranger.received()) > 0 {
		t.Error("the stranger got packets")
	}
}

func TestReportsGiveRoundTripAndLoss(t *testing.T) {
	t.Parallel()
	// Two engines speak with each other, so each answers the other's reports.
	e1, e2 := startEngine(t, Config{}), startEngine(t, Config{})
	ev := newEvents(t)
	a, b := e1.NewLeg(ev.observe), e2.NewLeg(nil)
	addrA, err := a.OpenUDP()
	if err != nil {
		t.Fatal(err)
	}
	addrB, err := b.OpenUDP()
	if err != nil {
		t.Fatal(err)
	}
	a.Negotiated(Params{Remote: addrB})
	b.Negotiated(Params{Remote: addrA})
	rtt := make(chan time.Duration, 1)
	eventually(t, 3*soon, "a round trip", func() bool {
		a.do(func(*shard) {
			select {
			case rtt <- a.rtt:
			default:
			}
		})
		return <-rtt > 0
	})
	a.Close()
	q := wait[Closed](ev, soon).Quality
	if q.RTTMS <= 0 || q.RTTMS > 1000 || q.PacketsIn < 100 || q.Lost > 0 || q.MOS < 4 {
		t.Errorf("%+v", q)
	}
}
