package rawsys

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SockaddrOf is the kernel's form of an address, for a socket of IPv6 or of IPv4. A socket of IPv6 that hears IPv4
// too knows IPv4 addresses as mapped ones. Zones are left out.
func SockaddrOf(a netip.AddrPort, v6 bool) Sockaddr {
	var s Sockaddr
	b := &s.raw
	binary.BigEndian.PutUint16(b[2:], a.Port())
	if v6 {
		binary.NativeEndian.PutUint16(b[0:], unix.AF_INET6)
		ip := a.Addr().As16()
		copy(b[8:], ip[:])
		s.size = unix.SizeofSockaddrInet6
		return s
	}
	binary.NativeEndian.PutUint16(b[0:], unix.AF_INET)
	ip := a.Addr().As4()
	copy(b[4:], ip[:])
	s.size = unix.SizeofSockaddrInet4
	return s
}

// AddrPort is the address; the zero value if it is none of IP. Mapped IPv4 addresses come as IPv4.
func (s *Sockaddr) AddrPort() netip.AddrPort {
	b := &s.raw
	port := binary.BigEndian.Uint16(b[2:])
	switch binary.NativeEndian.Uint16(b[:]) {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port)
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])).Unmap(), port)
	}
	return netip.AddrPort{}
}

// Send sends a datagram (sendto) to an address, or to the socket's peer if to is nil. b must not be empty.
func Send(fd int, b []byte, to *Sockaddr) error {
	var name unsafe.Pointer
	var size uintptr
	if to != nil {
		name, size = unsafe.Pointer(&to.raw), uintptr(to.size)
	}
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(name), size)
		if errno != syscall.EINTR {
			return failure(errno)
		}
	}
}

// Receive takes a datagram (recvfrom) and, unless from is nil, where it came from. b must not be empty.
func Receive(fd int, b []byte, from *Sockaddr) (n int, err error) {
	var name, size unsafe.Pointer
	if from != nil {
		from.size = uint32(len(from.raw))
		name, size = unsafe.Pointer(&from.raw), unsafe.Pointer(&from.size)
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
			unix.MSG_DONTWAIT, uintptr(name), uintptr(size))
		if errno != syscall.EINTR {
			return int(n), failure(errno)
		}
	}
}

// Socket makes a UDP socket, non-blocking and not handed to child processes.
func Socket(v6 bool) (fd int, err error) {
	family := uintptr(unix.AF_INET)
	if v6 {
		family = unix.AF_INET6
	}
	r, _, errno := unix.RawSyscall(unix.SYS_SOCKET, family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	return int(r), failure(errno)
}

// Bind gives a socket its address.
func Bind(fd int, to Sockaddr) error {
	_, _, errno := unix.RawSyscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&to.raw)), uintptr(to.size))
	return failure(errno)
}

// Connect gives a UDP socket its one peer, which takes no time.
func Connect(fd int, to Sockaddr) error {
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&to.raw)), uintptr(to.size))
	return failure(errno)
}

// Disconnect lets a UDP socket hear everybody again. It keeps its local address if that was bound by name.
func Disconnect(fd int) error {
	var to Sockaddr // of the family AF_UNSPEC
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&to.raw)), unsafe.Sizeof(unix.RawSockaddr{}))
	return failure(errno)
}

// SetReceiveBuffer asks for a socket's receive buffer of so many bytes.
func SetReceiveBuffer(fd, size int) error {
	v := int32(size)
	_, _, errno := unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_RCVBUF,
		uintptr(unsafe.Pointer(&v)), unsafe.Sizeof(v), 0)
	return failure(errno)
}

// Watch adds a descriptor to an epoll, which reports it while there is something to read.
func Watch(epoll, fd int) error { return epollCtl(epoll, unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN) }

// Unwatch takes a descriptor out of an epoll.
func Unwatch(epoll, fd int) error { return epollCtl(epoll, unix.EPOLL_CTL_DEL, fd, 0) }

func epollCtl(epoll, op, fd int, events uint32) error {
	ev := unix.EpollEvent{Events: events, Fd: int32(fd)}
	_, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(epoll), uintptr(op), uintptr(fd), uintptr(unsafe.Pointer(&ev)), 0, 0)
	return failure(errno)
}

// Ready asks an epoll for descriptors with something to read, without waiting.
func Ready(epoll int, events []unix.EpollEvent) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// Close closes a socket of UDP, in whose closing nothing waits.
func Close(fd int) error {
	_, _, errno := unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
	return failure(errno)
}

// failure is an errno as an error; nil if there is none.
func failure(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}
