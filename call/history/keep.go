package history

import "time"

// How long a call that has ended is kept, for what may still come of it.
const (
	lingerComplete = 2 * time.Second  // nothing is known to be missing: a wrap-up may be about to start
	lingerLegs     = 30 * time.Second // a leg's figures are missing: its BYE may go unanswered for 32 s
	lingerWrapUp   = time.Minute      // beyond the wrap-up's own end
)

// KeepUntil is when nothing more is expected of a call that has ended.
func (c *Call) KeepUntil() time.Time {
	until := c.Touched.Add(lingerComplete)
	if len(c.wrapUps) > 0 {
		until = latest(until, c.longest.Add(lingerWrapUp))
	}
	if c.up() {
		return latest(until, c.Touched.Add(lingerLegs))
	}
	return until
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
