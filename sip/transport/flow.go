package transport

import (
	"errors"
	"net/netip"
)

// Proto is a transport protocol.
type Proto uint8

// The protocols.
const (
	UDP Proto = iota + 1
	TCP
)

// String is the name in a Via header.
func (p Proto) String() string {
	if p == TCP {
		return "TCP"
	}
	return "UDP"
}

// Param is the name in a URI's transport parameter.
func (p Proto) Param() string {
	if p == TCP {
		return "tcp"
	}
	return "udp"
}

// Sender sends a message; what it is given is its own only until it returns.
type Sender interface {
	Send(b []byte, to netip.AddrPort) error
	// Alive says whether sending can still succeed: false for a stream that is closed.
	Alive() bool
	Proto() Proto
	// Local is our end, which may be an unspecified address.
	Local() netip.AddrPort
}

// Flow is a way to a peer: a socket and an address, or a connection. It is comparable; the zero value
// is no flow.
type Flow struct {
	Via    Sender
	Remote netip.AddrPort
}

// ErrNoFlow says that there is no way to the peer.
var ErrNoFlow = errors.New("no way to the peer")

// Send sends a message.
func (f Flow) Send(b []byte) error {
	if f.Via == nil {
		return ErrNoFlow
	}
	return f.Via.Send(b, f.Remote)
}

// Alive says whether sending can still succeed.
func (f Flow) Alive() bool { return f.Via != nil && f.Via.Alive() }

// Proto is the flow's protocol.
func (f Flow) Proto() Proto {
	if f.Via == nil {
		return UDP
	}
	return f.Via.Proto()
}

// Reliable says whether the transport repeats what is lost (RFC 3261, 17).
func (f Flow) Reliable() bool { return f.Proto() != UDP }

// Receiver takes a message. Data is the receiver's only until it returns. Broken says that the stream
// it came by can not be read on: whatever is answered is the last that is sent there. Sound, the
// result, tells that it was a good message: a stream's first one lifts its first deadline.
type Receiver func(data []byte, from Flow, broken bool) (sound bool)
