package live

import (
	"slices"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
)

// agent is what one agent is doing and today's figures.
type agent struct {
	id         call.AgentID
	number     int // in the order in which agents became known, for watches
	configured bool
	queues     []*queue
	queueIDs   []call.QueueID // shared with snapshots: replaced, never changed

	status       call.AgentStatus
	since        time.Time
	reason       call.ReasonID
	chosen       call.ChosenState
	chosenReason call.ReasonID
	until        *time.Time
	callID       call.ID
	call         *liveCall // nil: not known, or no call
	queue        call.QueueID

	station call.Station
	up      bool

	calls, misses int           // of calls that arrived today
	talk          time.Duration // of finished conversations, without hold
}

// shown leaves out agents who are no longer in the site and have gone.
func (a *agent) shown() bool { return a.configured || a.status != call.StatusOff }

// agentOf gives an agent, made if it is not known.
func (l *Live) agentOf(id call.AgentID) *agent {
	a, ok := l.agents[id]
	if !ok {
		a = &agent{id: id, number: len(l.agentList), status: call.StatusOff, chosen: call.ChoseOff, queueIDs: []call.QueueID{}}
		l.agents[id] = a
		at, _ := slices.BinarySearchFunc(l.agentList, id, func(a *agent, id call.AgentID) int {
			return strings.Compare(string(a.id), string(id))
		})
		l.agentList = slices.Insert(l.agentList, at, a)
	}
	return a
}

func (a *agent) snapshot() Agent {
	return Agent{
		ID: a.id, Status: a.status, Since: a.since, Reason: a.reason,
		Chosen: a.chosen, ChosenReason: a.chosenReason, Call: a.callSnapshot(), Until: a.until,
		Station: a.station, StationUp: a.up, Queues: a.queueIDs,
		CallsToday: a.calls, TalkMSToday: a.talk.Milliseconds(), MissesToday: a.misses,
	}
}

func (a *agent) callSnapshot() *AgentCall {
	if a.callID == "" {
		return nil
	}
	c := a.call
	if c == nil {
		return &AgentCall{ID: a.callID, Queue: a.queue, Since: a.since}
	}
	out := &AgentCall{
		ID: c.ID, Queue: a.queue, Dir: c.Direction, Peer: c.peer(a.id), Customer: c.Customer,
		State: c.State, Since: a.since,
	}
	if c.Agent == a.id {
		out.Offer, out.Held, out.Muted = c.Offer, c.Held, c.Muted
		if c.State == StateTalking {
			out.Since = *c.BridgedAt
		}
	}
	return out
}

// serve sets the queues of an agent and keeps the queues' counts of agents true.
func (a *agent) serve(l *Live, ids []call.QueueID) {
	for _, q := range a.queues {
		*q.agents.of(a.status)--
	}
	a.queues = a.queues[:0:0]
	a.queueIDs = make([]call.QueueID, 0, len(ids))
	for _, id := range ids {
		if q := l.queueOf(id); !slices.Contains(a.queues, q) {
			a.queues, a.queueIDs = append(a.queues, q), append(a.queueIDs, id)
			*q.agents.of(a.status)++
		}
	}
}

// become changes an agent's status. Since begins anew when status, reason or call are others.
func (a *agent) become(l *Live, e call.AgentStatusChanged, at time.Time) {
	if e.Status != a.status || e.Reason != a.reason || e.Call != a.callID || a.since.IsZero() {
		a.since = at
	}
	for _, q := range a.queues {
		*q.agents.of(a.status)--
		*q.agents.of(e.Status)++
	}
	a.status, a.reason, a.until, a.queue = e.Status, e.Reason, e.Until, e.Queue
	a.chosen, a.chosenReason = e.Chosen, e.ChosenReason
	a.take(l, e.Call)
}

// take makes a call the agent's; the one before is forgotten if it is over and nobody else has it.
func (a *agent) take(l *Live, id call.ID) {
	if id == a.callID {
		return
	}
	if old := a.call; old != nil {
		old.holders = slices.DeleteFunc(old.holders, func(o *agent) bool { return o == a })
		l.forget(old)
	}
	a.callID, a.call = id, l.calls[id]
	if a.call != nil {
		a.call.holders = append(a.call.holders, a)
	}
}

// sit gives the agent another station. Only what reports itself can be down.
func (a *agent) sit(st call.Station) {
	if st == a.station {
		return
	}
	first := a.station == call.Station{}
	a.station = st
	a.up = st.UpByItself() || first && a.up
}

// restart puts an agent back to what was chosen, as the ACD does: whatever work was in hand is over.
func (a *agent) restart(l *Live, at time.Time) {
	a.up = a.station.UpByItself()
	e := call.AgentStatusChanged{Agent: a.id, Chosen: a.chosen, ChosenReason: a.chosenReason}
	switch {
	case a.chosen == call.ChoseOff:
		e.Status = call.StatusOff
	case a.chosen == call.ChosePaused:
		e.Status, e.Reason = call.StatusPaused, a.chosenReason
	case a.up:
		e.Status = call.StatusReady
	default:
		e.Status = call.StatusUnreachable
	}
	if e.Status == call.StatusOff && a.since.IsZero() {
		return // nothing was ever heard of this agent
	}
	a.become(l, e, at)
}
