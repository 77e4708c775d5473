package switchboard

import (
	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// message is what a call's mailbox takes. A closed set, handled in livecall.go.
type message interface{ message() }

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
	// flowWaited ends a wait of the call's flow.
	flowWaited struct {
		menu *menu
		id   uint64
	}
	// happened is what the talk machine is to know, as it is.
	happened struct{ talk.Input }
	// offered asks to ring an agent.
	offered struct {
		acd.OfferCall
		station call.Station
		browser *browserLeg
	}
	// commanded is an agent's wish, with who waits for what comes of it.
	commanded struct {
		talk.Command
		answer chan<- answer
	}
)

func (legSpoke) message()   {}
func (legSounded) message() {}
func (flowWaited) message() {}
func (happened) message()   {}
func (offered) message()    {}
func (commanded) message()  {}

// stopped ends a call because the server stops.
var stopped = happened{talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseServerStopped}}}

// browserLost says that an agent's browser has been away for too long.
func browserLost(id call.AgentID) message { return happened{talk.BrowserLost{Agent: id}} }
