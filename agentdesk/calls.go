package agentdesk

import (
	"context"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/switchboard"
)

// Calls is what the desks need of the switchboard. A command that cannot be carried out gives a
// *switchboard.RefusedError, whose code and parameters go to the client as they are.
type Calls interface {
	SignIn(ctx context.Context, agent call.AgentID, station call.Station) (seq uint64, err error)
	ChooseStation(ctx context.Context, agent call.AgentID, station call.Station) (seq uint64, err error)
	ChooseState(ctx context.Context, agent call.AgentID, state call.ChosenState, reason call.ReasonID, by call.UserID) (seq uint64, err error)

	DeskSeen(agent call.AgentID, page string)
	DeskLost(agent call.AgentID, page string)
	BrowserOffer(ctx context.Context, agent call.AgentID, sdp string) (answer string, err error)

	Identify(ctx context.Context, e call.CustomerIdentified) (seq uint64, err error)
	Answer(ctx context.Context, agent call.AgentID, offer call.OfferID) (seq uint64, err error)
	Decline(ctx context.Context, agent call.AgentID, offer call.OfferID) (seq uint64, err error)
	PlaceCall(ctx context.Context, agent call.AgentID, to string) (id call.ID, seq uint64, err error)
	Hold(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	Resume(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	HangUp(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	Mute(ctx context.Context, agent call.AgentID, id call.ID, muted bool) (seq uint64, err error)
	SendDTMF(ctx context.Context, agent call.AgentID, id call.ID, digits string) (seq uint64, err error)

	SaveWrapUp(ctx context.Context, agent call.AgentID, id call.ID, disposition call.CodeID, notes string) (seq uint64, err error)
	FinishWrapUp(ctx context.Context, agent call.AgentID, id call.ID) (seq uint64, err error)
	OpenTicket(ctx context.Context, t call.TicketOpened) (id call.TicketID, seq uint64, err error)

	Site() *configs.Site
	Ready() error
}

var _ Calls = (*switchboard.Switchboard)(nil)

// done drops the journal's number of what a command did.
func done(_ uint64, err error) error { return err }

func unnumbered(do func(context.Context, call.AgentID, call.ID) (uint64, error)) func(context.Context, call.AgentID, call.ID) error {
	return func(ctx context.Context, a call.AgentID, c call.ID) error { return done(do(ctx, a, c)) }
}
