package talksim

import (
	"reflect"

	"github.com/linedesk/linedesk/switchboard/talk"
)

// check holds the books against the rules after a step.
func (w *watcher) check(s *talk.State) {
	if _, ok := w.in.(talk.Command); ok && w.replies != 1 {
		w.fail(AnsweredOnce, "the command is answered %d times", w.replies)
	}
	if w.mute {
		w.fail(MutesPair, "a microphone was cut or opened, and it is not written down")
	}
	if w.dead && w.told > 0 {
		w.fail(LateDoesNoHarm, "party %d is not there, and something is done", w.wanted)
	}
	w.checkSounds()
	w.checkTalk()
	w.checkMove()
	w.checkStates(s)
	w.checkEnd(s)
}

// checkSounds sees who hears whom, and what.
func (w *watcher) checkSounds() {
	for id := talk.RoomCall; id <= talk.RoomBeside; id++ {
		members := w.rooms[id].Members
		if len(members) < 2 {
			continue
		}
		for _, m := range members {
			if p := w.p(m); p.plays != "" {
				w.fail(AloneHears, "party %d is in company, and %s plays", m, p.plays)
			}
			for _, o := range members {
				if o != m && w.loud(m, o) && !w.mayHear(m, o) {
					w.fail(NobodyOverhears, "party %d hears party %d", m, o)
				}
			}
		}
	}
}

// mayHear tells who may hear whom today: the two who talk, and who places a call what the far end sends before its answer.
func (w *watcher) mayHear(p, q talk.PartyID) bool {
	id, far := w.far()
	other := p
	if p == id {
		other = q
	}
	if w.ask.on && !w.ask.customer && (p == w.ask.with || q == w.ask.with) && w.ask.joined {
		return p == w.talk.agent || q == w.talk.agent
	}
	if p != id && q != id {
		return false
	}
	if w.talk.on {
		return other == w.talk.agent && far.plays != talk.Music
	}
	if w.move.joins {
		return other == w.move.guest
	}
	return w.placed && other == 1 && far.early && far.line == outgoing
}

func (w *watcher) checkTalk() {
	if !w.talk.on {
		return
	}
	_, far := w.far()
	if a := w.p(w.talk.agent); a.line == letGo || far.line == letGo {
		w.fail(TalkEndsOnce, "party %d talks, and one of the two is let go", w.talk.agent)
		return
	}
	if held := far.plays == talk.Music; w.hears(w.talk.agent) == held {
		w.fail(TalkersHear, "party %d talks, on hold is %v, and the two hear each other: %v", w.talk.agent, held, held)
	}
}

// checkStates sees that the rooms are those that the states demand, by a table of its own.
func (w *watcher) checkStates(s *talk.State) {
	for i := range s.Parties {
		p := &s.Parties[i]
		want := talk.NoRoom
		switch p.State {
		case talk.Talking, talk.Early:
			want = talk.RoomCall
		case talk.Consulting:
			want = talk.RoomBeside
		case talk.Invited, talk.Waiting, talk.Held, talk.Left:
		}
		if b := w.p(p.ID); b == nil || b.room != want {
			w.fail(RoomsAsStates, "party %d is %s", p.ID, p.State)
		}
	}
	for i := range w.parties {
		if w.parties[i].room != talk.NoRoom && s.Party(talk.PartyID(i+1)) == nil {
			w.fail(RoomsAsStates, "party %d is in a room, and not in the call", i+1)
		}
	}
	if len(s.Parties) > len(w.parties) || (len(s.Parties) == 0) != w.empty() && !w.over && w.steps > 1 {
		w.fail(LegsLetGo, "%d parties are in the call", len(s.Parties))
	}
}

// empty tells whether every leg has come to its end, or was never called.
func (w *watcher) empty() bool {
	for i := range w.parties {
		if p := &w.parties[i]; p.line != closed && (p.line != uncalled || !w.ended) {
			return false
		}
	}
	return true
}

// checkEnd sees that a call ends when it should.
func (w *watcher) checkEnd(s *talk.State) {
	switch in := w.in.(type) {
	case talk.Stop:
		if !w.ended {
			w.fail(EndsOnce, "the call is told to stop, and goes on")
		}
	case talk.Timeout:
		if in.Timer == talk.TimerClosing && w.ended && !w.over {
			w.fail(EndsOnce, "the wait for figures is over, and the call is not")
		}
	}
	if w.over != (s.Phase == talk.PhaseOver) {
		w.fail(EndsOnce, "the machine's phase is %q, and CallEnded written is %v", s.Phase, w.over)
	}
	if w.ended && w.empty() && !w.over {
		w.fail(EndsOnce, "all figures are in, and the call is not over")
	}
	if _, far := w.far(); far != nil && far.gone && !w.ended && w.arrived {
		w.fail(EndsOnce, "the caller has left, and the call goes on")
	}
}

// compare steps a copy of the state as it was, and wants the same to come of it.
func (w *watcher) compare(machine Machine, in talk.Input, effects []talk.Effect, s *talk.State) {
	if w.before == nil {
		return
	}
	again := machine(w.before, in)
	if !reflect.DeepEqual(again, effects) && len(again)+len(effects) > 0 {
		w.fail(SameAgain, "the same again gives %v, was %v", again, effects)
	}
	if !reflect.DeepEqual(plain(w.before), plain(s)) {
		w.fail(SameAgain, "the same again leaves %+v, was %+v", w.before, s)
	}
}

// plain makes states comparable: an empty list is no list.
func plain(s *talk.State) talk.State {
	p := *s
	if len(p.Parties) == 0 {
		p.Parties = nil
	}
	p.Rooms = nil
	for _, r := range s.Rooms {
		p.Rooms = append(p.Rooms, talk.Room{ID: r.ID, Members: append([]talk.PartyID(nil), r.Members...), Gains: append([]talk.Gain(nil), r.Gains...)})
	}
	return p
}
