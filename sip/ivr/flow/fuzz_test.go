package flow

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// FuzzStep feeds any inputs to any flow: Step must come back, end what cannot go on, keep its bounds,
// and never do anything after hanging up. Flows that pass Check never fail.
func FuzzStep(f *testing.F) {
	for _, name := range []string{"main", "strict", "order", "voicemail", "echo"} {
		f.Add([]byte(mustJSON(f, testFlows[name])), []byte{0, '2', 1, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 12, 8, 0})
	}
	f.Add([]byte(`{"start":"a","nodes":{"a":{"type":"say","prompts":["hello"],"exits":{"done":"a"}}}}`), []byte{1, 0, 1, 0})
	f.Fuzz(func(t *testing.T, document, events []byte) {
		var fl Flow
		if json.Unmarshal(document, &fl) != nil {
			return
		}
		sound := len(Check(&fl, testRefs())) == 0
		s, effects := Start(&fl, Env{Fallback: "en"})
		look(t, s, effects, sound)
		for i := 0; i+1 < len(events) && i < 400; i += 2 {
			ended := s.Phase == PhaseEnded
			s, effects = Step(&fl, s, fuzzInput(s, events[i], events[i+1]))
			if ended && len(effects) > 0 {
				t.Fatalf("after the end: %v", describe(effects))
			}
			look(t, s, effects, sound)
		}
	})
}

func fuzzInput(s State, kind, arg byte) Input {
	switch kind % 9 {
	case 0:
		return Digit{Key: rune(arg)}
	case 1:
		return PlayDone{ID: s.Play}
	case 2:
		return PlayDone{ID: uint64(arg)}
	case 3:
		return Timeout{ID: s.Timer}
	case 4:
		return QueueFull{}
	case 5:
		return Taken{}
	case 6:
		return Requeued{}
	case 7:
		return RecordDone{File: "f", Duration: time.Duration(arg) * 100 * time.Millisecond, Failed: arg == 0}
	default:
		if arg%4 == 0 {
			return CallerLeft{}
		}
		return QueueLeft{}
	}
}

func look(t *testing.T, s State, effects []Effect, sound bool) {
	t.Helper()
	if len(s.Keys) > maxKeys || len(s.Digits) > maxKeys {
		t.Fatalf("keys %q, digits %q", s.Keys, s.Digits)
	}
	if len(effects) > 4*maxNodesPerInput {
		t.Fatalf("%d effects of one input", len(effects))
	}
	hangs := slices.IndexFunc(effects, func(e Effect) bool { _, ok := e.(HangUp); return ok })
	if hangs >= 0 && (hangs != len(effects)-1 || s.Phase != PhaseEnded) {
		t.Fatalf("hanging up is not the end: %v", describe(effects))
	}
	if sound && hangs >= 0 && effects[hangs].(HangUp).Cause == "failed" && s.Passed <= maxNodesPassed {
		t.Fatalf("a flow without problems failed in node %s", s.Node)
	}
	if s.Phase == PhasePrompt && s.Play == 0 {
		t.Fatalf("node %s waits for a prompt that does not play", s.Node)
	}
	if s.Phase == PhaseWait && s.Timer == 0 {
		t.Fatalf("node %s waits for a key without end", s.Node)
	}
}
