package flow

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the answers of the stories anew")

// TestStories walks callers through flows as testdata/*.txt tell it. A story is a list of blocks: what
// happens, a line of dashes, and what is done. With -update the answers are written anew; their diff
// is to be read.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := tellStory(t, string(body))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(body) {
				t.Errorf("%s: got\n%s\nwant\n%s", file, got, body)
			}
		})
	}
}

func tellStory(t *testing.T, text string) string {
	t.Helper()
	var (
		out   strings.Builder
		story walk
	)
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		asked, _, _ := strings.Cut(block, "\n----")
		var answer []string
		for line := range strings.Lines(asked) {
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "#") {
				answer = append(answer, story.line(t, line)...)
			}
		}
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%s\n----\n", asked)
		for _, a := range answer {
			fmt.Fprintln(&out, a)
		}
	}
	return out.String()
}

// walk is a call on its way through a flow.
type walk struct {
	flow  *Flow
	state State
}

func (w *walk) line(t *testing.T, line string) []string {
	t.Helper()
	word, arg, _ := strings.Cut(line, " ")
	if word == "begin" {
		w.flow = testFlows[arg]
		if w.flow == nil {
			t.Fatalf("no flow %q", arg)
		}
		var effects []Effect
		w.state, effects = Start(w.flow, Env{Fallback: "zh-CN"})
		return describe(effects)
	}
	if word == "state" {
		return []string{fmt.Sprintf("%s %s keys=%q tries=%d vars=%v", w.state.Node, w.state.Phase, w.state.Keys, w.state.Tries, w.state.Vars)}
	}
	var effects []Effect
	for _, in := range inputs(t, w.state, word, arg) {
		before := mustJSON(t, w.state)
		was := w.state
		var more []Effect
		w.state, more = Step(w.flow, was, in)
		if after := mustJSON(t, was); after != before {
			t.Fatalf("Step changed the state it was given: %s, then %s", before, after)
		}
		effects = append(effects, more...)
	}
	return describe(effects)
}

func inputs(t *testing.T, s State, word, arg string) []Input {
	t.Helper()
	switch word {
	case "key", "keys":
		var list []Input
		for _, key := range arg {
			list = append(list, Digit{Key: key})
		}
		return list
	case "played":
		return []Input{PlayDone{ID: s.Play}}
	case "time":
		return []Input{Timeout{ID: s.Timer}}
	case "late-time":
		return []Input{Timeout{ID: s.Timer - 1}, PlayDone{ID: s.Last + 7}}
	case "full":
		return []Input{QueueFull{}}
	case "left":
		return []Input{QueueLeft{}}
	case "taken":
		return []Input{Taken{}}
	case "requeued":
		return []Input{Requeued{}}
	case "recorded":
		d, err := time.ParseDuration(arg)
		if err != nil {
			return []Input{RecordDone{Failed: true}}
		}
		return []Input{RecordDone{File: "message.wav", Duration: d}}
	case "caller-left":
		return []Input{CallerLeft{}}
	}
	t.Fatalf("%q is no word of a story", word)
	return nil
}

func describe(effects []Effect) []string {
	lines := make([]string, 0, len(effects))
	for _, e := range effects {
		switch e := e.(type) {
		case Play:
			names := make([]string, 0, len(e.Prompts))
			for _, p := range e.Prompts {
				names = append(names, p.Name+"/"+p.Language)
			}
			lines = append(lines, "play "+strings.Join(names, " "))
		case StopPlay:
			lines = append(lines, "stop playing")
		case Music:
			lines = append(lines, strings.TrimSpace("music of "+string(e.Queue)+" "+e.Name))
		case SetTimer:
			lines = append(lines, "wait "+e.After.String())
		case Enqueue:
			lines = append(lines, fmt.Sprintf("queue %s priority %d", e.Queue, e.Priority))
		case Record:
			lines = append(lines, fmt.Sprintf("record %v, ends after %v of silence", e.MaxDuration, e.SilenceEnd))
		case StopRecord:
			lines = append(lines, "stop recording")
		case LeaveVoicemail:
			lines = append(lines, fmt.Sprintf("keep %s of %v as %s for %s", e.File, e.Duration, e.Ticket, e.Queue))
		case EchoBack:
			lines = append(lines, fmt.Sprintf("echo %v", e.On))
		case HangUp:
			lines = append(lines, "hang up: "+string(e.Cause))
		case Report:
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("left %s by %s %s", e.Node, e.Exit, e.Digits)))
		default:
			lines = append(lines, fmt.Sprintf("%T", e))
		}
	}
	return lines
}

func mustJSON(tb testing.TB, v any) string {
	tb.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func TestStateSurvivesJSON(t *testing.T) {
	f := testFlows["order"]
	s, _ := Start(f, Env{Fallback: "en"})
	for _, key := range "1234#99" {
		s, _ = Step(f, s, Digit{Key: key})
	}
	var back State
	if err := json.Unmarshal([]byte(mustJSON(t, s)), &back); err != nil {
		t.Fatal(err)
	}
	if mustJSON(t, back) != mustJSON(t, s) || back.Vars["order"] != "1234" || back.Digits != "99" {
		t.Errorf("came back as %+v, was %+v", back, s)
	}
}

func TestFlowsThatAreNotCheckedEndTheCallRatherThanLoop(t *testing.T) {
	circle := &Flow{Start: "a", Nodes: map[string]*Node{
		"a": {Type: Say, Exits: map[string]string{"done": "b"}},
		"b": {Type: Say, Exits: map[string]string{"done": "a"}},
	}}
	for name, f := range map[string]*Flow{
		"circle without sound": circle,
		"nothing":              {},
		"unknown start":        {Start: "x", Nodes: map[string]*Node{"y": {Type: Say}}},
		"no exit":              {Start: "x", Nodes: map[string]*Node{"x": {Type: Say}}},
		"unknown type":         {Start: "x", Nodes: map[string]*Node{"x": {Type: "dance"}}},
		"empty node":           {Start: "x", Nodes: map[string]*Node{"x": nil}},
	} {
		s, effects := Start(f, Env{Fallback: "en"})
		if s.Phase != PhaseEnded || !slices.Contains(describe(effects), "hang up: failed") {
			t.Errorf("%s: phase %s, effects %v", name, s.Phase, describe(effects))
		}
	}
}

func TestCallerWhoGoesRoundForEverIsHungUpOn(t *testing.T) {
	f := testFlows["main"]
	s, _ := Start(f, Env{Fallback: "en"})
	for range maxNodesPassed {
		s, _ = Step(f, s, Digit{Key: '9'})
	}
	if s.Phase != PhaseEnded {
		t.Errorf("after %d repeats the call is in %s", maxNodesPassed, s.Phase)
	}
}
