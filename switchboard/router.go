package switchboard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// requestsQueued bounds what may wait for the router. A post that finds it full waits; the router itself
// waits for nobody, so it always drains.
const requestsQueued = 8192

// atOnce is how many requests that wait already are written down by one system call.
const atOnce = 32

// errStopped answers whoever asks a router that has stopped.
var errStopped = errors.New("the switchboard has stopped")

// ledger is what the router needs of the journal. What is staged is written by Commit.
type ledger interface {
	Stage(e call.Event) (call.Record, error)
	Commit() error
	Now() time.Time
	Last() uint64
}

// router owns the ACD machine, the table of calls and the links to the agents. Only its goroutine (Run)
// touches its fields; everyone else posts requests.
type router struct {
	sb      *Switchboard
	log     *slog.Logger
	ledger  ledger
	machine *acd.Machine
	calls   map[call.ID]*entry
	agents  map[call.AgentID]*agent
	roster  *history.Roster // as the journal tells it

	requests chan posted
	stopped  chan struct{}
	backlog  []call.Event  // what the router itself has to report; stepped before the next request
	staged   uint64        // events that are to be committed
	mail     []letter      // what leaves when all that decided it is in the journal
	answers  []settled     // likewise
	gone     []*liveCall   // those that were forgotten
	lostRecs atomic.Uint64 // events that the journal could not keep
}

// letter is a message on its way to a call. A command has who waits for its answer.
type letter struct {
	to *liveCall
	message
}

// settled is an answer on its way.
type settled struct {
	answer
	to chan<- answer
}

// entry is a call in the table.
type entry struct {
	call     *liveCall
	occupied []call.AgentID // who is busy with it though no queue gave it
	queue    call.QueueID   // the last one that it stood in
	waits    time.Time      // when it first stood in one; zero: never
	slot     int            // where it is parked, or is about to be; 0: nowhere
}

func newRouter(sb *Switchboard, l ledger, m *acd.Machine, log *slog.Logger) *router {
	return &router{
		sb: sb, log: log, ledger: l, machine: m,
		calls: make(map[call.ID]*entry), agents: make(map[call.AgentID]*agent),
		roster:   &history.Roster{},
		requests: make(chan posted, requestsQueued), stopped: make(chan struct{}),
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
			r.serve(q) //nolint:contextcheck // a call outlives what began it
			for more := 1; more < atOnce && len(r.requests) > 0; more++ {
				r.serve(<-r.requests) //nolint:contextcheck // likewise
			}
			r.flush()
		case <-wake.C:
			due = time.Time{}
			if at, ok := r.machine.Deadline(); ok && !at.After(r.ledger.Now()) {
				r.serve(posted{request: record{call.TimePassed{}}}) //nolint:contextcheck // likewise
				r.flush()
			}
		}
	}
}

// serve does one request, and what the router itself has to report because of it. What was decided leaves with flush.
func (r *router) serve(q posted) {
	a, later := r.handle(q)
	for len(r.backlog) > 0 {
		e := r.backlog[0]
		r.backlog = r.backlog[1:]
		r.step(e)
	}
	if q.answer != nil && !later {
		r.answers = append(r.answers, settled{a, q.answer})
	}
}

// flush writes down what was decided, and lets it out: messages to calls, then the answers.
func (r *router) flush() {
	r.commit()
	for _, l := range r.mail {
		if !l.to.post(l.message) {
			r.undelivered(l)
		}
	}
	for _, c := range r.gone {
		r.answerLate(c)
	}
	last := r.ledger.Last()
	for _, a := range r.answers {
		a.seq = last
		a.to <- a.answer // there is room, see posted
	}
	clear(r.mail)
	clear(r.gone)
	clear(r.answers)
	r.mail, r.gone, r.answers = r.mail[:0], r.gone[:0], r.answers[:0]
}

// handle does one request. With later the answer comes from the call to which it was passed on.
func (r *router) handle(p posted) (a answer, later bool) {
	switch q := p.request.(type) {
	case record:
		r.step(q.event)
	case report:
		for _, e := range q.events {
			r.step(e)
		}
	case callBegan:
		r.begin(q.call)
	case callOver:
		r.over(q)
	case occupy:
		r.occupyIfOnShift(q)
	case free:
		r.free(q)
	case settle:
		a.err, a.slot = q.refused, q.slot
	case signIn:
		a.err = r.signIn(q.agent, q.station)
	case chooseState:
		a.err = r.choose(q)
	case featureDialled:
		a.prompt, a.err = r.feature(q)
	case placeCall:
		a.call, a.err = r.place(q)
	case deskSeen:
		r.deskSeen(q)
	case deskLost:
		r.deskLost(q)
	case browserWanted:
		a.browser = r.browserOf(q.agent)
	case browserLinked:
		r.browserLinked(q)
	case linkWaited:
		r.linkWaited(q)
	case extensionChanged:
		r.extensionChanged(q.extension)
	case carryAgents:
		r.carryAgents()
	case comeUp:
		a.err = r.comeUp()
	case siteReloaded:
		r.reload(q)
	case callsWanted:
		a.calls = r.liveCalls()
	default:
		return r.pass(q, p.answer)
	}
	return a, false
}

