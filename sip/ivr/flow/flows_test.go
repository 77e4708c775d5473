package flow

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// The flows that the tests walk through.
var testFlows = map[string]*Flow{
	"main": {
		Languages: []string{"zh-CN", "en"}, Start: "menu",
		Nodes: map[string]*Node{
			"menu": {
				Type: Menu, Prompts: []string{"main_menu"}, Retry: []string{"wrong_key"},
				Keys:  map[string]string{"1": "sales", "2": "support", "3": "information", "9": "repeat"},
				Exits: map[string]string{"sales": "sales", "support": "support", "information": "information", "repeat": "menu", "failed": "support"},
			},
			"information": {Type: Say, Prompts: []string{"self_service"}, Exits: map[string]string{"done": "end"}},
			"sales":       {Type: Queue, Queue: "sales", Exits: map[string]string{"full": "full"}},
			"support": {
				Type: Queue, Queue: "support", Announce: []string{"please_wait"}, Every: 30 * time.Second, Lost: []string{"agent_lost"},
				Exits: map[string]string{"full": "full"},
			},
			"full": {Type: Hangup, Prompts: []string{"queue_full"}},
			"end":  {Type: Hangup},
		},
	},
	"strict": { // nothing cuts the prompts short
		Start: "hello",
		Nodes: map[string]*Node{
			"hello": {Type: Say, Prompts: []string{"hello"}, Exits: map[string]string{"done": "menu"}},
			"menu": {
				Type: Menu, Prompts: []string{"menu"}, BargeIn: new(bool), Wait: 4 * time.Second, Tries: 2,
				Keys:  map[string]string{"1": "one", "#": "pound"},
				Exits: map[string]string{"one": "bye", "pound": "bye", "failed": "bye", "timeout": "silent"},
			},
			"bye":    {Type: Hangup, Prompts: []string{"bye"}},
			"silent": {Type: Hangup, Prompts: []string{"silent"}},
		},
	},
	"order": {
		Start: "number",
		Nodes: map[string]*Node{
			"number": {
				Type: Collect, Prompts: []string{"your_number"}, Retry: []string{"again"}, As: "order", Min: 4, Max: 6, Tries: 2,
				Exits: map[string]string{"done": "pin", "failed": "bye"},
			},
			"pin": {
				Type: Collect, Prompts: []string{"your_pin"}, As: "pin", Min: 4, Max: 4, Secret: true, Finish: "none",
				Exits: map[string]string{"done": "bye", "failed": "bye", "timeout": "bye"},
			},
			"bye": {Type: Hangup, Prompts: []string{"bye"}},
		},
	},
	"voicemail": {
		Start: "message",
		Nodes: map[string]*Node{
			"message": {
				Type: Voicemail, Prompts: []string{"leave_message"}, Beep: "beep", MaxLength: time.Minute, Silence: 4 * time.Second,
				Ticket: "voicemail", Queue: "support",
				Exits: map[string]string{"done": "kept", "empty": "nothing"},
			},
			"kept":    {Type: Hangup, Prompts: []string{"message_kept"}},
			"nothing": {Type: Hangup, Prompts: []string{"no_message"}},
		},
	},
	"echo": {
		Start: "echo",
		Nodes: map[string]*Node{
			"echo": {Type: Echo, MaxLength: 10 * time.Minute, Exits: map[string]string{"done": "end"}},
			"end":  {Type: Hangup},
		},
	},
}

// testRefs is a site to which the test flows belong.
func testRefs() Refs {
	refs := Refs{
		Queues:      map[call.QueueID]bool{"sales": true, "support": true},
		TicketKinds: map[string]bool{"voicemail": true},
		Prompts:     map[string]map[string]bool{"beep": {"*": true}, "only_english": {"en": true}},
		Language:    "zh-CN",
		Known:       []string{"en", "zh-CN"},
	}
	for _, p := range []string{
		"main_menu", "wrong_key", "self_service", "please_wait", "agent_lost", "queue_full", "hello", "menu", "bye", "silent",
		"your_number", "again", "your_pin", "leave_message", "message_kept", "no_message",
	} {
		refs.Prompts[p] = map[string]bool{"en": true, "zh-CN": true}
	}
	return refs
}
