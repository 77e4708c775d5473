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
	case call.AgentsCarried:
		for _, seat := range e.Agents {
			l.agentOf(seat.Agent).carry(l, seat)
		}
	case call.AgentSignedIn:
		l.touch(e.Agent).SignIn(e.Station, at)
	case call.AgentStationChosen:
		l.touch(e.Agent).Sit(e.Station)
	case call.AgentStateChosen:
		l.touch(e.Agent).Choose(e, at)
	case call.StationUp:
		l.touch(e.Agent).Up = true
	case call.StationDown:
		l.touch(e.Agent).Up = false
	case call.AgentStatusChanged:
		l.touch(e.Agent).become(l, e, at)
	default:
		if c := l.calls[call.Of(e)]; c != nil {
			l.advance(c, rec)
		}
	}
	l.run.Note(rec)
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
	clear(l.parked)
}
