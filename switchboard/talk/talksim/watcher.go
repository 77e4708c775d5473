package talksim

import (
	"fmt"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// Rule names what must hold after every step.
type Rule string

// The rules that the watcher checks.
const (
	OneRoom         Rule = "a leg stands in one room at a time, and only while it is up"
	NobodyOverhears Rule = "nobody hears whom the table forbids"
	TalkersHear     Rule = "who talks and is not on hold hears the other"
	RoomsAsStates   Rule = "the rooms stand as the parties' states demand"
	AnsweredOnce    Rule = "a command is answered once, in its step, and nothing else is"
	DoneMeansDone   Rule = "what is done has been done, what is refused has changed nothing"
	TalkEndsOnce    Rule = "a talk begins where there is none, and ends once"
	OfferEndsOnce   Rule = "an offer comes to one thing"
	EndsOnce        Rule = "a call ends once, when it should, and nothing but answers comes after"
	LegsLetGo       Rule = "a leg is called once, let go once, and its figures are written down once"
	LegsInOrder     Rule = "nothing is done to a leg that its state does not allow"
	AgentsFreed     Rule = "who was made busy is freed, once, before the call is over"
	ByeFirst        Rule = "the agent's leg is let go before the ACD learns that the agent is free"
	HoldsPair       Rule = "a hold begins and ends by turns, within a talk"
	MutesPair       Rule = "a microphone is cut and opened by turns, as it is written"
	TimesAddUp      Rule = "talk and hold, as written, are what was heard"
	AloneHears      Rule = "a sound is played to who is alone, and has stopped when there is company"
	FlowKnows       Rule = "the flow hears once that the caller is taken, and once that it is over"
	WrittenFirst    Rule = "an answer is in the journal before it leaves"
	EventsAreTrue   Rule = "an event names the call, the agent, the offer and the leg that it is about"
	LateDoesNoHarm  Rule = "what comes of a party that is gone, or was never there, changes nothing"
	SentOn          Rule = "a call that is handed over is sent where it was to go, and back where nobody took it"
	SameAgain       Rule = "the same state and the same input give the same"
)

// Rules are all of them.
var Rules = []Rule{
	OneRoom, NobodyOverhears, TalkersHear, RoomsAsStates, AnsweredOnce, DoneMeansDone, TalkEndsOnce, OfferEndsOnce, EndsOnce,
	LegsLetGo, LegsInOrder, AgentsFreed, ByeFirst, HoldsPair, MutesPair, TimesAddUp, AloneHears, FlowKnows, WrittenFirst,
	EventsAreTrue, LateDoesNoHarm, SentOn, SameAgain,
}

// watcher keeps books of one call, from its inputs and effects, and checks the rules. It shares no code with the
// machine; only for RoomsAsStates does it look at the parties' states.
type watcher struct {
	now     time.Duration
	in      talk.Input
	steps   int
	broken  *BrokenError
	wanted  talk.PartyID // of whom the input is
	dead    bool         // it is of nobody who is there
	before  *talk.State  // sometimes: the state before the step
	parties []watched
	offers  []offerBook

	arrived, placed, byPhone bool
	inFlow                   bool // EnterFlow
	bidden                   bool // the flow knows that it is over
	ended, over              bool
	busy                     []call.AgentID
	freed                    bool
	rooms                    [talk.RoomBeside + 1]talk.Room
	talk                     talkBook
	move                     moveBook
	ask                      askBook

	// Of this step.
	replies              int
	taken, written, mute bool // NewsTaken; CallAnswered with Before; AgentMuted is owed
	sent                 bool // SendKeys
	told                 int  // effects but replies
	ending               bool // TalkEnded, CallerLeft, Free
	handed               bool // Transferred
	owed                 bool // it is to be sent somewhere
	asked                bool // ConsultBegan
	swapped, unasked     bool // ConsultSwapped, ConsultEnded
	joined1              bool // PartyJoined
	missed               call.OfferID
}

// line is a leg's state, as the watcher knows it.
type line int

const (
	uncalled line = iota
	incoming
	outgoing // called; it may be up by now
	letGo
	closed
)

// watched is a party in the watcher's books.
type watched struct {
	role    talk.Role
	agent   call.AgentID
	offer   call.OfferID
	leg     call.LegID
	line    line
	browser bool
	lost    bool // it closed, and nobody had told it to
	answers bool // Answer was done, or its dialog said so
	early   bool // it sent sound before its answer
	gone    bool // its dialog is over
	plays   talk.Sound
	muted   bool
	room    talk.RoomID
}

// offerBook is an offer.
type offerBook struct {
	id   call.OfferID
	over bool
}

// talkBook is the talk that goes on.
type talkBook struct {
	on               bool
	agent            talk.PartyID
	offer            call.OfferID
	since            time.Duration
	held             bool // by the agent
	byFar            bool
	heldAt           time.Duration
	holding, hearing time.Duration
	asking           time.Duration // beside the call
}

// askBook is the asking of somebody beside the call.
type askBook struct {
	on       bool
	to       talk.Destination
	with     talk.PartyID // 0: not rung yet
	joined   bool
	customer bool // the agent is with the customer for the moment
	since    time.Duration
}

// moveBook is how a call was handed over last.
type moveBook struct {
	by    call.AgentID
	to    talk.Destination
	back  bool         // it is on its way back
	gone  bool         // into a flow: it goes on as if it had come in
	guest talk.PartyID // who was asked to join; 0: nobody
	joins bool         // the guest talks
	slot  bool         // it lies in its slot
	taken bool         // out of it
}

func (w *watcher) fail(r Rule, format string, args ...any) {
	if w.broken == nil {
		w.broken = &BrokenError{Input: w.in, Rule: r, What: fmt.Sprintf(format, args...)}
	}
}

// p gives a party's page; nil: there is none.
func (w *watcher) p(id talk.PartyID) *watched {
	if id < 1 || int(id) > len(w.parties) {
		return nil
	}
	return &w.parties[id-1]
}

// far is the party whom the call is about: the first who arrived, the second of a call that was placed.
func (w *watcher) far() (talk.PartyID, *watched) {
	id := talk.PartyID(1)
	if w.placed {
		id = 2
	}
	return id, w.p(id)
}

// comes books an input before the machine takes it.
func (w *watcher) comes(m moment, s *talk.State) {
	if w.talk.on && w.hears(w.talk.agent) {
		w.talk.hearing += m.after
	}
	w.now += m.after
	w.in = m.in
	w.steps++
	w.replies, w.told = 0, 0
	w.taken, w.written, w.mute, w.sent, w.ending, w.missed = false, false, false, false, false, ""
	w.handed, w.owed = false, false
	w.asked, w.swapped, w.unasked, w.joined1 = false, false, false, false
	w.wanted, w.dead = 0, false
	w.before = nil
	if w.steps%32 == 0 {
		clone := s.Clone()
		w.before = &clone
	}
	switch in := m.in.(type) {
	case talk.Arrived:
		if len(w.parties) == 0 && !w.over {
			w.arrived = true
			w.parties = append(w.parties, watched{role: talk.RoleCustomer, agent: in.Agent, leg: in.Leg, line: incoming})
		}
	case talk.Placed:
		if len(w.parties) == 0 && !w.over {
			w.begins(in)
		}
	case talk.Offered:
		if !w.ended && w.offer(in.Offer) == nil {
			w.offers = append(w.offers, offerBook{id: in.Offer})
		}
	case talk.OfferOver:
		if o := w.offer(in.Offer); o != nil && !w.talks(in.Offer) {
			o.over = true
		}
	default:
		w.legComes(in)
	}
}

func (w *watcher) begins(in talk.Placed) {
	w.placed, w.byPhone = true, in.ByPhone
	a := watched{role: talk.RoleAgent, agent: in.Agent, leg: in.Leg, browser: in.Station.Kind == call.StationWebRTC}
	if in.ByPhone {
		a.line = incoming
	} else {
		w.busy = append(w.busy, in.Agent) // the router has seen to it
	}
	far := watched{role: talk.RoleCustomer, agent: in.Callee, leg: in.FarLeg}
	if in.Direction == call.Internal {
		far.role = talk.RoleColleague
	}
	w.parties = append(w.parties, a, far)
}

// legComes books what a leg says. Of one that is not there it is to change nothing.
func (w *watcher) legComes(in talk.Input) {
	of := func(id talk.PartyID, book func(*watched)) {
		w.wanted = id
		p := w.p(id)
		if p == nil || p.line == uncalled || p.line == letGo || p.line == closed {
			w.dead = true
			return
		}
		book(p)
	}
	nothing := func(*watched) {}
	switch in := in.(type) {
	case talk.Present:
		of(in.Party, nothing)
	case talk.RingFailed:
		of(in.Party, nothing)
	case talk.Rang:
		of(in.Party, func(p *watched) { p.early = p.early || in.Early })
	case talk.Answered:
		of(in.Party, func(p *watched) { p.answers = p.answers || p.line == outgoing })
	case talk.HoldPressed:
		of(in.Party, nothing)
	case talk.ResumePressed:
		of(in.Party, nothing)
	case talk.ToneDone:
		of(in.Party, func(p *watched) {
			if p.plays != talk.Music { // which has no end
				p.plays = ""
			}
		})
	case talk.Gone:
		of(in.Party, func(p *watched) { p.gone = true })
	case talk.Closed:
		w.wanted = in.Party
		switch p := w.p(in.Party); {
		case p == nil || p.line == uncalled || p.line == closed:
			w.dead = true
		case p.line != letGo:
			p.lost = true
		}
	}
}

func (w *watcher) offer(id call.OfferID) *offerBook {
	for i := range w.offers {
		if w.offers[i].id == id {
			return &w.offers[i]
		}
	}
	return nil
}

func (w *watcher) talks(o call.OfferID) bool { return w.talk.on && w.talk.offer == o }

// hears tells whether an agent and the far party stand together and hear each other.
func (w *watcher) hears(agent talk.PartyID) bool {
	id, far := w.far()
	a := w.p(agent)
	if far == nil || a == nil || a.room == talk.NoRoom || a.room != far.room {
		return false
	}
	return w.loud(agent, id) && w.loud(id, agent)
}

// loud tells whether somebody hears somebody in the same room.
func (w *watcher) loud(listener, source talk.PartyID) bool {
	r := &w.rooms[w.p(listener).room]
	return !slices.ContainsFunc(r.Gains, func(g talk.Gain) bool {
		return g.Listener == listener && g.Source == source && g.Loud == 0
	})
}

// looks books the effects of the step and holds the books against the rules.
func (w *watcher) looks(effects []talk.Effect, s *talk.State) {
	for _, e := range effects {
		if w.over {
			if _, ok := e.(talk.Reply); !ok {
				w.fail(EndsOnce, "%T after the end", e)
			}
		}
		if _, ok := e.(talk.Reply); !ok {
			w.told++
		}
		w.done(e)
	}
	if len(w.parties) == 0 && s.LastParty > 0 {
		w.fail(LegsInOrder, "a party came of nothing")
	}
	w.check(s)
}
