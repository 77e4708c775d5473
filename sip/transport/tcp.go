package transport

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Limits bound what connections may cost. Zero values take the defaults.
type Limits struct {
	Conns    int           // at once; 2,000. Beyond it the oldest that has said nothing good is closed
	PerIP    int           // at once from one address that has said nothing good; 20
	First    time.Duration // until the first good message; 10 s
	Message  time.Duration // from a message's first byte to its last; 10 s
	Idle     time.Duration // between messages; 30 min (the kernel asks dead peers much earlier)
	Write    time.Duration // for the peer to take what we send; 5 s
	Queue    int           // messages waiting to be sent; 256. Beyond it the connection is closed
	Dial     time.Duration // to connect; 4 s
	Exempted func(netip.Addr) bool
}

func (l Limits) withDefaults() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&l.First, 10*time.Second)
	def(&l.Message, 10*time.Second)
	def(&l.Idle, 30*time.Minute)
	def(&l.Write, 5*time.Second)
	def(&l.Dial, 4*time.Second)
	if l.Conns == 0 {
		l.Conns = 2000
	}
	if l.PerIP == 0 {
		l.PerIP = 20
	}
	if l.Queue == 0 {
		l.Queue = 256
	}
	if l.Exempted == nil {
		l.Exempted = func(netip.Addr) bool { return false }
	}
	return l
}

// TCPListener accepts and dials connections.
type TCPListener struct {
	ln     *net.TCPListener
	local  netip.AddrPort
	limits Limits
	log    *slog.Logger
	wg     sync.WaitGroup // all goroutines of all connections
	ctx    context.Context
	cancel context.CancelFunc
	// receive and closed are set by Serve before anything runs.
	receive Receiver
	closed  func(Flow)

	mu     sync.Mutex
	conns  map[*Conn]struct{}
	fresh  map[netip.Addr]int       // connections per address that have said nothing good
	dialed map[netip.AddrPort]*Conn // what we opened, to be used again

	// Refused counts connections closed for a limit.
	Refused atomic.Uint64
}

// ListenTCP binds the address. Setting names what changes it, for the error. Closed is told of each
// flow that has ended.
func ListenTCP(addr netip.AddrPort, setting string, limits Limits, receive Receiver, closed func(Flow), log *slog.Logger) (*TCPListener, error) {
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addr))
	if err != nil {
		return nil, listenError(TCP, addr, setting, err)
	}
	local := ln.Addr().(*net.TCPAddr).AddrPort()
	t := &TCPListener{
		ln: ln, local: netip.AddrPortFrom(local.Addr().Unmap(), local.Port()), limits: limits.withDefaults(), log: log,
		receive: receive, closed: closed,
		conns: map[*Conn]struct{}{}, fresh: map[netip.Addr]int{}, dialed: map[netip.AddrPort]*Conn{},
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t, nil
}

// Local is the address listened on.
func (t *TCPListener) Local() netip.AddrPort { return t.local }

// Serve accepts until ctx ends, then closes all connections and waits for their goroutines.
func (t *TCPListener) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, t.Close)
	defer stop()
	defer t.wg.Wait()
	defer t.Close()
	for wait := time.Duration(0); ; {
		c, err := t.ln.AcceptTCP()
		if err != nil {
			if t.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			// No more file descriptors, say: it passes, and listening must outlast it.
			t.log.WarnContext(ctx, "accepting a TCP connection", slog.Any("error", err))
			wait = min(wait*2+5*time.Millisecond, time.Second)
			select {
			case <-t.ctx.Done():
			case <-time.After(wait):
			}
			continue
		}
		wait = 0
		t.accept(c)
	}
}

// Close ends listening and all connections. Serve waits for them.
func (t *TCPListener) Close() {
	t.cancel()
	_ = t.ln.Close()
	t.mu.Lock()
	all := make([]*Conn, 0, len(t.conns))
	for c := range t.conns {
		all = append(all, c)
	}
	t.mu.Unlock()
	for _, c := range all {
		c.close()
	}
}

func (t *TCPListener) accept(nc *net.TCPConn) {
	remote := nc.RemoteAddr().(*net.TCPAddr).AddrPort()
	remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	c := t.newConn(remote)
	c.nc = nc
	ip := remote.Addr()
	t.mu.Lock()
	if t.ctx.Err() != nil || t.fresh[ip] >= t.limits.PerIP && !t.limits.Exempted(ip) {
		t.mu.Unlock()
		t.Refused.Add(1)
		_ = nc.Close()
		return
	}
	var oldest *Conn
	if len(t.conns) >= t.limits.Conns {
		oldest = t.oldestFresh()
		if oldest == nil {
			t.mu.Unlock()
			t.Refused.Add(1)
			_ = nc.Close()
			return
		}
	}
	t.conns[c] = struct{}{}
	t.fresh[ip]++
	c.counted = true
	t.wg.Add(2)
	t.mu.Unlock()
	if oldest != nil {
		t.Refused.Add(1)
		oldest.close()
	}
	go c.read()
	go c.write()
}

// oldestFresh finds the connection to give up for a new one: of those that have said nothing good,
// the one that came first. Called with mu held.
func (t *TCPListener) oldestFresh() *Conn {
	var oldest *Conn
	for c := range t.conns {
		if !c.sound.Load() && !c.out && (oldest == nil || c.since.Before(oldest.since)) {
			oldest = c
		}
	}
	return oldest
}

// Dial gives a flow to a peer: the connection that we have to it, or a new one, which connects while
// messages wait in its queue.
func (t *TCPListener) Dial(to netip.AddrPort) Flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.dialed[to]; c != nil && c.Alive() {
		return Flow{Via: c, Remote: to}
	}
	if t.ctx.Err() != nil || len(t.conns) >= t.limits.Conns {
		return Flow{}
	}
	c := t.newConn(to)
	c.out = true
	c.sound.Store(true)
	t.conns[c], t.dialed[to] = struct{}{}, c
	t.wg.Add(1)
	go c.dial()
	return Flow{Via: c, Remote: to}
}

// forget takes a closed connection off the lists.
func (t *TCPListener) forget(c *Conn) {
	t.mu.Lock()
	if _, ok := t.conns[c]; !ok {
		t.mu.Unlock()
		return
	}
	delete(t.conns, c)
	if t.dialed[c.remote] == c {
		delete(t.dialed, c.remote)
	}
	t.settle(c)
	t.mu.Unlock()
	t.closed(Flow{Via: c, Remote: c.remote})
}

// settle counts a connection out of those that have said nothing good. Called with mu held.
func (t *TCPListener) settle(c *Conn) {
	if !c.counted {
		return
	}
	c.counted = false
	ip := c.remote.Addr()
	if t.fresh[ip]--; t.fresh[ip] <= 0 {
		delete(t.fresh, ip)
	}
}

// Drain closes all connections when what waits in their queues is sent, and waits for that, though not
// for a peer that takes nothing.
func (t *TCPListener) Drain() {
	t.mu.Lock()
	all := make([]*Conn, 0, len(t.conns))
	for c := range t.conns {
		all = append(all, c)
	}
	t.mu.Unlock()
	patience := time.NewTimer(500 * time.Millisecond)
	defer patience.Stop()
	for _, c := range all {
		c.finish()
	}
	for _, c := range all {
		select {
		case <-c.done:
		case <-patience.C:
			return
		}
	}
}
