package flow

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Flow is one voice menu with everything it leads to. A call keeps the version it began with.
type Flow struct {
	ID      call.FlowID       `yaml:"-" json:"id"`
	Version int               `yaml:"-" json:"version"`
	Names   map[string]string `yaml:"names,omitempty" json:"names,omitempty"` // what people see, per language
	// In which languages each prompt is said, one after the other. Empty: the site's own.
	Languages []string         `yaml:"languages,omitempty" json:"languages,omitempty"`
	Start     string           `yaml:"start" json:"start"` // the node that a call begins with
	Nodes     map[string]*Node `yaml:"nodes" json:"nodes"` // the nodes by their names
}

// Type says what a node does.
type Type string

// The types of node.
const (
	Say       Type = "say"       // plays its prompts; exit done
	Menu      Type = "menu"      // one key chooses the exit; exits as named by keys, and failed
	Collect   Type = "collect"   // gathers several keys; exits done and failed
	Queue     Type = "queue"     // waits for an agent; exit full
	Hangup    Type = "hangup"    // plays its prompts and hangs up; no exits
	Echo      Type = "echo"      // sends the caller's own sound back; exit done after max_length
	Voicemail Type = "voicemail" // records a message; exits done and empty
)

// The exits that nodes take by themselves. A menu has those that its keys name as well.
const (
	ExitDone    = "done"    // say, collect, echo, voicemail: came to its end
	ExitFailed  = "failed"  // menu, collect: too many tries; voicemail: could not be recorded (else empty); queue: taken out of it (else full)
	ExitTimeout = "timeout" // menu, collect: the last try was silence (else failed)
	ExitFull    = "full"    // queue: as many wait there as may wait
	ExitEmpty   = "empty"   // voicemail: nothing was said
)

// Node is one step of a flow. Which fields mean something depends on the type: see [Fields].
type Node struct {
	Type    Type              `yaml:"type" json:"type"`                           // what the node does
	Prompts []string          `yaml:"prompts,omitempty" json:"prompts,omitempty"` // what the caller is told, one after the other
	Exits   map[string]string `yaml:"exits,omitempty" json:"exits,omitempty"`     // where the call goes on: exit → node

	// BargeIn: a key cuts the prompts short. On for menu, collect and voicemail unless set, off for say. Either way
	// a key pressed during a prompt is kept for the next menu or collect.
	BargeIn *bool `yaml:"barge_in,omitempty" json:"barge_in,omitempty"`

	// Which key takes which exit. Keys are 0–9, *, # and A–D.
	Keys map[string]string `yaml:"keys,omitempty" json:"keys,omitempty"`

	// How long after the prompts we wait for the (first) key; 5s unless set.
	Wait time.Duration `yaml:"wait,omitempty" json:"wait,omitempty"`
	// After so many wrong or silent tries the node fails; 3 unless set.
	Tries int `yaml:"tries,omitempty" json:"tries,omitempty"`
	// What is said before the prompts are said again.
	Retry []string `yaml:"retry,omitempty" json:"retry,omitempty"`

	As     string        `yaml:"as,omitempty" json:"as,omitempty"`         // the variable that gets the digits
	Min    int           `yaml:"min,omitempty" json:"min,omitempty"`       // so many digits at the least; 1 unless set
	Max    int           `yaml:"max,omitempty" json:"max,omitempty"`       // and so many at the most; 32 unless set
	Finish string        `yaml:"finish,omitempty" json:"finish,omitempty"` // the key that ends the input; "#" unless set, none for none
	Gap    time.Duration `yaml:"gap,omitempty" json:"gap,omitempty"`       // how long we wait between two keys; 3s unless set
	Secret bool          `yaml:"secret,omitempty" json:"secret,omitempty"` // the digits are kept out of the record

	// Queue is where the call waits; of a voicemail whose message it is, which may be left out.
	Queue call.QueueID `yaml:"queue,omitempty" json:"queue,omitempty"`
	// How the call stands among the others, -100 to 100: the higher goes first.
	Priority int            `yaml:"priority,omitempty" json:"priority,omitempty"`
	Skills   []call.SkillID `yaml:"skills,omitempty" json:"skills,omitempty"`     // what the agent must be able to do: not yet in force, refused
	Music    string         `yaml:"music,omitempty" json:"music,omitempty"`       // a prompt for those who wait; empty: the queue's own
	Announce []string       `yaml:"announce,omitempty" json:"announce,omitempty"` // what is said while waiting
	Every    time.Duration  `yaml:"every,omitempty" json:"every,omitempty"`       // how often; 30s unless set
	Lost     []string       `yaml:"lost,omitempty" json:"lost,omitempty"`         // what is said to a caller whose agent's line broke

	Beep string `yaml:"beep,omitempty" json:"beep,omitempty"` // the sound before the recording
	// How long a message may be, 2m unless set; of an echo how long it lasts, 5m unless set.
	MaxLength time.Duration `yaml:"max_length,omitempty" json:"max_length,omitempty"`
	Silence   time.Duration `yaml:"silence,omitempty" json:"silence,omitempty"` // so much of it ends the message; 5s unless set
	Ticket    string        `yaml:"ticket,omitempty" json:"ticket,omitempty"`   // the kind of ticket that the message leaves
}

// What counts where a node says nothing.
const (
	defaultWait      = 5 * time.Second
	defaultTries     = 3
	defaultMin       = 1
	defaultMax       = maxKeys
	defaultGap       = 3 * time.Second
	defaultMessage   = 2 * time.Minute
	defaultEcho      = 5 * time.Minute
	defaultSilence   = 5 * time.Second
	defaultEvery     = 30 * time.Second
	defaultFinish    = "#"
	noFinish         = "none"
	shortestMessage  = time.Second    // anything shorter is a click, not a message
	maxKeys          = call.MaxDigits // keys kept or collected; more are dropped
	maxNodesPassed   = 1000           // a call that passes more nodes than this goes round in circles
	maxNodesPerInput = 64             // and so does a step
)

var fields = map[Type][]string{
	Say:       {"prompts", "barge_in", "exits"},
	Menu:      {"prompts", "barge_in", "keys", "wait", "tries", "retry", "exits"},
	Collect:   {"prompts", "barge_in", "wait", "tries", "retry", "as", "min", "max", "finish", "gap", "secret", "exits"},
	Queue:     {"queue", "priority", "skills", "music", "announce", "every", "lost", "exits"},
	Hangup:    {"prompts"},
	Echo:      {"max_length", "exits"},
	Voicemail: {"prompts", "barge_in", "beep", "max_length", "silence", "ticket", "queue", "exits"},
}

// Types gives the types of node, sorted.
func Types() []Type {
	return []Type{Collect, Echo, Hangup, Menu, Queue, Say, Voicemail}
}

// Fields gives the names of the fields that mean something on a node of this type, besides type itself.
func Fields(t Type) []string { return fields[t] }

func (n *Node) bargeIn() bool {
	if n.BargeIn != nil {
		return *n.BargeIn
	}
	return n.Type != Say
}

func (n *Node) finish() string {
	switch n.Finish {
	case "":
		return defaultFinish
	case noFinish:
		return ""
	default:
		return n.Finish
	}
}

// or gives the first that is positive.
func or[T int | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}
