package switchboard

import (
	"log/slog"
	"slices"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
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
		r.tellCall(e.Call, offerOver{offer: e.Offer})
	case acd.ReleaseAgent:
		r.tellCall(e.Call, offerOver{offer: e.Offer})
	case acd.ResumeWaiting:
		r.tellCall(e.Call, waitAgain{})
	case acd.RefuseCall:
		r.append(call.CallDequeued{Call: e.Call, Reason: e.Reason})
		r.tellCall(e.Call, queueRefused{reason: e.Reason})
	case acd.EndCall:
		r.tellCall(e.Call, hangUp{end: call.End{By: call.BySystem, Cause: call.CauseHangup}})
	case acd.StartWrapUp:
		r.append(call.WrapUpStarted{Call: e.Call, Agent: e.Agent, Until: e.Until})
	case acd.EndWrapUp:
		r.append(call.WrapUpEnded{Call: e.Call, Agent: e.Agent, TimedOut: e.TimedOut})
	case acd.ReportStatus:
		r.append(e.AgentStatusChanged)
		r.agentOf(e.Agent).become(e.AgentStatusChanged)
	default:
		r.log.Error("effect that nobody carries out", slog.Any("effect", effect))
	}
}

// offer writes the offer down and rings the agent. An agent without a station misses at once.
func (r *router) offer(e acd.OfferCall) {
	r.append(call.CallOffered{Offer: e.Offer, Call: e.Call, Queue: e.Queue, Agent: e.Agent, Until: e.Until, Why: e.Why})
	a := r.agents[e.Agent]
	c := r.calls[e.Call]
	if a == nil || c == nil {
		r.log.Error("offer to nobody", slog.String("call", string(e.Call)), slog.String("agent", string(e.Agent)))
		r.backlog = append(r.backlog, call.OfferMissed{Offer: e.Offer, Call: e.Call, Agent: e.Agent, Miss: call.MissUnreachable})
		return
	}
	a.sits(e.Call)
	a.offer, a.offerOf = e.Offer, e.Call
	if !slices.Contains(c.seated, e.Agent) {
		c.seated = append(c.seated, e.Agent)
	}
	c.post(offered{OfferCall: e, station: a.station, browser: a.browserLeg()})
}

func (r *router) tellCall(id call.ID, m message) {
	if c := r.calls[id]; c != nil {
		c.post(m)
	}
}
