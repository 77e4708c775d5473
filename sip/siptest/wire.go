package siptest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
)

// wire carries messages. Received ones are handed over one at a time for each connection.
type wire interface {
	send(data []byte, to netip.AddrPort) error
	local() netip.AddrPort
	close()
}

// received is what a wire does with a message: data may be kept.
type received func(data []byte, from netip.AddrPort)

const messageMax = 64 << 10

type udpWire struct {
	conn *net.UDPConn
	done chan struct{}
}

func openUDP(bind netip.AddrPort, got received) (*udpWire, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(bind))
	if err != nil {
		return nil, err
	}
	w := &udpWire{conn: conn, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		buf := make([]byte, messageMax)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				got(append([]byte(nil), buf[:n]...), plain(from))
			}
		}
	}()
	return w, nil
}

func (w *udpWire) send(data []byte, to netip.AddrPort) error {
	_, err := w.conn.WriteToUDPAddrPort(data, to)
	return err
}

func (w *udpWire) local() netip.AddrPort { return plain(w.conn.LocalAddr().(*net.UDPAddr).AddrPort()) }

func (w *udpWire) close() {
	_ = w.conn.Close()
	<-w.done
}

// plain takes the IPv6 mapping off an IPv4 address.
func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// tcpWire listens, and dials whom it doesn't know yet. Calls come back over the connection by which the
// phone has registered.
type tcpWire struct {
	listener *net.TCPListener
	got      received
	running  sync.WaitGroup

	mu     sync.Mutex
	conns  map[netip.AddrPort]net.Conn
	closed bool
}

func openTCP(bind netip.AddrPort, got received) (*tcpWire, error) {
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(bind))
	if err != nil {
		return nil, err
	}
	w := &tcpWire{listener: l, got: got, conns: map[netip.AddrPort]net.Conn{}}
	w.running.Go(func() {
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			w.keep(c)
		}
	})
	return w, nil
}

// keep reads a connection until it ends.
func (w *tcpWire) keep(c *net.TCPConn) {
	from := plain(c.RemoteAddr().(*net.TCPAddr).AddrPort())
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		_ = c.Close()
		return
	}
	w.conns[from] = c
	w.running.Go(func() {
		r := bufio.NewReader(c)
		for {
			data, err := readMessage(r)
			if err != nil {
				break
			}
			w.got(data, from)
		}
		_ = c.Close()
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.conns[from] == c {
			delete(w.conns, from)
		}
	})
}

// readMessage cuts a message out of a stream by its Content-Length (RFC 3261, 18.3).
func readMessage(r *bufio.Reader) ([]byte, error) {
	var msg []byte
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if len(msg) == 0 && len(strings.TrimSpace(string(line))) == 0 {
			continue // keep-alive (RFC 5626, 3.5.1)
		}
		msg = append(msg, line...)
		if len(msg) > messageMax {
			return nil, errors.New("the message is too long")
		}
		name, value, _ := strings.Cut(string(line), ":")
		if name = strings.TrimSpace(name); strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "l") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 || length > messageMax {
				return nil, fmt.Errorf("content length %q", value)
			}
		}
		if len(strings.TrimSpace(string(line))) == 0 {
			break
		}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	return append(msg, body...), nil
}

func (w *tcpWire) send(data []byte, to netip.AddrPort) error {
	w.mu.Lock()
	c := w.conns[to]
	w.mu.Unlock()
	if c == nil {
		// From the listener's own address, so that the server sees one phone at one place, is not
		// possible without SO_REUSEPORT; the Contact tells it where we listen.
		var d net.Dialer
		ctx, stop := context.WithTimeout(context.Background(), timeout)
		defer stop()
		nc, err := d.DialContext(ctx, "tcp", to.String())
		if err != nil {
			return err
		}
		w.keep(nc.(*net.TCPConn))
		c = nc
	}
	_, err := c.Write(data)
	return err
}

func (w *tcpWire) local() netip.AddrPort {
	return plain(w.listener.Addr().(*net.TCPAddr).AddrPort())
}

func (w *tcpWire) close() {
	w.mu.Lock()
	w.closed = true
	_ = w.listener.Close()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.mu.Unlock()
	w.running.Wait()
}
