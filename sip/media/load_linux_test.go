package media

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

var (
	loadCalls = flag.Int("load.calls", 0, "TestRelayLoad: two-leg calls at once; 0: leave it out")
	loadTime  = flag.Duration("load.time", 10*time.Second, "TestRelayLoad: for how long")
)

const loadServer = "LINEDESK_MEDIA_LOAD_SERVER" // caller address, agent address, calls

func TestMain(m *testing.M) {
	if s := os.Getenv(loadServer); s != "" {
		serveLoad(strings.Fields(s))
		return
	}
	os.Exit(m.Run())
}

// relayCalls makes so many relayed calls between two addresses on an engine of one shard, and gives the
// legs' ports once all calls stand.
func relayCalls(e *Engine, callers, agents netip.AddrPort, n int) (ports [][2]uint16, err error) {
	for range n {
		var pair [2]*Leg
		var port [2]uint16
		for i, remote := range []netip.AddrPort{callers, agents} {
			pair[i] = e.NewLeg(nil)
			addr, err := pair[i].OpenUDP()
			if err != nil {
				return nil, err
			}
			port[i] = addr.Port()
			pair[i].Negotiated(Params{Remote: remote, Codec: PCMU})
		}
		e.Bridge(pair[0], pair[1])
		ports = append(ports, port)
	}
	stand := make(chan struct{}) // a shard takes its commands in turn
	if !e.shards[0].post(command{run: func(*shard) { close(stand) }}) {
		return nil, errors.New("the shard has ended")
	}
	<-stand
	if made := e.Stats().RelayBridges; made != n {
		return nil, fmt.Errorf("%d of %d calls are relayed", made, n)
	}
	return ports, nil
}

// serveLoad is the server process of TestRelayLoad, on one core.
func serveLoad(args []string) {
	var set unix.CPUSet
	set.Set(0)
	_ = unix.SchedSetaffinity(0, &set)
	runtime.GOMAXPROCS(1)
	callers, agents := netip.MustParseAddrPort(args[0]), netip.MustParseAddrPort(args[1])
	n, _ := strconv.Atoi(args[2])
	e, err := New(Config{Addr: loopback})
	if err != nil {
		panic(err)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	debug.FreeOSMemory()
	before := residentKB()
	ports, err := relayCalls(e, callers, agents, n)
	if err != nil {
		panic(err)
	}
	for _, p := range ports {
		fmt.Println(p[0], p[1])
	}
	fmt.Println("ready")
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		st := e.Stats()
		var r unix.Rusage
		_ = unix.Getrusage(unix.RUSAGE_SELF, &r)
		fmt.Println(r.Utime.Nano()+r.Stime.Nano(), st.Relayed, residentKB()-before, st.Strangers+st.Invalid+st.SendErrors)
	}
	cancel()
	<-done
}

func residentKB() int {
	b, _ := os.ReadFile("/proc/self/status")
	for l := range strings.Lines(string(b)) {
		if f := strings.Fields(l); len(f) > 1 && f[0] == "VmRSS:" {
			n, _ := strconv.Atoi(f[1])
			return n
		}
	}
	return 0
}

// loader speaks for all callers and agents on two sockets, and counts what comes round: caller, server,
// agent, server, caller.
type loader struct {
	callers, agents *net.UDPConn
	ports           [][2]uint16
	sent, back      atomic.Uint64
	echoed          atomic.Uint64   // by the agents
	came            chan struct{}   // more is back; it holds one
	trips           []time.Duration // under mu
	mu              sync.Mutex
	start           time.Time
	ended           sync.WaitGroup
}

func newLoader(t *testing.T) *loader {
	t.Helper()
	l := &loader{start: time.Now(), came: make(chan struct{}, 1)}
	for _, c := range []**net.UDPConn{&l.callers, &l.agents} {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		big(conn)
		*c = conn
	}
	t.Cleanup(func() {
		_ = l.callers.Close()
		_ = l.agents.Close()
		l.ended.Wait()
	})
	return l
}

// big gives a socket buffers that a busy machine does not fill: all streams share the two.
func big(c *net.UDPConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		for _, force := range []int{unix.SO_RCVBUFFORCE, unix.SO_SNDBUFFORCE} { // above the limit if we are root
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, force, 16<<20)
		}
	})
}

func addrOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

func messages(n int) []ipv4.Message {
	m := make([]ipv4.Message, n)
	for i := range m {
		m[i].Buffers = [][]byte{make([]byte, 512)}
	}
	return m
}

// echo is the agents: each packet goes back to where it came from.
func (l *loader) echo() {
	pc, in := ipv4.NewPacketConn(l.agents), messages(64)
	out := make([]ipv4.Message, 64)
	for {
		n, err := pc.ReadBatch(in, 0)
		if err != nil {
			return
		}
		for i := range n {
			b := in[i].Buffers[0][:in[i].N]
			binary.BigEndian.PutUint32(b[8:], uint32(in[i].Addr.(*net.UDPAddr).Port))
			out[i] = ipv4.Message{Buffers: [][]byte{b}, Addr: in[i].Addr}
		}
		writeAll(pc, out[:n])
		l.echoed.Add(uint64(n))
	}
}

func writeAll(pc *ipv4.PacketConn, m []ipv4.Message) {
	for len(m) > 0 {
		n, err := pc.WriteBatch(m, 0)
		if err != nil || n == 0 {
			return
		}
		m = m[n:]
	}
}

