package switchboard

import (
	"context"
	"strings"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// Transfer hands the agent's call over, without a word to who gets it. With keepWait the call stands in a queue as if it
// had waited since it first did.
func (sb *Switchboard) Transfer(ctx context.Context, id call.AgentID, c call.ID, to call.Target, keepWait bool) (seq uint64, err error) {
	d, err := sb.destination(to)
	if err != nil {
		return 0, err
	}
	if keepWait && d.Queue == "" {
		return 0, refuse(422, "bad_target", "target", string(to), "why", "keep_wait")
	}
	return sb.command(ctx, commandCall{
		call: c, keepWait: keepWait, command: talk.Command{Agent: id, Verb: talk.VerbTransfer, To: d},
	})
}

// destination reads a target and looks it up in the site. What the site owns stays inside, whoever dials it.
func (sb *Switchboard) destination(to call.Target) (d talk.Destination, err error) {
	site := sb.site.Load()
	d.Name = to
	unknown := refuse(422, "unknown_target", "target", string(to))
	kind, name, named := strings.Cut(string(to), ":")
	if !named {
		return sb.dialled(site, to)
	}
	switch kind {
	case "queue":
		if d.Queue = call.QueueID(name); site.Queue(d.Queue) == nil {
			return d, unknown
		}
	case "agent":
		if d.Agent = call.AgentID(name); site.Agent(d.Agent) == nil {
			return d, unknown
		}
	case "extension":
		if d.Extension = call.Extension(name); site.Extension(d.Extension) == nil {
			return d, unknown
		}
	case "flow":
		if d.Flow = call.FlowID(name); site.Flows[d.Flow] == nil {
			return d, unknown
		}
	default:
		return d, refuse(422, "bad_target", "target", string(to))
	}
	return d, nil
}

// dialled reads a target as a person would dial it.
func (sb *Switchboard) dialled(site *configs.Site, to call.Target) (d talk.Destination, err error) {
	d.Name = to
	where, err := sb.route(string(to))
	if n := site.Number("", string(to)); n != nil {
		d.Flow = n.Flow
		return d, nil
	}
	switch {
	case err != nil:
		return d, err
	case where.direction == call.Internal:
		d.Extension = call.Extension(where.number.Raw)
	default:
		d.Number, d.Trunk = where.number, where.trunk
	}
	return d, nil
}

// letThrough completes where a call is to go by what is so at this moment, or tells why it can not go there now.
func (r *router) letThrough(q *commandCall) error {
	switch q.command.Verb {
	case talk.VerbTransfer:
	case talk.VerbConsult:
		if q.command.To.Queue != "" || q.command.To.Flow != "" { // whom a queue has next is not asked yet
			return refuse(422, "bad_target", "target", string(q.command.To.Name))
		}
	case talk.VerbPark:
		return r.mayPark(q)
	default:
		return nil
	}
	d, site := &q.command.To, r.sb.site.Load()
	if a := site.AgentAt(d.Extension); d.Extension != "" && a != nil && r.machine.Agent(a.ID).OnShift {
		d.Agent, d.Extension = a.ID, ""
	}
	switch {
	case d.Agent != "":
		if d.Agent == q.command.Agent {
			return refuse(422, "bad_target", "target", string(d.Name))
		}
		if err := r.mayTake(d.Agent, q.call, d.Name); err != nil {
			return err
		}
	case d.Extension != "":
		if !r.sb.phones.Bound(d.Extension) {
			return refuse(409, "target_off", "target", string(d.Name))
		}
		d.Leg = newLegID()
	case d.Queue != "":
		if r.machine.Full(d.Queue) {
			return refuse(409, "queue_full", "target", string(d.Name))
		}
		if e := r.calls[q.call]; e != nil && q.keepWait {
			d.Since = e.waits
		}
	case d.Flow == "":
		d.Leg = newLegID()
	}
	d.Back = r.wayBack(q)
	return nil
}

// mayTake tells why an agent can not be given a call now. The refusal names the target as it was asked for.
func (r *router) mayTake(id call.AgentID, c call.ID, to call.Target) error {
	a := r.machine.Agent(id)
	switch {
	case !a.OnShift || !r.reachable(id, a.Station):
		return refuse(409, "target_off", "target", string(to))
	case a.Engaged(), a.WrapUp != "" && a.WrapUp != c: // that of this call is over when it comes back
		return refuse(409, "target_busy", "target", string(to), "status", string(a.Status))
	}
	return nil
}

// wayBack is the queue where a call goes that nobody takes: the one it stood in last, else one of the agent's, else any.
func (r *router) wayBack(q *commandCall) call.QueueID {
	site := r.sb.site.Load()
	if e := r.calls[q.call]; e != nil && site.Queue(e.queue) != nil {
		return e.queue
	}
	for _, queue := range site.Queues {
		if r.machine.Serves(q.command.Agent, queue.ID) {
			return queue.ID
		}
	}
	if len(site.Queues) > 0 {
		return site.Queues[0].ID
	}
	return ""
}
