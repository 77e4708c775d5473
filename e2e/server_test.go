package e2e

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is the program under test, built once by TestMain.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("6") // calls mostly wait: for rings, prompts and time-outs
	}
	dir, err := os.MkdirTemp("", "linedesk-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o755); err != nil { // one test runs the program as somebody else
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	program = filepath.Join(dir, "linedesk")
	build := exec.Command("go", "build", "-o", program, "../cmd/linedesk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// server is one run of the program on ports of its own.
type server struct {
	t       testing.TB
	cmd     *exec.Cmd
	command []string
	log     *syncBuffer
	data    string
	ended   chan struct{}
	waitErr error

	block    block
	as       *syscall.Credential // who runs it; nil: we
	http     string              // host:port
	sip      string
	trunk    string
	stations string // see options
}

// options of a server.
type options struct {
	data  string // empty: a new folder
	db    string // URL; empty: SQLite in the data folder
	trunk string // where outbound calls leave to
	legs  int    // how many telephones can be on the line at once; 150 unless set
	args  []string
	// stationed is the number of agents who are at sip:EXT@stations from the start, signed in and ready.
	stationed int
	site      []edit // changes to the demo site: then it is served by "linedesk serve", and args don't count
}

// start runs a server and waits until it can take calls. It is stopped when the test is over, and must stop
// in an orderly way.
func start(tb testing.TB, o options) *server {
	tb.Helper()
	s := prepare(tb, o)
	s.launch()
	tb.Cleanup(func() {
		s.stop()
		s.noErrors()
		if tb.Failed() {
			tb.Logf("the server's log:\n%s", s.log)
		}
	})
	return s
}

// prepare gives a server its ports and its folder.
func prepare(tb testing.TB, o options) *server {
	tb.Helper()
	if o.data == "" {
		o.data = tb.TempDir()
	}
	if o.trunk == "" {
		o.trunk = freeAddr(tb)
	}
	if o.legs == 0 {
		o.legs = 150
	}
	b := takeBlock(tb, o.legs)
	s := &server{t: tb, data: o.data, log: &syncBuffer{}, block: b, http: b.http(), sip: b.sip(), trunk: o.trunk, stations: b.stations()}
	first, last := b.sound()
	if o.site != nil {
		s.command = []string{"serve", "--config", processFile(tb, s, fmt.Sprintf("%d-%d", first, last), o)}
		return s
	}
	s.command = append([]string{
		"demo", "--data", s.data, "--http", s.http, "--sip", s.sip, "--trunk", s.trunk,
		"--rtp", fmt.Sprintf("127.0.0.1:%d-%d", first, last), "--db", o.db,
	}, o.args...)
	if o.stationed > 0 {
		s.command = append(s.command, "--agents", fmt.Sprint(o.stationed), "--agents-at", s.stations)
	}
	return s
}

// launch starts the process; again after a kill, on the same folder and ports.
func (s *server) launch() {
	s.t.Helper()
	s.spawn()
	ended := s.ended
	eventually(s.t, 30*time.Second, "the server is ready", func() error {
		select {
		case <-ended:
			return finalError{fmt.Errorf("the server ended: %w\n%s", s.waitErr, s.log)}
		default:
		}
		return s.status("/readyz", http.StatusOK)
	})
}

// spawn starts the process and waits for nothing.
func (s *server) spawn() {
	s.t.Helper()
	cmd := exec.Command(program, s.command...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start the server: %v", err)
	}
	ended := make(chan struct{})
	s.cmd, s.ended = cmd, ended
	go func() { s.waitErr = cmd.Wait(); close(ended) }()
}

func (s *server) status(path string, want int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.http+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != want {
		return fmt.Errorf("%s gave %s", path, res.Status)
	}
	return nil
}

// kill ends the process as a crash would.
func (s *server) kill() {
	_ = s.cmd.Process.Signal(syscall.SIGKILL)
	<-s.ended
}

// stop ends it in an orderly way, and sees that it does.
func (s *server) stop() {
	select {
	case <-s.ended:
		return
	default:
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
		if s.waitErr != nil {
			s.t.Errorf("the server did not stop in an orderly way: %v", s.waitErr)
		}
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Signal(syscall.SIGQUIT) // the stacks go to the log
		<-s.ended
		s.t.Errorf("the server did not stop within 20 s of SIGTERM")
	}
}

// waitLog waits for a line of the log that has all of these words.
func (s *server) waitLog(words ...string) {
	s.t.Helper()
	eventually(s.t, 5*time.Second, "a log line with "+strings.Join(words, ", "), func() error {
		for line := range strings.Lines(s.log.String()) {
			if hasAll(line, words...) {
				return nil
			}
		}
		return fmt.Errorf("there is none in\n%s", s.log)
	})
}

// noErrors fails the test for each line of level ERROR: such a line tells an operator that something is broken, and no
// story here breaks anything.
func (s *server) noErrors() {
	s.t.Helper()
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, " level=ERROR ") {
			s.t.Errorf("the server logged an ERROR that the test does not expect: %s", line)
		}
	}
}

func hasAll(s string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}
