package media

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"
)

// transport carries a leg's packets. All methods are the shard's.
type transport interface {
	attach(s *shard, l *Leg)
	detach(s *shard)
	sendRTP(s *shard, b []byte) error
	sendRTCP(s *shard, b []byte) error
	// line is the SSRC that the far end sees on our packets, given the leg's own.
	line(ssrc uint32) uint32
	close(s *shard)
}

// probation is how many packets in a row a source must send that SDP did not name, before it is taken for
// the far end behind a NAT.
const probation = 3

// udpTransport is a pair of UDP sockets that speak with one source.
//
// SDP names the source. If its first valid packet comes from there, the socket is connected to it, and
// the kernel drops everything else. A far end behind a NAT speaks from elsewhere: it is learned once,
// when three packets in a row came and the named source has not spoken; then all others are strangers.
// The lock opens again with a re-INVITE, or, for the same SSRC only, after five seconds of silence
// (a NAT that forgot and chose another port).
type udpTransport struct {
	rtp, rtcp *socket

	signalled  netip.AddrPort // what SDP said; where we send unless another was learned
	learned    netip.AddrPort // valid: the source that was learned
	to, toRTCP target
	open       bool   // another source may be learned though one was
	sameLine   bool   // … if it has our far end's SSRC
	candidate  source // who is on probation

	former    source        // whom these ports heard for another leg; addr is not valid: nobody
	formerEnd time.Duration // when that leg gave them back
}

type source struct {
	addr  netip.AddrPort
	ssrc  uint32
	seq   uint16
	count int8
}

// openPair gives a pair that is open already, or binds an even port and the odd one above.
func (e *Engine) openPair(s *shard) (*udpTransport, error) {
	if p, ok := e.warm.take(e.clock(), false); ok {
		return p.transport(), nil
	}
	t := &udpTransport{}
	bind := func(port uint16) error {
		rtp, err := s.net.open(netip.AddrPortFrom(e.config.Addr, port))
		if err != nil {
			return err
		}
		rtcp, err := s.net.open(netip.AddrPortFrom(e.config.Addr, rtp.local.Port()|1))
		if err != nil {
			s.net.close(rtp)
			return err
		}
		rtcp.rtcp = true
		t.rtp, t.rtcp = rtp, rtcp
		return nil
	}
	if e.ports != nil {
		_, err := e.ports.take(bind, portTaken)
		if err != nil {
			if p, ok := e.warm.take(e.clock(), true); ok {
				return p.transport(), nil
			}
		}
		return t, err
	}
	// Any free port: ask until an even one comes whose neighbour is free.
	for range 100 {
		probe, err := s.net.open(netip.AddrPortFrom(e.config.Addr, 0))
		if err != nil {
			return nil, err
		}
		port := probe.local.Port() &^ 1
		s.net.close(probe)
		if err := bind(port); err == nil || !portTaken(err) {
			return t, err
		}
	}
	return nil, errors.New("no two neighbouring UDP ports are free")
}

func (t *udpTransport) attach(s *shard, l *Leg) {
	for _, sock := range []*socket{t.rtp, t.rtcp} {
		sock.leg = l
		if sock.attached {
			continue
		}
		if err := s.net.attach(sock); err != nil {
			s.log.Error("media socket hears nothing", errAttr(err))
		}
	}
}

func (t *udpTransport) detach(s *shard) {
	s.net.detach(t.rtp)
	s.net.detach(t.rtcp)
}

func (t *udpTransport) close(s *shard) {
	if !s.keepWarm(t) {
		t.shut(s)
	}
}

// shut closes the sockets.
func (t *udpTransport) shut(s *shard) {
	port := t.rtp.local.Port()
	s.net.close(t.rtp)
	s.net.close(t.rtcp)
	if s.engine.ports != nil {
		s.engine.ports.giveBack(port, s.engine.clock())
	}
}

func (t *udpTransport) line(ssrc uint32) uint32 { return ssrc }

func (t *udpTransport) sendRTP(s *shard, b []byte) error {
	if t.to.addr.Port() == 0 {
		return nil
	}
	err := s.net.send(t.rtp, b, &t.to)
	if errors.Is(err, syscall.ECONNREFUSED) {
		// The refusal is of an earlier packet; this one was not sent, so send it again.
		s.refused(t.rtp)
		err = s.net.send(t.rtp, b, &t.to)
	}
	return err
}

func (t *udpTransport) sendRTCP(s *shard, b []byte) error {
	if t.toRTCP.addr.Port() == 0 {
		return nil
	}
	return s.net.send(t.rtcp, b, &t.toRTCP)
}

// sendable says whether the far end has an address to send to.
func sendable(a netip.AddrPort) bool {
	return a.IsValid() && a.Port() != 0 && !a.Addr().IsUnspecified()
}

