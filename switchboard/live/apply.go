package live

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// apply takes one record. Events of calls that are not known are passed over: they arrived before the
// projection began and count for a day that is gone. Under mu.
func (l *Live) apply(rec call.Record) {
	at := rec.At
	l.roll(at)
	l.version = rec.Seq
	switch e := rec.Event.(type) {
	case call.NodeStarted:
		l.restarted(at)
	case call.RoutingConfigured:
		l.configure(e)
	case call.CallArrived:
		l.begin(Call{
			ID: e.Call, Direction: e.Direction, State: StateArriving, From: e.From, To: e.To,
			Trunk: e.Trunk, Extension: e.Extension, ArrivedAt: at,
		})
	case call.CallPlaced:
		c := l.begin(Call{
			ID: e.Call, Direction: e.Direction, State: StateArriving, From: call.Party{Number: e.From}, To: e.To,
			Trunk: e.Trunk, Extension: e.Extension, Agent: e.Agent, ArrivedAt: at,
		})
		c.placedBy = e.Agent
	case call.AgentSignedIn:
		l.touch(e.Agent).sit(e.Station)
	case call.AgentStationChosen:
		l.touch(e.Agent).sit(e.Station)
	case call.AgentStateChosen:
		l.touch(e.Agent).choose(e)
	case call.StationUp:
		l.touch(e.Agent).up = true
	case call.StationDown:
		l.touch(e.Agent).up = false
	case call.AgentStatusChanged:
		l.touch(e.Agent).become(l, e, at)
	case call.OfferMissed:
		if c := l.calls[e.Call]; c != nil {
			if l.today(c) {
				l.touch(e.Agent).misses++
			}
			c.unring(e.Offer)
			l.changed(c.holders...)
		}
	default:
		if c := l.calls[call.Of(e)]; c != nil && !c.deaf(e) {
			l.advance(c, e, at)
			l.changed(c.holders...)
		}
	}
	l.sawAlive(rec)
}

// advance takes an event of a known call. Those that change nothing of what is shown here (a phone that rings,
// a leg's figures, the wrap-up) pass through.
func (l *Live) advance(c *liveCall, ev call.Event, at time.Time) {
	switch e := ev.(type) {
	case call.NumberDialled:
		c.State = StateDialling
	case call.LegEnded:
		if c.State == StateDialling && e.Agent == "" {
			c.State, c.Unreached = StateUnreached, e.End.Cause
		}
	case call.CustomerIdentified:
		c.Customer = &Customer{ID: e.Customer, Grade: e.Grade, Name: e.Name}
	case call.OfferAnswered:
		c.RingMS = at.Sub(c.rungAt).Milliseconds()
	case call.CallAnswered:
		c.AnsweredAt = &at
		if c.Direction != call.Inbound && c.placedBy != "" {
			c.RingMS = at.Sub(c.ArrivedAt).Milliseconds()
		}
		if c.State == StateArriving && c.placedBy == "" {
			c.State = StateFlow
		}
	case call.FlowEntered:
		c.Flow, c.Node, c.Path = e.Flow, "", string(e.Flow)+":"
	case call.FlowStepped:
		c.step(e)
	case call.CallQueued:
		l.enqueue(c, e, at)
	case call.CallDequeued:
		l.leaveQueue(c, at, leftOtherwise)
		c.Agent, c.Offer, c.State = "", "", StateFlow
	case call.CallerLeft:
		l.gone(c, at, abandoned)
	case call.CallOffered:
		c.ring(e, at)
	case call.OfferWithdrawn:
		c.unring(e.Offer)
	case call.Bridged:
		l.talk(c, e, at)
	case call.CallHeld:
		c.hold(e.By, at)
	case call.CallResumed:
		c.resume(e.By, at)
	case call.AgentMuted:
		c.Muted = e.Muted && c.talker != nil && c.talker.id == e.Agent
	case call.TalkEnded:
		l.hush(c, at)
		if c.State == StateTalking {
			c.State = StateFlow
		}
	case call.AgentLegLost:
		l.lose(c, e, at)
	case call.CallEnded:
		l.end(c, e.End, at)
	}
}

// deaf tells of events that mean nothing any more: the caller has left, and what was under way crosses
// with that.
func (c *liveCall) deaf(ev call.Event) bool {
	if c.State != StateEnded {
		return false
	}
	switch ev.(type) {
	case call.CallEnded, call.CustomerIdentified:
		return false
	}
	return true
}

// choose notes the agent's wish; what comes of it the ACD reports.
func (a *agent) choose(e call.AgentStateChosen) {
	a.chosen, a.chosenReason = e.State, ""
	if e.State == call.ChosePaused {
		a.chosenReason = e.Reason
	}
}

// restarted ends whatever the run before left open and puts agents back to what they chose.
func (l *Live) restarted(at time.Time) {
	for _, c := range l.calls {
		l.end(c, call.End{By: call.BySystem, Cause: call.CauseServerRestarted}, at)
	}
	for _, a := range l.agentList {
		a.restart(l, at)
		l.changed(a)
	}
	clear(l.calls)
}

// sawAlive notes until when a run of the server is known to have lasted. What the next run writes
// to close the calls it found open tells nothing of that.
func (l *Live) sawAlive(rec call.Record) {
	switch e := rec.Event.(type) {
	case call.CallEnded:
		if e.End.Cause == call.CauseServerRestarted {
			return
		}
	case call.LegEnded:
		if e.End.Cause == call.CauseServerRestarted {
			return
		}
	case call.WrapUpEnded:
		return
	}
	l.alive = rec.At
}
