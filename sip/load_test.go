package sip

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/sip/media"
)

// joiner answers each call, rings a fixed agent, and passes hang-ups on: the switchboard without
// anything but legs.
type joiner struct {
	e      *Endpoint
	agents string
}

type stillness struct{ addr netip.AddrPort }

func (s stillness) LocalAddr() netip.AddrPort { return s.addr }
func (s stillness) Negotiated(media.Params)   {}

var still = stillness{netip.MustParseAddrPort("127.0.0.1:41000")}

func (j *joiner) Incoming(in *Incoming) {
	caller := in.Leg
	var agent *Leg
	caller.Observe(func(ev LegEvent) {
		switch ev := ev.(type) {
		case LegAnswered:
			agent = j.e.Dial(DialRequest{URI: j.agents, Media: still, From: in.From}, func(ev LegEvent) {
				if end, ok := ev.(LegEnded); ok {
					caller.HangUp(end.End)
				}
			})
		case LegEnded:
			if agent != nil {
				agent.HangUp(ev.End)
			}
		}
	})
	caller.Answer(still)
}

func (j *joiner) BindingChanged(call.Extension, bool, string) {}

// TestLoad runs SIPp's callers and agents against two-leg calls. LINEDESK_LOAD sets the calls a
// second; without it a few calls show that it works.
func TestLoad(t *testing.T) {
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("SIPp is not installed (apt install sip-tester)")
	}
	rate, calls := 50, 200
	if v := os.Getenv("LINEDESK_LOAD"); v != "" {
		rate, _ = strconv.Atoi(v)
		calls = rate * 12
	}
	agents, callers := freeUDPPorts(t)
	j := &joiner{agents: fmt.Sprintf("sip:agent@127.0.0.1:%d", agents)}
	e, err := New(Config{UDP: freePort, Log: logtest.New(t), Trunks: []Trunk{{ID: "t", Allow: []netip.Prefix{loopback}}}}, j)
	if err != nil {
		t.Fatal(err)
	}
	j.e = e
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()

	dir := t.TempDir()
	ctxSIPp, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	uas := exec.CommandContext(ctxSIPp, sipp, "-sf", scenario(t, dir, "agent.xml"), "-i", "127.0.0.1", "-p", strconv.Itoa(agents),
		"-d", "1000", "-l", "15000", "-nostdin", "-buff_size", "4000000")
	uas.Dir = dir
	if err := uas.Start(); err != nil {
		t.Fatal(err)
	}
	waitBound(t, agents)
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	begun := time.Now()
	uac := exec.CommandContext(ctxSIPp, sipp, e.UDPAddr().String(), "-sf", scenario(t, dir, "caller.xml"), "-i", "127.0.0.1",
		"-p", strconv.Itoa(callers), "-s", "4001", "-r", strconv.Itoa(rate), "-m", strconv.Itoa(calls), "-l", "15000", "-nostdin", "-buff_size", "4000000",
		"-trace_err", "-error_file", filepath.Join(dir, "uac.err"))
	uac.Dir = dir
	out, err := uac.CombinedOutput()
	took := time.Since(begun)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	runtime.ReadMemStats(&m1)
	_ = uas.Process.Signal(syscall.SIGUSR1)
	_ = uas.Wait()
	if err != nil {
		errors, _ := os.ReadFile(filepath.Join(dir, "uac.err"))
		t.Errorf("SIPp: %v\n%s\n%s", err, tail(out), tail(errors))
	}
	cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	t.Logf("%d calls in %v: %v CPU per call, heap %d KiB, %d GCs; counters %v", calls, took.Round(time.Millisecond),
		(cpu / time.Duration(calls)).Round(time.Microsecond), m1.HeapInuse>>10, m1.NumGC-m0.NumGC, e.Counters())
	cancel()
	if err := receive(t, done, "end of Run"); err != nil {
		t.Error(err)
	}
	if n := e.Counters()["legs"]; n != 0 {
		t.Errorf("%d legs left", n)
	}
}

func tail(b []byte) []byte { return b[max(0, len(b)-3000):] }

// freeUDPPorts gives two ports for other programs to take.
func freeUDPPorts(t *testing.T) (int, int) {
	t.Helper()
	one, two := newPeer(t, freePort), newPeer(t, freePort) // open at once, so that they differ
	return int(one.closed().Port()), int(two.closed().Port())
}

// closed gives a peer's port free again, for another program to take.
func (p *peer) closed() netip.AddrPort {
	_ = p.conn.Close()
	return p.addr
}

// waitBound waits until a program has bound a UDP port.
func waitBound(t *testing.T, port int) {
	t.Helper()
	want := fmt.Appendf(nil, ":%04X ", port)
	look := time.NewTicker(10 * time.Millisecond) // another program's socket tells nobody that it is there
	defer look.Stop()
	late := time.After(patience)
	for {
		if table, _ := os.ReadFile("/proc/net/udp"); bytes.Contains(table, want) {
			return
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("nobody listens on port %d", port)
		}
	}
}

// scenario writes one of SIPp's scripts.
func scenario(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(strings.TrimSpace(string(text))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSIPpRegisters(t *testing.T) {
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("SIPp is not installed (apt install sip-tester)")
	}
	e, _ := start(t, nil) // as sites are by default: SIPp knows no SHA-256 and gives up at a challenge of it
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	dir := t.TempDir()
	cmd := exec.CommandContext(ctx, sipp, e.UDPAddr().String(), "-sf", scenario(t, dir, "register.xml"), "-i", "127.0.0.1", "-m", "1", "-nostdin")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("SIPp: %v\n%s", err, tail(out))
	}
	if !e.Bound("1001") {
		t.Error("not bound")
	}
}

func TestSIPpBuiltInCaller(t *testing.T) {
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("SIPp is not installed (apt install sip-tester)")
	}
	e, r := start(t, nil)
	r.handle(func(in *Incoming) { in.Leg.Ring(); in.Leg.Answer(still) })
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	for _, transport := range []string{"u1", "t1"} {
		cmd := exec.CommandContext(ctx, sipp, e.UDPAddr().String(), "-sn", "uac", "-t", transport, "-i", "127.0.0.1", "-m", "20", "-r", "20", "-s", "4000", "-nostdin")
		cmd.Dir = t.TempDir()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("SIPp by %s: %v\n%s", transport, err, tail(out))
		}
	}
	if n := e.Counters()["legs"]; n != 0 {
		t.Errorf("%d legs left", n)
	}
}
