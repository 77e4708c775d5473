package e2e

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/store/storetest"
)

// shots is where TestShots leaves its pictures: -args -shots FOLDER. Empty: a folder that goes with the test.
var shots = flag.String("shots", "", "folder for the screenshots")

// node runs one of the browser scripts in web/ against the binary under test.
func node(t *testing.T, within time.Duration, script string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{script}, args...)...)
	cmd.Dir = "web"
	cmd.Env = append(os.Environ(), "LINEDESK_BIN="+program)
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	t.Logf("node %s\n%s", script, strings.TrimSpace(out.String()))
	if err != nil {
		t.Errorf("%s: %v", script, err)
	}
}

// TestDesk is an agent's day in a real browser, sound measured at both ends: the customer pops, answer, hold, a
// reload in mid-call, wrap-up with ticket, a call out, take-over.
func TestDesk(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { node(t, 3*time.Minute, "desk.mjs") })
	t.Run("postgres", func(t *testing.T) { node(t, 3*time.Minute, "desk.mjs", "--db", storetest.Postgres(t)) })
}

// TestHandover is two desks in two real browsers and a caller: asking beside the call, handing over, parking, with who
// hears whom measured at every ear.
func TestHandover(t *testing.T) { node(t, 3*time.Minute, "handover.mjs") }

// TestShots photographs every screen in both languages and themes at all sizes, and fails on overflow, cut or missing
// text, controls out of reach and accessibility violations.
func TestShots(t *testing.T) {
	folder := *shots
	if folder == "" {
		folder = t.TempDir()
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	node(t, 8*time.Minute, "shots.mjs", folder)
}
