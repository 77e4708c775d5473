package acd

import (
	"strings"

	"github.com/linedesk/linedesk/call"
)

// signedIn begins a shift, paused until the agent chooses. Within a shift it only renews the station.
func (m *Machine) signedIn(e call.AgentSignedIn) {
	a, ok := m.agents[e.Agent]
	if !ok {
		return
	}
	m.useStation(a, e.Station)
	m.forgive(a)
	if !a.onShift || a.chosen == call.ChoseOff {
		a.onShift, a.chosen, a.chosenReason = true, call.ChosePaused, ""
	}
	m.touch(a)
}

func (m *Machine) stationChosen(e call.AgentStationChosen) {
	if a, ok := m.agents[e.Agent]; ok {
		m.useStation(a, e.Station)
		m.touch(a)
	}
}

// useStation makes the agent speak through st. Another station than before is unreachable until
// StationUp, unless nothing ever tells whether it is up. What was heard before the first choice is kept:
// it can only have been about this station.
func (m *Machine) useStation(a *agent, st call.Station) {
	if a.station == st {
		return
	}
	first := a.station == call.Station{}
	a.station = st
	if st.UpByItself() {
		a.up, a.downReason = true, ""
	} else if !first {
		a.up, a.downReason = false, ""
	}
	m.unrest(a)
	if c := a.caller; c != nil && c.ringing() { // it rings at the old place
		m.withdraw(c, "")
	}
}

// stateChosen takes the agent's wish. With a call or a wrap-up in hand it shows as chosen and takes
// effect afterwards; a later wish replaces it.
func (m *Machine) stateChosen(e call.AgentStateChosen) {
	a, ok := m.agents[e.Agent]
	if !ok || (e.State != call.ChoseReady && e.State != call.ChosePaused && e.State != call.ChoseOff) {
		return
	}
	if e.State == call.ChoseReady && (!a.onShift || a.chosen != call.ChoseReady) {
		m.free(a) // idle from now on, and not since the last call before the pause
	}
	a.chosen, a.chosenReason = e.State, ""
	if e.State == call.ChosePaused {
		a.chosenReason = e.Reason
	}
	if e.State != call.ChoseOff {
		a.onShift = true
	}
	m.forgive(a)
	m.touch(a)
	if c := a.caller; c != nil && c.ringing() && e.State != call.ChoseReady {
		// An agent who pauses at the sound of the phone has declined; one whom a lead pauses has not.
		if e.By == "" {
			m.withdraw(c, call.MissDeclined)
		} else {
			m.withdraw(c, "")
		}
	}
}

// stationUp is also a sign of life from a phone that did not react a moment ago.
func (m *Machine) stationUp(e call.StationUp) {
	a, ok := m.agents[e.Agent]
	if !ok {
		return
	}
	a.up, a.downReason = true, ""
	if a.rest.reason == ReasonLinkLost || a.rest.reason == ReasonNoRoute {
		m.unrest(a)
		a.faults = 0
	}
	m.touch(a)
}

// stationDown takes back an offer that was ringing there. A call that talks is ended by its own leg, not
// by this: a phone may lose its registration and go on talking.
func (m *Machine) stationDown(e call.StationDown) {
	a, ok := m.agents[e.Agent]
	if !ok {
		return
	}
	a.up, a.downReason = false, call.ReasonID(strings.ReplaceAll(e.Cause, " ", "_"))
	m.touch(a)
	if c := a.caller; c != nil && c.ringing() {
		m.withdraw(c, call.MissUnreachable)
	}
}
