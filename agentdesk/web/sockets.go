package web

import (
	"sync"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

const (
	socketsMax        = 8192
	socketsPerUserMax = 32
)

// sockets is the set of open websockets.
type sockets struct {
	mu      sync.Mutex
	open    map[*Socket]struct{}
	perUser map[call.UserID]int
	total   int // reserved
	closing bool
	wg      sync.WaitGroup
}

func newSockets() *sockets {
	return &sockets{open: map[*Socket]struct{}{}, perUser: map[call.UserID]int{}}
}

// reserve counts a socket in before its handshake; "" or the code of what speaks against it.
func (ss *sockets) reserve(user call.UserID) proto.ErrorCode {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	switch {
	case ss.closing:
		return proto.CodeServerStops
	case ss.total >= socketsMax || ss.perUser[user] >= socketsPerUserMax:
		return proto.CodeTooManySockets
	}
	ss.perUser[user]++
	ss.total++
	ss.wg.Add(1)
	return ""
}

// release ends a reservation.
func (ss *sockets) release(user call.UserID) {
	ss.mu.Lock()
	ss.total--
	if ss.perUser[user]--; ss.perUser[user] <= 0 {
		delete(ss.perUser, user)
	}
	ss.mu.Unlock()
	ss.wg.Done()
}

func (ss *sockets) add(k *Socket) {
	ss.mu.Lock()
	ss.open[k] = struct{}{}
	closing := ss.closing
	ss.mu.Unlock()
	if closing {
		k.Close(proto.CloseServerStops, "the server stops")
	}
}

func (ss *sockets) remove(k *Socket) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	delete(ss.open, k)
}

// closeSession closes the pages of a session that was ended.
func (ss *sockets) closeSession(hash string) {
	for _, k := range ss.which(func(k *Socket) bool { return k.session == hash }) {
		k.Close(proto.CloseSignedOut, "signed out")
	}
}

// closeAll says goodbye to every page; none comes in any more.
func (ss *sockets) closeAll() {
	ss.mu.Lock()
	ss.closing = true
	ss.mu.Unlock()
	for _, k := range ss.which(func(*Socket) bool { return true }) {
		k.Close(proto.CloseServerStops, "the server stops")
	}
}

func (ss *sockets) which(f func(*Socket) bool) []*Socket {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	var out []*Socket
	for k := range ss.open {
		if f(k) {
			out = append(out, k)
		}
	}
	return out
}

func (ss *sockets) count() int {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	return len(ss.open)
}

// wait until every socket's goroutines have ended.
func (ss *sockets) wait() { ss.wg.Wait() }
