package sip

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// Handler is told what arrives.
type Handler interface {
	// Incoming is an INVITE that passed every check. It runs on a worker and must not block; it calls
	// [Leg.Observe] before it returns, and answers through in.Leg from anywhere.
	Incoming(in *Incoming)
	// BindingChanged says that an extension gained a contact (up) or lost its last one. Calls come one
	// after the other, in order, from a goroutine of their own.
	BindingChanged(ext call.Extension, up bool, contact string)
}

// Endpoint is our end of all signalling.
type Endpoint struct {
	cfg     Config
	handler Handler
	log     *slog.Logger
	udp     *transport.UDPSocket
	tcp     *transport.TCPListener
	workers []*worker
	reg     *registrar
	auth    *authority
	gate    *transport.Gate
	routes  routes
	seed    maphash.Seed
	start   time.Time
	trunks  atomic.Pointer[trunkTable]
	relook  chan struct{}
	legs    atomic.Int64
	count   counters
	traced  bool // messages are logged

	mu    sync.Mutex
	peers map[netip.Addr]int // hosts that legs are with: not to be limited like strangers
}

// What strangers may ask of us (security of a source that no trunk and no phone stands for).
const (
	strangerRate  = 20 // requests a second
	strangerBurst = 40
)

// New binds the sockets. The error names an address that is in use and the setting that changes it, or a setting
// that can not be.
func New(c Config, h Handler) (*Endpoint, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	e := newEndpoint(c, h)
	if err := e.bind(); err != nil {
		return nil, err
	}
	return e, nil
}

// newEndpoint makes an endpoint without sockets.
func newEndpoint(c Config, h Handler) *Endpoint {
	c = c.withDefaults()
	e := &Endpoint{
		cfg: c, handler: h, log: c.Log, gate: transport.NewGate(strangerRate, strangerBurst),
		seed: maphash.MakeSeed(), start: time.Now(), relook: make(chan struct{}, 1), peers: map[netip.Addr]int{},
	}
	e.traced = c.Log.Enabled(context.Background(), LevelTrace)
	e.auth = &authority{
		nonces: newNonces(), gate: e.gate, realm: c.Domain, nobody: token(16), passwords: c.Extensions, log: c.Log,
	}
	for _, name := range c.Algorithms {
		if alg, ok := algorithmOf(name); ok { // New has refused others
			e.auth.offered = append(e.auth.offered, alg)
		}
	}
	e.reg = newRegistrar(e)
	e.reg.tell, e.reg.ping = h.BindingChanged, e.pingPhone
	e.trunks.Store(newTrunkTable(c.Trunks, nil))
	for range c.Workers {
		e.workers = append(e.workers, newWorker(e))
	}
	return e
}

func (e *Endpoint) bind() error {
	c := e.cfg
	if !c.UDP.IsValid() && !c.TCP.IsValid() {
		return errors.New("no SIP address to listen on: set " + c.PortSetting)
	}
	// Where a free port is asked for both, it is to be the same one.
	tries := 1
	if c.UDP.IsValid() && c.TCP.IsValid() && c.UDP.Port() == 0 && c.TCP.Port() == 0 {
		tries = 20
	}
	var err error
	for range tries {
		if err = e.bindOnce(c); err == nil {
			return nil
		}
	}
	return err
}

func (e *Endpoint) bindOnce(c Config) (err error) {
	if c.UDP.IsValid() {
		if e.udp, err = transport.ListenUDP(c.UDP, c.PortSetting, e.log); err != nil {
			return err
		}
		if c.TCP.Port() == 0 {
			c.TCP = netip.AddrPortFrom(c.TCP.Addr(), e.udp.Local().Port())
		}
	}
	if c.TCP.IsValid() {
		limits := transport.Limits{Exempted: func(a netip.Addr) bool { return e.trunks.Load().from(a) != nil }}
		e.tcp, err = transport.ListenTCP(c.TCP, c.PortSetting, limits, e.receive, e.flowClosed, e.log)
		if err != nil && e.udp != nil {
			e.udp.Close()
		}
	}
	return err
}

// Run serves until ctx ends, hangs up what is left, and returns when all it started has ended.
func (e *Endpoint) Run(ctx context.Context) error {
	// Sockets outlive the workers, which have good-byes to send.
	sockets, closeSockets := context.WithCancel(context.WithoutCancel(ctx))
	defer closeSockets()
	var net errgroup.Group
	if e.udp != nil {
		net.Go(func() error { return e.udp.Serve(sockets, e.receive) })
	}
	if e.tcp != nil {
		net.Go(func() error { return e.tcp.Serve(sockets) })
	}
	var work sync.WaitGroup
	for _, w := range e.workers {
		work.Go(func() { w.run(ctx) })
	}
	work.Go(func() { e.reg.run(ctx) })
	work.Go(func() { e.lookup(ctx) })
	work.Wait()
	if e.tcp != nil {
		e.tcp.Drain()
	}
	closeSockets()
	if err := net.Wait(); err != nil {
		return fmt.Errorf("serve SIP: %w", err)
	}
	return nil
}

