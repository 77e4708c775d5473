package calllog_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/projection"
)

// The environment by which this binary, started again, is the server that gets killed.
const (
	victimDir = "LINEDESK_TEST_VICTIM_DIR"
	victimURL = "LINEDESK_TEST_VICTIM_URL"
	victimRun = "LINEDESK_TEST_VICTIM_RUN"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := victim(dir, os.Getenv(victimURL), os.Getenv(victimRun)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// victim is a server as far as the call log goes: it ends what the last one left open, projects, and
// takes calls until it is killed. It tells of a call once its answer, or its end, is journalled.
func victim(dir, url, run string) error {
	ctx, quiet := context.Background(), slog.New(slog.DiscardHandler)
	st, err := open.Open(ctx, url, quiet)
	if err != nil {
		return err
	}
	j, err := journal.Open(journal.Options{Dir: dir, Node: "node-1", Log: quiet})
	if err != nil {
		return err
	}
	if _, err := calllog.CloseOrphans(ctx, j, st); err != nil {
		return err
	}
	if _, err := j.Append(call.NodeStarted{Node: "node-1"}); err != nil {
		return err
	}
	go func() { _ = j.Run(ctx) }()
	p := projection.New(st, calllog.Projection(calllog.Options{}), quiet)
	go func() { _ = p.Run(ctx, j) }()
	// The pace of a busy server, about 1000 calls a second: else the killed run would leave more to
	// do than a round has time for.
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	fmt.Println("up")
	for i := 0; ; i++ {
		id := call.ID(fmt.Sprintf("call-%s-%d", run, i))
		events := answered(id)
		told := "answered " + string(id)
		if i%3 == 0 {
			events = append(events, ending(id)...)
			told = "ended " + string(id)
		}
		for _, e := range events {
			if _, err := j.Append(e); err != nil {
				return err
			}
		}
		fmt.Println(told)
		<-pace.C
	}
}

func TestKilledServersLoseNoAnsweredCallAndLogNoneTwice(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			dir := filepath.Join(t.TempDir(), "journal")
			rounds := 10
			if testing.Short() {
				rounds = 3
			}
			told := map[call.ID]string{}
			seed := rand.Uint64()
			chance := rand.New(rand.NewPCG(seed, 1))
			for run := range rounds {
				killVictim(t, dir, url, run, time.Duration(chance.IntN(300))*time.Millisecond, told)
			}
			if len(told) == 0 {
				t.Fatal("no call was answered in any round")
			}

			st, j := openStore(t, url), openJournal(t, dir)
			if _, err := calllog.CloseOrphans(t.Context(), j, st); err != nil {
				t.Fatal(err)
			}
			p, _ := project(t, st, j)
			waitFor(t, p, j.Last())
			rows := rowsOf(t, st) // fails if one is there twice
			for id, what := range told {
				c, ok := rows[id]
				want := call.End{By: call.BySystem, Cause: call.CauseServerRestarted}
				if what == "ended" {
					want = hangup
				}
				switch {
				case !ok:
					t.Errorf("seed %d: %s was %s and has no log", seed, id, what)
				case c.End != want || c.BridgedAt == nil || c.EndedAt == nil:
					t.Errorf("seed %d: %s was %s and is logged as %+v", seed, id, what, c)
				case c.EndedAt.Sub(*c.BridgedAt).Milliseconds() != c.TalkMS, c.TalkMS > 5000:
					t.Errorf("seed %d: %s talked %d ms from %v to %v", seed, id, c.TalkMS, c.BridgedAt, c.EndedAt)
				}
			}
			t.Logf("%d calls told of, %d logged, in %d rounds", len(told), len(rows), rounds)
		})
	}
}

// killVictim runs a victim and kills it some time after it is up.
func killVictim(t *testing.T, dir, url string, run int, after time.Duration, told map[call.ID]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+dir, victimURL+"="+url, fmt.Sprintf("%s=%d", victimRun, run))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if _, err := lines.ReadString('\n'); err != nil {
		_ = cmd.Wait()
		t.Fatalf("the server did not come up: %v: %s", err, complaints.String())
	}
	kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // a line that was cut off was not told
			if err != io.EOF {
				t.Error(err)
			}
			break
		}
		if what, id, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			told[call.ID(id)] = what
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the server ended by itself")
	}
	if complaints.Len() > 0 {
		t.Error(complaints.String())
	}
}
