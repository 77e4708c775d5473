package acd

import "github.com/linedesk/linedesk/call"

// Agent is what the machine knows of one agent: the one model of who is on shift, where, and with what in hand.
type Agent struct {
	OnShift bool
	Chosen  call.ChosenState
	Station call.Station
	Up      bool // the station can be rung, as far as the machine was told
	Status  call.AgentStatus
	Offer   call.OfferID // of the call out of a queue that rings or is talked on
	Call    call.ID      // that call
	WrapUp  call.ID      // the call that is wrapped up; empty: none
}

// Engaged tells whether the agent has a call in hand.
func (a Agent) Engaged() bool {
	return a.Status == call.StatusOffered || a.Status == call.StatusTalking || a.Status == call.StatusBusy
}

// Agent looks at an agent. One that the site does not have is off.
func (m *Machine) Agent(id call.AgentID) Agent {
	a, ok := m.agents[id]
	if !ok {
		return Agent{Chosen: call.ChoseOff, Status: call.StatusOff}
	}
	look := Agent{OnShift: a.onShift, Chosen: a.chosen, Station: a.station, Up: a.up, Status: a.reported.status}
	if a.caller != nil {
		look.Offer, look.Call = a.caller.offer, a.caller.id
	}
	if a.wrapUp.running() {
		look.WrapUp = a.wrapUp.call
	}
	return look
}

// Serves tells whether the agent is one of the queue's.
func (m *Machine) Serves(id call.AgentID, q call.QueueID) bool {
	a, ok := m.agents[id]
	return ok && m.queues[q] != nil && a.serves(m.queues[q])
}

// Full tells whether the queue would refuse a call now.
func (m *Machine) Full(id call.QueueID) bool {
	q, ok := m.queues[id]
	return ok && q.full()
}

// Calls are the calls that ring at the agent or that the agent is on.
func (m *Machine) Calls(id call.AgentID) []call.ID {
	a, ok := m.agents[id]
	if !ok {
		return nil
	}
	var calls []call.ID
	if a.caller != nil {
		calls = append(calls, a.caller.id)
	}
	for _, o := range a.outside {
		calls = append(calls, o.id)
	}
	return calls
}