// Reconfigure replaces the trunks. Calls in progress go on.
func (e *Endpoint) Reconfigure(trunks []Trunk) {
	e.trunks.Store(newTrunkTable(trunks, e.trunks.Load()))
	select {
	case e.relook <- struct{}{}:
	default:
	}
}

// Bound says whether an extension has a phone registered.
func (e *Endpoint) Bound(ext call.Extension) bool { return len(e.reg.targets(ext)) > 0 }

// UDPAddr is the address listened on for UDP; the zero value if none is.
func (e *Endpoint) UDPAddr() netip.AddrPort {
	if e.udp == nil {
		return netip.AddrPort{}
	}
	return e.udp.Local()
}

// TCPAddr is the address listened on for TCP; the zero value if none is.
func (e *Endpoint) TCPAddr() netip.AddrPort {
	if e.tcp == nil {
		return netip.AddrPort{}
	}
	return e.tcp.Local()
}

// Counters gives counts since the start, by name, for /metrics: what was dropped or refused and why,
// what was repeated, how many legs there are.
func (e *Endpoint) Counters() map[string]uint64 {
	all := e.count.all()
	all["legs"] = uint64(max(0, e.legs.Load()))
	if e.udp != nil {
		all["udp_send_error"] = e.udp.SendErrors.Load()
	}
	if e.tcp != nil {
		all["tcp_refused"] = e.tcp.Refused.Load()
	}
	return all
}

// since is the time since the start, by the monotonic clock.
func (e *Endpoint) since() time.Duration { return time.Since(e.start) }

// workerOf gives the worker that a Call-ID belongs to.
func (e *Endpoint) workerOf(callID string) *worker {
	return e.workers[maphash.String(e.seed, callID)%uint64(len(e.workers))]
}

// flowClosed hears of connections that are gone.
func (e *Endpoint) flowClosed(f transport.Flow) { e.reg.closed(f) }

// send sends a message. What goes wrong is counted: repetitions and time-outs do the rest.
func (e *Endpoint) send(f transport.Flow, b []byte) {
	e.trace("out", f, b)
	if err := f.Send(b); err != nil {
		e.count.add("send_error")
	}
}

// receive takes a message from a socket: who may be heard, what is well-formed, whose work it is. It
// runs on the socket's goroutine.
func (e *Endpoint) receive(data []byte, from transport.Flow, broken bool) (sound bool) {
	known := e.known(from)
	if !known && !isResponse(data) && !e.gate.Pass(from.Remote.Addr(), time.Now()) {
		e.count.add("drop_rate")
		return false
	}
	e.trace("in", from, data)
	m := wire.Parse(data, from.Reliable())
	if m == nil {
		if !keepAlive(data) {
			e.count.add("drop_not_sip")
		}
		return false
	}
	m.Src = from.Remote
	if m.Fault.Code != 0 || broken || m.IsRequest() && !methods[m.Method].known {
		e.malformed(m, from, known)
		m.Release()
		return false
	}
	trusted := known && e.trunks.Load().from(from.Remote.Addr()) != nil
	if !e.workerOf(m.CallID).post(m, from) {
		e.count.add("drop_overload")
		m.Release()
	}
	return trusted
}

func isResponse(data []byte) bool { return len(data) > 8 && string(data[:8]) == "SIP/2.0 " }

// keepAlive tells an empty datagram: CRLFs, and what else phones send to keep a NAT open.
func keepAlive(data []byte) bool {
	return len(data) <= 4 && strings.Trim(string(data), "\r\n\x00") == ""
}

// known says whether a source is no stranger: a trunk's, a registered phone's, or one that we are in
// a call with.
func (e *Endpoint) known(from transport.Flow) bool {
	if e.trunks.Load().from(from.Remote.Addr()) != nil {
		return true
	}
	if _, ok := e.reg.at(from); ok {
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.peers[from.Remote.Addr()] > 0
}

func (e *Endpoint) peer(a netip.Addr, by int) {
	e.mu.Lock()
	if e.peers[a] += by; e.peers[a] <= 0 {
		delete(e.peers, a)
	}
	e.mu.Unlock()
}
