// Package desk is the agents' desks: one for each agent, held by one page at a time, showing the shift, the call that
// rings or goes on with its customer's record, and the last calls.
//
// What a desk shows is composed of the live projection and the store whenever something changed; what an agent wishes
// goes to the [Switchboard].
package desk

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// Switchboard is what desks need of it. A command that cannot be carried out gives a *switchboard.RefusedError.
type Switchboard interface {
	ChooseStation(ctx context.Context, agent call.AgentID, station call.Station) (seq uint64, err error)
	ChooseState(ctx context.Context, agent call.AgentID, state call.ChosenState, reason call.ReasonID, by call.UserID) (seq uint64, err error)

	DeskSeen(agent call.AgentID, page string)
	DeskLost(agent call.AgentID, page string)
	BrowserOffer(ctx context.Context, agent call.AgentID, sdp string) (answer string, err error)
}

// Room is the desks' part of the web server.
type Room struct {
	web   *web.Server
	calls Switchboard
	live  *live.Live
	store store.Store

	drafts *drafts
	desks  *desks

	lookUps, rtt, loss prometheus.Histogram
}

var _ web.Room = (*Room)(nil)

// New makes the room.
func New(calls Switchboard, l *live.Live, st store.Store) *Room {
	r := &Room{
		calls: calls, live: l, store: st, drafts: newDrafts(),
		lookUps: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "linedesk_customer_lookup_seconds", Help: "Time to look up a caller's record, calls and tickets; an offer waits 0.2 s for it.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, 1, 5},
		}),
		rtt: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "linedesk_browser_round_trip_seconds", Help: "Round trip of browser legs, as the browsers measure it.",
			Buckets: []float64{.01, .02, .05, .1, .15, .2, .3, .5, 1},
		}),
		loss: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "linedesk_browser_loss_ratio", Help: "Packet loss of browser legs, as the browsers measure it.",
			Buckets: []float64{0, .001, .005, .01, .02, .05, .1, .3},
		}),
	}
	r.desks = newDesks(r)
	return r
}

// Register implements [web.Room].
func (r *Room) Register(s *web.Server) {
	r.web = s
	s.Registry().MustRegister(r.lookUps, r.rtt, r.loss)
	r.registerShift(s)
	r.registerCommands(s)
	s.Channel(proto.ChannelDesk, web.Channel{
		Access: web.Needs(web.UseDesk), Subscribe: r.desks.subscribe, Unsubscribe: r.desks.release, Acked: r.desks.owe,
		Site: r.desks.siteChanged, Rows: r.desks.written,
		Greet: func(k *web.Socket, who *web.Principal, h *proto.Hello) {
			h.DeskElsewhere = r.desks.elsewhere(k, who.AgentID())
		},
	})
}

// Run implements [web.Room].
func (r *Room) Run(ctx context.Context) { r.desks.run(ctx) }

// TicketOpened shows a ticket at once on the desk it was opened from.
func (r *Room) TicketOpened(t store.Ticket) { r.desks.opened(t) }

// CustomerChanged makes the desks that show the customer, or the customer's tickets, look it up again; "" is nobody.
func (r *Room) CustomerChanged(id call.CustomerID) {
	if id != "" {
		r.desks.customerChanged(id)
	}
}

// WrappedUp makes an agent's desk read its history again, when what the agent wrote is in the call log.
func (r *Room) WrappedUp(agent call.AgentID, seq uint64) { r.desks.outdated(agent, seq) }
