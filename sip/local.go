package sip

import (
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/netip"
	"sync"

	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// routes remembers by which of our addresses a peer is reached, where a socket is bound to all of them.
type routes struct {
	mu sync.Mutex
	by map[netip.Addr]netip.Addr
}

const maxRoutes = 4096

func (r *routes) to(peer netip.Addr) netip.Addr {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a, ok := r.by[peer]; ok {
		return a
	}
	// Connecting a UDP socket sends nothing: it asks the routing table.
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(peer, 9)))
	if err != nil {
		return netip.IPv4Unspecified()
	}
	a := conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
	_ = conn.Close()
	if r.by == nil || len(r.by) >= maxRoutes {
		r.by = map[netip.Addr]netip.Addr{}
	}
	r.by[peer] = a
	return a
}

// local is our address as the peer of a flow is to know it.
func (e *Endpoint) local(f transport.Flow) netip.AddrPort {
	if f.Via == nil {
		return netip.AddrPort{}
	}
	a := f.Via.Local()
	switch {
	case e.cfg.Advertise.IsValid():
		return netip.AddrPortFrom(e.cfg.Advertise, a.Port())
	case a.Addr().IsUnspecified():
		return netip.AddrPortFrom(e.routes.to(f.Remote.Addr()), a.Port())
	}
	return a
}

// flowTo gives a way to an address.
func (e *Endpoint) flowTo(to netip.AddrPort, proto transport.Proto) transport.Flow {
	if proto == transport.TCP {
		if e.tcp == nil {
			return transport.Flow{}
		}
		return e.tcp.Dial(to)
	}
	if e.udp == nil {
		return transport.Flow{}
	}
	return transport.Flow{Via: e.udp, Remote: to}
}

// replyFlow is where answers to a request go: the connection that it came by, or for UDP where RFC
// 3261, 18.2.2 and RFC 3581, 4 say. A sender who names an address that is not its own stands behind a
// NAT and is answered where it is.
func (e *Endpoint) replyFlow(m *wire.Message, f transport.Flow) transport.Flow {
	if f.Reliable() || m.Via.RPort() {
		return f
	}
	if a, ok := m.Via.Addr(); !ok || a != f.Remote.Addr() {
		return f
	}
	port := m.Via.Port
	if port == 0 {
		port = defaultPort
	}
	f.Remote = netip.AddrPortFrom(f.Remote.Addr(), port)
	return f
}

// token makes n bytes of chance as hexadecimal: tags, branches, Call-IDs.
func token(n int) string {
	var b [16]byte
	_, _ = rand.Read(b[:n]) // never fails
	var s [32]byte
	return string(s[:hex.Encode(s[:], b[:n])])
}