// step records an event, shows it to the machine and carries out what the machine decides.
func (r *router) step(e call.Event) {
	rec := r.append(e)
	switch e := e.(type) {
	case call.CallQueued:
		r.noteQueue(e, rec.At)
	case call.CallDirected:
		r.leaveSlot(e.Call)
	case call.TransferFailed:
		r.leaveSlot(e.Call)
	}
	for _, effect := range r.machine.Step(rec) {
		r.carryOut(effect)
	}
}

// noteQueue keeps where a call stood, for the case that it is handed over.
func (r *router) noteQueue(e call.CallQueued, at time.Time) {
	c := r.calls[e.Call]
	if c == nil {
		return
	}
	c.queue = e.Queue
	if c.waits.IsZero() {
		c.waits = at
	}
}

// append records. When the disk refuses, calls go on: the event keeps its time and is counted as lost.
func (r *router) append(e call.Event) call.Record {
	rec, err := r.ledger.Stage(e)
	if err != nil {
		r.lostRecs.Add(1)
		r.log.Error("event not kept in the journal", slog.String("event", call.TypeName(e)), slog.Any("error", err))
		rec = call.Record{At: r.ledger.Now(), Event: e}
	} else {
		r.staged++
	}
	r.roster.Apply(rec)
	return rec
}

// commit has the journal write what was staged, and tells whether it did.
func (r *router) commit() bool {
	if r.staged == 0 {
		return true
	}
	n := r.staged
	r.staged = 0
	if err := r.ledger.Commit(); err != nil {
		r.lostRecs.Add(n)
		r.log.Error("events not kept in the journal", slog.Uint64("events", n), slog.Any("error", err))
		return false
	}
	return true
}

// begin enters a call.
func (r *router) begin(c *liveCall) {
	r.calls[c.id] = &entry{call: c}
	if r.sb.stopping.Load() { // it came in the moment in which the list of those to be ended was made
		r.mail = append(r.mail, letter{c, stopped})
	}
	r.sb.live.Add(1)
	r.sb.begun.Add(1)
}

// over writes a call's end down, once: a call that broke while it ended may say so twice.
func (r *router) over(q callOver) {
	if e := r.calls[q.call.id]; e == nil || e.call != q.call {
		return
	}
	r.step(q.event)
	r.forget(q.call)
	r.gone = append(r.gone, q.call)
}

// forget takes it out.
func (r *router) forget(c *liveCall) {
	if e := r.calls[c.id]; e != nil && e.call == c {
		delete(r.calls, c.id)
		r.sb.live.Add(-1)
	}
}

func (r *router) liveCalls() []*liveCall {
	list := make([]*liveCall, 0, len(r.calls))
	for _, e := range r.calls {
		list = append(list, e.call)
	}
	return list
}

// tellCall sends a message when what decided it is in the journal.
func (r *router) tellCall(id call.ID, m message) {
	if e := r.calls[id]; e != nil {
		r.mail = append(r.mail, letter{e.call, m})
	}
}

// record posts an event and goes on.
func (r *router) record(e call.Event) { r.post(record{e}) }

// recordNow returns when the event is in the journal: for what must be known before a message leaves.
func (r *router) recordNow(ctx context.Context, e call.Event) { _, _ = r.ask(ctx, record{e}) }

// post hands a request over and goes on.
func (r *router) post(q request) { r.send(posted{request: q}) }

func (r *router) send(q posted) {
	select {
	case r.requests <- q:
	case <-r.stopped:
	}
}

// ask hands a request over and waits for what comes of it.
func (r *router) ask(ctx context.Context, q request) (answer, error) {
	answered := make(chan answer, 1)
	r.send(posted{request: q, answer: answered})
	select {
	case a := <-answered:
		return a, a.err
	case <-r.stopped:
		return answer{}, errStopped
	case <-ctx.Done():
		return answer{}, fmt.Errorf("wait for the switchboard: %w", context.Cause(ctx))
	}
}
