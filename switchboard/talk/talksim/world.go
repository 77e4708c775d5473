package talksim

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// Lengths of a call in inputs.
const (
	longCall = 120 // after so many a call is told to stop
	lateMost = 5   // so many come after its end, at most
)

// world is everybody around the machine: callers, agents, their telephones and browsers, the ACD, the flow, the media
// room. It answers what the machine does, mostly as they would, and now and then as nobody should.
type world struct {
	*rand.Rand
	storm Storm
	run
	past   []moment     // of this call
	agenda []talk.Input // what is to come, in any order
	late   int          // how many have come after the end
	offers int
	steps  int
	seen   tally
}

func newWorld(s Storm) *world {
	w := &world{storm: s, seen: make(tally)}
	if s.Chance != nil {
		w.Rand = rand.New(s.Chance)
	} else {
		w.Rand = rand.New(rand.NewPCG(s.Seed, 1))
	}
	w.anew()
	return w
}

func (w *world) broken() *BrokenError { return w.watch.broken }

// anew begins another call.
func (w *world) anew() {
	w.run = newRun(w.storm.Machine())
	w.past, w.agenda, w.late, w.offers = w.past[:0], w.agenda[:0], 0, 0
	w.plan(beginnings[w.IntN(len(beginnings))])
}

// beginnings are the ways in which calls begin.
var beginnings = readAll(`caller dials 4001
	caller dials 4001
	caller dials 4001
	caller dials 4001
	caller dials 4001
	caller dials 4001 no-port
	bob dials 4001
	2009 dials 4001
	amy calls 01088886666
	amy calls 01088886666 at browser
	amy calls 01088886666 by phone
	amy calls 01088886666 by phone no-port
	2009 calls 01088886666 by phone
	amy calls 2002
	amy calls 2002 at browser
	amy calls 2002 by phone
	amy calls 2009`)

func readAll(lines string) []talk.Input {
	var list []talk.Input
	for line := range strings.Lines(lines) {
		in, err := readBeginning(strings.Fields(line))
		if err != nil {
			panic(err)
		}
		list = append(list, in)
	}
	return list
}

// one in n.
func (w *world) one(n int) bool { return w.IntN(n) == 0 }

// plan puts inputs on the agenda.
func (w *world) plan(list ...talk.Input) { w.agenda = append(w.agenda, list...) }

// turn lets one thing happen.
func (w *world) turn() {
	if w.state.Phase == talk.PhaseOver {
		if w.late++; w.late > w.IntN(lateMost) {
			w.anew()
		}
	}
	m := moment{after: time.Duration(w.IntN(5000)) * time.Millisecond, in: w.next()}
	w.past = append(w.past, m)
	w.steps++
	w.seen[reflect.TypeOf(m.in)]++
	for _, e := range w.take(m) {
		w.seen[reflect.TypeOf(e)]++
		w.answer(e)
	}
}

// next chooses what happens next.
func (w *world) next() talk.Input {
	switch n := w.IntN(100); {
	case len(w.past) == 0 && n < 97:
		return w.fromAgenda()
	case len(w.past) > longCall && w.state.Phase != talk.PhaseOver:
		if w.state.Phase == talk.PhaseEnded {
			return talk.Timeout{Timer: talk.TimerClosing}
		}
		return talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseServerStopped}}
	case n < 70 && len(w.agenda) > 0:
		return w.fromAgenda()
	case n < 84:
		return w.wish()
	case n < 88 && len(w.past) > 0:
		return w.again()
	case n < 92:
		return w.senseless()
	default:
		return w.going()
	}
}

// again is something that has been before. Of offers only the one that rings comes twice: the ACD uses no ID again.
func (w *world) again() talk.Input {
	in := w.past[w.IntN(len(w.past))].in
	if o, ok := in.(talk.Offered); ok {
		for i := range w.state.Parties {
			if p := &w.state.Parties[i]; p.Offer == o.Offer && p.State != talk.Left {
				return in
			}
		}
		return w.offer()
	}
	return in
}

func (w *world) fromAgenda() talk.Input {
	i, last := w.IntN(len(w.agenda)), len(w.agenda)-1
	if w.one(2) {
		i = 0 // mostly in order
	}
	in := w.agenda[i]
	w.agenda[i] = w.agenda[last]
	w.agenda = w.agenda[:last]
	return in
}

var (
	agents = []call.AgentID{"amy", "bob", "carol"}
	verbs  = []talk.Verb{
		talk.VerbAnswer, talk.VerbDecline, talk.VerbHold, talk.VerbHold, talk.VerbResume, talk.VerbResume, talk.VerbMute, talk.VerbUnmute,
		talk.VerbKeys, talk.VerbHangUp, talk.VerbTransfer, talk.VerbPark, talk.VerbTakeUp,
		talk.VerbConsult, talk.VerbConsult, talk.VerbSwap, talk.VerbComplete, talk.VerbCancel, "dance",
	}
)

// targets are where calls are handed over to.
var targets = []string{"queue:sales", "agent:bob", "agent:carol", "extension:2009", "flow:other", "01066668888"}

