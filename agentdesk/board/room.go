// Package board shows queues and agents, now and today: the boards that pages follow over the websocket, the lists of
// the API, and the figures for monitoring. All are read from the live projection.
package board

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/switchboard/live"
)

// Room is the board's part of the web server.
type Room struct {
	web  *web.Server
	live *live.Live
	site func() *configs.Site

	boards  *boards
	resnaps prometheus.Counter
}

var _ web.Room = (*Room)(nil)

// New makes the room.
func New(l *live.Live, site func() *configs.Site) *Room {
	r := &Room{live: l, site: site, resnaps: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "linedesk_board_resnapshots_total", Help: "Boards that read too slowly and got a fresh snapshot.",
	})}
	r.boards = newBoards(r)
	return r
}

// Register implements [web.Room].
func (r *Room) Register(s *web.Server) {
	r.web = s
	s.Registry().MustRegister(r.resnaps, liveFigures{r.live})
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/queues", ID: "list-queues", Access: web.Needs(web.ReadQueue),
		Summary: "Queues, now and today",
	}, r.getQueues)
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/agents", ID: "list-agents", Access: web.Needs(web.ReadAgent),
		Summary: "Agents, now and today",
	}, r.getAgents)
	s.Channel(proto.ChannelBoard, web.Channel{
		Access: web.Needs(web.ReadBoard),
		Subscribe: func(k *web.Socket, who *web.Principal, from proto.Subscribe) error {
			r.boards.subscribe(k, who, from)
			return nil
		},
		Unsubscribe: r.boards.unsubscribe, Review: r.boards.review, Again: r.boards.again,
	})
}

// Run implements [web.Room].
func (r *Room) Run(ctx context.Context) { r.boards.run(ctx) }
