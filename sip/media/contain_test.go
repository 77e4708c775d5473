package media

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call/logtest"
)

const panicLogged = "panic in a media shard"

// closedAll waits until so many legs have told Closed, and fails if one tells it twice.
type closedAll struct {
	mu   sync.Mutex
	told map[int]int
}

func (c *closedAll) observer(i int) func(Event) {
	return func(e Event) {
		if _, ok := e.(Closed); ok {
			c.mu.Lock()
			c.told[i]++
			c.mu.Unlock()
		}
	}
}

func (c *closedAll) check(t *testing.T, n int) {
	t.Helper()
	eventually(t, 3*soon, "every leg closed", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.told) == n
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, times := range c.told {
		if times != 1 {
			t.Errorf("leg %d told Closed %d times", i, times)
		}
	}
}

func TestAShardThatStandsStillLosesNoClose(t *testing.T) {
	e := startEngine(t, Config{})
	stalled, goOn := make(chan struct{}), make(chan struct{})
	e.shards[0].post(command{run: func(*shard) { close(stalled); <-goOn }})
	<-stalled
	// Each of these returns although nothing is done, or this test does not end.
	const n = 10_000
	c := closedAll{told: map[int]int{}}
	var callers sync.WaitGroup
	for part := range 4 {
		callers.Go(func() {
			for i := part; i < n; i += 4 {
				l := e.NewLeg(c.observer(i))
				l.Negotiated(Params{})
				l.Play(1, nil, false)
				l.Close()
			}
		})
	}
	callers.Wait()
	close(goOn)
	c.check(t, n)
	if st := e.Stats(); st.Legs != 0 || st.QueueFull != 0 {
		t.Errorf("%+v", st)
	}
}

func TestALegThatDrownsInCommandsIsLostAndItsNeighbourIsNot(t *testing.T) {
	e := startEngine(t, Config{})
	p := newPhone(t, PCMU)
	l, _ := p.answered(e)
	ev := newEvents(t)
	wild := e.NewLeg(ev.observe)
	stalled, goOn := make(chan struct{}), make(chan struct{})
	e.shards[0].post(command{run: func(*shard) { close(stalled); <-goOn }})
	<-stalled
	for range 100 * maxWaiting {
		wild.StopPlay()
	}
	wild.Close()
	l.PlayMusic(MusicOnHold(Tone(600, time.Second)))
	wild.inbox.mu.Lock()
	waiting := len(wild.inbox.waiting)
	wild.inbox.mu.Unlock()
	if waiting != maxWaiting+2 {
		t.Errorf("%d commands wait, want %d, the loss and the Close", waiting, maxWaiting)
	}
	close(goOn)
	wait[Failed](ev, soon)
	wait[Closed](ev, soon)
	p.hears(600, soon)
	if st := e.Stats(); st.Lost != 1 || st.QueueFull != 1 || st.Panics != 0 {
		t.Errorf("%+v", st)
	}
}

// brokenSound panics at its second frame.
func brokenSound() Sound {
	b := &soundBody{samples: 2 * frameSamples}
	for c := range b.coded {
		b.coded[c] = make([]byte, 2*frameSamples)
	}
	s := Sound{b}
	b.coded[PCMA] = b.coded[PCMA][:frameSamples:frameSamples]
	return s
}

// brokenWay is a transport that panics at whatever is asked of it.
type brokenWay struct{}

func (brokenWay) attach(*shard, *Leg)           { panic("attach") }
func (brokenWay) detach(*shard)                 { panic("detach") }
func (brokenWay) sendRTP(*shard, []byte) error  { panic("send") }
func (brokenWay) sendRTCP(*shard, []byte) error { panic("report") }
func (brokenWay) line(uint32) uint32            { panic("line") }
func (brokenWay) close(*shard)                  { panic("close") }

func TestAPanicCostsItsOwnLegOnly(t *testing.T) {
	for name, plant := range map[string]func(*Leg){
		"in a command": func(l *Leg) { l.do(func(*shard) { panic("planted") }) },
		"in a tick":    func(l *Leg) { l.Play(1, []Sound{brokenSound()}, true) },
		"in the house": func(l *Leg) { l.do(func(*shard) { l.silences = -1; l.lastHeard = 0; l.spoken = true }) },
		"in what is told": func(l *Leg) {
			observe := l.observe
			l.do(func(*shard) {
				l.observe = func(e Event) {
					if _, ok := e.(PlayDone); ok {
						panic("planted")
					}
					observe(e)
				}
			})
			l.Play(1, []Sound{Tone(440, frame)}, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			logtest.Expect(t, panicLogged)
			e := startEngine(t, Config{})
			victim, a, b := newPhone(t, PCMA), newPhone(t, PCMU), newPhone(t, PCMU)
			lv, ev := victim.answered(e)
			la, _ := a.answered(e)
			lb, eb := b.answered(e)
			a.speak(la.LocalAddr(), 440)
			b.speak(lb.LocalAddr(), 880)
			e.Bridge(la, lb)
			victim.hears(0, soon)
			plant(lv)
			if why := wait[Failed](ev, soon).Why; why == "" {
				t.Error("no reason is told")
			}
			if q := wait[Closed](ev, soon).Quality; q.PacketsOut == 0 {
				t.Errorf("the figures are lost: %+v", q)
			}
			a.forget()
			b.forget()
			a.hears(880, soon)
			b.hears(440, soon)
			none[Failed](eb)
			if st := e.Stats(); st.Lost != 1 || st.Panics == 0 || st.Legs != 2 {
				t.Errorf("%+v", st)
			}
			lv.Close() // of a leg that is gone: nothing
		})
	}
}

