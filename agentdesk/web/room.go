package web

import (
	"context"
	"maps"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

// Room is a part of what people see: desks, boards, the call log. It registers its routes, commands and channels once,
// before the server runs, and works as long as the server does.
type Room interface {
	// Register names what the room answers: [Handle], [Server.Serve], [Server.Command], [Server.Channel].
	Register(*Server)
	// Run works until the context ends, which is after the last page has gone, and returns when all that the room
	// started has ended.
	Run(context.Context)
}

// Add lets rooms register what they answer. It is called before [Server.Run].
func (s *Server) Add(rooms ...Room) {
	for _, r := range rooms {
		r.Register(s)
	}
	s.rooms = append(s.rooms, rooms...)
}

// Channel is something that pages follow over the websocket.
type Channel struct {
	Access Access
	// Subscribe puts a page on the channel, which then sends with [Socket.Send] or [Socket.SendFrame]. It may be asked
	// again by a page that is on it.
	Subscribe func(*Socket, *Principal, proto.Subscribe) error
	// Unsubscribe takes a page off. It is called for each page that ends, whether it was on the channel or not.
	Unsubscribe func(*Socket)
	// Review is called now and then for each page: its user's rights may have changed; nil: there is nothing to do.
	Review func(*Socket, *Principal)
	// Again sends a page that had fallen behind a fresh snapshot; nil: the channel uses no [Socket.SendFrame].
	Again func(*Socket)
	// Acked tells that a page got the journal's number of what its command did: it waits until the channel shows it;
	// nil: the channel's messages say so by themselves.
	Acked func(*Socket, uint64)
	// Site is called when another site is in force; nil: the channel has none of it.
	Site func()
	// Rows is called when the call log has new rows of these agents; nil: the channel shows none.
	Rows func([]call.AgentID)
	// Greet adds to a page's first message what it has to know of the channel; nil: nothing.
	Greet func(*Socket, *Principal, *proto.Hello)
}

// Channel registers a channel.
func (s *Server) Channel(name proto.Channel, c Channel) { s.channels[name] = c }

// Command registers what a page may ask for by this name.
func (s *Server) Command(name string, c Command) { s.commands[name] = c }

// Commands gives each command's access by its name.
func (s *Server) Commands() map[string]Access {
	out := map[string]Access{}
	for name, c := range maps.All(s.commands) {
		out[name] = c.Access
	}
	return out
}

// SiteChanged tells everybody that another site is in force: channels name things by it, and pages read GET /site
// again.
func (s *Server) SiteChanged() {
	for _, ch := range s.channels {
		if ch.Site != nil {
			ch.Site()
		}
	}
	for _, k := range s.sockets.which(func(*Socket) bool { return true }) {
		k.Send(proto.Site{T: proto.MsgSite})
	}
}

// RowsWritten tells the channels whose calls have new rows in the call log. It does not wait.
func (s *Server) RowsWritten(agents []call.AgentID) {
	for _, ch := range s.channels {
		if ch.Rows != nil && len(agents) > 0 {
			ch.Rows(agents)
		}
	}
}

// again gives a page that had fallen behind its snapshots.
func (s *Server) again(k *Socket) {
	for _, ch := range s.channels {
		if ch.Again != nil {
			ch.Again(k)
		}
	}
}

// acked tells the channels what a page waits for.
func (s *Server) acked(k *Socket, seq uint64) {
	for _, ch := range s.channels {
		if ch.Acked != nil {
			ch.Acked(k, seq)
		}
	}
}
