package desk

import (
	"context"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// rowTime is how long the row of what an agent wrote is waited for.
const rowTime = 5 * time.Second

// history shows the agent's last calls and the wrap-ups that were not finished.
func (v *deskView) history(out *proto.Desk) {
	d := v.d
	d.mu.Lock()
	defer d.mu.Unlock()
	due := (!d.history.loaded || d.history.stale) && len(d.retryAt) == 0 // after a failure it says when
	kept := d.retryAt[:0]
	for _, at := range d.retryAt {
		if at.After(v.now) {
			kept = append(kept, at)
		} else {
			due = true
		}
	}
	d.retryAt = kept
	if due && !d.history.loading {
		if d.history.asked.IsZero() {
			d.history.asked = v.now
		}
		d.history.loading, d.history.stale = true, false
		d.room.desks.wg.Go(d.readHistory)
	}
	if !d.history.loaded {
		if left := call.LookUpTime - v.now.Sub(d.history.asked); left > 0 {
			v.hold = max(v.hold, left)
		}
		return
	}
	for i := range d.history.recent {
		out.Recent = append(out.Recent, v.who.Site.CallItem(&d.history.recent[i], v.masked))
	}
	for i := range d.history.unfinished {
		out.Unfinished = append(out.Unfinished, v.who.Site.CallItem(&d.history.unfinished[i], v.masked))
	}
}

// readHistory reads the agent's last calls, when the rows of what the agent wrote are there. If they do not come in time, what is
// there will do: the call log says when there is more.
func (d *desk) readHistory() {
	d.mu.Lock()
	after := d.history.after
	d.mu.Unlock()
	if after > 0 {
		ctx, cancel := context.WithTimeout(d.room.desks.ctx, rowTime)
		_ = d.room.web.AwaitRows(ctx, after)
		cancel()
	}
	ctx, cancel := context.WithTimeout(d.room.desks.ctx, lookTime)
	defer cancel()
	recent, err := d.room.store.Calls(ctx, store.CallFilter{Agent: d.agent, Limit: recentMax})
	var unfinished store.Page[store.Call]
	if err == nil {
		unfinished, err = d.room.store.Calls(ctx, store.CallFilter{Agent: d.agent, Unfinished: true, Limit: unfinishedMax})
	}
	d.mu.Lock()
	d.history.loading = false
	if err == nil {
		d.history.loaded, d.history.recent, d.history.unfinished = true, recent.Items, unfinished.Items
	} else {
		d.history.stale = true
		d.retryAt = append(d.retryAt, d.room.web.Now().Add(lookAgain))
	}
	d.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		d.room.web.Log().Warn("history of a desk not read", slog.String("agent", string(d.agent)), slog.Any("error", err))
	}
	d.rouse()
}

// outdated has the history read again, and what is known of the call's tickets, when the rows of a record are there.
func (d *desk) outdated(after uint64) {
	d.mu.Lock()
	d.history.stale, d.history.after = true, max(d.history.after, after)
	for _, p := range d.pops {
		p.again = p.again || p.found != nil
	}
	d.mu.Unlock()
	d.rouse()
}

// nextLook says when the desk should look again though nothing is known to have changed.
func (d *desk) nextLook(now time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := web.RingAge
	for _, at := range d.retryAt {
		next = min(next, max(0, at.Sub(now)))
	}
	if !d.known {
		return next
	}
	if left := linkPatience - now.Sub(d.offeredLink); !d.offeredLink.IsZero() && left > 0 {
		next = min(next, left+time.Millisecond)
	}
	return next
}
