package talk

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Effect is something that the caller of [Step] must carry out, in the order given. The set is closed.
type Effect interface{ effect() }

// Journal writes an event down. With Before it is in the journal before the next effect is carried out: a
// server that is killed right after still knows of it.
type Journal struct {
	Event  call.Event
	Before bool
}

// Ring rings a station of ours. A browser is there already: its loan is answered by Present, or RingFailed.
type Ring struct {
	Party   PartyID
	Leg     call.LegID
	Agent   call.AgentID
	Station call.Station
	Show    call.Party // what the telephone displays
	For     time.Duration
}

// Dial calls somebody: an extension of ours, or a number through a trunk.
type Dial struct {
	Party     PartyID
	Leg       call.LegID
	Extension call.Extension
	Number    call.Number
	Trunk     call.TrunkID
}

// What is said to an incoming leg.
type (
	// Progress lets it hear that it rings (180).
	Progress struct{ Party PartyID }
	// Answer takes it (200).
	Answer struct{ Party PartyID }
	// Reject refuses it.
	Reject struct {
		Party  PartyID
		Status int
		Reason string
	}
)

// HangUp lets a leg go, whichever way its state wants. Closed follows with its figures.
type HangUp struct {
	Party PartyID
	End   call.End
}

// Connect makes a room stand as it is told: who is not a member is taken out. Without members it is no more.
type Connect struct{ Room }

// Sound is what a party that is alone can be played.
type Sound string

// The sounds.
const (
	Ringback Sound = "ringback" // until something else plays
	Busy     Sound = "busy"     // for some seconds; ToneDone follows
	Music    Sound = "music"    // of the queue, or of the agent's first queue that has some
)

// Play lets a party hear a sound until StopPlay, Connect or the end of it.
type Play struct {
	Party PartyID
	Sound Sound
	Queue call.QueueID // of Music
	Agent call.AgentID // of Music
}

// StopPlay ends whatever plays.
type StopPlay struct{ Party PartyID }

// Mute cuts a party's sound off, or lets it through again.
type Mute struct {
	Party PartyID
	On    bool
}

// SendKeys sends keys to a party (RFC 4733).
type SendKeys struct {
	Party PartyID
	Keys  string
}

// EnterFlow leads the customer into a flow, out of the one before if there is one: this one; or one that is nothing but
// a wait in the queue; else that of the number that was dialled.
type EnterFlow struct {
	Flow  call.FlowID
	Queue call.QueueID
}

// News is what a flow is told.
type News string

// The news.
const (
	NewsTaken      News = "taken"       // an agent has the call
	NewsRequeued   News = "requeued"    // the agent was lost, the caller waits again
	NewsFull       News = "full"        // the queue did not take the call
	NewsLeft       News = "left"        // the queue gave the call back
	NewsCallerLeft News = "caller_left" // nothing is played any more; a message that is being left is kept
)

// TellFlow tells the flow.
type TellFlow struct{ News News }

// LookUp looks for the customer who has this number. CustomerFound follows, if there is one.
type LookUp struct{ Number call.Number }

// Occupy makes an agent who is signed in busy with the call. With IfIdle it leaves alone who has a call in hand.
type Occupy struct {
	Agent  call.AgentID
	IfIdle bool
}

// Free ends what Occupy began, for all of them or for one Agent. The Placer, if the call was Worked on, gets the site's
// wrap-up for calls that agents place.
type Free struct {
	Agent  call.AgentID
	Placer call.AgentID
	Worked bool
}

// Timer names a wait.
type Timer string

// The timers.
const (
	TimerClosing Timer = "closing" // bounds the wait for the figures of legs that were told to close
	TimerParked  Timer = "parked"  // bounds how long a call lies in its slot
)

// ClosingTime is how long that may take. A recording may take 5 s to be on disk, and is told before them.
const ClosingTime = 6 * time.Second

// SetTimer asks for Timeout after this time.
type SetTimer struct {
	Timer Timer
	After time.Duration
}

// Reply answers a command.
type Reply struct {
	Command CommandID
	Refused Refusal // empty: it is done
}

// Over is the last effect of a call: its end is written down and it is forgotten.
type Over struct{ Event call.CallEnded }

func (Journal) effect()   {}
func (Ring) effect()      {}
func (Dial) effect()      {}
func (Progress) effect()  {}
func (Answer) effect()    {}
func (Reject) effect()    {}
func (HangUp) effect()    {}
func (Connect) effect()   {}
func (Play) effect()      {}
func (StopPlay) effect()  {}
func (Mute) effect()      {}
func (SendKeys) effect()  {}
func (EnterFlow) effect() {}
func (TellFlow) effect()  {}
func (LookUp) effect()    {}
func (Occupy) effect()    {}
func (Free) effect()      {}
func (SetTimer) effect()  {}
func (Reply) effect()     {}
func (Over) effect()      {}
