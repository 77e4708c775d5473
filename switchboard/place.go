package switchboard

import (
	"context"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// agentRingTime is how long the agent's own phone rings for a call the agent placed.
const agentRingTime = 30 * time.Second

// PlaceCall dials a number for an agent: the agent's station rings first, then the number.
func (sb *Switchboard) PlaceCall(ctx context.Context, id call.AgentID, to string) (placed call.ID, seq uint64, err error) {
	dest, err := sb.route(to)
	if err != nil {
		return "", 0, err
	}
	a, err := sb.router.ask(ctx, placeCall{agent: id, to: dest})
	if err != nil {
		return "", 0, err
	}
	return a.call, a.seq, nil
}

// place admits a call that an agent dials: it is in the table, written down and the agent busy before anything
// else is looked at.
func (r *router) place(q placeCall) (call.ID, error) {
	if err := r.mayCall(q.agent); err != nil {
		return "", err
	}
	if r.sb.full() {
		return "", refuse(503, "too_many_calls")
	}
	var extension call.Extension
	if a := r.sb.site.Load().Agent(q.agent); a != nil {
		extension = a.Extension
	}
	c := r.sb.newCall(q.to.direction)
	from := call.Party{Number: call.Number{Raw: string(extension)}}
	r.begin(c)
	r.step(call.CallPlaced{
		Call: c.id, Agent: q.agent, Extension: extension, From: from.Number, To: q.to.number,
		Direction: q.to.direction, Trunk: q.to.trunk,
	})
	r.occupy(r.calls[c.id], q.agent)
	station := r.machine.Agent(q.agent).Station
	begin := r.sb.placed(c, q.to, from, q.agent, extension)
	begin.Station, begin.Ring, begin.Leg = station, agentRingTime, newLegID()
	if c.browser = r.browserAt(q.agent, station); c.browser != nil {
		begin.Leg = c.browser.id
	}
	r.commit() // before anything rings
	go c.run(begin)
	return c.id, nil
}

// placed is how a call that an agent dials begins.
func (sb *Switchboard) placed(c *liveCall, to destination, from call.Party, agent call.AgentID, ext call.Extension) talk.Placed {
	p := talk.Placed{
		Call: c.id, Direction: to.direction, Agent: agent, Extension: ext, From: from, To: to.number, Trunk: to.trunk,
		FarLeg: newLegID(),
	}
	if to.direction == call.Internal {
		p.Callee, _ = sb.agentAt(call.Extension(to.number.Raw))
	}
	return p
}

// mayCall tells why an agent can not place a call now.
func (r *router) mayCall(id call.AgentID) error {
	a := r.machine.Agent(id)
	switch {
	case !a.OnShift:
		return refuse(409, "not_signed_in")
	case !r.reachable(id, a.Station):
		return refuse(409, "station_unreachable", "station", string(a.Station.Kind))
	case a.Engaged():
		return refuse(409, "agent_busy", "status", string(a.Status))
	}
	return nil
}

// occupy makes an agent busy with a call that no queue gave.
func (r *router) occupy(e *entry, id call.AgentID) {
	if slices.Contains(e.occupied, id) {
		return
	}
	e.occupied = append(e.occupied, id)
	r.step(call.AgentCallStarted{Agent: id, Call: e.call.id})
}
