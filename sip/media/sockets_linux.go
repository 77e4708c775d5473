package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// receiveBuffer bounds what the kernel keeps for one leg. It doubles the figure and counts some 768 bytes
	// a packet of speech: 85 of them, or 1.7 s.
	receiveBuffer = 32 << 10
	mostQueued    = 100 // packets that can wait in it
)

// epollSockets are raw non-blocking sockets under one epoll, and that epoll is watched by Go's own: who waits
// for packets then holds no thread and no processor, and is woken without a system call. All calls here return
// at once, so they are raw ones, which the scheduler need not know of.
type epollSockets struct {
	epoll  int
	file   *os.File        // the epoll, as Go watches it
	raw    syscall.RawConn // of file
	events [256]unix.EpollEvent
	ready  int // of events, and not taken yet
	byFD   []*socket
	buf    [maxPacket]byte
	from   unix.RawSockaddrAny
}

func newSockets() (sockets, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make an epoll: %w", err)
	}
	// A file that Go is to watch must be non-blocking when it is made one.
	if err := unix.SetNonblock(epoll, true); err != nil {
		_ = unix.Close(epoll)
		return nil, fmt.Errorf("make an epoll non-blocking: %w", err)
	}
	e := &epollSockets{epoll: epoll, file: os.NewFile(uintptr(epoll), "epoll")}
	if e.raw, err = e.file.SyscallConn(); err == nil {
		err = e.file.SetReadDeadline(time.Time{}) // an error: it is not watched
	}
	if err != nil {
		_ = e.file.Close()
		return nil, fmt.Errorf("watch an epoll: %w", err)
	}
	return e, nil
}

func (e *epollSockets) open(addr netip.AddrPort) (*socket, error) {
	family := unix.AF_INET
	if addr.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		if errors.Is(err, unix.EMFILE) {
			return nil, fmt.Errorf("open a UDP socket: %w (raise the limit of open files: ulimit -n)", err)
		}
		return nil, fmt.Errorf("open a UDP socket: %w", err)
	}
	if err := unix.Bind(fd, sockaddr(addr)); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("bind UDP %s: %w", addr, err)
	}
	// A smaller buffer than asked for is no reason to refuse a call.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
	if addr.Port() == 0 {
		if name, err := unix.Getsockname(fd); err == nil {
			addr = netip.AddrPortFrom(addr.Addr(), portOf(name))
		}
	}
	return &socket{local: addr, fd: int32(fd)}, nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() || a.Addr().Is4In6() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

func portOf(s unix.Sockaddr) uint16 {
	switch s := s.(type) {
	case *unix.SockaddrInet4:
		return uint16(s.Port)
	case *unix.SockaddrInet6:
		return uint16(s.Port)
	}
	return 0
}

func (e *epollSockets) attach(s *socket) error {
	if s.fd < 0 {
		return fmt.Errorf("watch UDP %s: it is closed", s.local)
	}
	for int(s.fd) >= len(e.byFD) {
		e.byFD = append(e.byFD, make([]*socket, 256)...)
	}
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: s.fd}
	if err := unix.EpollCtl(e.epoll, unix.EPOLL_CTL_ADD, int(s.fd), &ev); err != nil {
		return fmt.Errorf("watch UDP %s: %w", s.local, err)
	}
	e.byFD[s.fd], s.attached = s, true
	return nil
}

func (e *epollSockets) detach(s *socket) {
	if s.attached {
		e.byFD[s.fd], s.attached = nil, false
		_ = unix.EpollCtl(e.epoll, unix.EPOLL_CTL_DEL, int(s.fd), nil)
	}
}

func (e *epollSockets) close(s *socket) {
	if s.fd < 0 {
		return
	}
	if s.attached {
		e.byFD[s.fd], s.attached = nil, false // closing takes it out of the epoll
	}
	_ = unix.Close(int(s.fd))
	s.fd, s.leg = -1, nil
}

func (e *epollSockets) connect(s *socket, to netip.AddrPort) error {
	if err := unix.Connect(int(s.fd), sockaddr(to)); err != nil {
		return fmt.Errorf("connect UDP %s to %s: %w", s.local, to, err)
	}
	s.connected, s.peer, s.unsure = true, to, mostQueued
	return nil
}

