package ivr

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/sip/media"
)

// notes is a leg that writes down what it is told.
type notes struct {
	lines []string
	play  uint64
}

func (n *notes) note(format string, args ...any) {
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notes) Play(id uint64, sounds []media.Sound, loop bool) {
	n.play = id
	var long time.Duration
	for _, s := range sounds {
		long += s.Duration()
	}
	n.note("play %d sounds, %v, loop %v", len(sounds), long, loop)
}
func (n *notes) PlayMusic(*media.Music) { n.note("music") }
func (n *notes) StopPlay()              { n.note("stop") }
func (n *notes) Echo(on bool)           { n.note("echo %v", on) }
func (n *notes) Record(file string, most, silence time.Duration) {
	n.note("record %s %v %v", file, most, silence)
}
func (n *notes) StopRecord() { n.note("stop recording") }

func (n *notes) take() []string {
	lines := n.lines
	n.lines = nil
	return lines
}

func menuFlow() *flow.Flow {
	return &flow.Flow{Start: "menu", Nodes: map[string]*flow.Node{
		"menu": {
			Type: flow.Menu, Prompts: []string{"hello"}, Keys: map[string]string{"1": "wait", "2": "message", "3": "echo"},
			Exits: map[string]string{"wait": "wait", "message": "message", "echo": "echo", "failed": "end"},
		},
		"wait":    {Type: flow.Queue, Queue: "support", Exits: map[string]string{"full": "sorry"}},
		"message": {Type: flow.Voicemail, Beep: "hello", Ticket: "voicemail", Exits: map[string]string{"done": "end", "empty": "end"}},
		"echo":    {Type: flow.Echo, Exits: map[string]string{"done": "end"}},
		"sorry":   {Type: flow.Hangup, Prompts: []string{"missing"}},
		"end":     {Type: flow.Hangup},
	}}
}

func startRunner(t *testing.T, out func(*Runner, flow.Effect)) (*Runner, *notes) {
	t.Helper()
	p := NewPrompts(Options{Folder: committed(t)})
	if err := p.Load(t.Context(), []Prompt{{Name: "hello", Texts: map[string]string{"en": "Hello."}}, {Name: "hold", File: "hold.wav"}}); err != nil {
		t.Fatal(err)
	}
	leg := &notes{}
	var r *Runner
	r = NewRunner(RunnerConfig{
		Flow: menuFlow(), Env: flow.Env{Languages: []string{"en"}}, Sounds: p, Leg: leg,
		Out:        func(e flow.Effect) { out(r, e) },
		RecordFile: func() string { return "m.wav" },
		QueueMusic: func(call.QueueID) string { return "hold" },
	})
	r.Start()
	return r, leg
}

func want(t *testing.T, got []string, lines ...string) {
	t.Helper()
	if !slices.Equal(got, lines) {
		t.Errorf("got %q\nwant %q", got, lines)
	}
}

func TestRunnerPlaysAndPassesOn(t *testing.T) {
	var passed []string
	r, leg := startRunner(t, func(_ *Runner, e flow.Effect) { passed = append(passed, fmt.Sprintf("%T", e)) })
	want(t, leg.take(), "play 1 sounds, 700ms, loop false")
	r.Digit('1')
	want(t, leg.take(), "stop", "music")
	want(t, passed, "flow.Report", "flow.Enqueue")
	r.Step(flow.Taken{})
	want(t, leg.take(), "stop")
	if r.Node() != "wait" || r.Ended() {
		t.Errorf("in %s, ended %v", r.Node(), r.Ended())
	}
}

// The queue may say in the middle of Enqueue that it is full; the flow goes on after the step it is in.
func TestRunnerTakesInputsFromItsOwnEffects(t *testing.T) {
	var hung call.Cause
	r, leg := startRunner(t, func(r *Runner, e flow.Effect) {
		switch e := e.(type) {
		case flow.Enqueue:
			r.Step(flow.QueueFull{})
		case flow.HangUp:
			hung = e.Cause
		default:
		}
	})
	leg.take()
	r.Digit('1')
	// The prompt "missing" has no sound: a tone is heard in its place.
	want(t, leg.take(), "stop", "music", "stop", "play 1 sounds, 330ms, loop false")
	r.PlayDone(leg.play)
	if hung != call.CauseFlowEnded || !r.Ended() {
		t.Errorf("hung up %q, ended %v", hung, r.Ended())
	}
}

func TestRunnerRecordsAndEchoes(t *testing.T) {
	var message flow.LeaveVoicemail
	r, leg := startRunner(t, func(_ *Runner, e flow.Effect) {
		if e, ok := e.(flow.LeaveVoicemail); ok {
			message = e
		}
	})
	leg.take()
	r.Digit('2')
	r.PlayDone(leg.play)
	want(t, leg.take(), "stop", "play 1 sounds, 700ms, loop false", "record m.wav 2m0s 5s")
	r.Digit('#')
	r.Step(flow.RecordDone{File: "m.wav", Duration: 3 * time.Second})
	want(t, leg.take(), "stop recording")
	if message.File != "m.wav" || message.Ticket != "voicemail" {
		t.Errorf("message %+v", message)
	}

	r, leg = startRunner(t, func(*Runner, flow.Effect) {})
	leg.take()
	r.Digit('3')
	want(t, leg.take(), "stop", "echo true")
	r.Timeout(r.State().Timer)
	want(t, leg.take(), "echo false")
}
