// Package crm is customers and tickets, as people look them up, write them down and keep their promises.
package crm

import (
	"context"

	"github.com/linedesk/linedesk/agentdesk/desk"
	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// Switchboard is what this room needs of it: a ticket from a call is an event, kept with the database away.
type Switchboard interface {
	OpenTicket(ctx context.Context, t call.TicketOpened) (id call.TicketID, seq uint64, err error)
}

// Room is the part of the web server for customers and tickets.
type Room struct {
	web   *web.Server
	desks *desk.Room
	calls Switchboard
	live  *live.Live
	store store.Store
}

var _ web.Room = (*Room)(nil)

// New makes the room.
func New(desks *desk.Room, calls Switchboard, l *live.Live, st store.Store) *Room {
	return &Room{desks: desks, calls: calls, live: l, store: st}
}

// Register implements [web.Room].
func (m *Room) Register(s *web.Server) {
	m.web = s
	m.registerCustomers(s)
	m.registerTickets(s)
	s.Command(proto.CmdTicket, web.Command{Access: web.Needs(web.WriteTicket), Do: web.Body(m.ticketCommand)})
}

// Run implements [web.Room]: nothing goes on here between requests.
func (m *Room) Run(context.Context) {}

// ticketCommand opens a ticket from the desk.
func (m *Room) ticketCommand(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.TicketDraft) (web.Done, error) {
	t, err := m.ticketOfDraft(who, b)
	if err != nil {
		return web.Done{}, err
	}
	t, seq, err := m.openFromCall(ctx, who, t)
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{Seq: seq, Result: proto.TicketRef{Ticket: string(t.ID), Number: t.Number}}, nil
}
