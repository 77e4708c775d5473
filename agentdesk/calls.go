package agentdesk

import (
	"context"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/switchboard"
	"github.com/linedesk/linedesk/configs"
)

// Calls is what the desks need of the switchboard. A command that cannot be carried out gives a
// *switchboard.RefusedError, whose code and parameters go to the client as they are.
type Calls interface {
	SignIn(ctx context.Context, agent call.AgentID, station call.Station) error
	ChooseStation(ctx context.Context, agent call.AgentID, station call.Station) error
	ChooseState(ctx context.Context, agent call.AgentID, state call.ChosenState, reason call.ReasonID, by call.UserID) error

	DeskSeen(agent call.AgentID, page string)
	DeskLost(agent call.AgentID, page string)
	BrowserOffer(ctx context.Context, agent call.AgentID, sdp string) (answer string, err error)

	Identify(ctx context.Context, e call.CustomerIdentified) error
	Answer(ctx context.Context, agent call.AgentID, offer call.OfferID) error
	Decline(ctx context.Context, agent call.AgentID, offer call.OfferID) error
	PlaceCall(ctx context.Context, agent call.AgentID, to string) (call.ID, error)
	Hold(ctx context.Context, agent call.AgentID, id call.ID) error
	Resume(ctx context.Context, agent call.AgentID, id call.ID) error
	HangUp(ctx context.Context, agent call.AgentID, id call.ID) error
	Mute(ctx context.Context, agent call.AgentID, id call.ID, muted bool) error
	SendDTMF(ctx context.Context, agent call.AgentID, id call.ID, digits string) error

	SaveWrapUp(ctx context.Context, agent call.AgentID, id call.ID, disposition call.CodeID, notes string) error
	FinishWrapUp(ctx context.Context, agent call.AgentID, id call.ID) error
	OpenTicket(ctx context.Context, t call.TicketOpened) (call.TicketID, error)

	Site() *configs.Site
	Ready() error
}

var _ Calls = (*switchboard.Switchboard)(nil)
