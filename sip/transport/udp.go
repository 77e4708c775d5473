package transport

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"
)

// udpBuffer is what we ask the kernel to keep for us while we are busy: about a second of a busy server.
const udpBuffer = 4 << 20

// UDPSocket is one UDP socket with one reader.
type UDPSocket struct {
	conn   *net.UDPConn
	fast   fastUDP // sends and receives without Go's scheduler, where the system lets us
	local  netip.AddrPort
	log    *slog.Logger
	closed atomic.Bool

	// SendErrors counts messages that the kernel would not take.
	SendErrors atomic.Uint64
}

var _ Sender = (*UDPSocket)(nil)

// ListenUDP binds a socket. Setting names what changes the address, for the error.
func ListenUDP(addr netip.AddrPort, setting string, log *slog.Logger) (*UDPSocket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, listenError(UDP, addr, setting, err)
	}
	growBuffers(conn)
	local := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	local = netip.AddrPortFrom(local.Addr().Unmap(), local.Port())
	u := &UDPSocket{conn: conn, local: local, log: log}
	if err := u.fast.init(conn); err != nil {
		_ = conn.Close()
		return nil, listenError(UDP, addr, setting, err)
	}
	return u, nil
}

// Serve reads until ctx ends. It owns the socket and closes it.
func (u *UDPSocket) Serve(ctx context.Context, receive Receiver) error {
	stop := context.AfterFunc(ctx, u.Close)
	defer stop()
	defer u.Close()
	buf := make([]byte, 65536)
	for wait := time.Duration(0); ; {
		n, from, err := u.fast.receive(buf)
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			// Whatever it is (no memory, an ICMP error that some system hands up), it is not a reason
			// to be deaf for ever. The wait keeps a lasting one from taking the processor.
			u.log.WarnContext(ctx, "reading a UDP socket", slog.String("addr", u.local.String()), slog.Any("error", err))
			wait = min(wait*2+time.Millisecond, time.Second)
			select {
			case <-ctx.Done():
			case <-time.After(wait):
			}
			continue
		}
		wait = 0
		receive(buf[:n], Flow{Via: u, Remote: from}, false)
	}
}

// Send sends one datagram.
func (u *UDPSocket) Send(b []byte, to netip.AddrPort) error {
	err := u.fast.send(b, to)
	if err != nil {
		u.SendErrors.Add(1)
	}
	return err
}

// Alive is true until the socket is closed.
func (u *UDPSocket) Alive() bool { return !u.closed.Load() }

// Proto is UDP.
func (u *UDPSocket) Proto() Proto { return UDP }

// Local is the address bound to.
func (u *UDPSocket) Local() netip.AddrPort { return u.local }

// Close closes the socket; Serve returns.
func (u *UDPSocket) Close() {
	if u.closed.CompareAndSwap(false, true) {
		_ = u.conn.Close() // nothing can be done about it, nor is anything lost
	}
}
