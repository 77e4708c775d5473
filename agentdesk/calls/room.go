// Package calls is the calls themselves: the call log, the calls in progress, and what agents and leads do to one, by
// REST and by the websocket alike.
package calls

import (
	"context"
	"os"

	"github.com/linedesk/linedesk/agentdesk/desk"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// Switchboard is what this room needs of it. A command that cannot be carried out gives a *switchboard.RefusedError,
// whose code and parameters go to the client as they are.
type Switchboard interface {
	PlaceCall(ctx context.Context, agent call.AgentID, to string) (id call.ID, seq uint64, err error)
	Identify(ctx context.Context, e call.CustomerIdentified) (seq uint64, err error)
	Answer(ctx context.Context, agent call.AgentID, offer call.OfferID) (seq uint64, err error)
	Decline(ctx context.Context, agent call.AgentID, offer call.OfferID) (seq uint64, err error)
	Hold(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	Resume(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	HangUp(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	Mute(ctx context.Context, agent call.AgentID, id call.ID, muted bool) (seq uint64, err error)
	Transfer(ctx context.Context, agent call.AgentID, id call.ID, to call.Target, keepWait bool) (seq uint64, err error)
	Consult(ctx context.Context, agent call.AgentID, id call.ID, to call.Target) (seq uint64, err error)
	Swap(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	Complete(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	CancelConsult(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	Park(ctx context.Context, agent call.AgentID, id call.ID) (slot int, seq uint64, err error)
	TakeUp(ctx context.Context, agent call.AgentID, slot int) (seq uint64, err error)
	SendDTMF(ctx context.Context, agent call.AgentID, id call.ID, digits string) (seq uint64, err error)

	SaveWrapUp(ctx context.Context, agent call.AgentID, id call.ID, disposition call.CodeID, notes string) (seq uint64, err error)
	FinishWrapUp(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
}

// Room is the calls' part of the web server.
type Room struct {
	web        *web.Server
	desks      *desk.Room
	calls      Switchboard
	live       *live.Live
	store      store.Store
	recordings *os.Root // nil: none
}

var _ web.Room = (*Room)(nil)

// New makes the room. Recordings is the folder that call records name files in, nil if there are none; the room closes it.
func New(desks *desk.Room, calls Switchboard, l *live.Live, st store.Store, recordings *os.Root) *Room {
	return &Room{desks: desks, calls: calls, live: l, store: st, recordings: recordings}
}

// Register implements [web.Room].
func (r *Room) Register(s *web.Server) {
	r.web = s
	r.registerLog(s)
	r.registerControl(s)
	r.registerTransfer(s)
	r.registerDirectory(s)
	r.registerConsult(s)
	r.registerPark(s)
	r.registerCommands(s)
}

// Run implements [web.Room].
func (r *Room) Run(ctx context.Context) {
	<-ctx.Done()
	if r.recordings != nil {
		_ = r.recordings.Close()
	}
}
