package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/linedesk/linedesk/"

// rooms lists, for each of our packages, which others of ours it may import. What a room may import is
// the shape of the whole; a new line here is a decision (docs/ARCHITECTURE.md).
var rooms = map[string][]string{
	"call":                  {},
	"acd":                   {"call"},
	"acd/acdsim":            {"call", "acd"},
	"sip/ivr/flow":          {"call"},
	"sip/media":             {"call"},
	"sip/wire":              {},
	"sip/sdp":               {},
	"sip/transport":         {},
	"sip":                   {"call", "sip/transport", "sip/wire", "sip/sdp", "sip/media"},
	"sip/ivr":               {"call", "sip/media", "sip/ivr/flow"},
	"sip/siptest":           {},
	"store":                 {"call"},
	"store/migrations":      {},
	"store/internal/rows":   {"call", "store"},
	"store/sqlite":          {"call", "store", "store/migrations", "store/internal/rows"},
	"store/postgres":        {"call", "store", "store/migrations", "store/internal/rows"},
	"store/open":            {"store", "store/sqlite", "store/postgres"},
	"store/storetest":       {"call", "store"},
	"store/projection":      {"call", "call/journal", "store"},
	"store/calllog":         {"call", "call/journal", "store", "store/projection"},
	"configs":               {"call", "store", "sip/ivr/flow"},
	"configs/load":          {"call", "store", "sip/ivr/flow", "configs"},
	"configs/demosite":      {"call", "store", "configs", "configs/load"},
	"configs/makesounds":    {"configs", "configs/load", "sip/ivr", "sip/media"}, // a tool: renders the demo's sounds
	"call/journal":          {"call"},
	"call/logtest":          {}, // for tests: a log that fails them
	"switchboard/live":      {"call", "call/journal"},
	"switchboard/talk":      {"call"},
	"switchboard":           {"switchboard/talk", "acd", "sip", "sip/media", "sip/ivr", "sip/ivr/flow", "call/journal", "switchboard/live", "store", "configs", "call"},
	"agentdesk/proto":       {},
	"agentdesk/web":         {},
	"agentdesk":             {"agentdesk/proto", "agentdesk/web", "switchboard", "switchboard/live", "call/journal", "acd", "sip/ivr/flow", "store", "configs", "call"},
	"agentdesk/proto/tsgen": {"agentdesk/proto"},
}

// pure are the packages that import the standard library and each other only.
var pure = []string{"call", "acd", "sip/ivr/flow", "switchboard/talk"}

func TestImportRule(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "../../...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		room := strings.TrimPrefix(path, module)
		if strings.HasPrefix(room, "cmd/") || strings.HasPrefix(room, "e2e") {
			continue // the binary wires everything; e2e drives it from outside
		}
		allowed, ok := rooms[room]
		if !ok {
			t.Errorf("%s is a new room: say in cmd/linedesk/imports_test.go what it may import", room)
			continue
		}
		for imported := range strings.FieldsSeq(imports) {
			ours, isOurs := strings.CutPrefix(imported, module)
			switch {
			case isOurs && !slices.Contains(allowed, ours):
				t.Errorf("%s imports %s, which it may not", room, ours)
			case !isOurs && slices.Contains(pure, room) && strings.Contains(imported, "."):
				t.Errorf("%s imports %s: it may import the standard library only", room, imported)
			}
		}
	}
}
