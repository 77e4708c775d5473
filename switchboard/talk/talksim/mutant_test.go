package talksim_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
	"github.com/linedesk/linedesk/switchboard/talk/talksim"
)

// bug is a planted one: what goes into the machine, its state, or what comes out is not what it should be.
type bug struct {
	name string
	rule talksim.Rule
	long bool                                          // is seen by chance only, and not in few steps
	hear func(s *talk.State, in talk.Input) talk.Input // nil: nothing
	say  func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect
}

func (b bug) machine() talksim.Machine {
	return func(s *talk.State, in talk.Input) []talk.Effect {
		heard := in
		if b.hear != nil {
			if heard = b.hear(s, in); heard == nil {
				return nil
			}
		}
		effects := talk.Step(s, heard)
		if b.say != nil {
			effects = b.say(s, in, effects)
		}
		return effects
	}
}

type change = func(*talk.State, talk.Input, []talk.Effect) []talk.Effect

// forget leaves out some effects of one kind.
func forget[E talk.Effect](which func(E) bool) change {
	return func(_ *talk.State, _ talk.Input, effects []talk.Effect) []talk.Effect {
		return slices.DeleteFunc(effects, func(e talk.Effect) bool {
			is, ok := e.(E)
			return ok && (which == nil || which(is))
		})
	}
}

// turn makes others of the effects of one kind.
func turn[E talk.Effect](into func(*talk.State, E) []talk.Effect) change {
	return func(s *talk.State, _ talk.Input, effects []talk.Effect) []talk.Effect {
		var out []talk.Effect
		for _, e := range effects {
			if is, ok := e.(E); ok {
				out = append(out, into(s, is)...)
				continue
			}
			out = append(out, e)
		}
		return out
	}
}

// forgetEvent leaves out events of one kind.
func forgetEvent[E call.Event]() change {
	return forget(func(j talk.Journal) bool { _, ok := j.Event.(E); return ok })
}

// turnEvent makes another of the events of one kind.
func turnEvent[E call.Event](into func(E) call.Event) change {
	return turn(func(_ *talk.State, j talk.Journal) []talk.Effect {
		if e, ok := j.Event.(E); ok {
			j.Event = into(e)
		}
		return []talk.Effect{j}
	})
}

func twice[E talk.Effect]() change {
	return turn(func(_ *talk.State, e E) []talk.Effect { return []talk.Effect{e, e} })
}

// deaf does not hear inputs of one kind.
func deaf[I talk.Input](which func(*talk.State, I) bool) func(*talk.State, talk.Input) talk.Input {
	return func(s *talk.State, in talk.Input) talk.Input {
		if is, ok := in.(I); ok && (which == nil || which(s, is)) {
			return nil
		}
		return in
	}
}

var steps1 int // of "throws dice": what no machine may do

