package talk

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Input is something that happened to a call. The set is closed. One that means nothing where the call stands
// is ignored, so that late ones do no harm; a [Command] is answered all the same.
type Input interface{ input() }

// Arrived begins a call that came to a published number. The leg is party 1.
type Arrived struct {
	Call      call.ID
	Direction call.Direction // inbound, or internal: a colleague hears what customers hear
	Leg       call.LegID
	From      call.Party
	To        call.Number
	Trunk     call.TrunkID
	Extension call.Extension
	Agent     call.AgentID // of the extension that dialled
	SIPCallID string
	NoPort    bool // there is no media port: the call can not be taken
}

// Placed begins a call that an agent dials: from the desk, where the agent's station is rung first, or on the
// telephone itself, whose INVITE waits. The agent is party 1, the far end will be party 2.
type Placed struct {
	Call      call.ID
	Direction call.Direction // outbound or internal
	Agent     call.AgentID
	Extension call.Extension
	From      call.Party
	To        call.Number
	Trunk     call.TrunkID
	Callee    call.AgentID // who sits at the extension that is called; empty: nobody
	Leg       call.LegID   // the agent's
	FarLeg    call.LegID
	Station   call.Station  // of the agent; none where the telephone itself dialled
	Ring      time.Duration // how long the station may ring
	ByPhone   bool
	NoPort    bool // with ByPhone: there is no media port
}

// Offered asks to ring the agent whom the ACD chose.
type Offered struct {
	Offer   call.OfferID
	Agent   call.AgentID
	Leg     call.LegID
	Station call.Station
	Ring    time.Duration // how long the station may ring
	Consult bool          // to be asked beside the call
}

// OfferOver says that the ACD took an offer back, at whatever stage it is.
type OfferOver struct{ Offer call.OfferID }

// WaitAgain says that the caller, whose agent was lost, stands at the head of the queue again.
type WaitAgain struct{}

// QueueRefused says that the queue did not take the call, or gave it back; or that the agent to whom it was handed over
// did not take it, or was lost.
type QueueRefused struct {
	Reason  string
	Consult bool // of who was to be asked beside the call, or is asked
}

// QueueFull is the Reason of a queue that has no room.
const QueueFull = "full"

// What comes of Ring and Dial.
type (
	// Present says that a browser's leg is the call's now.
	Present struct{ Party PartyID }
	// RingFailed says that a leg could not be made or dialled.
	RingFailed struct{ Party PartyID }
)

// What a leg's dialog says.
type (
	// Rang says that the far end rings. With Early it sends sound already.
	Rang struct {
		Party PartyID
		Early bool
	}
	// Answered says that the leg is up.
	Answered struct{ Party PartyID }
	// HoldPressed says that the telephone put us on hold.
	HoldPressed struct{ Party PartyID }
	// ResumePressed says that it took us back.
	ResumePressed struct{ Party PartyID }
	// Gone says that the dialog is over.
	Gone struct {
		Party PartyID
		End   call.End
	}
)

// What a leg's sound says.
type (
	// ToneDone says that a tone that Play began came to its end.
	ToneDone struct{ Party PartyID }
	// Closed says that the leg is no more; these are its figures. The last that is heard of it. One that nobody told to close
	// is a leg that was lost.
	Closed struct {
		Party   PartyID
		Quality call.Quality
	}
)

// BrowserLost says that an agent's browser has been away for too long.
type BrowserLost struct{ Agent call.AgentID }

// CustomerFound is the answer of LookUp.
type CustomerFound struct {
	Customer call.CustomerID
	Grade    string
	Name     string
}

// What the flow asks of the call. Its reports are written down as they are, without the machine.
type (
	// FlowQueues says that the caller goes into a queue.
	FlowQueues struct {
		Queue    call.QueueID
		Skills   []call.SkillID
		Priority int
	}
	// FlowKeeps says that a voice message was left. Ticket is the ID of the one to be made of it, Kind its kind.
	FlowKeeps struct {
		File     string
		Duration time.Duration
		Ticket   call.TicketID
		Kind     string
		Queue    call.QueueID
	}
	// FlowHangsUp says that the flow came to its end.
	FlowHangsUp struct{ Cause call.Cause }
)

// Timeout ends a wait that SetTimer began.
type Timeout struct{ Timer Timer }

// Stop ends the call: an administrator's word, the server's stop, a fault of ours.
type Stop struct{ End call.End }

func (Arrived) input()       {}
func (Placed) input()        {}
func (Offered) input()       {}
func (OfferOver) input()     {}
func (WaitAgain) input()     {}
func (QueueRefused) input()  {}
func (Present) input()       {}
func (RingFailed) input()    {}
func (Rang) input()          {}
func (Answered) input()      {}
func (HoldPressed) input()   {}
func (ResumePressed) input() {}
func (Gone) input()          {}
func (ToneDone) input()      {}
func (Closed) input()        {}
func (BrowserLost) input()   {}
func (CustomerFound) input() {}
func (FlowQueues) input()    {}
func (FlowKeeps) input()     {}
func (FlowHangsUp) input()   {}
func (Timeout) input()       {}
func (Stop) input()          {}
func (Command) input()       {}
