package live

import (
	"context"
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
)

// Live is the projection. All methods are safe for concurrent use.
type Live struct {
	mu      sync.Mutex
	version uint64
	loc     *time.Location
	subs    map[*Subscription]struct{}
	applied chan struct{}
}

// New makes an empty projection for a site in the timezone. Queues and agents come with the
// RoutingConfigured events.
func New(loc *time.Location) *Live {
	return &Live{loc: loc, subs: map[*Subscription]struct{}{}, applied: make(chan struct{})}
}

// Run rebuilds today from the journal and follows it until the context ends.
func (l *Live) Run(ctx context.Context, j *journal.Journal) error {
	return j.Follow(ctx, 1, func(recs []call.Record) error {
		for _, r := range recs {
			l.Apply(r)
		}
		return nil
	})
}

// Apply takes one record.
func (l *Live) Apply(rec call.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version = rec.Seq
	close(l.applied)
	l.applied = make(chan struct{})
	for s := range l.subs {
		select {
		case s.c <- struct{}{}:
		default:
		}
	}
}

// Queues gives all queues, sorted by ID.
func (l *Live) Queues() []Queue { return nil }

// Agents gives all agents, sorted by ID.
func (l *Live) Agents() []Agent { return nil }

// Agent gives one agent.
func (l *Live) Agent(call.AgentID) (Agent, bool) { return Agent{}, false }

// Calls gives the calls in progress, oldest first.
func (l *Live) Calls() []Call { return nil }

// Call gives one call, in progress or still being wrapped up.
func (l *Live) Call(call.ID) (Call, bool) { return Call{}, false }

// Version is the sequence number of the last record applied.
func (l *Live) Version() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.version
}

// WaitFor waits until the record is applied.
func (l *Live) WaitFor(ctx context.Context, seq uint64) error {
	for {
		l.mu.Lock()
		v, ch := l.version, l.applied
		l.mu.Unlock()
		if v >= seq {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ch:
		}
	}
}

// Subscription wakes a reader when something changed.
type Subscription struct {
	c chan struct{}
	l *Live
}

// Subscribe begins to wake a reader. Wakes are coalesced; the reader takes snapshots.
func (l *Live) Subscribe() *Subscription {
	s := &Subscription{c: make(chan struct{}, 1), l: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.subs[s] = struct{}{}
	return s
}

// C gives a value after one or more changes.
func (s *Subscription) C() <-chan struct{} { return s.c }

// Close ends the subscription.
func (s *Subscription) Close() {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	delete(s.l.subs, s)
}
