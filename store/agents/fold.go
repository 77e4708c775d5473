package agents

import (
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
	calls  map[call.ID]*parts

	// safe is the record from which on the roster is known again: the newest AgentsCarried; until there is one, the
	// first record of all.
	safe uint64

	states   []store.AgentState // in the order of their change; one may come twice
	dirty    []*parts
	forgetAt time.Time
}

// going is a state that goes on.
type going struct {
	store.AgentState
	told bool // it has a row
}

// parts is a call and the rows of its segments as they were taken last.
type parts struct {
	*history.Call
	told    []store.AgentSegment // zero: not over yet
	changed bool
}

func newFold() *fold {
	return &fold{open: map[call.AgentID]*going{}, calls: map[call.ID]*parts{}}
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
		if id := call.Of(e); id != "" {
			f.toCall(id, rec)
		}
	}
	f.run.Note(rec)
}

// ---- States ----

// started ends what the run before left open.
func (f *fold) started(rec call.Record) {
	for _, c := range f.calls {
		c.CutOff(f.run.Alive())
	}
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
		f.open[id] = &going{AgentState: row}
	}
}

func (f *fold) close(row store.AgentState, at time.Time) {
	if at.Before(row.From) {
		at = row.From
	}
	row.To = &at
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

// ---- Segments ----

func (f *fold) toCall(id call.ID, rec call.Record) {
	c := f.calls[id]
	if c == nil {
		h := history.Begin(rec)
		if h == nil {
			return
		}
		f.calls[id] = &parts{Call: h}
		return
	}
	c.Apply(rec, f.run.Alive())
	if !c.tell() || c.changed {
		return
	}
	c.changed = true
	f.dirty = append(f.dirty, c)
}

// tell brings the rows up to the call, and says whether one is another than before.
func (c *parts) tell() (changed bool) {
	for i, s := range c.Segments {
		if i == len(c.told) {
			c.told = append(c.told, store.AgentSegment{})
		}
		if s.EndedAt == nil {
			continue
		}
		if row := segmentRow(c.ID, i, s); row != c.told[i] {
			c.told[i], changed = row, true
		}
	}
	return changed
}

func segmentRow(id call.ID, number int, s *history.Segment) store.AgentSegment {
	talk, hold := s.TalkHoldMS()
	row := store.AgentSegment{
		Call: id, Number: number, Agent: s.Agent, Queue: s.Queue, Kind: kindOf(s),
		OfferedAt: s.OfferedAt, AnsweredAt: s.AnsweredAt, BridgedAt: s.BridgedAt, EndedAt: *s.EndedAt,
		End: s.End, Missed: s.Missed,
		RingMS: s.Ring().Milliseconds(), TalkMS: talk, HoldMS: hold, WrapUpMS: s.WrapUp.Milliseconds(),
	}
	return row
}

func kindOf(s *history.Segment) store.SegmentKind {
	switch {
	case s.Offer != "":
		return store.KindQueue
	case s.Role == history.Colleague:
		return store.KindCalled
	}
	return store.KindPlaced
}

// ---- As a projection ----

// Pending implements projection.Fold.
func (f *fold) Pending() int { return len(f.states) + len(f.dirty) }

// Take implements projection.Fold. Of a state that changed more than once it gives the last word.
func (f *fold) Take() store.Batch {
	var b store.Batch
	last := make(map[stateKey]int, len(f.states))
	for i, s := range f.states {
		last[keyOf(s)] = i
	}
	for i, s := range f.states {
		if last[keyOf(s)] == i {
			b.States = append(b.States, s)
		}
	}
	for _, c := range f.dirty {
		c.changed = false
		for _, row := range c.told {
			if row.Call != "" {
				b.Segments = append(b.Segments, row)
			}
		}
	}
	f.states, f.dirty = nil, nil
	return b
}

// stateKey is a row's key.
type stateKey struct {
	agent call.AgentID
	from  int64
}

func keyOf(s store.AgentState) stateKey { return stateKey{s.Agent, s.From.UnixMicro()} }

// Safe implements projection.Fold.
func (f *fold) Safe() uint64 {
	safe := f.safe
	for _, c := range f.calls {
		safe = min(safe, c.First)
	}
	return safe
}

// Forget implements projection.Fold.
func (f *fold) Forget(now time.Time) (ending bool) {
	look := !now.Before(f.forgetAt)
	if look {
		f.forgetAt = now.Add(lookEvery)
		ending = f.tellOpen(now)
	}
	for id, c := range f.calls {
		switch {
		case c.EndedAt == nil:
		case look && !c.changed && now.After(c.KeepUntil()):
			delete(f.calls, id)
		default:
			ending = true
		}
	}
	return ending
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
