package acdsim

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// check holds the books against the rules after a step.
func (w *watcher) check(m Subject) {
	if len(w.owed) > 0 {
		w.fail(PromisesKept, "%s %s did not come", w.owed[0].what, w.owed[0].id)
	}
	for _, q := range w.queues {
		q.waiting, q.inQueue = 0, 0
	}
	for _, c := range w.lines {
		w.checkLine(c)
	}
	for _, a := range w.staff {
		w.endShift(a)
		w.checkFree(a)
		w.checkStuck(a)
	}
	for id, q := range w.queues {
		if got := m.Waiting(id); got != q.inQueue {
			w.fail(NoLostCall, "%d callers in %s, the machine says %d", q.inQueue, id, got)
		}
	}
	for _, a := range w.staff {
		w.checkStatus(a, m)
	}
	w.staff = slices.DeleteFunc(w.staff, func(a *watchedAgent) bool {
		gone := !a.inSite && !a.working()
		if gone {
			delete(w.agents, a.id)
		}
		return gone
	})
}

// endShift books a shift that was to end with the work in hand.
func (w *watcher) endShift(a *watchedAgent) {
	if !a.working() && (!a.inSite || a.chosen == call.ChoseOff) {
		a.onShift, a.chosen, a.reason = false, call.ChoseOff, ""
	}
}

func (w *watcher) checkLine(c *watchedCall) {
	late := func(d bool) {
		if d {
			w.fail(NobodyStuck, "call %s is %s since %v", c.id, c.stage, w.now.Sub(c.since))
		}
	}
	switch c.stage {
	case waiting:
		if c.direct != "" {
			w.fail(NoLostCall, "call %s was directed to %s, and waits", c.id, c.direct)
		}
		c.queue.waiting++
		c.queue.inQueue++
		late(w.now.After(c.entered.Add(acd.MaxCall+slack)) && w.now.After(c.since.Add(slack)))
	case ringing:
		c.queue.inQueue++
		late(w.now.After(c.until.Add(slack)))
		late(!c.rang && c.agent.station.Kind != call.StationPSTN && w.now.After(c.since.Add(acd.SetupLimit+slack)))
	case answered:
		late(w.now.After(c.since.Add(acd.BridgeLimit + slack)))
	case talking:
		late(w.now.After(c.since.Add(acd.MaxCall + acd.EndLimit + 2*slack)))
	}
}

func (w *watcher) checkStuck(a *watchedAgent) {
	if a.wrapUp != "" && w.now.After(a.until.Add(slack)) {
		w.fail(NobodyStuck, "%s is in wrap-up since %v after its end", a.id, w.now.Sub(a.until))
	}
	for _, o := range a.outside {
		if w.now.After(o.since.Add(acd.MaxCall + acd.EndLimit + 2*slack)) {
			w.fail(NobodyStuck, "%s is on call %s since %v", a.id, o.id, w.now.Sub(o.since))
		}
	}
}

func (w *watcher) checkFree(a *watchedAgent) {
	if !a.free() || !w.rested(a) {
		return
	}
	for _, id := range a.rules.Queues {
		if q, ok := w.queues[id]; ok && q.waiting > 0 {
			w.fail(NobodyIdle, "%s is free and %d callers wait in %s", a.id, q.waiting, id)
		}
	}
}

func (w *watcher) checkStatus(a *watchedAgent, m Subject) {
	got, want := &a.status, w.status(a)
	if a.free() && got.Status == call.StatusUnreachable && !w.rested(a) {
		want.status = call.StatusUnreachable // after a fault, for so long as the machine sees fit
	}
	if (a.reason == acd.ReasonMissed) != (got.ChosenReason == acd.ReasonMissed) {
		w.fail(PausedForMisses, "%s has %d misses; reported %+v", a.id, a.misses, *got)
	}
	if got.Status != want.status || got.Call != want.call || got.Queue != want.queue || !sameTime(got.Until, want.until) ||
		(got.Reason != want.reason && want.status != call.StatusUnreachable) ||
		got.Chosen != a.chosen || got.ChosenReason != a.reason {
		w.fail(StatusIsTrue, "%s: reported %+v, want %+v, then %s %s", a.id, *got, want, a.chosen, a.reason)
	}
	if s := m.Status(a.id); s != got.Status && (a.inSite || a.working()) {
		w.fail(StatusIsTrue, "%s: the machine says %s, reported was %s", a.id, s, got.Status)
	}
}

// wantedStatus is what an agent's status has to be by the books.
type wantedStatus struct {
	status call.AgentStatus
	reason call.ReasonID
	call   call.ID
	queue  call.QueueID
	until  *time.Time
}

func (w *watcher) status(a *watchedAgent) wantedStatus {
	switch {
	case !a.onShift:
		return wantedStatus{status: call.StatusOff}
	case a.line != nil && a.line.stage == talking:
		return wantedStatus{status: call.StatusTalking, call: a.line.id, queue: a.line.queue.rules.Queue}
	case a.line != nil:
		return wantedStatus{status: call.StatusOffered, call: a.line.id, queue: a.line.queue.rules.Queue}
	case len(a.outside) > 0:
		return wantedStatus{status: call.StatusBusy, call: a.outside[0].id}
	case a.wrapUp != "":
		return wantedStatus{status: call.StatusWrapUp, call: a.wrapUp, queue: a.wrapsUp, until: &a.until}
	case a.chosen == call.ChosePaused:
		return wantedStatus{status: call.StatusPaused, reason: a.reason}
	case !a.up:
		return wantedStatus{status: call.StatusUnreachable}
	default:
		return wantedStatus{status: call.StatusReady}
	}
}
