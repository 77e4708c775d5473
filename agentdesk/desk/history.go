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

// refreshSteps are when the history is read again after a call's end: a row is there within 2 s.
var refreshSteps = [...]time.Duration{250 * time.Millisecond, time.Second, 2500 * time.Millisecond}

// history shows the agent's last calls and the wrap-ups that were not finished.
func (v *deskView) history(out *proto.Desk) {
	d := v.d
	d.mu.Lock()
	defer d.mu.Unlock()
	due := !d.history.loaded && len(d.refreshAt) == 0 // after a failure it says when
	kept := d.refreshAt[:0]
	for _, at := range d.refreshAt {
		if at.After(v.now) {
			kept = append(kept, at)
		} else {
			due = true
		}
	}
	d.refreshAt = kept
	if due && !d.history.loading {
		if d.history.asked.IsZero() {
			d.history.asked = v.now
		}
		d.history.loading = true
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

func (d *desk) readHistory() {
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
		d.refreshAt = append(d.refreshAt, d.room.web.Now().Add(lookAgain))
	}
	d.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		d.room.web.Log().Warn("history of a desk not read", slog.String("agent", string(d.agent)), slog.Any("error", err))
	}
	d.rouse()
}

// refreshAfter plans to read the history when the call log has caught up.
func (d *desk) refreshAfter(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refreshAt = d.refreshAt[:0]
	for _, step := range refreshSteps {
		d.refreshAt = append(d.refreshAt, now.Add(step))
	}
	for _, p := range d.pops { // tickets of the call, too
		p.again = p.found != nil
	}
}

func (d *desk) refreshSoon() {
	d.refreshAfter(d.room.web.Now())
	d.rouse()
}

// nextRefresh says when the desk should look again though nothing is known to have changed.
func (d *desk) nextRefresh(now time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := web.RingAge
	for _, at := range d.refreshAt {
		next = min(next, max(0, at.Sub(now)))
	}
	if d.status == "" {
		return next
	}
	if left := linkPatience - now.Sub(d.offeredLink); !d.offeredLink.IsZero() && left > 0 {
		next = min(next, left+time.Millisecond)
	}
	return next
}