// negotiated takes what SDP named.
func (t *udpTransport) negotiated(s *shard, p *Params) {
	remote := netip.AddrPortFrom(p.Remote.Addr().Unmap(), p.Remote.Port())
	t.candidate = source{}
	if remote == t.signalled {
		t.open = t.learned.IsValid() // a NAT may have changed its mind
		t.sameLine = false
	} else {
		t.unlock(s)
		t.signalled, t.learned, t.open, t.sameLine = remote, netip.AddrPort{}, false, false
		t.aim(s, remote)
	}
	if p.RemoteRTCP.IsValid() && !t.learned.IsValid() {
		t.toRTCP = s.net.target(netip.AddrPortFrom(p.RemoteRTCP.Addr().Unmap(), p.RemoteRTCP.Port()))
	}
}

// aim sends to an address from now on. RTCP goes to the port above (RFC 3550, 11).
func (t *udpTransport) aim(s *shard, to netip.AddrPort) {
	t.to, t.toRTCP = target{}, target{}
	if !sendable(to) {
		return
	}
	t.to = s.net.target(to)
	if to.Port() < 65535 {
		t.toRTCP = s.net.target(netip.AddrPortFrom(to.Addr(), to.Port()+1))
	}
}

func (t *udpTransport) unlock(s *shard) {
	if !t.rtp.connected {
		return
	}
	if err := s.net.disconnect(t.rtp); err != nil {
		s.log.Error("media socket stays on its old source", errAttr(err))
	}
}

// doubt opens the lock for the same line of packets from elsewhere, after a silence.
func (t *udpTransport) doubt(s *shard) {
	t.unlock(s)
	t.candidate = source{}
	t.open, t.sameLine = true, true
}

// accepts says whether a packet is of the leg's source, and learns who that is. heard is the SSRC of the
// line so far.
func (t *udpTransport) accepts(s *shard, from netip.AddrPort, p *rtpPacket, heard *reception) bool {
	if t.rtp.connected {
		return true // the kernel saw to it
	}
	if from == t.signalled {
		if t.learned.IsValid() {
			t.learned = netip.AddrPort{}
			t.aim(s, from)
		}
		t.open = false
		if err := s.net.connect(t.rtp, from); err != nil {
			s.log.Error("media socket stays open to all", errAttr(err)) // the check here goes on
		}
		return true
	}
	if from == t.learned {
		t.open = false
		return true
	}
	if t.learned.IsValid() && !t.open || t.sameLine && p.ssrc != heard.ssrc {
		return false
	}
	if from == t.former.addr && p.ssrc == t.former.ssrc && s.now-t.formerEnd < warmRest {
		return false // the far end of another call has not noticed yet that it is over
	}
	c := &t.candidate
	if c.addr != from || c.ssrc != p.ssrc || p.seq != c.seq+1 {
		*c = source{addr: from, ssrc: p.ssrc}
	}
	c.seq = p.seq
	c.count++
	if c.count < probation {
		return false
	}
	*c = source{}
	t.learned, t.open, t.sameLine = from, false, false
	t.aim(s, from)
	return true
}

// lastHeard is the far end that was heard.
func (t *udpTransport) lastHeard() source {
	heard := source{}
	if l := t.rtp.leg; l != nil && l.in.heard {
		heard.ssrc = l.in.ssrc
		switch {
		case t.rtp.connected:
			heard.addr = t.rtp.peer
		case t.learned.IsValid():
			heard.addr = t.learned
		default:
			heard.addr = t.signalled
		}
	}
	return heard
}

// trustsRTCP says whether RTCP from there is the far end's: the host must be right, and its port becomes
// where ours goes to.
func (t *udpTransport) trustsRTCP(from netip.AddrPort) bool {
	return t.to.addr.IsValid() && from.Addr() == t.to.addr.Addr()
}

var (
	errOpened = errors.New("media: the leg has a transport already")
	errClosed = errors.New("media: the leg is closed")
	errOver   = errors.New("media: the engine has stopped")
)

// OpenUDP gives the leg a pair of ports and says which. The leg must have no transport yet.
func (l *Leg) OpenUDP() (netip.AddrPort, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.local.IsValid() {
		return netip.AddrPort{}, errOpened
	}
	if l.closed {
		return netip.AddrPort{}, errClosed
	}
	t, err := l.engine.openPair(l.shard.Load())
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("media: %w", err)
	}
	// Close takes the lock too, so its command comes after this one and finds the transport.
	if !l.do(func(s *shard) {
		l.out = t
		t.attach(s, l)
		s.settle(l)
	}) {
		t.shut(l.shard.Load())
		return netip.AddrPort{}, errOver
	}
	l.local = t.rtp.local
	return l.local, nil
}

// LocalAddr is what SDP says of us; the zero value before [Leg.OpenUDP].
func (l *Leg) LocalAddr() netip.AddrPort {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.local
}
