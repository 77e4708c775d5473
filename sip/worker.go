package sip

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// maxWaiting is how many messages may wait for one worker. More are dropped: their senders repeat them.
const maxWaiting = 8192

// item is a piece of work: a message or a command.
type item struct {
	msg  *wire.Message
	flow transport.Flow
	run  func()
	leg  *Leg // of a command: whose panic it would be
}

// worker owns the transactions, dialogs and timers of the Call-IDs that hash to it. Its run is one
// goroutine; what is not guarded by mu belongs to that goroutine.
type worker struct {
	e    *Endpoint
	wake chan struct{}

	mu       sync.Mutex
	in       []item
	messages int  // how many of in are messages
	stopped  bool // nothing more is taken

	now    time.Duration // since the endpoint's start, read once per round
	clock  clock
	served map[txKey]*serverTx
	asked  map[txKey]*clientTx
	legs   map[string]*Leg // by our tag
	buf    []byte          // scratch for messages being written
	body   []byte          // scratch for descriptions being written
}

func newWorker(e *Endpoint) *worker {
	return &worker{
		e: e, wake: make(chan struct{}, 1),
		served: map[txKey]*serverTx{}, asked: map[txKey]*clientTx{}, legs: map[string]*Leg{},
		buf: make([]byte, 0, 4096), body: make([]byte, 0, 1024),
	}
}

// post queues a message. It gives false when the worker has too much to do.
func (w *worker) post(m *wire.Message, flow transport.Flow) bool {
	w.mu.Lock()
	if w.messages >= maxWaiting || w.stopped {
		w.mu.Unlock()
		return false
	}
	w.messages++
	w.in = append(w.in, item{msg: m, flow: flow})
	w.mu.Unlock()
	w.poke()
	return true
}

// do queues a command of our own. It is refused only when the worker has stopped: there are a few
// commands per leg, and legs are bounded.
func (w *worker) do(l *Leg, run func()) bool {
	w.mu.Lock()
	if w.stopped {
		w.mu.Unlock()
		return false
	}
	w.in = append(w.in, item{run: run, leg: l})
	w.mu.Unlock()
	w.poke()
	return true
}

func (w *worker) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run works until ctx ends, then says good-bye on all legs.
func (w *worker) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var batch []item
	armed := time.Duration(-1)
	for {
		w.now = w.e.since()
		batch = w.round(batch) //nolint:contextcheck // a connection dialled here outlives this round
		at, some := w.clock.next()
		if !some {
			at = w.now + time.Hour
		}
		if at != armed {
			timer.Reset(at - w.now)
			armed = at
		}
		select {
		case <-w.wake:
		case <-timer.C:
			armed = -1
		case <-ctx.Done():
			w.now = w.e.since()
			w.mu.Lock()
			w.stopped = true
			w.mu.Unlock()
			w.round(batch) //nolint:contextcheck // as above
			w.farewell()   //nolint:contextcheck // as above
			return
		}
	}
}

// round does what has come in and what is due. It gives the emptied batch back for the next round.
func (w *worker) round(batch []item) []item {
	w.mu.Lock()
	batch, w.in = w.in, batch[:0]
	w.messages = 0
	w.mu.Unlock()
	for i := range batch {
		w.handle(&batch[i])
		batch[i] = item{}
	}
	for {
		owner, kind := w.clock.due(w.now)
		if owner == nil {
			break
		}
		w.ring(owner, kind)
	}
	if cap(batch) > 4096 { // after a flood
		return nil
	}
	return batch[:0]
}

// handle does one piece of work. A panic in it ends the call that it belongs to and no other.
func (w *worker) handle(it *item) {
	defer func() {
		if r := recover(); r != nil {
			w.panicked(r, it)
		}
	}()
	if it.run != nil {
		it.run()
		return
	}
	if it.msg.IsRequest() {
		w.request(it.msg, it.flow)
	} else {
		w.response(it.msg)
	}
	it.msg.Release()
}

func (w *worker) panicked(r any, it *item) {
	callID := ""
	switch {
	case it.msg != nil:
		callID = it.msg.CallID
	case it.leg != nil:
		callID = it.leg.callID
	}
	w.reportPanic(r, callID)
	if m := it.msg; m != nil && m.IsRequest() && m.Method != "ACK" {
		w.refuse(m, it.flow, 500, "")
	}
	w.abandon(callID)
}

// ring wakes what an alarm belongs to, as contained as a message.
func (w *worker) ring(owner alarmed, kind uint8) {
	defer func() {
		if r := recover(); r != nil {
			callID := ""
			if o, ok := owner.(interface{ ofCall() string }); ok {
				callID = o.ofCall()
			}
			w.reportPanic(r, callID)
			w.abandon(callID)
		}
	}()
	owner.ring(kind)
}

func (w *worker) reportPanic(r any, callID string) {
	w.e.count.add("panic")
	w.e.log.Error("panic while handling a call; the call is ended", slog.Any("panic", r),
		slog.String("sip_call_id", callID), slog.String("stack", string(debug.Stack())))
}

// abandon drops all legs of a Call-ID after a panic, without trusting anything of theirs.
func (w *worker) abandon(callID string) {
	if callID == "" {
		return
	}
	for _, l := range w.legs {
		if l.callID == callID {
			w.abandonLeg(l)
		}
	}
}

func (w *worker) abandonLeg(l *Leg) {
	defer func() {
		if r := recover(); r != nil { // what it still had to say went wrong too
			w.reportPanic(r, "")
			delete(w.legs, l.tag)
		}
	}()
	l.fail()
}

// farewell ends all legs when the server stops.
func (w *worker) farewell() {
	for _, l := range w.legs {
		w.ring(l, legStops)
	}
}
