package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call/logtest"
)

const patience = 5 * time.Second

var freePort = netip.MustParseAddrPort("127.0.0.1:0")

// echo starts a listener that answers each message with itself, and takes for good those that begin
// with "GOOD".
func echo(t *testing.T, limits Limits) (*TCPListener, chan Flow) {
	t.Helper()
	closed := make(chan Flow, 100)
	receive := func(data []byte, from Flow, broken bool) bool {
		if broken {
			_ = from.Send([]byte("BROKEN"))
			return false
		}
		_ = from.Send(data)
		return strings.HasPrefix(string(data), "GOOD")
	}
	l, err := ListenTCP(freePort, "--sip", limits, receive, func(f Flow) { closed <- f }, logtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("Serve does not end")
		}
	})
	return l, closed
}

func dial(t *testing.T, l *TCPListener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Local().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

func expect(t *testing.T, c net.Conn, want string) {
	t.Helper()
	buf := make([]byte, len(want))
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != want {
		t.Fatalf("got %q, %v; want %q", buf, err, want)
	}
}

func expectClosed(t *testing.T, c net.Conn) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read %d, %v; want the connection closed", n, err)
	}
}

const good = "GOOD sip:h SIP/2.0\r\nl: 2\r\n\r\nok"

func TestMessagesComeAndGoByTheSameConnection(t *testing.T) {
	l, _ := echo(t, Limits{})
	c := dial(t, l)
	for _, part := range []string{good[:10], good[10:25], good[25:] + good} {
		_, _ = io.WriteString(c, part)
	}
	expect(t, c, good+good)
	_, _ = io.WriteString(c, "\r\n\r\n")
	expect(t, c, "\r\n")
}

func TestBrokenStreamGetsAnAnswerAndIsClosed(t *testing.T) {
	l, closed := echo(t, Limits{})
	c := dial(t, l)
	_, _ = io.WriteString(c, "OPTIONS sip:h SIP/2.0\r\n\r\n")
	expect(t, c, "BROKEN")
	expectClosed(t, c)
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("nobody was told")
	}
}

func TestSilentConnectionsAreClosedAndBusyOnesNot(t *testing.T) {
	l, _ := echo(t, Limits{First: 200 * time.Millisecond, Message: 100 * time.Millisecond})
	silent, begun, busy := dial(t, l), dial(t, l), dial(t, l)
	_, _ = io.WriteString(busy, good)
	expect(t, busy, good)
	_, _ = io.WriteString(begun, good[:9])
	expectClosed(t, silent)
	expectClosed(t, begun)
	_, _ = io.WriteString(busy, good)
	expect(t, busy, good)
	_, _ = io.WriteString(busy, good[:9]) // begins a message and leaves it at that
	expectClosed(t, busy)
}

// speakWell makes a connection one that has said something good. The second answer proves that the first
// message has been counted: messages of a connection are taken one after the other.
func speakWell(t *testing.T, c net.Conn) {
	t.Helper()
	for range 2 {
		_, _ = io.WriteString(c, good)
		expect(t, c, good)
	}
}

func TestOneAddressCanNotTakeAllConnections(t *testing.T) {
	l, _ := echo(t, Limits{PerIP: 2})
	one, two := dial(t, l), dial(t, l)
	_, _ = io.WriteString(one, "ASK sip:h SIP/2.0\r\nl: 0\r\n\r\n")
	expect(t, one, "ASK sip:h SIP/2.0\r\nl: 0\r\n\r\n")
	speakWell(t, two) // from now on it doesn't count
	three := dial(t, l)
	speakWell(t, three)
	four := dial(t, l)
	_, _ = io.WriteString(four, "ASK sip:h SIP/2.0\r\nl: 0\r\n\r\n")
	expect(t, four, "ASK sip:h SIP/2.0\r\nl: 0\r\n\r\n")
	expectClosed(t, dial(t, l))
}

func TestFullHouseMakesRoomAtTheExpenseOfTheSilent(t *testing.T) {
	l, _ := echo(t, Limits{Conns: 2, PerIP: 100})
	known := dial(t, l)
	speakWell(t, known)
	silent := dial(t, l)
	fresh := dial(t, l)
	expectClosed(t, silent)
	speakWell(t, fresh)
	expectClosed(t, dial(t, l)) // both are good now
	_, _ = io.WriteString(known, good)
	expect(t, known, good)
}

func TestPeerThatReadsNothingIsCutOff(t *testing.T) {
	l, closed := echo(t, Limits{Queue: 4, Write: 100 * time.Millisecond})
	c := dial(t, l)
	big := "GOOD sip:h SIP/2.0\r\nl: 60000\r\n\r\n" + strings.Repeat("x", 60000)
	go func() {
		for range 1000 {
			if _, err := io.WriteString(c, big); err != nil {
				return
			}
		}
	}()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("the connection is still there")
	}
}

func TestDialReachesAndIsUsedAgain(t *testing.T) {
	a, _ := echo(t, Limits{})
	b, _ := echo(t, Limits{})
	one := a.Dial(b.Local())
	if err := one.Send([]byte("ONE sip:h SIP/2.0\r\nl: 0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if two := a.Dial(b.Local()); two != one {
		t.Error("a second connection to the same peer")
	}
}

func TestDialOfNobodyIsTold(t *testing.T) {
	l, closed := echo(t, Limits{Dial: time.Second})
	other, _ := echo(t, Limits{})
	gone := other.Local()
	other.Close()
	f := l.Dial(gone)
	select {
	case got := <-closed:
		if got != f || f.Alive() {
			t.Errorf("told of %v, alive %v", got, f.Alive())
		}
	case <-time.After(patience):
		t.Error("nobody was told")
	}
}

func TestPortInUseIsNamedWithItsSetting(t *testing.T) {
	l, _ := echo(t, Limits{})
	_, err := ListenTCP(l.Local(), "--sip", Limits{}, nil, nil, nil)
	if err == nil || !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), l.Local().String()) || !strings.Contains(err.Error(), "change --sip") {
		t.Errorf("error %v", err)
	}
	u, err := ListenUDP(freePort, "--sip", logtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	_, err = ListenUDP(u.Local(), "--sip", nil)
	if err == nil || !strings.Contains(err.Error(), "udp "+u.Local().String()) || !strings.Contains(err.Error(), "change --sip") {
		t.Errorf("error %v", err)
	}
}