// bugs are the planted ones, at least one for each rule.
var bugs = []bug{
	{name: "leaves who is let go in the room", rule: talksim.OneRoom, say: turn(func(s *talk.State, c talk.Connect) []talk.Effect {
		for _, p := range s.Parties {
			if p.State == talk.Left && !slices.Contains(c.Members, p.ID) {
				c.Members = append(slices.Clone(c.Members), p.ID)
				break
			}
		}
		return []talk.Effect{c}
	})},
	{name: "puts two into two rooms", rule: talksim.OneRoom, say: turn(func(_ *talk.State, c talk.Connect) []talk.Effect {
		beside := c
		beside.ID = talk.RoomBeside
		return []talk.Effect{c, beside}
	})},
	{name: "rings the agent in the caller's room", rule: talksim.NobodyOverhears, say: turn(func(_ *talk.State, r talk.Ring) []talk.Effect {
		return []talk.Effect{r, talk.Connect{Room: talk.Room{ID: talk.RoomCall, Members: []talk.PartyID{1, r.Party}}}}
	})},
	{name: "lets the caller hear on when on hold", rule: talksim.RoomsAsStates, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if c, ok := in.(talk.Command); ok && c.Verb == talk.VerbHold {
			effects = forget[talk.Play](nil)(s, in, effects)
			return forget[talk.Connect](nil)(s, in, effects)
		}
		return effects
	}},
	{name: "joins the agent before the answer", rule: talksim.NobodyOverhears, hear: func(_ *talk.State, in talk.Input) talk.Input {
		if r, ok := in.(talk.Rang); ok {
			r.Early = true
			return r
		}
		return in
	}},
	{name: "does not join who talks", rule: talksim.TalkersHear, say: forget(func(c talk.Connect) bool { return len(c.Members) == 2 })},
	{name: "makes the caller deaf", rule: talksim.TalkersHear, say: turn(func(_ *talk.State, c talk.Connect) []talk.Effect {
		if len(c.Members) == 2 {
			c.Gains = []talk.Gain{{Listener: c.Members[0], Source: c.Members[1]}}
		}
		return []talk.Effect{c}
	})},
	{name: "does not take the caller back from hold", rule: talksim.TalkersHear, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if c, ok := in.(talk.Command); ok && c.Verb == talk.VerbResume {
			return forget[talk.Connect](nil)(s, in, effects)
		}
		return effects
	}},
	{name: "forgets who stands where", rule: talksim.RoomsAsStates, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if _, ok := in.(talk.CustomerFound); ok {
			for i := range s.Parties {
				if p := &s.Parties[i]; p.State == talk.Talking {
					p.State = talk.Waiting
				}
			}
		}
		return effects
	}},
	{name: "does not answer what it refuses", rule: talksim.AnsweredOnce, say: forget(func(r talk.Reply) bool { return r.Refused == talk.NotTalking })},
	{name: "answers twice", rule: talksim.AnsweredOnce, say: twice[talk.Reply]()},
	{name: "answers another command", rule: talksim.AnsweredOnce, say: turn(func(_ *talk.State, r talk.Reply) []talk.Effect {
		r.Command++
		return []talk.Effect{r}
	})},
	{name: "says done to a hold that nobody talks on", rule: talksim.DoneMeansDone, say: turn(func(_ *talk.State, r talk.Reply) []talk.Effect {
		if r.Refused == talk.NotTalking {
			r.Refused = talk.Done
		}
		return []talk.Effect{r}
	})},
	{name: "holds for whoever asks", rule: talksim.DoneMeansDone, hear: func(s *talk.State, in talk.Input) talk.Input {
		if c, ok := in.(talk.Command); ok && s.Serving() != nil {
			c.Agent = s.Serving().Agent
			return c
		}
		return in
	}},
	{name: "refuses what it does", rule: talksim.DoneMeansDone, say: func(_ *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		c, ok := in.(talk.Command)
		if last := len(effects) - 1; ok && c.Verb == talk.VerbMute && last > 0 {
			effects[last] = talk.Reply{Command: c.ID, Refused: talk.NotTalking}
		}
		return effects
	}},
	{name: "does not end a talk", rule: talksim.TalkEndsOnce, say: forgetEvent[call.TalkEnded]()},
	{name: "does not say that the agent was lost", rule: talksim.TalkEndsOnce, say: forgetEvent[call.AgentLegLost]()},
	{name: "begins a talk twice", rule: talksim.TalkEndsOnce, say: turn(func(_ *talk.State, j talk.Journal) []talk.Effect {
		if _, ok := j.Event.(call.Bridged); ok {
			return []talk.Effect{j, j}
		}
		return []talk.Effect{j}
	})},
	{name: "misses an offer that was answered", rule: talksim.OfferEndsOnce, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if c, ok := in.(talk.RingFailed); ok {
			if a := s.Party(c.Party); a != nil && a.Offer != "" && a.State == talk.Talking {
				return append(effects, talk.Journal{Event: call.OfferMissed{Offer: a.Offer, Call: s.Call, Agent: a.Agent, Miss: call.MissUnreachable}})
			}
		}
		return effects
	}},
	{name: "misses an offer twice", rule: talksim.OfferEndsOnce, say: turn(func(_ *talk.State, j talk.Journal) []talk.Effect {
		if _, ok := j.Event.(call.OfferMissed); ok {
			return []talk.Effect{j, j}
		}
		return []talk.Effect{j}
	})},
	{name: "rings the agent of an offer that is over", rule: talksim.OfferEndsOnce, hear: deaf[talk.OfferOver](nil)},
	{name: "goes on when told to stop", rule: talksim.EndsOnce, hear: deaf[talk.Stop](nil)},
	{name: "goes on without the caller", rule: talksim.EndsOnce, hear: deaf(func(s *talk.State, g talk.Gone) bool { return s.Served && g.Party == 1 })},
	{name: "waits for figures for ever", rule: talksim.EndsOnce, hear: deaf[talk.Timeout](nil)},
	{name: "is over twice", rule: talksim.EndsOnce, say: twice[talk.Over]()},
	{name: "looks up who called after the end", rule: talksim.EndsOnce, say: func(s *talk.State, _ talk.Input, effects []talk.Effect) []talk.Effect {
		if s.Phase == talk.PhaseOver {
			return append(effects, talk.LookUp{Number: s.From.Number})
		}
		return effects
	}},
	{name: "leaves the caller's leg up", rule: talksim.LegsLetGo, say: forget(func(h talk.HangUp) bool { return h.Party == 1 })},
	{name: "hangs up twice", rule: talksim.LegsLetGo, say: twice[talk.HangUp]()},
	{name: "forgets the figures of a leg", rule: talksim.LegsLetGo, say: forgetEvent[call.LegEnded]()},
	{name: "dials twice", rule: talksim.LegsLetGo, say: twice[talk.Dial]()},
	{name: "takes figures of one for another's", rule: talksim.LateDoesNoHarm, hear: func(_ *talk.State, in talk.Input) talk.Input {
		if c, ok := in.(talk.Closed); ok && c.Party == 2 {
			c.Party = 1
			return c
		}
		return in
	}},
	{name: "answers twice", rule: talksim.LegsInOrder, say: twice[talk.Answer]()},
	{name: "plays to who is gone", rule: talksim.LegsInOrder, say: turn(func(_ *talk.State, h talk.HangUp) []talk.Effect {
		return []talk.Effect{h, talk.Play{Party: h.Party, Sound: talk.Busy}}
	})},
	{name: "sends keys to the agent", rule: talksim.LegsInOrder, say: turn(func(s *talk.State, k talk.SendKeys) []talk.Effect {
		k.Party = s.Serving().ID
		return []talk.Effect{k}
	})},
	{name: "leaves colleagues busy", rule: talksim.AgentsFreed, say: forget[talk.Free](nil)},
	{name: "frees twice", rule: talksim.AgentsFreed, say: twice[talk.Free]()},
	{name: "hangs up after the ACD knows", rule: talksim.ByeFirst, say: func(_ *talk.State, _ talk.Input, effects []talk.Effect) []talk.Effect {
		for i, e := range effects[:max(len(effects)-1, 0)] {
			if _, bye := e.(talk.HangUp); !bye {
				continue
			}
			switch next := effects[i+1].(type) {
			case talk.Journal, talk.Free:
				effects[i], effects[i+1] = next, e
			}
		}
		return effects
	}},
	{name: "writes a hold twice", rule: talksim.HoldsPair, say: turn(func(_ *talk.State, j talk.Journal) []talk.Effect {
		if _, ok := j.Event.(call.CallHeld); ok {
			return []talk.Effect{j, j}
		}
		return []talk.Effect{j}
	})},
	{name: "does not write the end of a hold", rule: talksim.TimesAddUp, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if _, ok := in.(talk.ResumePressed); ok {
			return forgetEvent[call.CallResumed]()(s, in, effects)
		}
		return effects
	}},
	{name: "does not write that the telephone holds", rule: talksim.TimesAddUp, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if _, ok := in.(talk.HoldPressed); ok {
			return forgetEvent[call.CallHeld]()(s, in, effects)
		}
		return effects
	}},
	{name: "takes the far party's hold for the agent's", rule: talksim.HoldsPair, say: turnEvent(func(e call.CallHeld) call.Event {
		e.By = call.ByAgent
		return e
	})},
	{name: "carries a hold into the next talk", rule: talksim.HoldsPair, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if _, ok := in.(talk.ResumePressed); ok && len(effects) == 0 && s.Serving() != nil && s.Serving().State == talk.Talking {
			return []talk.Effect{talk.Journal{Event: call.CallResumed{Call: s.Call, Agent: s.Serving().Agent, By: call.ByCaller}}}
		}
		return effects
	}},
	{name: "cuts a microphone and does not write it", rule: talksim.MutesPair, say: forgetEvent[call.AgentMuted]()},
	{name: "mutes again", rule: talksim.MutesPair, say: twice[talk.Mute]()},
	{name: "plays ringback over the far end's own sound", rule: talksim.AloneHears, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if r, ok := in.(talk.Rang); ok && len(effects) == 0 {
			if far := s.Party(r.Party); far != nil && far.State == talk.Early {
				return []talk.Effect{talk.Play{Party: 1, Sound: talk.Ringback}}
			}
		}
		return effects
	}},
	{name: "leaves the music on", rule: talksim.AloneHears, say: forget[talk.StopPlay](nil)},
	{name: "does not tell the flow that the caller is taken", rule: talksim.FlowKnows, say: forget(func(f talk.TellFlow) bool { return f.News == talk.NewsTaken })},
	{name: "does not tell the flow that the caller has left", rule: talksim.FlowKnows, say: forget(func(f talk.TellFlow) bool { return f.News == talk.NewsCallerLeft })},
	{name: "enters the flow twice", rule: talksim.FlowKnows, say: twice[talk.EnterFlow]()},
	{name: "answers before it is written", rule: talksim.WrittenFirst, say: turn(func(_ *talk.State, j talk.Journal) []talk.Effect {
		j.Before = false
		return []talk.Effect{j}
	})},
	{name: "names another agent", rule: talksim.EventsAreTrue, say: turnEvent(func(e call.Bridged) call.Event { e.Agent = "dora"; return e })},
	{name: "names another call", rule: talksim.EventsAreTrue, say: turnEvent(func(e call.CustomerIdentified) call.Event { e.Call = "c2"; return e })},
	{name: "names another leg", rule: talksim.EventsAreTrue, say: turnEvent(func(e call.OfferAnswered) call.Event { e.Leg = "l0"; return e })},
	{name: "ends for no reason", rule: talksim.EventsAreTrue, say: turn(func(_ *talk.State, o talk.Over) []talk.Effect {
		o.Event.End.Cause = ""
		return []talk.Effect{o}
	})},
	{name: "minds a late word", rule: talksim.LateDoesNoHarm, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if g, ok := in.(talk.Answered); ok && s.Party(g.Party) == nil && s.Phase == talk.PhaseOpen {
			return append(effects, talk.LookUp{})
		}
		return effects
	}},
	{name: "hands a call over and sends it nowhere", rule: talksim.SentOn, say: forgetEvent[call.CallDirected]()},
	{name: "sends a call to another queue", rule: talksim.SentOn, say: turn(func(_ *talk.State, e talk.EnterFlow) []talk.Effect {
		if e.Queue != "" {
			e.Queue = "complaints"
		}
		return []talk.Effect{e}
	})},
	{name: "does not send back what nobody took", rule: talksim.SentOn, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if s.Move.Returned {
			return forget[talk.EnterFlow](nil)(s, in, effects)
		}
		return effects
	}},
	{name: "says that nobody took a call that somebody has", rule: talksim.SentOn, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if _, ok := in.(talk.QueueRefused); ok && len(effects) == 0 && s.Serving() != nil && s.Move.By != "" {
			return []talk.Effect{talk.Journal{Event: call.TransferFailed{Call: s.Call, Agent: s.Move.By, To: s.Move.Name, Reason: "full"}}}
		}
		return effects
	}},
	{name: "forgets that a call is parked", rule: talksim.SentOn, say: forget(func(t talk.SetTimer) bool { return t.Timer == talk.TimerParked })},
	{name: "gives a parked call to another than who takes it", rule: talksim.SentOn, say: turnEvent(func(e call.CallDirected) call.Event { e.Agent = "dora"; return e })},
	{name: "rings for a call that is parked", rule: talksim.LegsInOrder, hear: func(s *talk.State, in talk.Input) talk.Input {
		if _, ok := in.(talk.Offered); ok && s.Move.Slot != 0 {
			s.Move.Slot = 0
		}
		return in
	}},
	{name: "does not join the guest", rule: talksim.TalkersHear, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if a, ok := in.(talk.Answered); ok {
			if p := s.Party(a.Party); p != nil && p.Guest {
				return forget[talk.Connect](nil)(s, in, effects)
			}
		}
		return effects
	}},
	{name: "leaves the caller alone when the guest has left", rule: talksim.EndsOnce, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if g, ok := in.(talk.Gone); ok && len(effects) > 1 && s.Phase == talk.PhaseEnded {
			if p := s.Party(g.Party); p != nil && p.Guest && p.Line == talk.LineClosing {
				s.Phase = talk.PhaseOpen
				return []talk.Effect{talk.HangUp(g)}
			}
		}
		return effects
	}},
	{name: "keeps who hands over busy", rule: talksim.DoneMeansDone, say: forget(func(f talk.Free) bool { return f.Agent != "" })},
	{name: "dials a guest before it is written", rule: talksim.WrittenFirst, say: turn(func(_ *talk.State, j talk.Journal) []talk.Effect {
		if _, ok := j.Event.(call.PartyInvited); ok {
			j.Before = false
		}
		return []talk.Effect{j}
	})},
	{name: "asks nobody", rule: talksim.SentOn, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if c, ok := in.(talk.Command); ok && c.Verb == talk.VerbConsult {
			return forgetEvent[call.CallDirected]()(s, in, effects)
		}
		return effects
	}},
	{name: "lets the customer wait in silence", rule: talksim.TalkersHear, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if c, ok := in.(talk.Command); ok && c.Verb == talk.VerbConsult {
			return forget(func(p talk.Play) bool { return p.Sound == talk.Music })(s, in, effects)
		}
		return effects
	}},
	{name: "lets the customer hear who is asked", rule: talksim.NobodyOverhears, say: turn(func(s *talk.State, c talk.Connect) []talk.Effect {
		if far := s.Customer(); c.ID == talk.RoomBeside && len(c.Members) == 2 && far != nil && far.State == talk.Held {
			c.Members = append(slices.Clone(c.Members), far.ID)
		}
		return []talk.Effect{c}
	})},
	{name: "leaves who is asked on the line", rule: talksim.ByeFirst, say: func(s *talk.State, in talk.Input, effects []talk.Effect) []talk.Effect {
		if c, ok := in.(talk.Command); ok && c.Verb == talk.VerbCancel {
			return forget[talk.HangUp](nil)(s, in, effects)
		}
		return effects
	}},
	{name: "does not write that the agent is back", rule: talksim.DoneMeansDone, say: forgetEvent[call.ConsultSwapped]()},
	{name: "hands over before anybody has answered", rule: talksim.SentOn, hear: func(s *talk.State, in talk.Input) talk.Input {
		if c, ok := in.(talk.Command); ok && c.Verb == talk.VerbComplete {
			if g := s.Party(s.Consult.With); g != nil && g.Offer == "" && g.Line == talk.LineOutgoing {
				g.Line = talk.LineUp
			}
		}
		return in
	}},
	{name: "throws dice", rule: talksim.SameAgain, long: true, say: func(_ *talk.State, _ talk.Input, effects []talk.Effect) []talk.Effect {
		if steps1++; steps1%2 == 0 {
			return append(effects, talk.LookUp{})
		}
		return effects
	}},
}

