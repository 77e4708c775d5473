package switchboard

import (
	"context"
	"strconv"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

const (
	// parkSlots is how many calls may be parked at once.
	parkSlots = 99
	// parkedTime is how long a call lies in its slot before it goes back.
	parkedTime = 2 * time.Minute
)

// Park puts the agent's call down in a slot, from which any agent may take it up. After two minutes it goes back to its
// queue, and there to who parked it, if that agent is free.
func (sb *Switchboard) Park(ctx context.Context, id call.AgentID, c call.ID) (slot int, seq uint64, err error) {
	a, err := sb.router.ask(ctx, commandCall{call: c, command: talk.Command{Agent: id, Verb: talk.VerbPark}})
	if err != nil {
		return 0, 0, err
	}
	return a.slot, a.seq, nil
}

// TakeUp gives the call of a slot to an agent: the station rings, but for a browser's, where the agent has the headset on
// already.
func (sb *Switchboard) TakeUp(ctx context.Context, id call.AgentID, slot int) (seq uint64, err error) {
	return sb.command(ctx, commandSlot{talk.Command{Agent: id, Verb: talk.VerbTakeUp, Slot: slot}})
}

// mayPark finds a slot for a call. It is the call's until somebody takes it up, or the call is over.
func (r *router) mayPark(q *commandCall) error {
	e := r.calls[q.call]
	if e == nil {
		return nil // which the call would say
	}
	if e.slot == 0 {
		e.slot = r.freeSlot()
	}
	if e.slot == 0 {
		return refuse(409, "no_slot", "max", strconv.Itoa(parkSlots))
	}
	q.command.To = talk.Destination{
		Name: call.Target("park:" + strconv.Itoa(e.slot)), Slot: e.slot, For: parkedTime,
		Until: r.ledger.Now().Add(parkedTime), Back: r.wayBack(q),
	}
	return nil
}

// freeSlot is the lowest slot that no call has; 0: there is none.
func (r *router) freeSlot() int {
	var taken [parkSlots + 1]bool
	for _, e := range r.calls {
		taken[e.slot] = true
	}
	for n := 1; n <= parkSlots; n++ {
		if !taken[n] {
			return n
		}
	}
	return 0
}

// mayTakeUp finds the call of a slot, if the agent can have it now.
func (r *router) mayTakeUp(c talk.Command) (call.ID, error) {
	for id, e := range r.calls {
		if e.slot == c.Slot && c.Slot > 0 {
			return id, r.mayTake(c.Agent, id, call.Target("agent:"+c.Agent))
		}
	}
	return "", refuse(409, string(talk.NotParked), "slot", strconv.Itoa(c.Slot))
}

func (r *router) leaveSlot(id call.ID) {
	if e := r.calls[id]; e != nil {
		e.slot = 0
	}
}
