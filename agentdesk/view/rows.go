package view

import (
	"cmp"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// QueueRow is a queue as boards and desks show it.
func QueueRow(v Site, q *live.Queue) proto.QueueRow {
	r := proto.QueueRow{
		ID: string(q.ID), Name: map[string]string{}, Waiting: q.Waiting, LongestSince: EpochMSOpt(q.LongestWaitSince),
		Offered: q.Offered, Answered: q.Answered, AnsweredInLevel: q.AnsweredInSL, Abandoned: q.Abandoned,
		AbandonedShort: q.AbandonedShort, ServiceLevel: q.ServiceLevel, LevelSeconds: int(q.ServiceLevelSecs),
		Ready: q.Agents.Ready, Talking: q.Agents.Talking, WrapUp: q.Agents.WrapUp, Paused: q.Agents.Paused,
	}
	a := q.Agents
	r.SignedIn = a.Ready + a.Offered + a.Talking + a.WrapUp + a.Busy + a.Paused + a.Unreachable
	if known := v.Queue(q.ID); known != nil {
		r.Name = Names(known.Names)
	}
	return r
}

// AgentRow is an agent as boards and desks show it.
func AgentRow(v Site, a *live.Agent, masked bool) proto.AgentRow {
	r := proto.AgentRow{
		ID: string(a.ID), Name: map[string]string{}, Status: a.Status, Since: EpochMS(a.Since), Reason: string(a.Reason),
		Chosen: a.Chosen, ChosenReason: string(a.ChosenReason), StationKind: a.Station.Kind,
		StationUp: a.StationUp, Queues: []string{}, Calls: a.CallsToday, TalkMS: a.TalkMSToday,
	}
	if known := v.Agent(a.ID); known != nil {
		r.Name, r.Extension = Names(known.Names), string(known.Extension)
	}
	for _, q := range a.Queues {
		r.Queues = append(r.Queues, string(q))
	}
	if c := a.Call; c != nil {
		r.Call, r.Queue = string(c.ID), string(c.Queue)
		number := v.Number(c.Peer.Number)
		if masked {
			number = Mask(number)
		}
		r.Peer = cmp.Or(CustomerName(c.Customer), c.Peer.Name, number)
	}
	return r
}

// CustomerName is "" for nobody.
func CustomerName(c *live.Customer) string {
	if c == nil {
		return ""
	}
	return c.Name
}

// Party is the far side as a desk shows it.
func (v Site) Party(n call.Number, name string, masked bool) proto.Party {
	p := proto.Party{Number: v.Number(n), E164: n.E164, Name: name}
	if masked {
		p.Number, p.E164 = Mask(p.Number), Mask(p.E164)
	}
	return p
}

// Customer is a record as a desk shows it.
func (v Site) Customer(c *store.Customer, masked bool) proto.Customer {
	out := proto.Customer{
		ID: string(c.ID), Name: c.Name, Company: c.Company, Position: c.Position, Grade: c.Grade, Language: c.Language,
		Address: c.Address, Email: c.Email, Manager: string(c.AccountManager), Tags: append([]string{}, c.Tags...),
		Notes: c.Notes, Phones: []proto.Phone{},
	}
	for _, p := range c.Phones {
		n := v.Party(call.Number{Raw: p.Raw, E164: p.E164}, "", masked)
		if p.Extension != "" && p.E164 != "" && !masked {
			n.Number += "-" + p.Extension // as it is written in any language
		}
		out.Phones = append(out.Phones, proto.Phone{Kind: proto.PhoneKind(p.Kind), Number: n.Number, E164: n.E164, Primary: p.Primary})
	}
	return out
}

// CallItem is a line of a history.
func (v Site) CallItem(r *store.Call, masked bool) proto.CallItem {
	far := r.From
	if r.Direction != call.Inbound {
		far = r.To
	}
	return proto.CallItem{
		ID: string(r.ID), Direction: r.Direction, Number: v.Party(far, "", masked).Number, Customer: string(r.Customer),
		Name: cmp.Or(r.CustomerName, r.FromName), Queue: string(r.Queue), Agent: string(r.Agent),
		ArrivedAt: EpochMS(r.ArrivedAt), TalkMS: r.TalkMS, Cause: r.End.Cause,
		Disposition: string(r.Disposition), Notes: r.Notes,
	}
}

// TicketItem is a line of a list of tickets. Recording is where the caller's message can be heard, "" if nowhere or not
// by who looks.
func TicketItem(r *store.Ticket, recording string) proto.TicketItem {
	return proto.TicketItem{
		ID: string(r.ID), Number: r.Number, Kind: r.Kind, Subject: r.Subject, State: r.State, Urgency: proto.Urgency(r.Urgency),
		Owner: string(r.Owner), DueAt: EpochMSOpt(r.Due), CreatedAt: EpochMS(r.CreatedAt),
		Recording: recording,
	}
}
