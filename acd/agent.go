package acd

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// agent is one agent on three axes that don't mix: what the agent chose, whether the station can be
// reached, and what work is in hand.
type agent struct {
	id         call.AgentID
	rules      call.AgentRules
	configured bool    // false: no longer in the site, finishing the work in hand
	seats      []*seat // one for each queue the agent serves

	onShift      bool // until a chosen "off" has taken effect
	chosen       call.ChosenState
	chosenReason call.ReasonID

	station    call.Station
	up         bool
	downReason call.ReasonID

	caller  *caller        // offered or talking; nil: none
	outside []*outsideCall // calls that no queue gave
	wrapUp  wrapUp
	rest    rest

	idleSince uint64 // a number from Machine.next; the lowest of the free agents is the longest idle
	misses    int    // in a row, that count
	faults    int    // offers in a row that the phone refused

	listed   bool // stands in the ready heaps of its queues
	touched  bool
	reported visible
}

// seat is an agent's place in one queue.
type seat struct {
	agent *agent
	queue *queue
	spot  int
}

func (s *seat) before(t *seat) bool { return s.agent.idleSince < t.agent.idleSince }
func (s *seat) place() *int         { return &s.spot }

// Reasons for which an agent is paused or unreachable without having chosen so.
const (
	ReasonMissed    call.ReasonID = "missed"     // paused after too many misses in a row
	ReasonLinkLost  call.ReasonID = "link_lost"  // the leg was lost in mid-call
	ReasonPhoneBusy call.ReasonID = "phone_busy" // the phone refused with 486
	ReasonNoRoute   call.ReasonID = "no_route"   // the phone did not react, or could not be found
)

func newAgent(id call.AgentID) *agent {
	a := &agent{id: id, chosen: call.ChoseOff, reported: visible{status: call.StatusOff, chosen: call.ChoseOff}}
	a.wrapUp.agent, a.wrapUp.owner = a, &a.wrapUp
	a.rest.agent, a.rest.owner = a, &a.rest
	return a
}

// working tells whether there is work in hand that a pause, the end of the shift and a removal wait for.
// Ringing is not: it is withdrawn.
func (a *agent) working() bool {
	return a.caller != nil || len(a.outside) > 0 || a.wrapUp.running()
}

// routable tells whether the agent may be offered a call now.
func (a *agent) routable() bool {
	return a.configured && a.onShift && a.chosen == call.ChoseReady && a.up && !a.working() && !a.rest.running()
}

func (a *agent) serves(q *queue) bool {
	for _, s := range a.seats {
		if s.queue == q {
			return true
		}
	}
	return false
}

// free puts the agent behind all who are idle already.
func (m *Machine) free(a *agent) {
	a.idleSince = m.next()
	m.touch(a)
}

// list puts the agent among the ready ones of its queues.
func (m *Machine) list(a *agent) {
	if a.listed {
		return
	}
	a.listed = true
	for _, s := range a.seats {
		s.queue.ready.push(s)
		m.unsettle(s.queue)
	}
}

func (m *Machine) unlist(a *agent) {
	if !a.listed {
		return
	}
	a.listed = false
	for _, s := range a.seats {
		s.queue.ready.remove(s)
	}
}

// visible is what an agent's status comes to for others, in a form that can be compared.
type visible struct {
	status       call.AgentStatus
	reason       call.ReasonID
	call         call.ID
	queue        call.QueueID
	chosen       call.ChosenState
	chosenReason call.ReasonID
	until        time.Time
}

func (a *agent) visible() visible {
	v := visible{chosen: a.chosen, chosenReason: a.chosenReason}
	switch {
	case !a.onShift:
		v.status = call.StatusOff
	case a.caller != nil:
		v.status, v.call, v.queue = call.StatusOffered, a.caller.id, a.caller.queue.id
		if a.caller.stage == talking {
			v.status = call.StatusTalking
		}
	case len(a.outside) > 0:
		v.status, v.call = call.StatusBusy, a.outside[0].id
	case a.wrapUp.running():
		v.status, v.call, v.queue, v.until = call.StatusWrapUp, a.wrapUp.call, a.wrapUp.queue, a.wrapUp.at
	case a.chosen == call.ChosePaused:
		v.status, v.reason = call.StatusPaused, a.chosenReason
	case !a.up:
		v.status, v.reason = call.StatusUnreachable, a.downReason
	case a.rest.running() && a.rest.reason != "":
		v.status, v.reason = call.StatusUnreachable, a.rest.reason
	default:
		v.status = call.StatusReady
	}
	return v
}

func (v visible) event(a call.AgentID) call.AgentStatusChanged {
	e := call.AgentStatusChanged{
		Agent: a, Status: v.status, Reason: v.reason, Call: v.call, Queue: v.queue,
		Chosen: v.chosen, ChosenReason: v.chosenReason,
	}
	if !v.until.IsZero() {
		e.Until = &v.until
	}
	return e
}
