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
	"acd":                   {"call", "call/invariant"},
	"acd/acdsim":            {"call", "acd"},
	"sip/ivr/flow":          {"call"},
	"sip/media":             {"call", "call/invariant", "call/rawsys"},
	"sip/wire":              {},
	"sip/sdp":               {},
	"sip/transport":         {"call/rawsys"},
	"sip":                   {"call", "call/invariant", "sip/transport", "sip/wire", "sip/sdp", "sip/media"},
	"sip/ivr":               {"call", "sip/media", "sip/ivr/flow"},
	"sip/siptest":           {},
	"sip/rfcs":              {}, // a tool: writes docs/rfc.md
	"call/history":          {"call"},
	"store":                 {"call", "call/history"},
	"store/ticket":          {"call"},
	"store/migrations":      {},
	"store/internal/rows":   {"call", "store", "store/ticket"},
	"store/sqlite":          {"store/migrations", "store/internal/rows"},
	"store/postgres":        {"store/migrations", "store/internal/rows"},
	"store/open":            {"store", "store/sqlite", "store/postgres"},
	"store/storetest":       {"call", "store", "store/ticket"},
	"store/projection":      {"call", "call/journal", "store"},
	"store/agents":          {"call", "call/history", "store", "store/projection"},
	"store/calllog":         {"call", "call/history", "call/journal", "store", "store/projection", "store/ticket"},
	"configs":               {"call", "store", "store/ticket", "sip/ivr/flow"},
	"configs/load":          {"call", "store", "store/ticket", "sip/ivr/flow", "configs"},
	"configs/demosite":      {"call", "store", "configs", "configs/load"},
	"configs/makesounds":    {"configs", "configs/load", "sip/ivr", "sip/media"}, // a tool: renders the demo's sounds
	"call/journal":          {"call"},
	"call/rawsys":           {},
	"call/invariant":        {}, // nothing but under the race detector
	"call/logtest":          {}, // for tests: a log that fails them
	"switchboard/live":      {"call", "call/history", "call/journal"},
	"switchboard/talk":      {"call"},
	"switchboard":           {"switchboard/talk", "call/history", "acd", "sip", "sip/media", "sip/ivr", "sip/ivr/flow", "call/journal", "store", "store/ticket", "configs", "call"},
	"agentdesk/proto":       {"call"},
	"agentdesk/view":        {"agentdesk/proto", "switchboard/live", "store", "configs", "call"},
	"agentdesk/web":         {"agentdesk/proto", "agentdesk/view", "switchboard", "switchboard/live", "store", "store/ticket", "configs", "call"},
	"agentdesk/desk":        {"agentdesk/proto", "agentdesk/view", "agentdesk/web", "switchboard/live", "store", "call"},
	"agentdesk/board":       {"agentdesk/proto", "agentdesk/view", "agentdesk/web", "switchboard/live", "configs", "call"},
	"agentdesk/calls":       {"agentdesk/proto", "agentdesk/view", "agentdesk/web", "agentdesk/desk", "switchboard", "switchboard/live", "store", "configs", "call"},
	"agentdesk/crm":         {"agentdesk/proto", "agentdesk/view", "agentdesk/web", "agentdesk/desk", "switchboard/live", "store", "store/ticket", "configs", "call"},
	"agentdesk":             {"agentdesk/web", "agentdesk/desk", "agentdesk/board", "agentdesk/calls", "agentdesk/crm", "switchboard", "switchboard/live", "store", "configs"},
	"agentdesk/proto/tsgen": {},

	"switchboard/talk/talksim": {"call", "switchboard/talk"},
}

// floors are the top-level rooms, from the ground up. A room stands on those below it; rooms of one floor do not know
// each other.
var floors = [][]string{{"call"}, {"acd", "sip", "store"}, {"configs"}, {"switchboard"}, {"agentdesk"}}

// pure are the packages that import the standard library and each other only.
var pure = []string{"call", "call/history", "acd", "sip/ivr/flow", "switchboard/talk", "store/ticket"}

func TestImportRule(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "../../...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ":") // some import nothing at all
		room := strings.TrimPrefix(path, module)
		if strings.HasPrefix(room, "cmd/") || strings.HasPrefix(room, "e2e") {
			continue // the binary wires everything; e2e drives it from outside
		}
		if _, ok := rooms[room]; !ok {
			t.Errorf("%s is a new room: say in cmd/linedesk/imports_test.go what it may import", room)
			continue
		}
		seen[room] = true
		checkRoom(t, room, strings.Fields(imports))
	}
	for room := range rooms {
		if !seen[room] {
			t.Errorf("%s is in the table and nowhere else: take it out", room)
		}
	}
}

// checkRoom holds a room's imports against the table, both ways: a permission that no code needs is an arrow that
// somebody draws one day without thinking.
func checkRoom(t *testing.T, room string, imports []string) {
	t.Helper()
	allowed := rooms[room]
	for _, imported := range imports {
		ours, isOurs := strings.CutPrefix(imported, module)
		switch {
		case isOurs && !slices.Contains(allowed, ours):
			t.Errorf("%s imports %s, which it may not", room, ours)
		case !isOurs && slices.Contains(pure, room) && strings.Contains(imported, "."):
			t.Errorf("%s imports %s: it may import the standard library only", room, imported)
		}
	}
	for _, ours := range allowed {
		if !slices.Contains(imports, module+ours) {
			t.Errorf("%s may import %s and does not: take the permission back", room, ours)
		}
	}
}

func TestNoArrowBetweenRoomsRunsBackUp(t *testing.T) {
	floor := map[string]int{}
	for i, names := range floors {
		for _, name := range names {
			floor[name] = i
		}
	}
	top := func(room string) string {
		name, _, _ := strings.Cut(room, "/")
		return name
	}
	for room, allowed := range rooms {
		for _, ours := range allowed {
			from, to := top(room), top(ours)
			if from != to && floor[from] <= floor[to] {
				t.Errorf("%s may import %s, which is not below it", room, ours)
			}
		}
	}
}
