package media

import (
	"net/netip"
	"time"

	"github.com/linedesk/linedesk/call/rawsys"
)

// socket is one UDP socket of a leg. Its set knows how to use it.
type socket struct {
	local     netip.AddrPort
	rtcp      bool
	attached  bool // to a shard, which alone may touch it from then on
	connected bool // takes packets of one peer only
	unsure    int8 // packets after connect whose source is still looked at: those may have been queued before
	fd        int32
	leg       *Leg           // owned by the shard; nil before attach and after close
	peer      netip.AddrPort // of a connected socket
	plain     *plainSocket   // of the portable set
}

// target is an address to send to, ready for the set.
type target struct {
	addr netip.AddrPort
	raw  rawsys.Sockaddr
}

// receiver takes what a set of sockets receives. b may be overwritten, and is the set's again when the
// call is over. from is not set for connected sockets.
type receiver interface {
	received(s *socket, b []byte, from netip.AddrPort)
	refused(s *socket) // ICMP port unreachable, on a connected socket
}

// sockets are all sockets of one shard. open and wake may be called by anyone, the rest by the shard.
type sockets interface {
	open(addr netip.AddrPort) (*socket, error)
	attach(s *socket) error // begin to receive
	detach(s *socket)       // stop, to move to another shard
	connect(s *socket, to netip.AddrPort) error
	disconnect(s *socket) error
	target(to netip.AddrPort) target
	send(s *socket, b []byte, to *target) error
	close(s *socket)
	take(r receiver) bool // receive what is there; false: nothing was
	// wait returns when there is something to take, when wake was called after arm, or when the time that arm
	// was given is over; below 0: no time is.
	arm(d time.Duration)
	wait() error
	wake()
	shut() // the set is over
}
