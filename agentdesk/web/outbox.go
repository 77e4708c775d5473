package web

import (
	"sync"

	"github.com/gorilla/websocket"
)

// Bounds of what may wait for one page to read it.
const (
	keptFrames  = 256
	keptBytes   = 1 << 20
	lossyFrames = 64
	lossyBytes  = 2 << 20
)

// outbox is a page's bounded queue of messages. Messages of a desk and answers may not be lost: when there is no room,
// the page is closed. Frames of a board may: they are dropped, and a fresh snapshot follows when the page reads again.
type outbox struct {
	mu     sync.Mutex
	queue  []outgoing
	kept   tally
	lossy  tally
	stale  bool // frames were dropped
	closed bool
	wake   chan struct{} // capacity 1
}

type outgoing struct {
	data  []byte
	frame *websocket.PreparedMessage // nil: a message that may not be lost
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
	if o.kept.frames >= keptFrames || o.kept.bytes+len(data) > keptBytes && o.kept.frames > 0 {
		return false
	}
	o.kept.add(len(data))
	o.push(outgoing{data: data})
	return true
}

// sendFrame queues a frame. Overflowing drops all that wait.
func (o *outbox) sendFrame(f Frame) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.stale {
		return
	}
	if o.lossy.frames >= lossyFrames || o.lossy.bytes+len(f.Data) > lossyBytes && o.lossy.frames > 0 {
		o.dropFrames()
		o.stale = true
		o.signal()
		return
	}
	o.lossy.add(len(f.Data))
	o.push(outgoing{data: f.Data, frame: f.Prepared})
}

// dropFrames removes the waiting frames.
func (o *outbox) dropFrames() {
	kept := o.queue[:0]
	for _, m := range o.queue {
		if m.frame == nil {
			kept = append(kept, m)
		}
	}
	clear(o.queue[len(kept):])
	o.queue, o.lossy = kept, tally{}
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

// next takes the oldest message. With nothing waiting it tells whether frames were dropped.
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
	if m.frame != nil {
		o.lossy.take(len(m.data))
	} else {
		o.kept.take(len(m.data))
	}
	return m, true, false
}

// fresh lets frames in again, beginning with a snapshot.
func (o *outbox) fresh() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dropFrames()
	o.stale = false
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed, o.queue = true, nil
}
