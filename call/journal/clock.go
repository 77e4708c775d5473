package journal

import (
	"sync"
	"time"
)

// clock is the wall clock as it was at the start, carried on by the monotonic one: a wall clock that
// is set while calls go on changes no duration. What it was set by is recorded, not followed.
type clock struct {
	wall func() time.Time // reads the wall clock
	mono func() time.Time // carries a monotonic reading
	base time.Time        // with a monotonic reading

	// ahead is how far the clock runs ahead of the wall clock, where that was behind the journal's
	// last record at the start. Set before the clock is shared.
	ahead time.Duration

	mu   sync.Mutex
	step time.Duration // wall − ours, as last noted
}

func newClock() *clock {
	return &clock{
		base: time.Now(),
		mono: time.Now,
		wall: func() time.Time { return time.Now().Round(0) }, // Round drops the monotonic reading
	}
}

// now is UTC without a monotonic reading.
func (c *clock) now() time.Time {
	return c.base.Round(0).Add(c.ahead + c.mono().Sub(c.base)).UTC()
}

// stepped tells by how much the wall clock was set since the last time it was asked, in steps of a
// second or more. Zero: it was not.
func (c *clock) stepped() time.Duration {
	off := c.wall().Sub(c.now())
	c.mu.Lock()
	defer c.mu.Unlock()
	by := off - c.step
	if by.Abs() < time.Second {
		return 0
	}
	c.step = off
	return by
}
