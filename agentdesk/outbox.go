package agentdesk

import (
	"sync"

	"github.com/gorilla/websocket"
)

// Bounds of what may wait for one page to read it.
const (
	deskFrames  = 256
	deskBytes   = 1 << 20
	boardFrames = 64
	boardBytes  = 2 << 20
)

// outbox is a page's bounded queue of messages. Desk messages and answers may not be lost: when there is
// no room, the page is closed. Board messages may: they are dropped, and a fresh snapshot follows when
// the page reads again.
type outbox struct {
	mu     sync.Mutex
	queue  []outgoing
	desk   tally
	board  tally
	stale  bool // board messages were dropped
	closed bool
	wake   chan struct{} // capacity 1
}

type outgoing struct {
	data  []byte
	board *websocket.PreparedMessage // nil: a message of the desk, or an answer
}

type tally struct{ frames, bytes int }

func (t *tally) add(n int)  { t.frames++; t.bytes += n }
func (t *tally) take(n int) { t.frames--; t.bytes -= n }

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

// send queues a message; false says that there was no room and the page must be closed.
func (o *outbox) send(data []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return true
	}
	if o.desk.frames >= deskFrames || o.desk.bytes+len(data) > deskBytes && o.desk.frames > 0 {
		return false
	}
	o.desk.add(len(data))
	o.push(outgoing{data: data})
	return true
}

// sendBoard queues a message of the board. Overflowing drops all that wait.
func (o *outbox) sendBoard(f frame) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.stale {
		return
	}
	if o.board.frames >= boardFrames || o.board.bytes+len(f.data) > boardBytes && o.board.frames > 0 {
		o.dropBoard()
		o.stale = true
		o.signal()
		return
	}
	o.board.add(len(f.data))
	o.push(outgoing{data: f.data, board: f.prepared})
}

// dropBoard removes the waiting messages of the board.
func (o *outbox) dropBoard() {
	kept := o.queue[:0]
	for _, m := range o.queue {
		if m.board == nil {
			kept = append(kept, m)
		}
	}
	clear(o.queue[len(kept):])
	o.queue, o.board = kept, tally{}
}

func (o *outbox) push(m outgoing) {
	o.queue = append(o.queue, m)
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// next takes the oldest message. With nothing waiting it tells whether the board wants a snapshot.
func (o *outbox) next() (m outgoing, ok, stale bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		o.queue = nil
		return outgoing{}, false, o.stale
	}
	m = o.queue[0]
	o.queue[0] = outgoing{}
	o.queue = o.queue[1:]
	if m.board != nil {
		o.board.take(len(m.data))
	} else {
		o.desk.take(len(m.data))
	}
	return m, true, false
}

// fresh lets board messages in again, beginning with a snapshot.
func (o *outbox) fresh() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dropBoard()
	o.stale = false
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed, o.queue = true, nil
}