// find runs storms until one shows that a rule breaks.
func find(t *testing.T, rule talksim.Rule, machine func() talksim.Machine) *talksim.BrokenError {
	t.Helper()
	seen := make(map[talksim.Rule]int)
	for s := uint64(1); s <= 40; s++ {
		_, err := talksim.Storm{Seed: s, Steps: 4000, Machine: machine}.Run()
		var b *talksim.BrokenError
		if err == nil {
			continue
		}
		if !errors.As(err, &b) {
			t.Fatal(err)
		}
		if b.Rule == rule {
			if b.Seed != s {
				t.Errorf("the failure names seed %d, want %d", b.Seed, s)
			}
			return b
		}
		seen[b.Rule]++
	}
	t.Errorf("no storm found it; found were %v", seen)
	return nil
}

// TestEachRuleFailsOnAPlantedBug shows that the watcher would see such a fault, and tell it in few lines.
func TestEachRuleFailsOnAPlantedBug(t *testing.T) {
	for _, bug := range bugs {
		t.Run(bug.name, func(t *testing.T) {
			if b := find(t, bug.rule, bug.machine); b != nil {
				if n := strings.Count(b.Script, "\n"); n > 14 && !bug.long {
					t.Errorf("the shortest script has %d lines:\n%s", n, b.Script)
				}
				if _, err := talksim.Retell(b.Script); err != nil {
					t.Errorf("the script can not be put into testdata: %v\n%s", err, b.Script)
				}
			}
		})
	}
}

func TestEveryRuleHasAPlantedBug(t *testing.T) {
	for _, rule := range talksim.Rules {
		if !slices.ContainsFunc(bugs, func(b bug) bool { return b.rule == rule }) {
			t.Errorf("no bug is planted against %q", rule)
		}
	}
}
