package live

import (
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
		l.restarted(rec)
	case call.RoutingConfigured:
		l.configure(e)
	case call.CallArrived, call.CallPlaced:
		l.begin(rec)
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
	default:
		if c := l.calls[call.Of(e)]; c != nil {
			l.advance(c, rec)
		}
	}
	l.run.Note(rec)
}

// choose notes the agent's wish; what comes of it the ACD reports.
func (a *agent) choose(e call.AgentStateChosen) {
	a.chosen, a.chosenReason = e.State, ""
	if e.State == call.ChosePaused {
		a.chosenReason = e.Reason
	}
}

// restarted ends whatever the run before left open and puts agents back to what they chose.
func (l *Live) restarted(rec call.Record) {
	for _, c := range l.calls {
		c.told.CutOff(l.run.Alive()) // nobody talked while no server ran
		rec.Event = call.CallEnded{Call: c.ID, End: call.End{By: call.BySystem, Cause: call.CauseServerRestarted}}
		l.advance(c, rec)
	}
	for _, a := range l.agentList {
		a.restart(l, rec.At)
		l.changed(a)
	}
	clear(l.calls)
}
