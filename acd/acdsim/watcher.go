package acdsim

import (
	"fmt"
	"slices"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// Rule names what must hold after every step.
type Rule string

// The rules that the watcher checks.
const (
	OneCallEach     Rule = "an agent has one call at a time"
	OfferedOnce     Rule = "a call is offered to one agent at a time, by an offer of its own"
	NoGhost         Rule = "a caller who has left is not offered"
	OnlyTheFree     Rule = "only agents who are free are offered calls"
	NoStorm         Rule = "an agent whose offer came to nothing is left alone for a while"
	NobodyStuck     Rule = "nobody is in a stage past its deadline"
	NothingEarly    Rule = "no stage is ended before its deadline, or what is over already"
	FirstComeFirst  Rule = "within a queue: who lost the agent, then priority, then who has waited longest"
	WeightFirst     Rule = "between queues: weight, then as within a queue"
	LongestIdle     Rule = "of the free agents, the longest idle gets the call"
	PreferredFirst  Rule = "the preferred agent is offered the call first if free, and nobody else as preferred"
	NobodyIdle      Rule = "no agent is free while a caller waits whom the agent serves"
	NoLostCall      Rule = "a call that was queued, or directed to an agent, is waiting, offered, talking, given back or gone"
	StatusIsTrue    Rule = "an agent's last status says what the agent is doing"
	StatusOnce      Rule = "a status is reported when it changes, and once"
	PromisesKept    Rule = "what an event calls for is done in the same step"
	PausedForMisses Rule = "so many misses in a row pause the agent, and no fewer"
)

// Rules are all of them.
var Rules = []Rule{
	OneCallEach, OfferedOnce, NoGhost, OnlyTheFree, NoStorm, NobodyStuck, NothingEarly, FirstComeFirst, WeightFirst,
	LongestIdle, PreferredFirst, NobodyIdle, NoLostCall, StatusIsTrue, StatusOnce, PromisesKept, PausedForMisses,
}

// BrokenError says which rule did not hold, where. The same seed leads there again.
type BrokenError struct {
	Seed  uint64
	Step  int
	Event call.Event
	Rule  Rule
	What  string
}

func (b *BrokenError) Error() string {
	return fmt.Sprintf("seed %d, step %d, %T: %s: %s", b.Seed, b.Step, b.Event, b.Rule, b.What)
}

// slack is how late TimePassed may come in a storm, and how late the watcher lets things be.
const slack = 300 * time.Millisecond

// watcher keeps books of what happened, from the records and the effects alone, and checks the rules.
// It shares no code with the machine.
type watcher struct {
	now    time.Time
	event  call.Event
	seq    uint64
	queues map[call.QueueID]*watchedQueue
	agents map[call.AgentID]*watchedAgent
	staff  []*watchedAgent // all of agents
	calls  map[call.ID]*watchedCall
	asked  map[call.ID]*watchedCall // agents who are asked of a call by a colleague
	lines  []*watchedCall           // all of calls and asked
	seen   map[call.OfferID]bool
	owed   []promise
	broken *BrokenError
}

// promise is an effect that has to come in this step.
type promise struct {
	what string // "offer", "refuse asked", "withdraw", "release", "resume", "refuse", "end", "wrap-up", "wrap-up over"
	id   string // of the offer or the call
}

type watchedQueue struct {
	rules   call.QueueRules
	waiting int // lines in stage waiting, counted after the step
	inQueue int // and those offered
}

type watchedStage string

const (
	waiting  watchedStage = "waiting"
	ringing  watchedStage = "ringing"
	answered watchedStage = "answered"
	talking  watchedStage = "talking"
)

type watchedCall struct {
	id        call.ID
	queue     *watchedQueue
	stage     watchedStage
	since     time.Time // of the stage
	entered   time.Time // the queue
	returned  bool
	priority  int
	waits     time.Time // counts as waiting since then
	order     uint64
	direct    call.AgentID // for this agent only; the queue is the call's own
	consult   bool         // in asked
	preferred call.AgentID
	unbridged int
	endedAt   time.Time // EndCall

	offer call.OfferID
	agent *watchedAgent
	until time.Time
	rang  bool
}

type watchedAgent struct {
	id      call.AgentID
	rules   call.AgentRules
	inSite  bool
	onShift bool
	chosen  call.ChosenState
	reason  call.ReasonID
	station call.Station
	up      bool

	line    *watchedCall
	outside []watchedOutside
	wrapUp  call.ID // empty: none
	wrapsUp call.QueueID
	until   time.Time

	misses    int
	missed    time.Time // when an offer was last missed or declined; zero: forgiven
	fault     time.Time // when the phone last refused, or the leg was lost
	heals     bool      // a StationUp ends the rest after the fault
	idleSince uint64

	status  call.AgentStatusChanged
	reports int // in this step
}

type watchedOutside struct {
	id      call.ID
	since   time.Time
	endedAt time.Time
}

func newWatcher() *watcher {
	return &watcher{
		queues: make(map[call.QueueID]*watchedQueue),
		agents: make(map[call.AgentID]*watchedAgent),
		calls:  make(map[call.ID]*watchedCall),
		asked:  make(map[call.ID]*watchedCall),
		seen:   make(map[call.OfferID]bool),
	}
}

func (w *watcher) fail(r Rule, format string, args ...any) {
	if w.broken == nil {
		w.broken = &BrokenError{Step: int(w.seq), Event: w.event, Rule: r, What: fmt.Sprintf(format, args...)}
	}
}

// observe books one step and checks all rules; nil means that all hold.
func (w *watcher) observe(rec call.Record, effects []acd.Effect, m Subject) *BrokenError {
	w.now, w.event, w.seq = rec.At, rec.Event, rec.Seq
	w.owed = w.owed[:0]
	for _, a := range w.staff {
		a.reports = 0
	}
	w.happened(rec.Event)
	for _, e := range effects {
		w.done(e)
	}
	w.check(m)
	return w.broken
}

func (w *watcher) owe(what, id string) { w.owed = append(w.owed, promise{what, id}) }

// paid tells whether the effect was owed.
func (w *watcher) paid(what, id string) bool {
	i := slices.Index(w.owed, promise{what, id})
	if i < 0 {
		return false
	}
	w.owed = slices.Delete(w.owed, i, i+1)
	return true
}

// current finds the call of an offer that is on.
func (w *watcher) current(id call.ID, o call.OfferID) *watchedCall {
	for _, c := range []*watchedCall{w.calls[id], w.asked[id]} {
		if c != nil && o != "" && c.offer == o {
			return c
		}
	}
	return nil
}

func (w *watcher) tableOf(c *watchedCall) map[call.ID]*watchedCall {
	if c.consult {
		return w.asked
	}
	return w.calls
}

// enter books a call that is waiting from now on.
func (w *watcher) enter(c *watchedCall) {
	c.stage, c.since, c.entered, c.order = waiting, w.now, w.now, w.seq
	w.tableOf(c)[c.id] = c
	w.lines = append(w.lines, c)
}

func (w *watcher) remove(c *watchedCall) {
	delete(w.tableOf(c), c.id)
	w.lines = slices.DeleteFunc(w.lines, func(d *watchedCall) bool { return d == c })
}

// part separates a call from its agent.
func (c *watchedCall) part() *watchedAgent {
	a := c.agent
	if a != nil {
		a.line = nil
	}
	c.agent, c.offer = nil, ""
	return a
}

// back puts a call into its queue again.
func (w *watcher) back(c *watchedCall, returned bool) {
	c.returned = c.returned || returned
	if c.direct != "" {
		w.remove(c)
		w.owe(refusal(c.consult), string(c.id))
		return
	}
	if w.queues[c.queue.rules.Queue] != c.queue {
		w.remove(c)
		w.owe("refuse", string(c.id))
		return
	}
	if returned {
		c.entered = w.now
		w.owe("resume", string(c.id))
	}
	c.stage, c.since = waiting, w.now
}

// miss books an offer that came to nothing.
func (w *watcher) miss(a *watchedAgent, c *watchedCall, m call.Miss) {
	a.idleSince = w.seq
	if m != call.MissNoAnswer && m != call.MissDeclined {
		a.fault, a.heals = w.now, m != call.MissBusy
		return
	}
	a.misses++
	limit := c.queue.rules.MaxMisses
	if limit > 0 && a.misses >= limit && !a.rules.MissesDontCount {
		if a.chosen == call.ChoseReady {
			a.chosen, a.reason = call.ChosePaused, acd.ReasonMissed
		}
		a.misses = 0
		return
	}
	a.missed = w.now
}

// unbridged books an agent who answered and did not get to speak.
func (w *watcher) unbridged(c *watchedCall, m call.Miss) {
	w.miss(c.part(), c, m)
	if c.unbridged++; c.unbridged >= acd.MaxUnbridged {
		w.remove(c)
		w.owe("end", string(c.id))
		return
	}
	w.back(c, true)
}

// talked books the end of a talk.
func (w *watcher) talked(c *watchedCall) {
	a := c.part()
	w.remove(c)
	a.idleSince = w.seq
	if d := c.queue.rules.WrapUp; d > 0 && !a.rules.NoWrapUp {
		w.wrapUp(a, c.id, c.queue.rules.Queue, d)
	}
}

func (w *watcher) wrapUp(a *watchedAgent, id call.ID, q call.QueueID, d time.Duration) {
	if a.wrapUp != "" {
		w.owe("wrap-up over", string(a.wrapUp))
	}
	w.owe("wrap-up", string(id))
	a.until, a.wrapsUp = w.now.Add(d), q
}

// unring takes back an offer that rings, because of an event, and without a miss that counts.
func (w *watcher) unring(a *watchedAgent) *watchedCall {
	c := a.line
	if c == nil || c.stage != ringing {
		return nil
	}
	w.owe("withdraw", string(c.offer))
	c.part()
	w.back(c, false)
	return c
}

func (a *watchedAgent) forgive() { a.misses, a.missed, a.fault = 0, time.Time{}, time.Time{} }

func (a *watchedAgent) working() bool {
	return a.line != nil || len(a.outside) > 0 || a.wrapUp != ""
}

// free tells whether the agent may be offered a call, but for a rest.
func (a *watchedAgent) free() bool {
	return a.inSite && a.onShift && a.chosen == call.ChoseReady && a.up && !a.working()
}

// rested tells whether a rest is surely over.
func (w *watcher) rested(a *watchedAgent) bool {
	return !w.now.Before(a.missed.Add(acd.RestAfterMiss+slack)) && !w.now.Before(a.fault.Add(acd.LongestRest+slack))
}

func (a *watchedAgent) serves(q *watchedQueue) bool {
	return slices.Contains(a.rules.Queues, q.rules.Queue)
}

func (c *watchedCall) before(d *watchedCall) bool {
	if c.returned != d.returned {
		return c.returned
	}
	if c.priority != d.priority {
		return c.priority > d.priority
	}
	if !c.waits.Equal(d.waits) {
		return c.waits.Before(d.waits)
	}
	return c.order < d.order
}

// refusal is the promise of a call that is given back.
func refusal(consult bool) string {
	if consult {
		return "refuse asked"
	}
	return "refuse"
}
