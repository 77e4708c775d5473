package live

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// Live is the projection. All methods are safe for concurrent use.
type Live struct {
	loc *time.Location // the site's

	mu      sync.Mutex // guards all below; held over no callback and no I/O
	version uint64
	day     day
	run     history.Run

	calls  map[call.ID]*liveCall
	parked map[call.ID]*liveCall // those of calls that lie in a slot
	queues map[call.QueueID]*queue
	agents map[call.AgentID]*agent
	// The same, sorted by ID.
	queueList []*queue
	agentList []*agent

	subscribers map[*Subscription]struct{}
	watches     []*Watch
	waiting     []waiter
}

// New makes an empty projection for a site in a timezone. Queues and agents come with the
// RoutingConfigured events.
func New(loc *time.Location) *Live {
	return &Live{
		loc:   loc,
		calls: map[call.ID]*liveCall{}, parked: make(map[call.ID]*liveCall),
		queues:      map[call.QueueID]*queue{},
		agents:      map[call.AgentID]*agent{},
		subscribers: map[*Subscription]struct{}{},
	}
}

// Apply takes one record and wakes who waits for it. Records come in the journal's order.
func (l *Live) Apply(rec call.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.apply(rec)
	l.wake()
}

// Version is the sequence number of the last record applied.
func (l *Live) Version() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.version
}

// Queues gives all queues of the site, sorted by ID.
func (l *Live) Queues() []Queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Queue, 0, len(l.queueList))
	for _, q := range l.queueList {
		if q.shown() {
			out = append(out, q.snapshot())
		}
	}
	return out
}

// Agents gives all agents of the site, sorted by ID.
func (l *Live) Agents() []Agent {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Agent, 0, len(l.agentList))
	for _, a := range l.agentList {
		if a.shown() {
			out = append(out, a.snapshot())
		}
	}
	return out
}

// Agent gives one agent.
func (l *Live) Agent(id call.AgentID) (Agent, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.agents[id]
	if !ok || !a.shown() {
		return Agent{}, false
	}
	return a.snapshot(), true
}

// Calls gives the calls in progress, oldest first.
func (l *Live) Calls() []Call {
	l.mu.Lock()
	out := make([]Call, 0, len(l.calls))
	for _, c := range l.calls {
		if !c.over() {
			out = append(out, c.Call)
		}
	}
	l.mu.Unlock()
	slices.SortFunc(out, func(a, b Call) int {
		return cmp.Or(a.ArrivedAt.Compare(b.ArrivedAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// Parked gives the calls that are parked, by their slots.
func (l *Live) Parked() []Call {
	l.mu.Lock()
	out := make([]Call, 0, len(l.parked))
	for _, c := range l.parked {
		out = append(out, c.Call)
	}
	l.mu.Unlock()
	slices.SortFunc(out, func(a, b Call) int { return cmp.Compare(a.Parked.Slot, b.Parked.Slot) })
	return out
}

// Call gives one call, in progress or still being wrapped up.
func (l *Live) Call(id call.ID) (Call, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.calls[id]
	if !ok {
		return Call{}, false
	}
	return c.Call, true
}

// Presences are those who take part in a call at the moment.
func (l *Live) Presences(id call.ID) []Presence {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.calls[id]; ok {
		return c.told.Presences()
	}
	return nil
}

// Segments are the agents' parts in a call, as far as they have come.
func (l *Live) Segments(id call.ID) []Segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.calls[id]
	if !ok {
		return nil
	}
	out := make([]Segment, 0, len(c.told.Segments))
	for _, s := range c.told.Segments {
		out = append(out, *s)
	}
	return out
}

// waiter waits for a version.
type waiter struct {
	seq     uint64
	applied chan struct{}
}

// WaitFor waits until a record is applied, or the context ends and gives its cause.
func (l *Live) WaitFor(ctx context.Context, seq uint64) error {
	l.mu.Lock()
	if l.version >= seq {
		l.mu.Unlock()
		return nil
	}
	w := waiter{seq, make(chan struct{})}
	l.waiting = append(l.waiting, w)
	l.mu.Unlock()
	select {
	case <-w.applied:
		return nil
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		l.waiting = slices.DeleteFunc(l.waiting, func(o waiter) bool { return o.applied == w.applied })
		return context.Cause(ctx)
	}
}

// Subscription wakes a reader after changes.
type Subscription struct {
	wake chan struct{}
	live *Live
}

// Subscribe begins to wake a reader. Wakes are coalesced, so the reader may take its time; it then
// takes snapshots and compares.
func (l *Live) Subscribe() *Subscription {
	s := &Subscription{wake: make(chan struct{}, 1), live: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.subscribers[s] = struct{}{}
	return s
}

// C gives a value after one or more changes.
func (s *Subscription) C() <-chan struct{} { return s.wake }

// Close ends the subscription. C gives nothing more.
func (s *Subscription) Close() {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	delete(s.live.subscribers, s)
}

// wake wakes subscribers, watches and those who wait for a version that is reached. Under mu.
func (l *Live) wake() {
	for s := range l.subscribers {
		select {
		case s.wake <- struct{}{}:
		default: // it is awake already
		}
	}
	for _, w := range l.watches {
		w.wake()
	}
	if len(l.waiting) > 0 {
		l.waiting = slices.DeleteFunc(l.waiting, func(w waiter) bool {
			if l.version < w.seq {
				return false
			}
			close(w.applied)
			return true
		})
	}
}
