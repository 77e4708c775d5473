package desk

import (
	"context"
	"slices"
	"strings"
	"time"
)

// together is how many desks are roused at once for their queue figures. When all three thousand were, offers that came
// meanwhile were seen up to half a second late.
const together = 4

// round goes once over the open desks in [queuesEvery], a few at a time, in the same order each time.
type round struct {
	desks *desks
	left  []*desk
	pause time.Duration // between one step and the next
}

// run goes round until the context ends. A step that comes late is not made up for: on a busy machine figures follow
// a little less often, and nobody's offer stands behind a burst of them.
func (r *round) run(ctx context.Context) {
	timer := time.NewTimer(queuesEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			timer.Reset(r.step())
		}
	}
}

// step rouses the next few desks that have not looked since something happened, and says when the next step is due.
func (r *round) step() time.Duration {
	if len(r.left) == 0 {
		r.left = r.desks.all()
		slices.SortFunc(r.left, func(a, b *desk) int { return strings.Compare(string(a.agent), string(b.agent)) })
		r.pause = queuesEvery / time.Duration(max(1, (len(r.left)+together-1)/together))
	}
	few := r.left[:min(together, len(r.left))]
	r.left = r.left[len(few):]
	version := r.desks.room.live.Version()
	for _, d := range few {
		if d.looked.Load() < version {
			d.rouse()
		}
	}
	return r.pause
}