// askable are those who can be asked.
var askable = []string{"agent:bob", "agent:carol", "agent:amy", "extension:2009", "01066668888"}

// wish is a command, mostly of who rings or talks.
func (w *world) wish() talk.Input {
	c := talk.Command{Agent: agents[w.IntN(len(agents))], Verb: verbs[w.IntN(len(verbs))]}
	if a := w.state.Serving(); a != nil && a.Agent != "" && !w.one(5) {
		c.Agent = a.Agent
	}
	switch c.Verb {
	case talk.VerbAnswer, talk.VerbDecline:
		c.Offer = w.anOffer()
	case talk.VerbKeys:
		c.Keys = "12#"
	case talk.VerbHangUp:
		if !w.one(3) {
			c.Verb = talk.VerbHold
		}
	case talk.VerbPark:
		c.To = readDestination("park:1", "")
	case talk.VerbTakeUp:
		c.Slot = 1
	case talk.VerbConsult:
		c.To = readDestination(askable[w.IntN(len(askable))], leg(w.state.LastParty+1))
	case talk.VerbTransfer:
		c.To = readDestination(targets[w.IntN(len(targets))], leg(w.state.LastParty+1))
	default:
	}
	return c
}

// anOffer names one of the offers, mostly the last.
func (w *world) anOffer() call.OfferID {
	n := w.offers
	if w.one(5) {
		n = w.IntN(w.offers + 2)
	}
	return call.OfferID("o" + strconv.Itoa(n))
}

// aParty names one of the parties, or one that never was.
func (w *world) aParty() talk.PartyID { return talk.PartyID(1 + w.IntN(int(w.state.LastParty)+1)) }

// going is what parties do by themselves: they hang up, hold, are lost.
func (w *world) going() talk.Input {
	p := w.aParty()
	switch w.IntN(12) {
	case 0, 1:
		return talk.HoldPressed{Party: p}
	case 2, 3:
		return talk.ResumePressed{Party: p}
	case 4:
		return talk.Gone{Party: p, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}}
	case 5:
		return talk.Gone{Party: p, End: call.End{By: call.ByAgent, Cause: call.CauseLost}}
	case 6:
		return talk.Closed{Party: p}
	case 7:
		return talk.BrowserLost{Agent: agents[w.IntN(len(agents))]}
	case 8:
		return talk.OfferOver{Offer: w.anOffer()}
	case 9:
		return talk.Rang{Party: p, Early: w.one(2)}
	case 10:
		return w.offer()
	}
	return talk.FlowKeeps{File: "m1.wav", Duration: 12 * time.Second, Ticket: "t1", Kind: "voicemail"}
}

// senseless is anything at all about anybody.
func (w *world) senseless() talk.Input {
	p := w.aParty()
	switch w.IntN(16) {
	case 0:
		return beginnings[w.IntN(len(beginnings))]
	case 1:
		return talk.WaitAgain{}
	case 2:
		return talk.QueueRefused{Reason: w.refusal(), Consult: w.one(2)}
	case 3:
		return talk.Present{Party: p}
	case 4:
		return talk.RingFailed{Party: p}
	case 5:
		return talk.Answered{Party: p}
	case 6:
		return talk.ToneDone{Party: p}
	case 7:
		return talk.CustomerFound{Customer: "c7", Grade: "AAA", Name: "Wang"}
	case 8:
		return talk.FlowQueues{Queue: "support", Priority: w.IntN(3)}
	case 9:
		return talk.FlowHangsUp{Cause: call.CauseFlowEnded}
	case 10, 11:
		return talk.Timeout{Timer: talk.TimerClosing}
	case 12:
		return talk.Timeout{Timer: "tea"}
	case 13:
		return talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseServerStopped}}
	}
	return talk.Rang{Party: p}
}

// refusal is why a queue, or an agent, does not take the call.
func (w *world) refusal() string {
	return []string{talk.QueueFull, "unknown_queue", "not_taken"}[w.IntN(3)]
}

// offer is one of the ACD's, with an ID of its own.
func (w *world) offer() talk.Input {
	w.offers++
	agent := agents[w.IntN(len(agents))]
	at := ""
	if w.one(2) {
		at = " at browser"
	}
	return talk.Offered{
		Consult: w.one(10),
		Offer:   call.OfferID("o" + strconv.Itoa(w.offers)), Agent: agent, Ring: offerRing, Station: station(extensions[agent], at),
	}
}

// refusals are what telephones say that do not take a call.
var refusals = []call.End{
	{By: call.ByAgent, Cause: call.CauseBusy, SIP: 486},
	{By: call.ByAgent, Cause: call.CauseRejected, SIP: 603},
	{By: call.ByAgent, Cause: call.CauseNoAnswer, SIP: 408},
	{By: call.ByTrunk, Cause: call.CauseUnreachable, SIP: 404},
	{By: call.BySystem, Cause: call.CauseNoAnswer, SIP: 480},
	{By: call.ByAgent, Cause: call.CauseNoAnswer},
}
