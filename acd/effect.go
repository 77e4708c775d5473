package acd

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Effect is something the caller of [Machine.Step] must carry out. The set is closed.
type Effect interface{ effect() }

// OfferCall rings one agent for one call. The results quote the offer: OfferRinging, OfferAnswered,
// OfferMissed. The machine itself withdraws it at Until.
type OfferCall struct {
	Offer call.OfferID
	Call  call.ID
	Queue call.QueueID
	Agent call.AgentID
	Until time.Time
	Why   string // see [call.CallOffered]
}

// WithdrawOffer stops the ringing of an offer. Miss is empty when it is no fault of the agent's (the
// caller left); else the machine has counted the miss and the shell records it.
type WithdrawOffer struct {
	Offer call.OfferID
	Call  call.ID
	Agent call.AgentID
	Miss  call.Miss
}

// ReleaseAgent hangs up the agent's leg of a call: the stage's deadline has passed, or a late answer
// came to an offer that was withdrawn.
type ReleaseAgent struct {
	Offer call.OfferID
	Call  call.ID
	Agent call.AgentID
}

// ResumeWaiting puts a caller, whose agent went away, back to music: the place is the queue's head.
type ResumeWaiting struct {
	Call  call.ID
	Queue call.QueueID
}

// RefuseCall says that a queue did not take the call, or gives it back, or that the agent to whom it was directed did
// not take it. It is not waiting any more; its flow goes on by the exit for it, or it goes back to who handed it over.
type RefuseCall struct {
	Call   call.ID
	Queue  call.QueueID
	Reason string // one of those below
	// Consult: who was to be asked of it does not take it; the call itself is as it was.
	Consult bool
}

// Why a queue does not take a call, or gives it back.
const (
	ReasonFull         = "full"          // as many wait as may
	ReasonUnknownQueue = "unknown_queue" // the site has no such queue, or has it no more
	ReasonNotTaken     = "not_taken"     // the agent to whom it was directed can not have it, or did not take it
)

// EndCall hangs up a call that outlived the longest time a call may last.
type EndCall struct {
	Call call.ID
}

// StartWrapUp tells that the agent's wrap-up runs until then.
type StartWrapUp struct {
	Call  call.ID
	Agent call.AgentID
	Until time.Time
}

// EndWrapUp tells that the wrap-up is over, by the agent or by time.
type EndWrapUp struct {
	Call     call.ID
	Agent    call.AgentID
	TimedOut bool
}

// ReportStatus is to be recorded as it is.
type ReportStatus struct{ call.AgentStatusChanged }

func (OfferCall) effect()     {}
func (WithdrawOffer) effect() {}
func (ReleaseAgent) effect()  {}
func (ResumeWaiting) effect() {}
func (RefuseCall) effect()    {}
func (EndCall) effect()       {}
func (StartWrapUp) effect()   {}
func (EndWrapUp) effect()     {}
func (ReportStatus) effect()  {}
