package switchboard

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// requestsQueued bounds what may wait for the router. A post that finds it full waits; the router itself
// waits for nobody, so it always drains.
const requestsQueued = 8192

// errStopped answers whoever asks a router that has stopped.
var errStopped = errors.New("the switchboard has stopped")

// ledger is what the router needs of the journal.
type ledger interface {
	Append(e call.Event) (call.Record, error)
	Now() time.Time
}

// router owns the ACD machine, the table of calls and the agents' stations. Only its goroutine (Run)
// touches its fields; everyone else goes through record, do and post.
type router struct {
	log     *slog.Logger
	ledger  ledger
	machine *acd.Machine
	calls   map[call.ID]*liveCall
	agents  map[call.AgentID]*agent

	requests chan request
	stopped  chan struct{}
	backlog  []call.Event  // what the router itself has to report; stepped before the next request
	lostRecs atomic.Uint64 // events that the journal could not keep
}

// request is one thing for the router to do: to record an event, to run a function, or both, in that order.
type request struct {
	event call.Event
	run   func()
	done  chan struct{} // closed when done, if not nil
}

func newRouter(l ledger, m *acd.Machine, log *slog.Logger) *router {
	return &router{
		log: log, ledger: l, machine: m,
		calls: make(map[call.ID]*liveCall), agents: make(map[call.AgentID]*agent),
		requests: make(chan request, requestsQueued), stopped: make(chan struct{}),
	}
}

// Run steps the machine until the context ends.
func (r *router) Run(ctx context.Context) {
	defer close(r.stopped)
	wake := time.NewTimer(time.Hour)
	defer wake.Stop()
	var due time.Time
	for {
		if at, ok := r.machine.Deadline(); ok {
			// A deadline that moved later costs one early wake-up and no harm.
			if due.IsZero() || at.Before(due) {
				due = at
				wake.Reset(max(at.Sub(r.ledger.Now()), 0))
			}
		}
		select {
		case <-ctx.Done():
			return
		case q := <-r.requests:
			r.serve(q)
		case <-wake.C:
			due = time.Time{}
			if at, ok := r.machine.Deadline(); ok && !at.After(r.ledger.Now()) {
				r.serve(request{event: call.TimePassed{}})
			}
		}
	}
}

func (r *router) serve(q request) {
	if q.event != nil {
		r.step(q.event)
	}
	if q.run != nil {
		q.run()
	}
	for len(r.backlog) > 0 {
		e := r.backlog[0]
		r.backlog = r.backlog[1:]
		r.step(e)
	}
	if q.done != nil {
		close(q.done)
	}
}

// step records an event, shows it to the machine and carries out what the machine decides.
func (r *router) step(e call.Event) {
	rec := r.append(e)
	for _, effect := range r.machine.Step(rec) {
		r.carryOut(effect)
	}
}

// append records. When the disk refuses, calls go on: the event keeps its time and is counted as lost.
func (r *router) append(e call.Event) call.Record {
	rec, err := r.ledger.Append(e)
	if err != nil {
		r.lostRecs.Add(1)
		r.log.Error("event not kept in the journal", slog.String("event", call.TypeName(e)), slog.Any("error", err))
		return call.Record{At: r.ledger.Now(), Event: e}
	}
	return rec
}

// record posts an event and goes on.
func (r *router) record(e call.Event) { r.post(request{event: e}) }

// recordNow returns when the event is in the journal: for what must be known before a message leaves.
func (r *router) recordNow(e call.Event) {
	q := request{event: e, done: make(chan struct{})}
	r.post(q)
	select {
	case <-q.done:
	case <-r.stopped: // records nothing any more
	}
}

// do runs f on the router's goroutine and waits for its answer.
func (r *router) do(ctx context.Context, f func() error) error {
	var err error
	q := request{run: func() { err = f() }, done: make(chan struct{})}
	r.post(q)
	if waitErr := r.wait(ctx, q.done); waitErr != nil {
		return waitErr
	}
	return err
}

// tell runs f on the router's goroutine, some time soon.
func (r *router) tell(f func()) { r.post(request{run: f}) }

func (r *router) post(q request) {
	select {
	case r.requests <- q:
	case <-r.stopped:
	}
}

func (r *router) wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-r.stopped:
		return errStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}