// listen is the callers' ears.
func (l *loader) listen() {
	pc, in := ipv4.NewPacketConn(l.callers), messages(64)
	for {
		n, err := pc.ReadBatch(in, 0)
		if err != nil {
			return
		}
		now := time.Since(l.start)
		before := l.back.Load()
		l.mu.Lock()
		for i := range n {
			if b := in[i].Buffers[0][:in[i].N]; len(b) == 172 && binary.BigEndian.Uint64(b[12:]) != 0xFFFFFFFFFFFFFFFF {
				l.back.Add(1)
				l.trips = append(l.trips, now-time.Duration(binary.BigEndian.Uint64(b[12:])))
			}
		}
		l.mu.Unlock()
		if l.back.Load() == before {
			continue
		}
		select {
		case l.came <- struct{}{}:
		default:
		}
	}
}

// speak is the callers' mouths, for so long: a twentieth of them in each millisecond. Those that a tick
// came too late for speak with the next.
func (l *loader) speak(d time.Duration) {
	pc := ipv4.NewPacketConn(l.callers)
	slots := make([][]ipv4.Message, 20)
	for i, p := range l.ports {
		b := make([]byte, 172)
		for k := range b {
			b[k] = 0xD5
		}
		putRTP(b, 0, false, uint16(i), uint32(i), uint32(p[0]))
		slots[i%20] = append(slots[i%20], ipv4.Message{Buffers: [][]byte{b}, Addr: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(p[0])}})
	}
	begin := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ms := time.Duration(0); ms*time.Millisecond < d; ms++ {
		for time.Since(begin) < ms*time.Millisecond {
			<-tick.C
		}
		slot := slots[ms%20]
		now := uint64(time.Since(l.start))
		for i := range slot {
			b := slot[i].Buffers[0]
			binary.BigEndian.PutUint16(b[2:], binary.BigEndian.Uint16(b[2:])+1)
			binary.BigEndian.PutUint32(b[4:], binary.BigEndian.Uint32(b[4:])+160)
			binary.BigEndian.PutUint64(b[12:], now)
		}
		writeAll(pc, slot)
		l.sent.Add(uint64(len(slot)))
	}
}

// run puts the load on for so long, and waits until all packets are back or no more come.
func (l *loader) run(d time.Duration) {
	l.ended.Go(l.echo)
	l.ended.Go(l.listen)
	l.speak(d)
	for l.back.Load() < l.sent.Load() {
		select {
		case <-l.came:
		case <-time.After(200 * time.Millisecond):
			return
		}
	}
}

func TestRelayedCallsLoseNothing(t *testing.T) {
	e := startEngine(t, Config{})
	l := newLoader(t)
	ports, err := relayCalls(e, addrOf(l.callers), addrOf(l.agents), 50)
	if err != nil {
		t.Fatal(err)
	}
	l.ports = ports
	l.run(time.Second)
	// A machine that is busy with something else may drop some on their way, the engine none.
	if lost := l.sent.Load() - l.back.Load(); lost > l.sent.Load()/100 {
		t.Errorf("%d of %d packets lost", lost, l.sent.Load())
	}
	if st := e.Stats(); st.Strangers+st.Invalid+st.SendErrors > 0 || st.Relayed != st.PacketsIn {
		t.Errorf("%+v", st)
	}
}

// TestRelayLoad measures a server of its own process on one core:
//
//	go test -run TestRelayLoad -v ./sip/media -load.calls 1000
func TestRelayLoad(t *testing.T) {
	if *loadCalls == 0 {
		t.Skip("give -load.calls")
	}
	l := newLoader(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", loadServer, addrOf(l.callers), addrOf(l.agents), *loadCalls))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	}()
	var set unix.CPUSet
	set.Set(1)
	_ = unix.SchedSetaffinity(0, &set)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && lines.Text() != "ready" {
		var p [2]uint16
		if _, err := fmt.Sscan(lines.Text(), &p[0], &p[1]); err != nil {
			t.Fatal(err)
		}
		l.ports = append(l.ports, p)
	}
	figures := func() (cpu time.Duration, relayed uint64, kb, errs int) {
		_, _ = fmt.Fprintln(stdin)
		lines.Scan()
		var ns int64
		if _, err := fmt.Sscan(lines.Text(), &ns, &relayed, &kb, &errs); err != nil {
			t.Fatal(err)
		}
		return time.Duration(ns), relayed, kb, errs
	}
	cpu0, relayed0, _, _ := figures()
	begin := time.Now()
	l.run(*loadTime)
	took := time.Since(begin)
	cpu, relayed, kb, errs := figures()
	cpu, relayed = cpu-cpu0, relayed-relayed0
	slices.Sort(l.trips)
	at := func(p float64) time.Duration { return l.trips[int(p*float64(len(l.trips)-1))] }
	t.Logf("%d calls, %v: %d sent, %d lost (%.3f %%), round trip p50 %v p99 %v max %v",
		*loadCalls, took.Round(time.Second), l.sent.Load(), l.sent.Load()-l.back.Load(),
		100*float64(l.sent.Load()-l.back.Load())/float64(l.sent.Load()), at(0.5), at(0.99), at(1))
	t.Logf("server: %.2f of a core, %.2f µs a packet, %.1f KiB a call, %d errors, %d of %d packets to it not relayed",
		cpu.Seconds()/took.Seconds(), float64(cpu.Nanoseconds())/1000/float64(relayed), float64(kb)/float64(*loadCalls), errs,
		int64(l.sent.Load()+l.echoed.Load())-int64(relayed), l.sent.Load()+l.echoed.Load())
}
