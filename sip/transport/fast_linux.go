package transport

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/linedesk/linedesk/call/rawsys"
)

// fastUDP sends and receives on a socket without a word to Go's scheduler (see [rawsys]). Go keeps the socket: it
// holds the descriptor open during each call, and waits for packets by its poller.
type fastUDP struct {
	conn *net.UDPConn
	raw  syscall.RawConn
	v6   bool // the socket's family, which its addresses must have

	// of receive, which one goroutine calls
	buf  []byte
	n    int
	from rawsys.Sockaddr
	err  error
	try  func(fd uintptr) bool // made once: a closure per packet would be garbage per packet
}

func (f *fastUDP) init(conn *net.UDPConn) (err error) {
	f.conn = conn
	if f.raw, err = conn.SyscallConn(); err != nil {
		return err
	}
	f.try = f.tryReceive
	return f.raw.Control(func(fd uintptr) {
		name, _ := unix.Getsockname(int(fd)) // no name is no IPv6: then sending says what is wrong
		_, f.v6 = name.(*unix.SockaddrInet6)
	})
}

// receive waits for a datagram.
func (f *fastUDP) receive(b []byte) (int, netip.AddrPort, error) {
	f.buf = b
	if err := f.raw.Read(f.try); err != nil {
		return 0, netip.AddrPort{}, err
	}
	return f.n, f.from.AddrPort(), f.err
}

// tryReceive is false when there is nothing: Go then waits until there is.
func (f *fastUDP) tryReceive(fd uintptr) bool {
	f.n, f.err = rawsys.Receive(int(fd), f.buf, &f.from)
	return !errors.Is(f.err, syscall.EAGAIN)
}

// sending is one datagram on its way.
type sending struct {
	b   []byte
	to  rawsys.Sockaddr
	err error
	try func(fd uintptr)
}

var sendings = sync.Pool{New: func() any {
	s := &sending{}
	s.try = func(fd uintptr) { s.err = rawsys.Send(int(fd), s.b, &s.to) }
	return s
}}

// send sends a datagram. Only a full send buffer makes it wait.
func (f *fastUDP) send(b []byte, to netip.AddrPort) error {
	ip := to.Addr()
	if len(b) == 0 || !f.v6 && !ip.Unmap().Is4() || ip.Zone() != "" {
		_, err := f.conn.WriteToUDPAddrPort(b, to) // knows zones, and what to say of the wrong family
		return err
	}
	s := sendings.Get().(*sending)
	s.b, s.to = b, rawsys.SockaddrOf(netip.AddrPortFrom(ip.Unmap(), to.Port()), f.v6)
	err := f.raw.Control(s.try)
	if err == nil {
		err = s.err
	}
	s.b, s.err = nil, nil
	sendings.Put(s)
	if errors.Is(err, syscall.EAGAIN) {
		_, err = f.conn.WriteToUDPAddrPort(b, to)
	}
	return err
}
