package talksim

import (
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// transferred books that a call is handed over. It is owed a way on.
func (w *watcher) transferred(e call.Transferred) {
	if e.Kind == call.TransferAttended {
		w.completed(e)
		return
	}
	if e.Offer != "" {
		w.fail(EventsAreTrue, "a blind transfer names offer %s", e.Offer)
	}
	if _, gone := w.in.(talk.Gone); gone && w.unasked && w.talk.on { // who asked hung up before an answer
		w.move = moveBook{by: e.Agent, to: talk.Destination{Name: e.To, Queue: "support", Back: "support"}}
		w.handed, w.owed = true, true
		return
	}
	c, ok := w.in.(talk.Command)
	if !ok || c.Verb != talk.VerbTransfer || !w.talk.on || w.p(w.talk.agent).agent != e.Agent || c.To.Name != e.To {
		w.fail(SentOn, "%s hands the call over to %s, and does not talk, or did not ask for it", e.Agent, e.To)
		return
	}
	w.move = moveBook{by: e.Agent, to: c.To}
	w.handed, w.owed = true, true
}

// parks books that a call is put down in a slot.
func (w *watcher) parks(e call.CallParked) {
	c, ok := w.in.(talk.Command)
	if !ok || c.Verb != talk.VerbPark || !w.talk.on || w.p(w.talk.agent).agent != e.Agent || c.To.Slot != e.Slot {
		w.fail(SentOn, "%s parks the call in %d, and does not talk, or did not ask for it", e.Agent, e.Slot)
		return
	}
	w.move = moveBook{by: e.Agent, to: c.To, slot: true}
	w.handed, w.owed = true, true
}

// directed books that the call is put before one agent: whom it was handed to, or who takes it up.
func (w *watcher) directed(e call.CallDirected) {
	if e.Consult {
		w.sentOn(w.asked && w.ask.to.Agent == e.Agent)
		return
	}
	if c, ok := w.in.(talk.Command); ok && c.Verb == talk.VerbTakeUp && w.move.slot && !w.move.back && c.Agent == e.Agent {
		w.move.slot, w.move.to.Agent, w.move.taken = false, e.Agent, true
		w.handed = true
		return
	}
	w.sentOn(w.move.to.Agent == e.Agent && !w.move.back)
}

// transferFailed books that nobody took it: it is owed the way back.
func (w *watcher) transferFailed(e call.TransferFailed) {
	switch {
	case w.move.gone || w.move.by == "" || w.move.by != e.Agent || w.move.to.Name != e.To || e.Reason == "":
		w.fail(SentOn, "a transfer of %s to %s fails that there is not", e.Agent, e.To)
	case w.talk.on || w.move.joins:
		w.fail(SentOn, "a transfer fails, and somebody has taken the call")
	case w.isLive(w.move.guest):
		w.fail(ByeFirst, "a transfer fails, and whom it is to rings")
	}
	w.owed = !w.move.back // there is only one way back
	w.move.back, w.move.guest, w.move.slot = true, 0, false
}

// isLive tells whether a party's leg is up or called.
func (w *watcher) isLive(id talk.PartyID) bool {
	p := w.p(id)
	return p != nil && (p.line == incoming || p.line == outgoing)
}

// sentOn books that the call is sent on.
func (w *watcher) sentOn(right bool) {
	if !w.owed || !right {
		w.fail(SentOn, "the call is sent where nobody wanted it")
	}
	w.owed = false
}

// enters books the way into a flow, or into a queue.
func (w *watcher) enters(e talk.EnterFlow) {
	switch {
	case e.Queue != "" && w.move.back:
		w.sentOn(e.Queue == w.move.to.Back)
	case e.Queue != "" || e.Flow != "":
		w.sentOn(e.Queue == w.move.to.Queue && e.Flow == w.move.to.Flow)
	case w.inFlow || !w.arrived:
		w.fail(FlowKnows, "the call enters the flow of its number once, if it came to a published one")
	}
	w.inFlow = true
	if e.Flow != "" { // from here on as if it had come in
		w.move = moveBook{by: w.move.by, gone: true}
	}
}

func (w *watcher) invited(e call.PartyInvited, before bool) {
	to := w.move.to
	if w.asked {
		to = w.ask.to
	}
	w.sentOn(to.Leg == e.Leg && to.Extension == e.Extension && to.Number == e.Number)
	if !before {
		w.fail(WrittenFirst, "somebody is dialled, and it is not in the journal")
	}
	role := talk.RoleOutside
	if e.Extension != "" {
		role = talk.RoleColleague
	}
	w.parties = append(w.parties, watched{role: role, leg: e.Leg})
	if w.asked {
		w.ask.with = talk.PartyID(len(w.parties))
		return
	}
	w.move.guest = talk.PartyID(len(w.parties))
}

func (w *watcher) joined(e call.PartyJoined) {
	if w.ask.on {
		w.askedJoins(e)
		return
	}
	g := w.p(w.move.guest)
	if g == nil || g.leg != e.Leg || !g.answers || w.move.joins || w.talk.on {
		w.fail(SentOn, "leg %s joins, and was not asked, or has not answered", e.Leg)
		return
	}
	w.move.joins = true
}

// checkMove sees that a call that was handed over is somewhere, and that who joined it is heard.
func (w *watcher) checkMove() {
	if w.owed && !w.ended {
		w.fail(SentOn, "the call is handed over by %s to %s, and sent nowhere", w.move.by, w.move.to.Name)
	}
	w.checkAsking()
	if w.move.joins && !w.ended {
		switch {
		case !w.isLive(w.move.guest):
			w.fail(EndsOnce, "who took the call has left, and it goes on")
		case !w.hears(w.move.guest):
			w.fail(TalkersHear, "party %d has joined, and is not heard", w.move.guest)
		}
	}
}
