// Package acd decides which agent answers which call.
//
// It is a pure state machine: [Machine.Step] takes one record of the journal and returns the effects
// that the caller must carry out. It starts no goroutine, reads no clock and does no I/O, so the same
// records give the same effects on every run.
//
// How it decides: a free agent gets, of all the callers waiting in the agent's queues, the one in the
// queue of the highest weight; among equal weights, first a caller who was already talking and lost
// the agent, then the highest priority, then who has waited longest. A caller gets the agent who has been
// idle longest, or the preferred one if that one is ready. A call that a colleague hands over, or asks about, is put before
// that one agent, past the queues, ready or paused; if nothing comes of it, it is given back. See limits.go for what ends each stage.
package acd

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Machine is the state of all queues, agents and offers. It is not safe for concurrent use: one
// goroutine owns it.
type Machine struct {
	salt   uint32
	agents map[call.AgentID]*agent
	roster []*agent // all of agents, in a fixed order, for what goes through all of them
	queues map[call.QueueID]*queue
	lines  []*queue // all of queues, likewise
	calls  map[call.ID]*caller

	consults map[call.ID]*caller // agents who are asked of a call by a colleague
	timers   heap[*timer]
	ticks    uint64 // what next gave last

	// Of the step in hand.
	now       time.Time
	seq       uint64
	minted    int // offers
	out       []Effect
	touched   []*agent // whose state may have changed
	unsettled []*queue // which may have a caller and a free agent at the same time
}

// New makes a machine that knows no queue and no agent yet. The salt goes into the offers' IDs: nodes
// with different salts never make the same one.
func New(salt uint32) *Machine {
	return &Machine{
		salt:   salt,
		agents: make(map[call.AgentID]*agent),
		queues: make(map[call.QueueID]*queue),
		calls:  make(map[call.ID]*caller),

		consults: make(map[call.ID]*caller),
	}
}

// Step takes one record and returns what must be done about it, in order. Events that routing has no
// interest in give nil, as do stale results: those whose offer is over.
func (m *Machine) Step(rec call.Record) []Effect {
	m.begin(rec)
	switch e := rec.Event.(type) {
	case call.NodeStarted:
		m.nodeStarted()
	case call.RoutingConfigured:
		m.configured(e)
	case call.TimePassed:
		m.expire()

	case call.AgentSignedIn:
		m.signedIn(e)
	case call.AgentStationChosen:
		m.stationChosen(e)
	case call.AgentStateChosen:
		m.stateChosen(e)
	case call.StationUp:
		m.stationUp(e)
	case call.StationDown:
		m.stationDown(e)
	case call.AgentCallStarted:
		m.agentCallStarted(e)
	case call.AgentCallEnded:
		m.agentCallEnded(e)

	case call.CallQueued:
		m.callQueued(e)
	case call.CallDirected:
		m.callDirected(e)
	case call.PartyJoined:
		m.partyJoined(e)
	case call.ConsultEnded:
		m.consultEnded(e.Call)
	case call.Transferred:
		m.transferred(e)
	case call.CallDequeued:
		m.callDequeued(e)
	case call.CallerLeft:
		m.callerLeft(e)

	case call.OfferRinging:
		m.offerRinging(e)
	case call.OfferAnswered:
		m.offerAnswered(e)
	case call.OfferMissed:
		m.offerMissed(e)
	case call.Bridged:
		m.bridged(e)
	case call.TalkEnded:
		m.talkEnded(e)
	case call.AgentLegLost:
		m.agentLegLost(e)
	case call.WrapUpFinished:
		m.wrapUpFinished(e)
	default:
		return nil
	}
	m.settle()
	m.match()
	m.report()
	m.checkConsistent()
	out := m.out
	m.out = nil
	return out
}

// Deadline is the next moment at which a TimePassed should come, if there is one. It may be past.
func (m *Machine) Deadline() (time.Time, bool) {
	if len(m.timers) == 0 {
		return time.Time{}, false
	}
	return m.timers[0].at, true
}

// Waiting counts the callers in a queue: those that no agent has answered, ringing ones included.
func (m *Machine) Waiting(q call.QueueID) int {
	if q, ok := m.queues[q]; ok {
		return q.standing
	}
	return 0
}

// Status is what the agent is doing, as last reported.
func (m *Machine) Status(a call.AgentID) call.AgentStatus {
	if a, ok := m.agents[a]; ok {
		return a.reported.status
	}
	return call.StatusOff
}

func (m *Machine) begin(rec call.Record) {
	// Without the monotonic reading, which a replay does not have.
	if at := rec.At.UTC().Truncate(time.Microsecond); at.After(m.now) {
		m.now = at
	}
	m.seq, m.minted = rec.Seq, 0
}

// next gives ever higher numbers, for whatever has to be put in the order in which it came.
func (m *Machine) next() uint64 {
	m.ticks++
	return m.ticks
}

func (m *Machine) do(e Effect) { m.out = append(m.out, e) }

// touch marks an agent whose state may have changed. Each handler does so; settle and report look at no other.
func (m *Machine) touch(a *agent) {
	if !a.touched {
		a.touched = true
		m.touched = append(m.touched, a)
	}
}

// unsettle marks a queue that got a caller or a free agent.
func (m *Machine) unsettle(q *queue) {
	if !q.unsettled {
		q.unsettled = true
		m.unsettled = append(m.unsettled, q)
	}
}

// settle ends the shifts that were to end with the work in hand, and lists who is free.
func (m *Machine) settle() {
	for _, a := range m.touched {
		if !a.working() && (a.chosen == call.ChoseOff || !a.configured) {
			a.onShift, a.chosen, a.chosenReason = false, call.ChoseOff, ""
		}
		if a.routable() {
			m.list(a)
		} else {
			m.unlist(a)
		}
	}
}

// report says what has changed about the agents, once for each, as it stands at the end of the step.
func (m *Machine) report() {
	for _, a := range m.touched {
		a.touched = false
		if now := a.visible(); now != a.reported {
			a.reported = now
			m.do(ReportStatus{now.event(a.id)})
		}
		if !a.configured && !a.working() {
			m.dismiss(a)
		}
	}
	clear(m.touched)
	m.touched = m.touched[:0]
}

// nodeStarted forgets all calls: they ended with the process. Agents keep what they chose.
func (m *Machine) nodeStarted() {
	for _, q := range m.lines {
		q.waiting.empty()
		q.standing = 0
	}
	clear(m.calls)
	clear(m.consults)
	for _, a := range m.roster {
		if a.working() {
			m.free(a)
		}
		a.caller, a.outside = nil, nil
		a.rest.reason = ""
		a.misses, a.faults = 0, 0
		a.up, a.downReason = a.station.UpByItself(), ""
		if a.onShift {
			a.reported = visible{} // said again: what was said last may be of before the restart
		}
		m.touch(a)
	}
	m.timers.empty()
}
