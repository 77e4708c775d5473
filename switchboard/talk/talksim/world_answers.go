package talksim

import (
	"reflect"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// answer plans what the world does about an effect.
func (w *world) answer(e talk.Effect) {
	switch e := e.(type) {
	case talk.Ring:
		w.rung(e)
	case talk.Dial:
		w.called(e.Party)
	case talk.HangUp:
		if w.one(4) {
			w.plan(talk.Gone{Party: e.Party, End: call.End{By: call.BySystem, Cause: call.CauseCancelled, SIP: 487}})
		}
		if !w.one(12) {
			w.plan(talk.Closed{Party: e.Party})
		}
	case talk.SetTimer:
		w.plan(talk.Timeout{Timer: e.Timer})
	case talk.Play:
		if e.Sound == talk.Busy {
			w.plan(talk.ToneDone{Party: e.Party})
		}
	case talk.EnterFlow:
		if e.Queue != "" {
			w.plan(talk.FlowQueues{Queue: e.Queue})
			return
		}
		w.flow()
	case talk.TellFlow:
		if e.News == talk.NewsFull || e.News == talk.NewsLeft {
			w.flow()
		}
	case talk.LookUp:
		if w.one(2) {
			w.plan(talk.CustomerFound{Customer: "c7", Grade: "AAA", Name: "Wang"})
		}
	case talk.Journal:
		w.seen[reflect.TypeOf(e.Event)]++
		w.written(e.Event)
	}
}

// rung is a station that rings.
func (w *world) rung(e talk.Ring) {
	switch {
	case w.one(20):
		w.plan(talk.RingFailed{Party: e.Party})
	case e.Station.Kind == call.StationWebRTC:
		w.plan(talk.Present{Party: e.Party})
	default:
		w.called(e.Party)
	}
}

// called is a telephone that rings, is answered or not.
func (w *world) called(p talk.PartyID) {
	if !w.one(5) {
		w.plan(talk.Rang{Party: p, Early: w.one(3)})
	}
	switch n := w.IntN(20); {
	case n < 14:
		w.plan(talk.Answered{Party: p})
	case n < 15:
		w.plan(talk.RingFailed{Party: p})
	case n < 19:
		w.plan(talk.Gone{Party: p, End: refusals[w.IntN(len(refusals))]})
	}
}

// flow is what a flow does next.
func (w *world) flow() {
	switch w.IntN(6) {
	case 0:
		w.plan(talk.FlowHangsUp{Cause: call.CauseFlowEnded})
	case 1:
		w.plan(talk.FlowKeeps{File: "m1.wav", Duration: 12e9, Ticket: "t1", Kind: "voicemail"})
	default:
		w.plan(talk.FlowQueues{Queue: "support", Priority: w.IntN(3)})
	}
}

// written is what the ACD does about an event, and people.
func (w *world) written(e call.Event) {
	switch e := e.(type) {
	case call.CallQueued:
		if w.one(8) {
			w.plan(talk.QueueRefused{Reason: w.refusal()})
			return
		}
		w.plan(w.offer())
	case call.CallParked:
		if !w.one(3) {
			w.plan(talk.Command{Agent: agents[w.IntN(len(agents))], Verb: talk.VerbTakeUp, Slot: 1})
		}
	case call.CallDirected:
		if e.Consult {
			w.asks(e)
			return
		}
		if w.one(5) {
			w.plan(talk.QueueRefused{Reason: "not_taken"})
			return
		}
		w.plan(w.offer())
	case call.PartyJoined:
		if asks := w.state.Party(w.state.Consult.By); asks != nil {
			for _, v := range [][]talk.Verb{{talk.VerbComplete}, {talk.VerbCancel}, {talk.VerbSwap, talk.VerbSwap}, {talk.VerbSwap, talk.VerbComplete}, {talk.VerbHangUp}}[w.IntN(5)] {
				w.plan(talk.Command{Agent: asks.Agent, Verb: v})
			}
		}
	case call.OfferMissed:
		if w.state.Move.Agent != "" {
			w.plan(talk.QueueRefused{Reason: "not_taken"})
			return
		}
		if w.one(2) {
			w.plan(w.offer())
		}
	case call.OfferRinging:
		switch w.IntN(8) {
		case 0:
			w.plan(talk.OfferOver{Offer: e.Offer}, w.offer())
		case 1:
			w.plan(talk.Command{Agent: e.Agent, Verb: talk.VerbDecline, Offer: e.Offer})
		default:
			w.plan(talk.Command{Agent: e.Agent, Verb: talk.VerbAnswer, Offer: e.Offer})
		}
	case call.AgentLegLost:
		if w.state.Move.Agent != "" {
			w.plan(talk.QueueRefused{Reason: "not_taken"})
			return
		}
		w.plan(talk.WaitAgain{}, w.offer())
	case call.Bridged:
		p := w.aParty()
		switch w.IntN(8) {
		case 0:
			w.plan(talk.Gone{Party: p, End: call.End{By: call.ByAgent, Cause: call.CauseLost}})
		case 1:
			w.plan(talk.Command{Agent: e.Agent, Verb: talk.VerbHangUp})
		case 2:
			w.plan(talk.Gone{Party: p, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}})
		default:
			w.plan(talk.Command{Agent: e.Agent, Verb: talk.VerbHold}, talk.Command{Agent: e.Agent, Verb: talk.VerbResume})
		}
	}
}

// asks is what the ACD does about an agent who is to be asked.
func (w *world) asks(e call.CallDirected) {
	if w.one(6) {
		w.plan(talk.QueueRefused{Reason: "not_taken", Consult: true})
		return
	}
	o, _ := w.offer().(talk.Offered)
	o.Agent, o.Consult = e.Agent, true
	if o.Station.Kind != call.StationWebRTC {
		o.Station.Extension = extensions[e.Agent]
	}
	w.plan(o)
}