func TestAPanicAmongThreeCostsOneAndTheOthersGoOn(t *testing.T) {
	logtest.Expect(t, panicLogged)
	e := startEngine(t, Config{})
	victim, a, b := newPhone(t, PCMA), newPhone(t, PCMU), newPhone(t, PCMU)
	lv, ev := victim.answered(e)
	la, _ := a.answered(e)
	lb, _ := b.answered(e)
	victim.speak(lv.LocalAddr(), 1500)
	a.speak(la.LocalAddr(), 440)
	b.speak(lb.LocalAddr(), 880)
	br := e.Bridge(la, lb)
	br.Add(lv)
	eventually(t, soon, "the third is heard", func() bool {
		pcm := a.heard()
		return len(pcm) > 1600 && tone(pcm[len(pcm)-1600:], 1500) > 2000
	})
	lv.Play(1, []Sound{brokenSound()}, true) // panics in the bridge's tick
	wait[Failed](ev, soon)
	wait[Closed](ev, soon)
	a.forget()
	b.forget()
	a.hears(880, soon)
	b.hears(440, soon)
	eventually(t, soon, "a relay of the two who are left", func() bool { return e.Stats().RelayBridges == 1 })
	line(t, a.received())
}

func TestALegWhoseEveryEndGoesWrongIsGoneAllTheSame(t *testing.T) {
	logtest.Expect(t, panicLogged)
	e := startEngine(t, Config{})
	p, q := newPhone(t, PCMU), newPhone(t, PCMU)
	l, ev := p.answered(e)
	other, _ := q.answered(e)
	e.Bridge(l, other)
	l.do(func(s *shard) {
		l.out.close(s)
		l.out = brokenWay{}
		panic("planted")
	})
	wait[Closed](ev, soon)
	q.hears(0, soon)
	if st := e.Stats(); st.Legs != 1 || st.Lost != 1 {
		t.Errorf("%+v", st)
	}
}

func TestCommandsKeepTheirOrderWhileALegMoves(t *testing.T) {
	e := startEngine(t, Config{Shards: 3})
	l := e.NewLeg(nil)
	const n = 3000
	got := make(chan int, n)
	for i := range n {
		if i%3 == 0 {
			e.Move(l, i%9/3)
		}
		if !l.do(func(*shard) { got <- i }) {
			t.Fatal("refused")
		}
		if i%100 == 99 { // so that it is not lost in its own commands
			eventually(t, soon, "what was asked for so far", func() bool { return len(got) == i+1 })
		}
	}
	for i := range n {
		if at := <-got; at != i {
			t.Fatalf("command %d comes as number %d", at, i)
		}
	}
}

// Many legs are made, bridged, moved, told to play and closed from many goroutines, and some of them panic.
func TestStormWithPanics(t *testing.T) {
	logtest.Expect(t, panicLogged)
	e := startEngine(t, Config{Shards: 3})
	p, q := newPhone(t, PCMU), newPhone(t, PCMU)
	lp, _ := p.answered(e)
	lq, _ := q.answered(e)
	p.speak(lp.LocalAddr(), 440)
	q.speak(lq.LocalAddr(), 880)
	e.Bridge(lp, lq)
	const callers, each = 8, 150
	c := closedAll{told: map[int]int{}}
	var planted atomic.Int64
	var all sync.WaitGroup
	for who := range callers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(who), 7))
			for i := range each / 3 {
				var legs [3]*Leg
				for k := range legs {
					legs[k] = e.NewLeg(c.observer(who*each + 3*i + k))
					if _, err := legs[k].OpenUDP(); err != nil {
						t.Error(err)
					}
					legs[k].Negotiated(Params{Remote: p.addr(), Codec: Codec(k % 2)})
				}
				br := e.Bridge(legs[0], legs[1])
				br.Add(legs[2])
				for range 10 {
					l, other := legs[random.IntN(3)], legs[random.IntN(3)]
					switch random.IntN(8) {
					case 0:
						br.SetGain(l, other, 0.5)
					case 1:
						br.Remove(l)
					case 2:
						br.Add(l)
					case 3:
						l.Play(1, []Sound{Tone(600, frame)}, true)
					case 4:
						e.Move(l, random.IntN(3))
					case 5:
						l.Mute(random.IntN(2) == 0)
					case 6:
						if random.IntN(4) == 0 {
							planted.Add(1)
							l.do(func(*shard) { panic("planted") })
						}
					case 7:
						l.SendDTMF("1")
					}
				}
				for _, l := range legs {
					l.Close()
				}
				br.Close()
			}
		})
	}
	all.Wait()
	c.check(t, callers*each)
	p.forget()
	q.forget()
	p.hears(880, soon)
	q.hears(440, soon)
	eventually(t, soon, "nothing is left of them", func() bool { return e.Stats().Legs == 2 && e.Stats().Bridges <= 1 })
	st := e.Stats()
	if st.Bridges != 1 {
		t.Errorf("%d bridges", st.Bridges)
	}
	if st.Lost == 0 || st.Lost > uint64(planted.Load()) {
		t.Errorf("%d planted: %+v", planted.Load(), st)
	}
}
