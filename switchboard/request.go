package switchboard

import (
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// request is one thing for the router to do. The set is closed and of plain data, so that what the router did can be
// logged, tested, and one day come from another node. Each is handled in router.go by its type.
type request interface{ request() }

// From live calls.
type (
	// record writes an event down and shows it to the ACD.
	record struct{ event call.Event }
	// report writes down what came of one message to a call, in its order.
	report struct{ events []call.Event }
	// callBegan enters a call.
	callBegan struct{ call *liveCall }
	// callOver writes a call's end down and forgets it.
	callOver struct {
		call  *liveCall
		event call.CallEnded
	}
	// occupy makes an agent who is on shift busy with a call that no queue gave.
	occupy struct {
		agent  call.AgentID
		call   call.ID
		ifIdle bool // leave alone who has a call in hand
	}
	// free ends that for all agents of a call, or for one. The placer gets the site's wrap-up, if the call was worked on.
	free struct {
		call   call.ID
		agent  call.AgentID // empty: all
		placer call.AgentID
		worked bool
	}
	// settle answers a command: all that it did is in the journal by now.
	settle struct {
		refused error
		slot    int // where the call is parked; 0: nowhere
	}
)

// From desks and telephones.
type (
	signIn struct {
		agent   call.AgentID
		station call.Station
	}
	chooseState struct {
		agent  call.AgentID
		state  call.ChosenState
		reason call.ReasonID
		by     call.UserID // empty: the agent
	}
	// featureDialled is a feature code. Its answer is the prompt that confirms it.
	featureDialled struct {
		agent     call.AgentID
		extension call.Extension
		code      string
	}
	// placeCall begins a call for an agent.
	placeCall struct {
		agent call.AgentID
		to    destination
	}
	// commandCall passes a command on to a call.
	commandCall struct {
		call     call.ID
		command  talk.Command
		keepWait bool // of a transfer to a queue
	}
	// commandSlot passes one on to the call that is parked in a slot.
	commandSlot struct{ command talk.Command }
	// commandOffer passes one on to the call that an offer is of.
	commandOffer struct{ command talk.Command }
)

// Of links and stations.
type (
	deskSeen struct {
		agent call.AgentID
		page  string
	}
	deskLost struct {
		agent call.AgentID
		page  string
	}
	// browserWanted gives the leg of an agent's browser, made on first use.
	browserWanted struct{ agent call.AgentID }
	// browserLinked says that a browser's link came or went.
	browserLinked struct{ agent call.AgentID }
	// linkWaited ends a wait for a link that went; of an older going it is no news.
	linkWaited struct {
		agent call.AgentID
		link  linkKind
		gen   int
		lost  bool // the long wait: it counts as lost
	}
	// extensionChanged says that a telephone registered, or that its registration is over.
	extensionChanged struct{ extension call.Extension }
)

// Of the server.
type (
	// comeUp is the first request: the site's rules, and agents as they were before the restart.
	comeUp struct{}
	// carryAgents writes down where all agents sit.
	carryAgents struct{}
	// siteReloaded puts another site in force.
	siteReloaded struct {
		site    *configs.Site
		changes []call.SiteChanged
	}
	// callsWanted lists the calls in progress.
	callsWanted struct{}
)

func (record) request()           {}
func (report) request()           {}
func (callBegan) request()        {}
func (callOver) request()         {}
func (occupy) request()           {}
func (free) request()             {}
func (settle) request()           {}
func (signIn) request()           {}
func (chooseState) request()      {}
func (featureDialled) request()   {}
func (placeCall) request()        {}
func (commandCall) request()      {}
func (commandOffer) request()     {}
func (commandSlot) request()      {}
func (deskSeen) request()         {}
func (deskLost) request()         {}
func (browserWanted) request()    {}
func (browserLinked) request()    {}
func (linkWaited) request()       {}
func (extensionChanged) request() {}
func (comeUp) request()           {}
func (carryAgents) request()      {}
func (siteReloaded) request()     {}
func (callsWanted) request()      {}

// answer is what comes of a request.
type answer struct {
	seq     uint64 // the journal's last record by then
	err     error
	call    call.ID     // of placeCall
	prompt  string      // of featureDialled
	browser *browserLeg // of browserWanted
	calls   []*liveCall // of callsWanted
	slot    int         // of a command that parks
}

// posted is a request on its way, with who waits for the answer: a channel with room for it, or nil.
type posted struct {
	request
	answer chan<- answer
}
