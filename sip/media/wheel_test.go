package media

import (
	"testing"
	"time"
)

type countTicker struct {
	at     wheelPlace
	ticks  int
	frames int
	leave  bool
	times  []time.Duration
}

func (c *countTicker) place() *wheelPlace { return &c.at }

func (c *countTicker) tick(s *shard, frames int) {
	c.ticks++
	c.frames += frames
	c.times = append(c.times, s.now)
	if c.leave {
		s.wheel.disarm(c)
	}
}

// turnTo moves virtual time on in steps.
func turnTo(s *shard, to, step time.Duration) {
	for s.now < to {
		s.now += step
		s.wheel.turn(s, s.now)
	}
}

func TestWheelTicksEach20msAndSpreads(t *testing.T) {
	s := &shard{}
	var all []*countTicker
	for range 40 {
		c := &countTicker{}
		all = append(all, c)
		s.wheel.arm(c, s.now)
	}
	for i, slot := range s.wheel.slots {
		if len(slot) != 2 {
			t.Errorf("%d tickers in slot %d, want 2", len(slot), i)
		}
	}
	turnTo(s, 2*time.Second, time.Millisecond)
	for i, c := range all {
		if c.ticks < 99 || c.ticks > 100 || c.frames != c.ticks {
			t.Errorf("ticker %d: %d ticks, %d frames", i, c.ticks, c.frames)
		}
		for k := 1; k < len(c.times); k++ {
			if d := c.times[k] - c.times[k-1]; d != frame {
				t.Fatalf("ticker %d: %v between ticks", i, d)
			}
		}
	}
}

func TestWheelSendsAMissedFrameOnceAndLeavesOutTheRest(t *testing.T) {
	s := &shard{}
	c := &countTicker{}
	s.wheel.arm(c, 0)
	turnTo(s, 100*time.Millisecond, time.Millisecond)
	before := c.ticks
	s.now += 21 * time.Millisecond // one tick is late
	s.wheel.turn(s, s.now)
	if got := c.ticks - before; got < 1 || got > 2 {
		t.Errorf("%d ticks after 21 ms", got)
	}
	before, frames := c.ticks, c.frames
	s.now += time.Second // the machine stood still
	s.wheel.turn(s, s.now)
	if got := c.ticks - before; got > 2 {
		t.Errorf("%d frames at once after a second: more than the missed one", got)
	}
	if got := c.frames - frames; got < 49 || got > 51 {
		t.Errorf("the line went on by %d frames in a second", got)
	}
	if s.n.lateTicks.Load() == 0 {
		t.Error("late ticks are not counted")
	}
}

func TestWheelIsNeverDueWhileEmpty(t *testing.T) {
	s := &shard{}
	if _, ok := s.wheel.next(); ok {
		t.Error("an empty wheel is due")
	}
	a, b := &countTicker{leave: true}, &countTicker{}
	s.wheel.arm(a, 0)
	s.wheel.arm(b, 0)
	s.wheel.arm(b, 0)
	turnTo(s, 50*time.Millisecond, time.Millisecond)
	if a.ticks != 1 || b.ticks < 2 {
		t.Errorf("ticks %d and %d", a.ticks, b.ticks)
	}
	s.wheel.disarm(b)
	s.wheel.disarm(b)
	if _, ok := s.wheel.next(); ok || s.wheel.count != 0 {
		t.Error("an emptied wheel is due")
	}
	s.now += time.Hour
	s.wheel.arm(a, s.now)
	if due, ok := s.wheel.next(); !ok || due < s.now || due > s.now+frame {
		t.Errorf("first tick at %v, it is %v", due, s.now)
	}
}

func TestWheelTellsWhichSlotIsNext(t *testing.T) {
	s := &shard{}
	c := &countTicker{}
	s.wheel.arm(c, 0)
	for range 100 {
		due, _ := s.wheel.next()
		s.now = due
		n := c.ticks
		s.wheel.turn(s, s.now)
		if c.ticks != n+1 {
			t.Fatalf("nothing ticked at %v, which was said to be due", due)
		}
	}
	if want := 100 * frame; s.now > want || s.now < want-frame {
		t.Errorf("100 ticks took %v", s.now)
	}
}

func TestAShardSleepsUnlessSomethingIsDue(t *testing.T) {
	e := &Engine{start: time.Now()}
	s := &shard{engine: e}
	if d := s.timeout(); d >= 0 {
		t.Errorf("a shard without legs wakes after %v", d)
	}
	l := &Leg{engine: e}
	s.join(l)
	if d := s.timeout(); d <= frame || d > houseTime {
		t.Errorf("a shard whose legs need no ticks wakes after %v", d)
	}
	s.wheel.arm(l, s.now)
	if d := s.timeout(); d < 0 || d > frame {
		t.Errorf("a shard that ticks wakes after %v", d)
	}
}
