package media

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// plainQueue is how many packets wait for the shard at most; more are dropped, as a full socket would.
const plainQueue = 1024

// plainSockets are ordinary Go sockets, a reading goroutine each, for systems that are not Linux. They
// can not tell of an ICMP refusal.
type plainSockets struct {
	queue chan plainPacket
	woken chan struct{}
	first plainPacket   // that ended a wait
	until time.Duration // of arm
	pool  sync.Pool
	ended sync.WaitGroup // the reading goroutines
}

type plainSocket struct{ conn *net.UDPConn }

type plainPacket struct {
	s    *socket
	b    *[maxPacket]byte
	n    int
	from netip.AddrPort
}

func newPlainSockets() *plainSockets {
	return &plainSockets{
		queue: make(chan plainPacket, plainQueue),
		woken: make(chan struct{}, 1),
		pool:  sync.Pool{New: func() any { return new([maxPacket]byte) }},
	}
}

func (p *plainSockets) open(addr netip.AddrPort) (*socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, fmt.Errorf("bind UDP %s: %w", addr, err)
	}
	local := netip.AddrPortFrom(addr.Addr(), conn.LocalAddr().(*net.UDPAddr).AddrPort().Port())
	return &socket{local: local, plain: &plainSocket{conn: conn}}, nil
}

func (p *plainSockets) attach(s *socket) error {
	if err := s.plain.conn.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("read UDP %s: %w", s.local, err)
	}
	p.ended.Go(func() { p.read(s, s.plain.conn) })
	return nil
}

// read passes packets on until the socket is closed or detached.
func (p *plainSockets) read(s *socket, conn *net.UDPConn) {
	for errs := 0; errs < 100; {
		b := p.pool.Get().(*[maxPacket]byte)
		n, from, err := conn.ReadFromUDPAddrPort(b[:])
		if err != nil {
			p.pool.Put(b)
			var timeout net.Error
			if errors.Is(err, net.ErrClosed) || errors.As(err, &timeout) && timeout.Timeout() {
				return
			}
			errs++
			continue
		}
		errs = 0
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		select {
		case p.queue <- plainPacket{s: s, b: b, n: n, from: from}:
		default:
			p.pool.Put(b)
		}
	}
}

func (p *plainSockets) detach(s *socket) { _ = s.plain.conn.SetReadDeadline(time.Unix(1, 0)) }

func (p *plainSockets) close(s *socket) {
	_ = s.plain.conn.Close()
	s.leg = nil
}

func (p *plainSockets) connect(s *socket, to netip.AddrPort) error {
	s.connected, s.peer = true, to
	return nil
}

func (p *plainSockets) disconnect(s *socket) error {
	s.connected = false
	return nil
}

func (p *plainSockets) target(to netip.AddrPort) target { return target{addr: to} }

func (p *plainSockets) send(s *socket, b []byte, to *target) error {
	addr := to.addr
	if s.connected {
		addr = s.peer
	}
	_, err := s.plain.conn.WriteToUDPAddrPort(b, addr)
	return err
}

func (p *plainSockets) take(r receiver) bool {
	n := 0
	if p.first.s != nil {
		p.deliver(p.first, r)
		p.first, n = plainPacket{}, 1
	}
	for range 256 {
		select {
		case pkt := <-p.queue:
			p.deliver(pkt, r)
			n++
		default:
			return n > 0
		}
	}
	return true
}

func (p *plainSockets) arm(d time.Duration) {
	select {
	case <-p.woken: // for a wait that is over
	default:
	}
	p.until = d
}

func (p *plainSockets) wait() error {
	var timer <-chan time.Time
	if p.until >= 0 {
		t := time.NewTimer(p.until)
		defer t.Stop()
		timer = t.C
	}
	select {
	case p.first = <-p.queue:
	case <-p.woken:
	case <-timer:
	}
	return nil
}

func (p *plainSockets) deliver(pkt plainPacket, r receiver) {
	switch {
	case !pkt.s.connected:
		r.received(pkt.s, pkt.b[:pkt.n], pkt.from)
	case pkt.from == pkt.s.peer:
		r.received(pkt.s, pkt.b[:pkt.n], netip.AddrPort{})
	}
	p.pool.Put(pkt.b)
}

func (p *plainSockets) wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

func (p *plainSockets) shut() { p.ended.Wait() }
