package flow

import (
	"maps"
	"strings"

	"github.com/linedesk/linedesk/call"
)

// Phase says what a call does inside its node.
type Phase string

// The phases of a node.
const (
	PhasePrompt    Phase = "prompt"    // its prompts play
	PhaseWait      Phase = "wait"      // waits for a key
	PhaseQueued    Phase = "queued"    // waits for an agent
	PhaseTaken     Phase = "taken"     // an agent has the call
	PhaseEcho      Phase = "echo"      // hears itself
	PhaseBeep      Phase = "beep"      // the sound before the recording
	PhaseRecording Phase = "recording" // speaks a message
	PhaseEnded     Phase = "ended"     // nothing more comes
)

// State is where a call stands in its flow. It is a value: a copy is a full copy, and it can be kept
// as JSON. Step never changes the one it was given.
type State struct {
	Languages []string          `json:"languages"`
	Node      string            `json:"node"`
	Phase     Phase             `json:"phase"`
	Play      uint64            `json:"play,omitempty"`    // what plays, 0: nothing that we wait for
	Timer     uint64            `json:"timer,omitempty"`   // what runs, 0: none
	Last      uint64            `json:"last,omitempty"`    // the last ID given to a play or a timer
	Keys      string            `json:"keys,omitempty"`    // pressed and not used yet
	Digits    string            `json:"digits,omitempty"`  // what a collect node has so far
	Tries     int               `json:"tries,omitempty"`   // that failed in this node
	Passed    int               `json:"passed,omitempty"`  // nodes entered so far
	Gone      bool              `json:"gone,omitempty"`    // the caller has hung up
	Message   bool              `json:"message,omitempty"` // a message was left
	Vars      map[string]string `json:"vars,omitempty"`    // what collect nodes gathered
}

// Env is what a flow must know of the call it begins.
type Env struct {
	// Languages overrule the flow's own: those of the number dialled, or of the customer. The last
	// resort is the site's, which the caller of Start passes as Fallback.
	Languages []string
	Fallback  string
}

// Start begins a flow.
func Start(f *Flow, env Env) (State, []Effect) {
	languages := env.Languages
	if len(languages) == 0 {
		languages = f.Languages
	}
	if len(languages) == 0 {
		languages = []string{env.Fallback}
	}
	s := stepper{flow: f, State: State{Languages: languages}}
	s.enter(f.Start)
	return s.State, s.effects
}

// Step takes one input and gives the next state and what is to be done. An input that means nothing
// where the call stands leaves everything as it is.
func Step(f *Flow, state State, in Input) (State, []Effect) {
	s := stepper{flow: f, State: state}
	if state.Phase == PhaseEnded {
		return state, nil
	}
	node := f.Nodes[state.Node]
	if node == nil {
		s.hangUp(call.CauseFailed)
		return s.State, s.effects
	}
	switch in := in.(type) {
	case Digit:
		s.digit(node, in.Key)
	case PlayDone:
		if in.ID != 0 && in.ID == s.Play {
			s.Play = 0
			s.played(node)
		}
	case Timeout:
		if in.ID != 0 && in.ID == s.Timer {
			s.Timer = 0
			s.timedOut(node)
		}
	case QueueFull:
		s.leaveQueue(node, ExitFull)
	case QueueLeft:
		s.leaveQueue(node, ExitFailed)
	case Taken:
		s.taken()
	case Requeued:
		s.requeued(node)
	case RecordDone:
		if s.Phase == PhaseRecording {
			s.recorded(node, in)
		}
	case CallerLeft:
		s.callerLeft()
	}
	return s.State, s.effects
}

// stepper is one step in the making.
type stepper struct {
	State
	flow    *Flow
	effects []Effect
	entered int // nodes entered in this step
}

func (s *stepper) do(e Effect) { s.effects = append(s.effects, e) }

func (s *stepper) nextID() uint64 {
	s.Last++
	return s.Last
}

// say plays prompts in each language of the call. Without prompts it says at once that they are over.
func (s *stepper) say(prompts ...[]string) (playing bool) {
	var list []Prompt
	for _, names := range prompts {
		for _, language := range s.Languages {
			for _, name := range names {
				list = append(list, Prompt{Name: name, Language: language})
			}
		}
	}
	if len(list) == 0 {
		return false
	}
	s.Play = s.nextID()
	s.do(Play{ID: s.Play, Prompts: list})
	return true
}

func (s *stepper) stopPlay() {
	if s.Play != 0 {
		s.Play = 0
		s.do(StopPlay{})
	}
}

func (s *stepper) hangUp(cause call.Cause) {
	s.Play, s.Timer, s.Phase = 0, 0, PhaseEnded
	s.do(HangUp{Cause: cause})
}

