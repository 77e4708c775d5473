//go:build linux

package media

import (
	"net/netip"
	"testing"
	"time"
)

func TestWarmPairsRestAndAreLetGo(t *testing.T) {
	w := warmPairs{most: 2, rest: warmRest, restLeast: warmRestLeast}
	pair := func(port uint16, since time.Duration) warmPair {
		return warmPair{rtp: &socket{local: netip.AddrPortFrom(loopback, port)}, since: since}
	}
	keep := func(p warmPair, kept, look bool) {
		t.Helper()
		if gotKept, gotLook := w.keep(p); gotKept != kept || gotLook != look {
			t.Errorf("kept %v, somebody looks later %v; want %v and %v", gotKept, gotLook, kept, look)
		}
	}
	take := func(now time.Duration, need bool, want uint16) {
		t.Helper()
		p, ok := w.take(now, need)
		if ok != (want > 0) || ok && p.rtp.local.Port() != want {
			t.Errorf("took %v, %v; want %d", p.rtp, ok, want)
		}
	}
	keep(pair(2, 0), true, true)
	take(warmRest-1, false, 0)
	keep(pair(4, time.Second), true, false)
	keep(pair(6, time.Second), false, false) // no more than may be kept
	take(warmRestLeast-1, false, 0)
	take(warmRestLeast, false, 2) // when no more may be, a second's rest will do
	take(warmRest, false, 0)
	take(warmRest, true, 4) // in need any will do
	take(time.Hour, true, 0)
	keep(pair(2, 0), true, false) // the look of before is still to come
	keep(pair(4, 8*time.Second), true, false)
	if old, again := w.old(warmKept, false); len(old) != 1 || old[0].rtp.local.Port() != 2 || again != 8*time.Second {
		t.Errorf("%d are old, another look in %v; want one, and a look when the other will be", len(old), again)
	}
	if old, again := w.old(warmKept, true); len(old) != 1 || old[0].rtp.local.Port() != 4 || again != 0 {
		t.Errorf("%d of all, another look in %v", len(old), again)
	}
	keep(pair(6, time.Minute), true, true)
}

// warmEngine keeps pairs that need no rest.
func warmEngine(t *testing.T, c Config) *Engine {
	t.Helper()
	e := startEngine(t, c)
	e.warm.mu.Lock()
	e.warm.rest = 0
	e.warm.mu.Unlock()
	return e
}

func TestAPairServesAnotherLeg(t *testing.T) {
	first, last := freeRange(t, 10)
	e := warmEngine(t, Config{PortMin: first, PortMax: last})
	p, silent, nat := newPhone(t, PCMU), newPhone(t, PCMU), newPhone(t, PCMU)
	l, ev := p.answered(e)
	l.Echo(true)
	p.speak(l.LocalAddr(), 700)
	p.hears(700, soon)
	before := descriptors(t)
	l.Close()
	wait[Closed](ev, soon)
	eventually(t, soon, "a pair kept", func() bool { return e.warm.count() == 1 })
	if st := e.Stats(); st.PortsInUse != 0 || st.PortsResting != 1 {
		t.Errorf("%d ports in use, %d rest; want none and one", st.PortsInUse, st.PortsResting)
	}
	// The far end has not noticed that the call is over. Its packets must not be taken for the next one's, who speaks
	// from elsewhere than its SDP says.
	again := e.NewLeg(newEvents(t).observe)
	if a, err := again.OpenUDP(); err != nil || a != l.LocalAddr() || descriptors(t) != before {
		t.Fatalf("%v (%v) and %d descriptors, want %v and %d", a, err, descriptors(t), l.LocalAddr(), before)
	}
	again.Negotiated(silent.params())
	again.Echo(true)
	settled(t, again)
	strangers := e.Stats().Strangers
	eventually(t, soon, "strangers counted", func() bool { return e.Stats().Strangers > strangers+2*probation })
	nat.speak(again.LocalAddr(), 1200)
	nat.hears(1200, soon)
	// Who is named is heard, whoever spoke here before.
	again.Negotiated(p.params())
	p.forget()
	p.hears(700, soon)
}

func TestPairsAreClosedWhenNobodyWantsThem(t *testing.T) {
	e := warmEngine(t, Config{})
	before := descriptors(t)
	var legs []*Leg
	for range 10 {
		l := e.NewLeg(nil)
		if _, err := l.OpenUDP(); err != nil {
			t.Fatal(err)
		}
		legs = append(legs, l)
	}
	for _, l := range legs {
		l.Close()
	}
	eventually(t, soon, "ten pairs kept", func() bool { return e.warm.count() == 10 })
	if n := descriptors(t); n != before+20 {
		t.Errorf("%d descriptors, want %d", n, before+20)
	}
	s := e.shards[0]
	s.post(command{run: func(s *shard) { s.trimWarm(true) }})
	eventually(t, soon, "all closed", func() bool { return descriptors(t) == before })
}

func TestWithSeveralShardsNoPairIsKept(t *testing.T) {
	e := warmEngine(t, Config{Shards: 2})
	ev := newEvents(t)
	l := e.NewLeg(ev.observe)
	if _, err := l.OpenUDP(); err != nil {
		t.Fatal(err)
	}
	l.Close()
	wait[Closed](ev, soon)
	if n := e.warm.count(); n != 0 {
		t.Errorf("%d pairs kept", n)
	}
}
