package switchboard

import (
	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/store"
)

// message is what a call's mailbox takes. A closed set, handled in livecall.go.
type message interface{ message() }

// From the line.
type (
	// legSpoke is an event of a leg's dialog.
	legSpoke struct {
		leg   *leg
		event sip.LegEvent
	}
	// legSounded is an event of a leg's sound.
	legSounded struct {
		leg   *leg
		event media.Event
	}
	// timerFired ends a wait of the call's flow.
	timerFired struct{ id uint64 }
	// customerFound is the answer of the look-up by number.
	customerFound struct{ customer *store.Customer }
	// browserLost says that the agent's browser has been away for too long.
	browserLost struct{ agent call.AgentID }
)

// From the ACD, by way of the router.
type (
	// offered asks to ring an agent.
	offered struct {
		acd.OfferCall
		station call.Station
		browser *browserLeg
	}
	// offerOver asks to stop ringing, or to let go of, the agent of an offer.
	offerOver struct{ offer call.OfferID }
	// waitAgain puts the caller back to music at the head of the queue.
	waitAgain struct{}
	// queueRefused says that the queue did not take the call, or gave it back: it is full, or not in the site
	// any more.
	queueRefused struct{ reason string }
)

// From the desks.
type (
	// accept is the agent's click on "answer"; a browser's offer only.
	accept struct{ offer call.OfferID }
	// decline is the click on "decline".
	decline struct{ offer call.OfferID }
	// hold begins or ends the agent's hold.
	hold struct {
		agent call.AgentID
		on    bool
	}
	// mute cuts or opens the agent's microphone.
	mute struct {
		agent call.AgentID
		on    bool
	}
	// press sends keys to the far party.
	press struct{ digits string }
	// hangUp ends the call.
	hangUp struct{ end call.End }
)

func (legSpoke) message()      {}
func (legSounded) message()    {}
func (timerFired) message()    {}
func (customerFound) message() {}
func (browserLost) message()   {}
func (offered) message()       {}
func (offerOver) message()     {}
func (waitAgain) message()     {}
func (queueRefused) message()  {}
func (accept) message()        {}
func (decline) message()       {}
func (hold) message()          {}
func (mute) message()          {}
func (press) message()         {}
func (hangUp) message()        {}

// agentHangsUp is the click on "hang up": it declines what rings and ends what goes on.
type agentHangsUp struct{ agent call.AgentID }

func (agentHangsUp) message() {}
