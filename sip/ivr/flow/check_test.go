package flow

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
)

func TestFlowsOfTheTestsHaveNoProblems(t *testing.T) {
	for name, f := range testFlows {
		if problems := Check(f, testRefs()); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	end := &Node{Type: Hangup}
	one := func(n *Node) *Flow { return &Flow{Start: "x", Nodes: map[string]*Node{"x": n, "end": end}} }
	done := map[string]string{"done": "end"}
	met := map[string]bool{}
	for _, test := range []struct {
		name string
		flow *Flow
		path string
		what string
	}{
		{"no nodes", &Flow{Start: "x"}, "nodes", "the flow has no nodes"},
		{"no start", &Flow{Nodes: map[string]*Node{"end": end}}, "start", "start is missing"},
		{"unknown start", &Flow{Start: "x", Nodes: map[string]*Node{"end": end}}, "start", `start names the node "x", which is not there`},
		{"unknown language", &Flow{Start: "end", Languages: []string{"en", "fr"}, Nodes: map[string]*Node{"end": end}}, "languages.1", `the site does not speak "fr"`},
		{"no type", one(&Node{}), "nodes.x.type", "the node has no type"},
		{"unknown type", one(&Node{Type: "dance"}), "nodes.x.type", `there is no type of node "dance"`},
		{"empty node", one(nil), "nodes.x", "the node is empty"},
		{"missing exit", one(&Node{Type: Say, Prompts: []string{"bye"}}), "nodes.x.exits", `the exit "done" is missing`},
		{"exit to nowhere", one(&Node{Type: Say, Prompts: []string{"bye"}, Exits: map[string]string{"done": "edn"}}), "nodes.x.exits.done", `the exit "done" leads to the node "edn", which is not there`},
		{"exit never taken", one(&Node{Type: Say, Prompts: []string{"bye"}, Exits: map[string]string{"done": "end", "full": "end"}}), "nodes.x.exits.full", `a say node never takes an exit "full"`},
		{"unreachable", &Flow{Start: "end", Nodes: map[string]*Node{"end": end, "x": {Type: Say, Prompts: []string{"bye"}, Exits: done}}}, "nodes.x", `no exit leads to the node "x"`},
		{"no prompts", one(&Node{Type: Say, Exits: done}), "nodes.x", "a say node without prompts: the caller would hear nothing"},
		{"unknown prompt", one(&Node{Type: Say, Prompts: []string{"bye", "byebye"}, Exits: done}), "nodes.x.prompts.1", `there is no prompt "byebye"`},
		{"prompt without text", one(&Node{Type: Say, Prompts: []string{"only_english"}, Exits: done}), "nodes.x.prompts.0", `the prompt "only_english" has no text in zh-CN`},
		{"time out of range", one(&Node{Type: Collect, Prompts: []string{"bye"}, Wait: time.Hour, Exits: map[string]string{"done": "end", "failed": "end"}}), "nodes.x.wait", "wait is 1h0m0s"},
		{"tries out of range", one(&Node{Type: Collect, Prompts: []string{"bye"}, Tries: 99, Exits: map[string]string{"done": "end", "failed": "end"}}), "nodes.x.tries", "tries is 99"},
		{"max below min", one(&Node{Type: Collect, Prompts: []string{"bye"}, Min: 6, Max: 4, Exits: map[string]string{"done": "end", "failed": "end"}}), "nodes.x.max", "max is 4"},
		{"no finish key", one(&Node{Type: Collect, Prompts: []string{"bye"}, Finish: "enter", Exits: map[string]string{"done": "end", "failed": "end"}}), "nodes.x.finish", `finish is "enter"`},
		{"menu without keys", one(&Node{Type: Menu, Prompts: []string{"bye"}, Exits: map[string]string{"failed": "end"}}), "nodes.x", "a menu without keys"},
		{"no such key", one(&Node{Type: Menu, Prompts: []string{"bye"}, Keys: map[string]string{"10": "a"}, Exits: map[string]string{"a": "end", "failed": "end"}}), "nodes.x.keys.10", `"10" is not a key of a telephone`},
		{"key without exit", one(&Node{Type: Menu, Prompts: []string{"bye"}, Keys: map[string]string{"1": "a"}, Exits: map[string]string{"failed": "end"}}), "nodes.x.exits", `the exit "a" is missing`},
		{"key that names nothing", one(&Node{Type: Menu, Prompts: []string{"bye"}, Keys: map[string]string{"1": ""}, Exits: map[string]string{"failed": "end"}}), "nodes.x.keys.1", `the key "1" names no exit`},
		{"queue without queue", one(&Node{Type: Queue, Exits: map[string]string{"full": "end"}}), "nodes.x", "a queue node without a queue"},
		{"unknown queue", one(&Node{Type: Queue, Queue: "saels", Exits: map[string]string{"full": "end"}}), "nodes.x.queue", `there is no queue "saels"`},
		{"unknown skill", one(&Node{Type: Queue, Queue: "sales", Skills: []call.SkillID{"flying"}, Exits: map[string]string{"full": "end"}}), "nodes.x.skills", "skills is not yet in force"},
		{"priority out of range", one(&Node{Type: Queue, Queue: "sales", Priority: 900, Exits: map[string]string{"full": "end"}}), "nodes.x.priority", "priority is 900"},
		{"nothing to announce", one(&Node{Type: Queue, Queue: "sales", Every: time.Minute, Exits: map[string]string{"full": "end"}}), "nodes.x.every", "every without announce says nothing"},
		{"voicemail without ticket", one(&Node{Type: Voicemail, Beep: "beep", Exits: map[string]string{"done": "end", "empty": "end"}}), "nodes.x", "a voicemail without a ticket: nobody would hear the message"},
		{"unknown ticket", one(&Node{Type: Voicemail, Beep: "beep", Ticket: "letter", Exits: map[string]string{"done": "end", "empty": "end"}}), "nodes.x.ticket", `there is no kind of ticket "letter"`},
		{"silent voicemail", one(&Node{Type: Voicemail, Ticket: "voicemail", Exits: map[string]string{"done": "end", "empty": "end"}}), "nodes.x", "a voicemail without prompts or beep: the caller would not know that it records"},
		{"announcements for ever", &Flow{Start: "a", Nodes: map[string]*Node{
			"a": {Type: Say, Prompts: []string{"hello"}, Exits: map[string]string{"done": "b"}},
			"b": {Type: Say, Prompts: []string{"bye"}, Exits: map[string]string{"done": "a"}},
		}}, "nodes.a.exits", "the announcements go round for ever: a leads back to itself"},
	} {
		t.Run(test.name, func(t *testing.T) {
			problems := Check(test.flow, testRefs())
			i := slices.IndexFunc(problems, func(p Problem) bool {
				return p.What == test.what && strings.Join(p.Path, ".") == test.path
			})
			if i < 0 {
				t.Fatalf("got %v, want %q at %s among them", problems, test.what, test.path)
			}
			if problems[i].Fix == "" {
				t.Error("the problem comes without a remedy")
			}
			met[problems[i].Code] = true
		})
	}
	if got, want := slices.Sorted(maps.Keys(met)), slices.Sorted(slices.Values(Codes())); !slices.Equal(got, want) {
		t.Errorf("the table meets the codes\n%v\nwant all that there are\n%v", got, want)
	}
}

// Each line of the table is one mistake; here they come together, and all are told.
func TestCheckTellsAllAtOnce(t *testing.T) {
	f := &Flow{Start: "a", Nodes: map[string]*Node{
		"a": {Type: Menu, Prompts: []string{"nope"}, Keys: map[string]string{"1": "b"}, Exits: map[string]string{"b": "nowhere"}},
		"z": {Type: Queue, Queue: "nope"},
	}}
	if got := len(Check(f, testRefs())); got != 6 {
		t.Errorf("%d problems, want 6: %v", got, Check(f, testRefs()))
	}
}
