package agents

import (
	"cmp"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
	"github.com/linedesk/linedesk/store"
)

const (
	// lookEvery is the time, in the records, between two looks for what is due.
	lookEvery = time.Second
	// openAfter is how long a state must have lasted for a row that says it goes on. Most are over before and take one
	// write: an agent on calls changes every few seconds.
	openAfter = time.Minute
)

// fold makes the rows. It is pure and used by one goroutine.
type fold struct {
	run    history.Run
	roster history.Roster
	open   map[call.AgentID]*going // states that go on

	// safe is the record from which on the roster is known again: the newest AgentsCarried; until there is one, the
	// first record of all.
	safe uint64

	states   []store.AgentState // in the order of their change; one may come twice
	forgetAt time.Time
	younger  bool // some that go on have no row yet
}

// going is a state that goes on.
type going struct {
	store.AgentState
	told bool // it has a row
}

func newFold() *fold {
	return &fold{open: map[call.AgentID]*going{}}
}

// Add implements projection.Fold.
func (f *fold) Add(rec call.Record) {
	if f.safe == 0 {
		f.safe = rec.Seq
	}
	switch e := rec.Event.(type) {
	case call.NodeStarted:
		f.started(rec)
	case call.NodeStopped:
		f.closeAll(rec.At)
	case call.AgentsCarried:
		f.safe = rec.Seq
		f.roster.Apply(rec)
		f.followAll(rec.At)
	case call.AgentStatusChanged:
		f.roster.Apply(rec)
		f.follow(e.Agent, rec.At)
	default:
		f.roster.Apply(rec)
	}
	f.run.Note(rec)
}

// started ends what the run before left open.
func (f *fold) started(rec call.Record) {
	alive := f.run.Alive()
	if alive.IsZero() || alive.After(rec.At) {
		alive = rec.At
	}
	f.closeAll(alive)
	f.roster.Apply(rec)
	f.followAll(rec.At)
}

func (f *fold) followAll(at time.Time) {
	for _, id := range f.roster.Agents() {
		f.follow(id, at)
	}
}

// follow brings an agent's row up to the roster. A state is another one when it began at another time.
func (f *fold) follow(id call.AgentID, at time.Time) {
	seat := f.roster.Seat(id)
	from := seat.Since
	if f.roster.Started.After(from) {
		from = f.roster.Started
	}
	row := store.AgentState{
		Agent: id, Status: seat.Status, Reason: seat.Reason, Queue: seat.Queue, Call: seat.Call, From: from,
	}
	was := f.open[id]
	if was != nil && was.AgentState == row {
		return
	}
	if was != nil && !was.From.Equal(row.From) {
		f.close(was.AgentState, at)
	}
	if seat.Status != call.StatusOff && !seat.Since.IsZero() {
		f.open[id], f.younger = &going{AgentState: row}, true
	}
}

func (f *fold) close(row store.AgentState, at time.Time) {
	ended := at
	if ended.Before(row.From) {
		ended = row.From
	}
	row.To = &ended
	delete(f.open, row.Agent)
	f.states = append(f.states, row)
}

func (f *fold) closeAll(at time.Time) {
	for _, id := range f.roster.Agents() {
		if s := f.open[id]; s != nil {
			f.close(s.AgentState, at)
		}
	}
}

// Pending implements projection.Fold.
func (f *fold) Pending() int { return len(f.states) }

// Take implements projection.Fold. Of a state that changed more than once it gives the last word. An agent's rows come
// together, as they lie in the database: so each page of its tree is looked up and changed once.
func (f *fold) Take() store.Batch {
	order := make([]int, len(f.states))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := keyOf(&f.states[i]), keyOf(&f.states[j])
		return cmp.Or(cmp.Compare(a.agent, b.agent), cmp.Compare(a.from, b.from), cmp.Compare(i, j))
	})
	var b store.Batch
	for n, i := range order {
		if n+1 == len(order) || keyOf(&f.states[order[n+1]]) != keyOf(&f.states[i]) {
			b.States = append(b.States, f.states[i])
		}
	}
	f.states = nil
	return b
}

// stateKey is a row's key.
type stateKey struct {
	agent call.AgentID
	from  int64
}

func keyOf(s *store.AgentState) stateKey { return stateKey{s.Agent, s.From.UnixMicro()} }

// Safe implements projection.Fold.
func (f *fold) Safe() uint64 { return f.safe }

// Forget implements projection.Fold.
func (f *fold) Forget(now time.Time) (ending bool) {
	if !now.Before(f.forgetAt) {
		f.forgetAt = now.Add(lookEvery)
		f.younger = f.tellOpen(now)
	}
	return f.younger
}

// tellOpen gives rows to states that have lasted for a while, and tells whether there are younger ones.
func (f *fold) tellOpen(now time.Time) (younger bool) {
	for _, s := range f.open {
		if s.told {
			continue
		}
		if now.Sub(s.From) < openAfter {
			younger = true
			continue
		}
		s.told = true
		f.states = append(f.states, s.AgentState)
	}
	return younger
}
