package agentdesk

import (
	"cmp"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// queueRow is a queue as boards and desks show it.
func queueRow(v site, q *live.Queue) proto.QueueRow {
	r := proto.QueueRow{
		ID: string(q.ID), Name: map[string]string{}, Waiting: q.Waiting, LongestSince: epochMSOpt(q.LongestWaitSince),
		Offered: q.Offered, Answered: q.Answered, AnsweredInLevel: q.AnsweredInSL, Abandoned: q.Abandoned,
		AbandonedShort: q.AbandonedShort, ServiceLevel: q.ServiceLevel, LevelSeconds: int(q.ServiceLevelSecs),
		Ready: q.Agents.Ready, Talking: q.Agents.Talking, WrapUp: q.Agents.WrapUp, Paused: q.Agents.Paused,
	}
	a := q.Agents
	r.SignedIn = a.Ready + a.Offered + a.Talking + a.WrapUp + a.Busy + a.Paused + a.Unreachable
	if known := v.Queue(q.ID); known != nil {
		r.Name = names(known.Names)
	}
	return r
}

// agentRow is an agent as boards and desks show it.
func agentRow(v site, a *live.Agent, masked bool) proto.AgentRow {
	r := proto.AgentRow{
		ID: string(a.ID), Name: map[string]string{}, Status: a.Status, Since: epochMS(a.Since), Reason: string(a.Reason),
		Chosen: a.Chosen, ChosenReason: string(a.ChosenReason), StationKind: a.Station.Kind,
		StationUp: a.StationUp, Queues: []string{}, Calls: a.CallsToday, TalkMS: a.TalkMSToday,
	}
	if known := v.Agent(a.ID); known != nil {
		r.Name, r.Extension = names(known.Names), string(known.Extension)
	}
	for _, q := range a.Queues {
		r.Queues = append(r.Queues, string(q))
	}
	if c := a.Call; c != nil {
		r.Call, r.Queue = string(c.ID), string(c.Queue)
		number := v.number(c.Peer.Number)
		if masked {
			number = mask(number)
		}
		r.Peer = cmp.Or(customerName(c.Customer), c.Peer.Name, number)
	}
	return r
}

func customerName(c *live.Customer) string {
	if c == nil {
		return ""
	}
	return c.Name
}

// party is the far side as a desk shows it.
func (v site) party(n call.Number, name string, masked bool) proto.Party {
	p := proto.Party{Number: v.number(n), E164: n.E164, Name: name}
	if masked {
		p.Number, p.E164 = mask(p.Number), mask(p.E164)
	}
	return p
}

func (v site) deskCustomer(c *store.Customer, masked bool) proto.Customer {
	out := proto.Customer{
		ID: string(c.ID), Name: c.Name, Company: c.Company, Position: c.Position, Grade: c.Grade, Language: c.Language,
		Address: c.Address, Email: c.Email, Manager: string(c.AccountManager), Tags: append([]string{}, c.Tags...),
		Notes: c.Notes, Phones: []proto.Phone{},
	}
	for _, p := range c.Phones {
		n := v.party(call.Number{Raw: p.Raw, E164: p.E164}, "", masked)
		out.Phones = append(out.Phones, proto.Phone{Kind: proto.PhoneKind(p.Kind), Number: n.Number, E164: n.E164, Primary: p.Primary})
	}
	return out
}

func (v site) callItem(r *store.Call, masked bool) proto.CallItem {
	far := r.From
	if r.Direction != call.Inbound {
		far = r.To
	}
	return proto.CallItem{
		ID: string(r.ID), Direction: r.Direction, Number: v.party(far, "", masked).Number, Customer: string(r.Customer),
		Name: cmp.Or(r.CustomerName, r.FromName), Queue: string(r.Queue), Agent: string(r.Agent),
		ArrivedAt: epochMS(r.ArrivedAt), TalkMS: r.TalkMS, Cause: r.End.Cause,
		Disposition: string(r.Disposition), Notes: r.Notes,
	}
}

func (c *caller) deskTicket(r *store.Ticket) proto.TicketItem {
	return proto.TicketItem{
		ID: string(r.ID), Number: r.Number, Kind: r.Kind, Subject: r.Subject, State: r.State, Urgency: proto.Urgency(r.Urgency),
		Owner: string(r.Owner), DueAt: epochMSOpt(r.Due), CreatedAt: epochMS(r.CreatedAt),
		Recording: c.recordingOf(r),
	}
}