// leave takes an exit, or the one that stands for it. A flow that passed Check always has one.
func (s *stepper) leave(n *Node, exit, digits string) {
	exit, to, ok := n.resolve(exit)
	s.do(Report{Node: s.Node, Exit: exit, Digits: digits})
	if !ok {
		s.hangUp(call.CauseFailed)
		return
	}
	s.enter(to)
}

// resolve finds the node behind an exit. Where the flow does not have the exit, a more general one is taken.
func (n *Node) resolve(exit string) (taken, to string, ok bool) {
	if to, ok = n.Exits[exit]; ok {
		return exit, to, true
	}
	general := ""
	switch {
	case exit == ExitTimeout:
		general = ExitFailed
	case exit == ExitFailed && n.Type == Queue:
		general = ExitFull
	case exit == ExitFailed && n.Type == Voicemail:
		general = ExitEmpty
	}
	to, ok = n.Exits[general]
	if !ok {
		return exit, "", false
	}
	return general, to, true
}

func (s *stepper) enter(name string) {
	n := s.flow.Nodes[name]
	s.Passed++
	s.entered++
	if n == nil || s.Passed > maxNodesPassed || s.entered > maxNodesPerInput {
		s.hangUp(call.CauseFailed)
		return
	}
	s.Node, s.Phase = name, PhasePrompt
	s.Play, s.Timer, s.Digits, s.Tries = 0, 0, "", 0
	switch n.Type {
	case Menu:
		s.askMenu(n)
	case Collect:
		s.askDigits(n)
	case Queue:
		s.enqueue(n)
	case Echo:
		s.Phase = PhaseEcho
		s.do(EchoBack{On: true})
		s.setTimer(or(n.MaxLength, defaultEcho))
	case Say, Hangup, Voicemail:
		if !s.say(n.Prompts) {
			s.played(n)
		}
	default:
		s.hangUp(call.CauseFailed)
	}
}

// played goes on after a node's sounds.
func (s *stepper) played(n *Node) {
	switch n.Type {
	case Say:
		s.leave(n, ExitDone, "")
	case Hangup:
		cause := call.CauseFlowEnded
		if s.Message {
			cause = call.CauseVoicemail
		}
		s.hangUp(cause)
	case Menu:
		s.awaitMenuKey(n)
	case Collect:
		s.awaitDigit(n)
	case Queue:
		if s.Phase == PhaseQueued {
			s.wait(n)
		}
	case Voicemail:
		s.afterGreeting(n)
	case Echo:
	}
}

func (s *stepper) timedOut(n *Node) {
	switch n.Type {
	case Menu:
		s.failTry(n, ExitTimeout)
	case Collect:
		s.digitsOver(n, ExitTimeout)
	case Queue:
		if s.Phase == PhaseQueued && !s.say(n.Announce) {
			s.wait(n)
		}
	case Echo:
		s.do(EchoBack{On: false})
		s.leave(n, ExitDone, "")
	case Say, Hangup, Voicemail:
	}
}

func (s *stepper) digit(n *Node, key rune) {
	if !isKey(key) || s.Gone {
		return
	}
	switch n.Type {
	case Menu:
		s.menuKey(n, key)
	case Collect:
		s.collectKey(n, key)
	case Say:
		s.keep(key)
		if n.bargeIn() && s.Play != 0 {
			s.stopPlay()
			s.leave(n, ExitDone, "")
		}
	case Voicemail:
		s.voicemailKey(n)
	case Queue, Hangup, Echo:
		// Nothing there takes keys.
	}
}

func (s *stepper) callerLeft() {
	s.Gone, s.Play, s.Timer = true, 0, 0
	if s.Phase == PhaseRecording {
		s.do(StopRecord{}) // RecordDone brings the message
		return
	}
	s.Phase = PhaseEnded
}

// keep holds a key for the next node that asks for one.
func (s *stepper) keep(key rune) {
	if len(s.Keys) < maxKeys {
		s.Keys += string(key)
	}
}

// takeKey gives the first of the keys that were kept.
func (s *stepper) takeKey() (rune, bool) {
	if s.Keys == "" {
		return 0, false
	}
	key := rune(s.Keys[0])
	s.Keys = s.Keys[1:]
	return key, true
}

func (s *stepper) set(name, value string) {
	if name == "" {
		return
	}
	vars := maps.Clone(s.Vars)
	if vars == nil {
		vars = map[string]string{}
	}
	vars[name] = value
	s.Vars = vars
}

// isKey says whether a rune is a key of a telephone (RFC 4733, 3.2, events 0–15).
func isKey(r rune) bool { return r < 0x80 && strings.ContainsRune("0123456789*#ABCD", r) }
