package rawsys

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAddressesSurviveTheKernelsForm(t *testing.T) {
	for _, c := range []struct {
		addr string
		v6   bool
	}{{"127.0.0.1:5060", false}, {"127.0.0.1:5060", true}, {"[::1]:65535", true}, {"[2001:db8::9]:1", true}} {
		want := netip.MustParseAddrPort(c.addr)
		s := SockaddrOf(want, c.v6)
		if got := s.AddrPort(); got != want {
			t.Errorf("%s, IPv6 socket %v: came back as %s", c.addr, c.v6, got)
		}
	}
	if got := (&Sockaddr{}).AddrPort(); got.IsValid() {
		t.Errorf("no address came back as %s", got)
	}
}

// bound is a socket on a free port of loopback.
func bound(t *testing.T, v6 bool) (fd int, addr netip.AddrPort) {
	t.Helper()
	fd, err := Socket(v6)
	if err != nil {
		t.Skip("no such sockets here: ", err)
	}
	t.Cleanup(func() { _ = Close(fd) })
	ip := netip.MustParseAddr("127.0.0.1")
	if v6 {
		ip = netip.MustParseAddr("::1")
	}
	if err := Bind(fd, SockaddrOf(netip.AddrPortFrom(ip, 0), v6)); err != nil {
		t.Skip("no such address here: ", err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	switch name := name.(type) {
	case *unix.SockaddrInet4:
		addr = netip.AddrPortFrom(ip, uint16(name.Port))
	case *unix.SockaddrInet6:
		addr = netip.AddrPortFrom(ip, uint16(name.Port))
	}
	return fd, addr
}

func TestADatagramGoesThereAndBack(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		a, addrA := bound(t, v6)
		b, addrB := bound(t, v6)
		buf := make([]byte, 100)
		if _, err := Receive(b, buf, nil); !errors.Is(err, syscall.EAGAIN) {
			t.Errorf("nothing is there, and Receive says %v", err)
		}
		to := SockaddrOf(addrB, v6)
		if err := Send(a, []byte("hello"), &to); err != nil {
			t.Fatal(err)
		}
		var from Sockaddr
		n, err := Receive(b, buf, &from)
		if err != nil || string(buf[:n]) != "hello" || from.AddrPort() != addrA {
			t.Errorf("got %q from %s, %v", buf[:n], from.AddrPort(), err)
		}
		if err := Connect(b, SockaddrOf(addrA, v6)); err != nil {
			t.Fatal(err)
		}
		if err := Send(b, []byte("back"), nil); err != nil {
			t.Error(err)
		}
		if n, err := Receive(a, buf, nil); err != nil || string(buf[:n]) != "back" {
			t.Errorf("got %q, %v", buf[:n], err)
		}
		if err := Disconnect(b); err != nil {
			t.Error(err)
		}
		if err := Send(b, []byte("x"), nil); !errors.Is(err, syscall.EDESTADDRREQ) {
			t.Errorf("sent without a peer: %v", err)
		}
	}
}

func TestAnEpollReportsWhatIsReady(t *testing.T) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = Close(epoll) }()
	fd, addr := bound(t, false)
	if err := SetReceiveBuffer(fd, 32<<10); err != nil {
		t.Error(err)
	}
	if err := Watch(epoll, fd); err != nil {
		t.Fatal(err)
	}
	events := make([]unix.EpollEvent, 4)
	if n := Ready(epoll, events); n != 0 {
		t.Errorf("%d ready, none has anything", n)
	}
	to := SockaddrOf(addr, false)
	if err := Send(fd, []byte("x"), &to); err != nil {
		t.Fatal(err)
	}
	if n := Ready(epoll, events); n != 1 || events[0].Fd != int32(fd) {
		t.Errorf("%d ready, the first is %d; want %d", n, events[0].Fd, fd)
	}
	if err := Unwatch(epoll, fd); err != nil {
		t.Error(err)
	}
	if n := Ready(epoll, events); n != 0 {
		t.Errorf("%d ready, none is watched", n)
	}
}