// disconnect lets the socket hear everybody again. It keeps its local address, which was bound by name.
func (e *epollSockets) disconnect(s *socket) error {
	s.connected = false
	unspec := unix.RawSockaddr{Family: unix.AF_UNSPEC}
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(s.fd), uintptr(unsafe.Pointer(&unspec)), unsafe.Sizeof(unspec))
	if errno != 0 {
		return fmt.Errorf("disconnect UDP %s: %w", s.local, errno)
	}
	return nil
}

func (e *epollSockets) target(to netip.AddrPort) target {
	t := target{addr: to}
	ip := to.Addr().Unmap()
	if ip.Is4() {
		binary.NativeEndian.PutUint16(t.raw[0:], unix.AF_INET)
		binary.BigEndian.PutUint16(t.raw[2:], to.Port())
		a := ip.As4()
		copy(t.raw[4:], a[:])
		t.size = unix.SizeofSockaddrInet4
		return t
	}
	binary.NativeEndian.PutUint16(t.raw[0:], unix.AF_INET6)
	binary.BigEndian.PutUint16(t.raw[2:], to.Port())
	a := ip.As16()
	copy(t.raw[8:], a[:])
	t.size = unix.SizeofSockaddrInet6
	return t
}

func (e *epollSockets) send(s *socket, b []byte, to *target) error {
	var name unsafe.Pointer
	var size uintptr
	if !s.connected {
		name, size = unsafe.Pointer(&to.raw[0]), uintptr(to.size)
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(name), size)
	if errno != 0 {
		return errno
	}
	return nil
}

func (e *epollSockets) take(r receiver) bool {
	if e.ready == 0 {
		e.look()
	}
	n := e.ready
	e.ready = 0
	for _, ev := range e.events[:n] {
		if s := e.byFD[ev.Fd]; s != nil {
			e.receive(s, r)
		}
	}
	return n > 0
}

// look asks for sockets with packets, without waiting.
func (e *epollSockets) look() {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(e.epoll), uintptr(unsafe.Pointer(&e.events[0])),
		uintptr(len(e.events)), 0, 0, 0)
	if e.ready = int(n); errno != 0 {
		e.ready = 0
	}
}

func (e *epollSockets) arm(d time.Duration) {
	var until time.Time
	if d >= 0 {
		until = time.Now().Add(d)
	}
	_ = e.file.SetReadDeadline(until) // it has taken one before
}

func (e *epollSockets) wait() error {
	err := e.raw.Read(func(uintptr) bool {
		e.look()
		return e.ready > 0
	})
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("wait for packets: %w", err)
	}
	return nil
}

// receive reads one packet. What is behind it makes the epoll report the socket again.
func (e *epollSockets) receive(s *socket, r receiver) {
	var name unsafe.Pointer
	size := uint32(unix.SizeofSockaddrAny)
	var sizePtr unsafe.Pointer
	if !s.connected || s.unsure > 0 {
		name, sizePtr = unsafe.Pointer(&e.from), unsafe.Pointer(&size)
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(&e.buf[0])), uintptr(len(e.buf)),
		unix.MSG_DONTWAIT, uintptr(name), uintptr(sizePtr))
	switch errno {
	case 0:
	case syscall.ECONNREFUSED:
		r.refused(s)
		return
	default:
		return
	}
	var from netip.AddrPort
	if name != nil {
		from = e.source()
	}
	if s.connected && s.unsure > 0 {
		s.unsure--
		if from != s.peer {
			return
		}
	}
	r.received(s, e.buf[:n], from)
}

// source reads the address that the kernel wrote.
func (e *epollSockets) source() netip.AddrPort {
	switch e.from.Addr.Family {
	case unix.AF_INET:
		a := (*unix.RawSockaddrInet4)(unsafe.Pointer(&e.from))
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), networkPort(&a.Port))
	case unix.AF_INET6:
		a := (*unix.RawSockaddrInet6)(unsafe.Pointer(&e.from))
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), networkPort(&a.Port))
	}
	return netip.AddrPort{}
}

func networkPort(p *uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(p))
	return uint16(b[0])<<8 | uint16(b[1])
}

func (e *epollSockets) wake() { _ = e.file.SetReadDeadline(time.Unix(1, 0)) }

func (e *epollSockets) shut() { _ = e.file.Close() }

// portTaken says whether opening failed because another program has the port.
func portTaken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES)
}
