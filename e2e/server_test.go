package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the program under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "linedesk-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "linedesk")
	build := exec.Command("go", "build", "-o", binary, "../cmd/linedesk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// server is one run of the program with the demo site on ports of its own.
type server struct {
	t       testing.TB
	cmd     *exec.Cmd
	log     *syncBuffer
	data    string
	db      string
	args    []string
	ended   chan struct{}
	waitErr error

	http  string // host:port
	sip   string
	rtp   int // first port of the range
	trunk string
}

// options of a server.
type options struct {
	data  string // empty: a new folder
	db    string
	trunk string // where outbound calls leave to
	args  []string
}

// ports hands out port ranges to the servers of this test run: sound wants a range, not a free port.
var ports = struct {
	sync.Mutex
	next int
}{next: 21000}

// soundPorts is how many ports a server gets for sound: enough for the 300 calls of the load test.
const soundPorts = 1600

func soundRange() int {
	ports.Lock()
	defer ports.Unlock()
	first := ports.next
	ports.next += soundPorts
	return first
}

// start runs a server and waits until it can take calls.
func start(t testing.TB, o options) *server {
	t.Helper()
	if o.data == "" {
		o.data = t.TempDir()
	}
	if o.trunk == "" {
		o.trunk = freeAddr(t)
	}
	s := &server{t: t, data: o.data, db: o.db, args: o.args, http: freeAddr(t), sip: freeAddr(t), rtp: soundRange(), trunk: o.trunk}
	s.launch()
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log)
		}
	})
	return s
}

// launch starts the process; again after a kill, on the same folder and ports.
func (s *server) launch() {
	s.t.Helper()
	args := []string{
		"demo", "--data", s.data, "--http", s.http, "--sip", s.sip, "--trunk", s.trunk,
		"--rtp", fmt.Sprintf("127.0.0.1:%d-%d", s.rtp, s.rtp+soundPorts-1),
	}
	if s.db != "" {
		args = append(args, "--db", s.db)
	}
	if s.log == nil {
		s.log = &syncBuffer{}
	}
	s.cmd = exec.Command(binary, append(args, s.args...)...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start the server: %v", err)
	}
	ended := make(chan struct{})
	s.ended = ended
	cmd := s.cmd
	go func() { s.waitErr = cmd.Wait(); close(ended) }()
	eventually(s.t, 20*time.Second, "the server is ready", func() error {
		select {
		case <-ended:
			return stopNow{fmt.Errorf("the server ended: %w\n%s", s.waitErr, s.log)}
		default:
		}
		return s.status("/readyz", http.StatusOK)
	})
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

// client is a signed-in user of the API.
type client struct {
	t    testing.TB
	base string
	http *http.Client
}

// signIn opens a session as one of the demo's users.
func (s *server) signIn(user string) *client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &client{t: s.t, base: "http://" + s.http + "/api/v1", http: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
	c.must(http.MethodPost, "/session", map[string]string{"user": user, "password": "demo-" + user}, nil)
	return c
}

// do sends a request and reads the answer into out, if it is not nil.
func (c *client) do(method, path string, body, out any) error {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, c.base+path, in)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, b)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%s %s: %w in %s", method, path, err, b)
	}
	return nil
}

// must is do, and ends the test if it fails.
func (c *client) must(method, path string, body, out any) {
	c.t.Helper()
	if err := c.do(method, path, body, out); err != nil {
		c.t.Fatal(err)
	}
}

// ready signs the agent in at a station and makes it ready.
func (c *client) ready(station map[string]string) {
	c.t.Helper()
	c.must(http.MethodPut, "/me/station", station, nil)
	c.must(http.MethodPut, "/me/state", map[string]string{"state": "ready"}, nil)
}

// stopNow is an error that no waiting will mend.
type stopNow struct{ error }

// eventually waits until f gives nil.
func eventually(t testing.TB, within time.Duration, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return
		}
		var final stopNow
		if errors.As(err, &final) || time.Now().After(deadline) {
			t.Fatalf("waited for this: %s; but %v", what, err)
		}
		<-tick.C
	}
}

// freeAddr is an address on loopback that is free by TCP and UDP at the moment.
func freeAddr(t testing.TB) string {
	t.Helper()
	for range 50 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		u, err := net.ListenPacket("udp", addr)
		_ = l.Close()
		if err == nil {
			_ = u.Close()
			return addr
		}
	}
	t.Fatal("no port that is free by TCP and UDP")
	return ""
}

// syncBuffer is the log of a process, readable while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
