package talksim

import (
	"slices"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// done books an effect, and checks the rules that are about effects.
func (w *watcher) done(e talk.Effect) {
	switch e := e.(type) {
	case talk.Journal:
		w.wrote(e)
	case talk.LookUp:
	case talk.Connect:
		w.connected(e.Room)
	case talk.EnterFlow:
		w.enters(e)
	case talk.TellFlow:
		w.toldFlow(e.News)
	case talk.Occupy:
		if w.freed {
			w.fail(AgentsFreed, "%s is made busy after all were freed", e.Agent)
		}
		if !slices.Contains(w.busy, e.Agent) {
			w.busy = append(w.busy, e.Agent)
		}
	case talk.Free:
		w.free(e)
	case talk.SetTimer:
		if e.Timer == talk.TimerParked {
			w.sentOn(w.move.slot && e.After == w.move.to.For)
			return
		}
		w.ended = true
		w.allLetGo()
	case talk.Reply:
		w.replied(e)
	case talk.Over:
		w.isOver(e)
	default:
		w.doneToLeg(e)
	}
}

// doneToLeg books what concerns one leg.
func (w *watcher) doneToLeg(e talk.Effect) {
	switch e := e.(type) {
	case talk.Ring:
		w.rings(e)
	case talk.Dial:
		id, far := w.far()
		if g := w.p(e.Party); e.Party > 0 && (e.Party == w.move.guest || e.Party == w.ask.with) && g.line == uncalled {
			g.line = outgoing
			return
		}
		if !w.placed || id != e.Party || far.line != uncalled {
			w.fail(LegsLetGo, "party %d is dialled", e.Party)
			return
		}
		if a := w.p(1); !w.byPhone && !a.answers && !a.browser {
			w.fail(LegsInOrder, "the number is dialled before the agent has answered")
		}
		far.line = outgoing
		if far.leg != e.Leg {
			w.fail(EventsAreTrue, "leg %s is dialled, not %s", e.Leg, far.leg)
		}
	case talk.Progress:
		w.live(e.Party, "hears that it rings", func(p *watched) bool { return p.line == incoming && !p.answers })
	case talk.Answer:
		w.live(e.Party, "is answered", func(p *watched) bool { return p.line == incoming && !p.answers })
		if !w.written && w.arrived {
			w.fail(WrittenFirst, "the answer leaves, and is not in the journal")
		}
		if p := w.p(e.Party); p != nil {
			p.answers = true
		}
	case talk.Reject:
		w.live(e.Party, "is rejected", func(p *watched) bool { return p.line == incoming && !p.answers })
	case talk.HangUp:
		w.hungUp(e)
	case talk.Play:
		w.live(e.Party, "is played "+string(e.Sound), func(p *watched) bool { p.plays = e.Sound; return true })
		if p := w.p(e.Party); p != nil && p.room != talk.NoRoom && len(w.rooms[p.room].Members) > 1 {
			w.fail(AloneHears, "party %d is played %s, and is not alone", e.Party, e.Sound)
		}
	case talk.StopPlay:
		w.live(e.Party, "is played nothing", func(p *watched) bool { p.plays = ""; return true })
	case talk.Mute:
		w.live(e.Party, "is muted", func(p *watched) bool { return p.ours() })
		if p := w.p(e.Party); p != nil {
			if p.muted == e.On {
				w.fail(MutesPair, "party %d is muted (%v) again", e.Party, e.On)
			}
			p.muted, w.mute = e.On, !w.mute
		}
	case talk.SendKeys:
		w.sent = true
		w.live(e.Party, "is sent keys", func(*watched) bool { return e.Party == w.partner() })
	default:
		w.fail(LegsInOrder, "%T is no effect that anybody knows", e)
	}
}

// live checks that a leg is there for something to be done to it.
func (w *watcher) live(id talk.PartyID, what string, fits func(*watched) bool) {
	p := w.p(id)
	if p == nil || (p.line != incoming && p.line != outgoing) || !fits(p) {
		w.fail(LegsInOrder, "party %d %s", id, what)
	}
}

// rings books the leg of an agent.
func (w *watcher) rings(e talk.Ring) {
	if in, ok := w.in.(talk.Offered); ok {
		if int(e.Party) != len(w.parties)+1 {
			w.fail(LegsLetGo, "party %d is rung for an offer", e.Party)
			return
		}
		if in.Consult {
			w.asksAgent(in, e)
			return
		}
		for i := range w.parties {
			if p := &w.parties[i]; p.role == talk.RoleAgent && (p.line == incoming || p.line == outgoing) {
				w.fail(OfferEndsOnce, "two agents are rung")
			}
		}
		w.parties = append(w.parties, watched{
			role: talk.RoleAgent, agent: in.Agent, offer: in.Offer, leg: in.Leg, browser: in.Station.Kind == call.StationWebRTC,
		})
		if !w.inFlow && w.move.to.Agent == "" || in.Ring != e.For || w.move.joins || w.move.slot {
			w.fail(LegsInOrder, "%s is rung for nobody", in.Agent)
		}
	}
	p := w.p(e.Party)
	if p == nil || p.line != uncalled || p.role != talk.RoleAgent {
		w.fail(LegsLetGo, "party %d is rung", e.Party)
		return
	}
	if p.leg != e.Leg || p.agent != e.Agent {
		w.fail(EventsAreTrue, "leg %s of %s is rung, not %s of %s", e.Leg, e.Agent, p.leg, p.agent)
	}
	p.line = outgoing
}

func (w *watcher) hungUp(e talk.HangUp) {
	p := w.p(e.Party)
	if p == nil || (p.line != incoming && p.line != outgoing) {
		w.fail(LegsLetGo, "party %d is let go, and is not there", e.Party)
		return
	}
	if p.role == talk.RoleAgent && w.ending {
		w.fail(ByeFirst, "%s is let go after the ACD heard of it", p.agent)
	}
	p.line, p.plays = letGo, ""
	// The media room takes it out of its room; Connect tells of the others.
	if r := &w.rooms[p.room]; p.room != talk.NoRoom {
		r.Members = slices.DeleteFunc(slices.Clone(r.Members), func(id talk.PartyID) bool { return id == e.Party })
		p.room = talk.NoRoom
	}
}

func (w *watcher) connected(r talk.Room) {
	if r.ID < talk.RoomCall || r.ID > talk.RoomBeside {
		w.fail(OneRoom, "there is no room %d", r.ID)
		return
	}
	for _, id := range w.rooms[r.ID].Members {
		w.p(id).room = talk.NoRoom
	}
	w.rooms[r.ID] = r
	for _, id := range r.Members {
		p := w.p(id)
		if p == nil || (p.line != incoming && p.line != outgoing) || p.room != talk.NoRoom {
			w.fail(OneRoom, "party %d is put into room %d", id, r.ID)
			w.rooms[r.ID].Members = nil
			return
		}
		p.room = r.ID
	}
}

func (w *watcher) toldFlow(n talk.News) {
	switch {
	case !w.inFlow:
		w.fail(FlowKnows, "a flow that there is not is told %s", n)
	case w.bidden:
		w.fail(FlowKnows, "the flow is told %s after the end", n)
	case n == talk.NewsCallerLeft:
		w.bidden = true
	case n == talk.NewsTaken:
		w.taken = true
	case n == talk.NewsRequeued && w.talk.on:
		w.fail(FlowKnows, "the flow is told that the caller waits who talks")
	}
}

func (w *watcher) free(e talk.Free) {
	if e.Agent != "" {
		w.freeOne(e)
		return
	}
	if w.freed {
		w.fail(AgentsFreed, "all are freed a second time")
	}
	w.freed, w.ending, w.busy = true, true, w.busy[:0]
	if w.placed && w.move.by == "" && e.Placer != w.parties[0].agent {
		w.fail(EventsAreTrue, "%q has placed the call, not %q", w.parties[0].agent, e.Placer)
	}
	if w.talk.on && w.talk.offer == "" { // the call's end is the end of a talk outside queues
		if !e.Worked {
			w.fail(EventsAreTrue, "a call that was talked on was not worked on")
		}
		w.endTalk()
	}
}

// freeOne books that one agent is busy no more: who hands a call over that no queue gave.
func (w *watcher) freeOne(e talk.Free) {
	w.ending = true
	if !w.handed || e.Agent != w.move.by || !w.talk.on || w.talk.offer != "" {
		w.fail(AgentsFreed, "%s alone is freed", e.Agent)
		return
	}
	w.busy = slices.DeleteFunc(w.busy, func(a call.AgentID) bool { return a == e.Agent })
	w.endTalk()
}

// allLetGo checks, once the call is ended, that no leg is left.
func (w *watcher) allLetGo() {
	for i := range w.parties {
		if p := &w.parties[i]; p.line == incoming || p.line == outgoing {
			w.fail(LegsLetGo, "party %d is left when the call is ended", i+1)
		}
	}
}

func (w *watcher) replied(e talk.Reply) {
	c, ok := w.in.(talk.Command)
	if w.replies++; !ok || w.replies > 1 || e.Command != c.ID {
		w.fail(AnsweredOnce, "command %d is answered", e.Command)
		return
	}
	if e.Refused != talk.Done {
		if w.told > 0 {
			w.fail(DoneMeansDone, "%s is refused with %s, and did something", c.Verb, e.Refused)
		}
		if w.ended != (e.Refused == talk.CallIsOver) {
			w.fail(DoneMeansDone, "%s is refused with %s; the call's end is %v", c.Verb, e.Refused, w.ended)
		}
		return
	}
	w.obeyed(c)
}

// obeyed checks that what is said to be done is.
func (w *watcher) obeyed(c talk.Command) {
	var did bool
	switch c.Verb {
	case talk.VerbHold:
		did = w.talk.on && w.talk.held
	case talk.VerbResume:
		did = w.talk.on && !w.talk.held
	case talk.VerbMute, talk.VerbUnmute:
		did = w.talk.on && w.p(w.talk.agent).muted == (c.Verb == talk.VerbMute)
	case talk.VerbKeys:
		did = w.sent
	case talk.VerbAnswer:
		did = w.talk.on && w.talk.offer == c.Offer || w.isAsked(c.Agent) && w.ask.joined && w.p(w.ask.with).offer == c.Offer
	case talk.VerbDecline:
		did = w.missed == c.Offer && c.Offer != ""
	case talk.VerbHangUp:
		did = w.missed != "" || w.ended || w.handed || w.unasked
	case talk.VerbTransfer:
		did = w.handed && w.move.by == c.Agent && !w.talk.on && !w.move.slot
	case talk.VerbPark:
		did = w.handed && w.move.by == c.Agent && !w.talk.on && w.move.slot
	case talk.VerbTakeUp:
		did = w.handed && w.move.to.Agent == c.Agent
	case talk.VerbConsult:
		did = w.asked && w.ask.on
	case talk.VerbSwap:
		did = w.swapped && w.ask.on
	case talk.VerbComplete:
		did = w.handed && !w.ask.on && w.move.by == c.Agent
	case talk.VerbCancel:
		did = w.unasked && !w.ask.on
	}
	if (c.Verb == talk.VerbMute || c.Verb == talk.VerbUnmute) && w.isAsked(c.Agent) {
		did = w.p(w.ask.with).muted == (c.Verb == talk.VerbMute)
	}
	if did && w.talk.on && w.p(w.talk.agent).agent != c.Agent && !w.isAsked(c.Agent) && !w.unasked && w.missed == "" && !w.handed {
		did = false
	}
	if !did {
		w.fail(DoneMeansDone, "%s of %s is said to be done", c.Verb, c.Agent)
	}
}

func (w *watcher) isOver(e talk.Over) {
	if w.over {
		w.fail(EndsOnce, "the call is over a second time")
	}
	w.ended, w.over = true, true
	if e.Event.Call != theCall || e.Event.End.Cause == "" || e.Event.End.By == "" {
		w.fail(EventsAreTrue, "the call's end is %+v", e.Event)
	}
	for i := range w.parties {
		if p := &w.parties[i]; p.line != closed && p.line != uncalled {
			w.fail(LegsLetGo, "the call is over, and party %d has no figures", i+1)
		}
	}
	if w.ask.on {
		w.fail(SentOn, "the call is over, and somebody is still asked")
	}
	if w.talk.on {
		w.fail(TalkEndsOnce, "the call is over, and the talk with party %d goes on", w.talk.agent)
	}
	if len(w.busy) > 0 {
		w.fail(AgentsFreed, "the call is over, and %v are busy with it", w.busy)
	}
	if w.inFlow && !w.bidden {
		w.fail(FlowKnows, "the call is over, and the flow was not told")
	}
}
