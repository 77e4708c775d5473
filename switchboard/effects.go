package switchboard

import (
	"log/slog"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// carryOut does what the machine decided: writes down its word, and tells the call concerned.
func (r *router) carryOut(effect acd.Effect) {
	switch e := effect.(type) {
	case acd.OfferCall:
		r.offer(e)
	case acd.WithdrawOffer:
		if e.Miss != "" {
			r.append(call.OfferMissed{Offer: e.Offer, Call: e.Call, Agent: e.Agent, Miss: e.Miss})
		} else {
			r.append(call.OfferWithdrawn{Offer: e.Offer, Call: e.Call, Agent: e.Agent})
		}
		r.tellCall(e.Call, happened{talk.OfferOver{Offer: e.Offer}})
	case acd.ReleaseAgent:
		r.tellCall(e.Call, happened{talk.OfferOver{Offer: e.Offer}})
	case acd.ResumeWaiting:
		r.tellCall(e.Call, happened{talk.WaitAgain{}})
	case acd.RefuseCall:
		if e.Consult {
			r.tellCall(e.Call, happened{talk.QueueRefused{Reason: e.Reason, Consult: true}})
			return
		}
		r.append(call.CallDequeued{Call: e.Call, Reason: e.Reason})
		r.tellCall(e.Call, happened{talk.QueueRefused{Reason: e.Reason}})
	case acd.EndCall:
		r.tellCall(e.Call, happened{talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseHangup}}})
	case acd.StartWrapUp:
		r.append(call.WrapUpStarted{Call: e.Call, Agent: e.Agent, Until: e.Until})
	case acd.EndWrapUp:
		r.append(call.WrapUpEnded{Call: e.Call, Agent: e.Agent, TimedOut: e.TimedOut})
	case acd.ReportStatus:
		r.append(e.AgentStatusChanged)
	default:
		r.log.Error("effect that nobody carries out", slog.Any("effect", effect))
	}
}

// offer writes the offer down and rings the agent. A call that is gone misses at once.
func (r *router) offer(e acd.OfferCall) {
	r.append(call.CallOffered{Offer: e.Offer, Call: e.Call, Queue: e.Queue, Agent: e.Agent, Until: e.Until, Why: e.Why})
	c := r.calls[e.Call]
	if c == nil {
		r.log.Error("offer of a call that is not in the table", slog.String("call", string(e.Call)), slog.String("agent", string(e.Agent)))
		r.backlog = append(r.backlog, call.OfferMissed{Offer: e.Offer, Call: e.Call, Agent: e.Agent, Miss: call.MissUnreachable})
		return
	}
	station := r.machine.Agent(e.Agent).Station
	r.mail = append(r.mail, letter{c.call, offered{OfferCall: e, station: station, browser: r.browserAt(e.Agent, station)}})
}

// pass gives a command on to its call, which answers; what can not be passed on is answered here.
func (r *router) pass(q request, answered chan<- answer) (a answer, later bool) {
	var id call.ID
	var command talk.Command
	switch q := q.(type) {
	case commandCall:
		id = q.call
		a.err = refuse(409, string(talk.NotYourCall), "call", string(id))
		if err := r.letThrough(&q); err != nil {
			return answer{err: err}, false
		}
		command = q.command
	case commandSlot:
		command = q.command
		if id, a.err = r.mayTakeUp(command); a.err != nil {
			return a, false
		}
	case commandOffer:
		command = q.command
		a.err = refuse(409, string(talk.OfferIsOver), "offer", string(command.Offer))
		known := r.machine.Agent(command.Agent)
		if known.Offer != command.Offer {
			return a, false
		}
		id = known.Call
	default:
		r.log.Error("request that nobody handles", slog.Any("request", q))
		return a, false
	}
	e := r.calls[id]
	if e == nil {
		return a, false
	}
	r.mail = append(r.mail, letter{e.call, commanded{Command: command, answer: answered}})
	return answer{}, true
}

// undelivered answers a command whose call takes no message: it is over, or drowns in them.
func (r *router) undelivered(l letter) {
	m, ok := l.message.(commanded)
	if !ok {
		return
	}
	a := answer{err: refuse(503, "call_overloaded", "call", string(l.to.id))}
	select {
	case <-l.to.over:
		a.err = refuseOver(l.to.id)
	default:
	}
	r.answers = append(r.answers, settled{a, m.answer})
}

// answerLate answers the commands that a call has left behind in its mailbox. None come after them: only the router
// passes commands on, and it has forgotten the call.
func (r *router) answerLate(c *liveCall) {
	for {
		select {
		case m := <-c.mailbox:
			if m, ok := m.(commanded); ok {
				r.answers = append(r.answers, settled{answer{err: refuseOver(c.id)}, m.answer})
			}
		default:
			return
		}
	}
}

func refuseOver(id call.ID) error {
	return refuse(409, string(talk.CallIsOver), "call", string(id))
}
