package flow

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Input is something that happened to a call in a flow. The set is closed. Inputs that are of no
// interest where the call stands are ignored, so that late ones do no harm.
type Input interface{ input() }

// Digit is a key that the caller pressed: 0–9, *, #, A–D.
type Digit struct{ Key rune }

// PlayDone says that a Play came to its end by itself. A Play that was stopped or replaced has none.
type PlayDone struct{ ID uint64 }

// Timeout says that the time of a SetTimer has passed.
type Timeout struct{ ID uint64 }

// QueueFull says that the queue did not take the call.
type QueueFull struct{}

// QueueLeft says that the call was taken out of the queue without an agent.
type QueueLeft struct{}

// Taken says that an agent has the call: from here on the flow says nothing until Requeued.
type Taken struct{}

// Requeued says that the agent's line broke and the caller waits again, at the queue's head.
type Requeued struct{}

// RecordDone says that a recording is over, by whatever end. It counts after CallerLeft as well: a
// message is kept although its caller has hung up.
type RecordDone struct {
	File     string
	Duration time.Duration
	Failed   bool // there is nothing to be kept
}

// CallerLeft says that the caller has hung up. Nothing is played after it.
type CallerLeft struct{}

func (Digit) input()      {}
func (PlayDone) input()   {}
func (Timeout) input()    {}
func (QueueFull) input()  {}
func (QueueLeft) input()  {}
func (Taken) input()      {}
func (Requeued) input()   {}
func (RecordDone) input() {}
func (CallerLeft) input() {}

// Effect is something the caller of [Step] must carry out, in the order given. The set is closed.
type Effect interface{ effect() }

// Prompt is a text of the site's prompts in one language.
type Prompt struct {
	Name     string
	Language string
}

// Play replaces whatever plays with these prompts, one after the other. PlayDone quotes the ID.
type Play struct {
	ID      uint64
	Prompts []Prompt
}

// StopPlay ends whatever plays, music too.
type StopPlay struct{}

// Music plays music on hold until something else plays. Empty: the queue's own.
type Music struct {
	Name  string
	Queue call.QueueID
}

// SetTimer asks for Timeout with this ID after this time. A call has one timer: a new one replaces it.
type SetTimer struct {
	ID    uint64
	After time.Duration
}

// Enqueue puts the call into a queue.
type Enqueue struct {
	Queue    call.QueueID
	Priority int
	Skills   []call.SkillID
}

// Record records the caller until StopRecord, so much silence, or the longest time.
type Record struct {
	MaxDuration time.Duration
	SilenceEnd  time.Duration
}

// StopRecord ends the recording. RecordDone follows.
type StopRecord struct{}

// LeaveVoicemail keeps a message and makes a ticket of it.
type LeaveVoicemail struct {
	File     string
	Duration time.Duration
	Ticket   string // kind of ticket
	Queue    call.QueueID
}

// EchoBack sends the caller's own sound back, or stops doing so.
type EchoBack struct{ On bool }

// HangUp ends the call. It is the last effect.
type HangUp struct{ Cause call.Cause }

// Report says that the call left a node by an exit: [call.FlowStepped].
type Report struct {
	Node   string
	Exit   string
	Digits string
}

func (Play) effect()           {}
func (StopPlay) effect()       {}
func (Music) effect()          {}
func (SetTimer) effect()       {}
func (Enqueue) effect()        {}
func (Record) effect()         {}
func (StopRecord) effect()     {}
func (LeaveVoicemail) effect() {}
func (EchoBack) effect()       {}
func (HangUp) effect()         {}
func (Report) effect()         {}
