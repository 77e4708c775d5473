package media

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/linedesk/linedesk/call/rawsys"
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
	from   rawsys.Sockaddr
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
	v6 := addr.Addr().Is6()
	fd, err := rawsys.Socket(v6)
	if err != nil {
		if errors.Is(err, unix.EMFILE) {
			return nil, fmt.Errorf("open a UDP socket: %w (raise the limit of open files: ulimit -n)", err)
		}
		return nil, fmt.Errorf("open a UDP socket: %w", err)
	}
	if err := rawsys.Bind(fd, rawsys.SockaddrOf(addr, v6)); err != nil {
		_ = rawsys.Close(fd)
		return nil, fmt.Errorf("bind UDP %s: %w", addr, err)
	}
	// A smaller buffer than asked for is no reason to refuse a call.
	_ = rawsys.SetReceiveBuffer(fd, receiveBuffer)
	if addr.Port() == 0 {
		if name, err := unix.Getsockname(fd); err == nil {
			addr = netip.AddrPortFrom(addr.Addr(), portOf(name))
		}
	}
	return &socket{local: addr, fd: int32(fd)}, nil
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
	if err := rawsys.Watch(e.epoll, int(s.fd)); err != nil {
		return fmt.Errorf("watch UDP %s: %w", s.local, err)
	}
	e.byFD[s.fd], s.attached = s, true
	return nil
}

func (e *epollSockets) detach(s *socket) {
	if s.attached {
		e.byFD[s.fd], s.attached = nil, false
		_ = rawsys.Unwatch(e.epoll, int(s.fd))
	}
}

func (e *epollSockets) close(s *socket) {
	if s.fd < 0 {
		return
	}
	if s.attached {
		e.byFD[s.fd], s.attached = nil, false // closing takes it out of the epoll
	}
	_ = rawsys.Close(int(s.fd))
	s.fd, s.leg = -1, nil
}

func (e *epollSockets) connect(s *socket, to netip.AddrPort) error {
	if err := rawsys.Connect(int(s.fd), rawsys.SockaddrOf(to, s.local.Addr().Is6())); err != nil {
		return fmt.Errorf("connect UDP %s to %s: %w", s.local, to, err)
	}
	s.connected, s.peer, s.unsure = true, to, mostQueued
	return nil
}

// disconnect lets the socket hear everybody again. It keeps its local address, which was bound by name.
func (e *epollSockets) disconnect(s *socket) error {
	s.connected = false
	if err := rawsys.Disconnect(int(s.fd)); err != nil {
		return fmt.Errorf("disconnect UDP %s: %w", s.local, err)
	}
	return nil
}

func (e *epollSockets) target(to netip.AddrPort) target {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	return target{addr: to, raw: rawsys.SockaddrOf(to, to.Addr().Is6())}
}

func (e *epollSockets) send(s *socket, b []byte, to *target) error {
	if s.connected {
		return rawsys.Send(int(s.fd), b, nil)
	}
	return rawsys.Send(int(s.fd), b, &to.raw)
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
	e.ready = rawsys.Ready(e.epoll, e.events[:])
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
	var source *rawsys.Sockaddr
	if !s.connected || s.unsure > 0 {
		source = &e.from
	}
	n, err := rawsys.Receive(int(s.fd), e.buf[:], source)
	if err != nil {
		if errors.Is(err, syscall.ECONNREFUSED) {
			r.refused(s)
		}
		return
	}
	var from netip.AddrPort
	if source != nil {
		from = source.AddrPort()
	}
	if s.connected && s.unsure > 0 {
		s.unsure--
		if from != s.peer {
			return
		}
	}
	r.received(s, e.buf[:n], from)
}

func (e *epollSockets) wake() { _ = e.file.SetReadDeadline(time.Unix(1, 0)) }

func (e *epollSockets) shut() { _ = e.file.Close() }

// portTaken says whether opening failed because another program has the port.
func portTaken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES)
}

// openFiles is how many files the process may have open.
func openFiles() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<20))
}
