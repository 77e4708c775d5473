package live

import (
	"slices"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// agent is what one agent is doing and today's figures.
type agent struct {
	id         call.AgentID
	number     int // in the order in which agents became known, for watches
	configured bool
	queues     []*queue
	queueIDs   []call.QueueID // shared with snapshots: replaced, never changed

	history.Seat
	call *liveCall // nil: not known, or no call

	calls, misses int           // of calls that arrived today
	talk          time.Duration // of finished conversations, without hold
}

// shown leaves out agents who are no longer in the site and have gone.
func (a *agent) shown() bool { return a.configured || a.Status != call.StatusOff }

// agentOf gives an agent, made if it is not known.
func (l *Live) agentOf(id call.AgentID) *agent {
	a, ok := l.agents[id]
	if !ok {
		a = &agent{id: id, number: len(l.agentList), Seat: history.NewSeat(id), queueIDs: []call.QueueID{}}
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
		ID: a.id, Status: a.Status, Since: a.Since, Reason: a.Reason,
		Chosen: a.Chosen, ChosenReason: a.ChosenReason, Call: a.callSnapshot(), Until: a.Until,
		Station: a.Station, StationUp: a.Up, Queues: a.queueIDs,
		CallsToday: a.calls, TalkMSToday: a.talk.Milliseconds(), MissesToday: a.misses,
	}
}

func (a *agent) callSnapshot() *AgentCall {
	if a.Call == "" {
		return nil
	}
	c := a.call
	if c == nil {
		return &AgentCall{ID: a.Call, Queue: a.Queue, Since: a.Since}
	}
	out := &AgentCall{
		ID: c.ID, Queue: a.Queue, Dir: c.Direction, Peer: c.peer(a.id), Customer: c.Customer,
		State: c.State, Since: a.Since, Own: c.ownPart(a.id),
	}
	if s := c.told.Asked(a.id); s != nil { // beside the call, which is somebody else's
		out.Offer, out.Asked, out.Muted, out.Why, out.By = s.Offer, true, s.Muted, s.Why, c.told.Asks.By
		return out
	}
	if c.Agent == a.id {
		out.Offer, out.Held, out.Muted = c.Offer, c.Held, c.Muted
		if p := c.told.Present; p != nil {
			out.Why = p.Why
		}
		if c.told.HandedBy != a.id {
			out.By = c.told.HandedBy
		}
		if c.State == StateTalking && c.BridgedAt != nil {
			out.Since = *c.BridgedAt
		}
	}
	return out
}

// serve sets the queues of an agent and keeps the queues' counts of agents true.
func (a *agent) serve(l *Live, ids []call.QueueID) {
	for _, q := range a.queues {
		*q.agents.of(a.Status)--
	}
	a.queues = a.queues[:0:0]
	a.queueIDs = make([]call.QueueID, 0, len(ids))
	for _, id := range ids {
		if q := l.queueOf(id); !slices.Contains(a.queues, q) {
			a.queues, a.queueIDs = append(a.queues, q), append(a.queueIDs, id)
			*q.agents.of(a.Status)++
		}
	}
}

// become takes the ACD's word and keeps the queues' counts of agents true.
func (a *agent) become(l *Live, e call.AgentStatusChanged, at time.Time) {
	was := a.Seat
	a.Become(e, at)
	a.follow(l, was)
}

// carry takes over a seat as it was written down.
func (a *agent) carry(l *Live, seat call.AgentSeat) {
	if was := a.Seat; was.AgentSeat != seat {
		a.AgentSeat = seat
		a.follow(l, was)
		l.changed(a)
	}
}

// follow brings up to date what hangs on an agent's status and call.
func (a *agent) follow(l *Live, was history.Seat) {
	for _, q := range a.queues {
		*q.agents.of(was.Status)--
		*q.agents.of(a.Status)++
	}
	if a.Call == was.Call {
		return
	}
	// The call before is forgotten if it is over and nobody else has it.
	if old := a.call; old != nil {
		old.holders = slices.DeleteFunc(old.holders, func(o *agent) bool { return o == a })
		l.forget(old)
	}
	if a.call = l.calls[a.Call]; a.call != nil {
		a.call.holders = append(a.call.holders, a)
	}
}

// restart puts an agent back to what was chosen, as the ACD does: whatever work was in hand is over.
func (a *agent) restart(l *Live, at time.Time) {
	if e, known := a.AfterRestart(); known {
		a.become(l, e, at)
	}
}
