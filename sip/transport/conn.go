package transport

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errClosed = errors.New("connection closed")
	errQueue  = errors.New("send queue full")
)

// Conn is one TCP connection: a goroutine that reads and one that writes.
type Conn struct {
	t      *TCPListener
	remote netip.AddrPort
	since  time.Time
	out    bool          // we opened it
	sound  atomic.Bool   // a good message came
	queue  chan []byte   // what is to be sent
	done   chan struct{} // closed when the connection is

	counted bool // among t.fresh; guarded by t.mu

	mu   sync.Mutex
	nc   net.Conn // nil while it connects
	over bool
}

var _ Sender = (*Conn)(nil)

func (t *TCPListener) newConn(remote netip.AddrPort) *Conn {
	return &Conn{
		t: t, remote: remote, since: time.Now(),
		queue: make(chan []byte, t.limits.Queue), done: make(chan struct{}),
	}
}

// Send puts a message into the queue. A peer that takes nothing until the queue is full is cut off.
func (c *Conn) Send(b []byte, _ netip.AddrPort) error {
	select {
	case <-c.done:
		return errClosed
	default:
	}
	select {
	case c.queue <- append([]byte(nil), b...):
		return nil
	default:
		c.close()
		return errQueue
	}
}

// Alive is true until the connection is closed.
func (c *Conn) Alive() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// Proto is TCP.
func (c *Conn) Proto() Proto { return TCP }

// Local is the address that peers can call us at: the listener's port, and this connection's address
// once it is known.
func (c *Conn) Local() netip.AddrPort {
	local := c.t.local
	if !local.Addr().IsUnspecified() {
		return local
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nc == nil {
		return local
	}
	a := c.nc.LocalAddr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), local.Port())
}

func (c *Conn) close() {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over = true
	nc := c.nc
	close(c.done)
	c.mu.Unlock()
	if nc != nil {
		_ = nc.Close()
	}
	c.t.forget(c)
}

// dial connects, then reads and writes.
func (c *Conn) dial() {
	defer c.t.wg.Done()
	ctx, cancel := context.WithTimeout(c.t.ctx, c.t.limits.Dial)
	defer cancel()
	var d net.Dialer
	if a := c.t.local.Addr(); !a.IsUnspecified() {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, 0))
	}
	nc, err := d.DialContext(ctx, "tcp", c.remote.String())
	if err != nil {
		c.t.log.WarnContext(ctx, "dialling SIP over TCP", slog.String("to", c.remote.String()), slog.Any("error", err))
		c.close()
		return
	}
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		_ = nc.Close()
		return
	}
	c.nc = nc
	c.mu.Unlock()
	c.t.wg.Add(2)
	go c.read()
	go c.write()
}

// write sends what the queue holds, each within its deadline.
func (c *Conn) write() {
	defer c.t.wg.Done()
	defer c.close()
	for {
		select {
		case <-c.done:
			return
		case b := <-c.queue:
			if b == nil { // the mark of finish: all that was to be sent is
				return
			}
			if err := c.nc.SetWriteDeadline(time.Now().Add(c.t.limits.Write)); err != nil {
				return
			}
			if _, err := c.nc.Write(b); err != nil {
				return
			}
		}
	}
}

// finish closes the connection when what waits has been sent.
func (c *Conn) finish() {
	select {
	case c.queue <- nil:
	default:
		c.close()
	}
}

// read cuts messages out of the stream and hands them up.
func (c *Conn) read() {
	defer c.t.wg.Done()
	var f Framer
	var begun time.Time // when the message that is on its way began
	buf := make([]byte, 4096)
	flow := Flow{Via: c, Remote: c.remote}
	for {
		if err := c.nc.SetReadDeadline(c.deadline(begun)); err != nil {
			c.close()
			return
		}
		n, err := c.nc.Read(buf)
		_, _ = f.Write(buf[:n])
		if ok := c.hand(&f, flow); !ok {
			c.finish()
			return
		}
		if err != nil {
			c.close()
			return
		}
		switch {
		case !f.Partial():
			begun = time.Time{}
		case begun.IsZero():
			begun = time.Now()
		}
	}
}

func (c *Conn) deadline(begun time.Time) time.Time {
	l := &c.t.limits
	var at time.Time
	if c.sound.Load() {
		at = time.Now().Add(l.Idle)
	} else {
		at = c.since.Add(l.First)
	}
	if !begun.IsZero() {
		if m := begun.Add(l.Message); m.Before(at) {
			at = m
		}
	}
	return at
}

// hand gives all whole messages up. It tells whether the stream can be read on.
func (c *Conn) hand(f *Framer, flow Flow) bool {
	for {
		// Pings are answered to whoever has said something good; to others it would be too kind.
		if pings := f.Pings(); pings > 0 && c.sound.Load() {
			_ = c.Send([]byte("\r\n"), c.remote)
		}
		msg, err := f.Next()
		if err != nil {
			c.t.receive(msg, flow, true)
			return false
		}
		if msg == nil {
			return true
		}
		if c.t.receive(msg, flow, false) {
			c.Trust()
		}
	}
}

// Trust lifts the limits on connections that have said nothing good.
func (c *Conn) Trust() {
	if c.sound.Swap(true) || c.out {
		return
	}
	c.t.mu.Lock()
	c.t.settle(c)
	c.t.mu.Unlock()
}
