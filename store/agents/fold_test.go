package agents

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

var t0 = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)

func moment(sec float64) time.Time { return t0.Add(time.Duration(sec * float64(time.Second))) }

// table is a database as far as these rows go.
type table struct{ states map[stateKey]store.AgentState }

func newTable() *table { return &table{map[stateKey]store.AgentState{}} }

func (t *table) apply(b store.Batch) {
	for _, s := range b.States {
		t.states[keyOf(&s)] = s
	}
}

// ofAgent gives an agent's states in their order.
func (t *table) ofAgent(id call.AgentID) []store.AgentState {
	var out []store.AgentState
	for _, s := range t.states {
		if s.Agent == id {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b store.AgentState) int { return a.From.Compare(b.From) })
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.MarshalIndent(got, "", " ")
		w, _ := json.MarshalIndent(want, "", " ")
		t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
	}
}

// story feeds a fold with events at seconds from t0.
type story struct {
	fold *fold
	seq  uint64
	*table
}

func newStory() *story { return &story{fold: newFold(), table: newTable()} }

func (s *story) at(sec float64, events ...call.Event) {
	for _, e := range events {
		s.seq++
		s.fold.Add(call.Record{Seq: s.seq, At: moment(sec), Event: e})
		s.apply(s.fold.Take())
	}
}

// quiet lets time pass without a record.
func (s *story) quiet(sec float64) {
	s.fold.Forget(moment(sec))
	s.apply(s.fold.Take())
}

func became(status call.AgentStatus, id call.ID) call.AgentStatusChanged {
	e := call.AgentStatusChanged{Agent: "amy", Status: status, Chosen: call.ChoseReady, Call: id}
	if id != "" {
		e.Queue = "support"
	}
	return e
}

// aShift plays amy's first call: signed in at 0, ready at 1, offered at 10, talking from 12 to 62, wrapping up until 70.
func (s *story) aShift() {
	s.at(0, call.NodeStarted{}, call.AgentSignedIn{Agent: "amy", Station: call.Station{Kind: call.StationSIP, Extension: "1001"}})
	s.at(1, call.StationUp{Agent: "amy"}, call.AgentStateChosen{Agent: "amy", State: call.ChoseReady}, became(call.StatusReady, ""))
	s.at(5, call.CallArrived{Call: "c", Leg: "far"}, call.CallQueued{Call: "c", Queue: "support"})
	s.at(10, call.CallOffered{Call: "c", Offer: "o", Agent: "amy", Queue: "support"}, became(call.StatusOffered, "c"))
	s.at(12, call.OfferAnswered{Call: "c", Offer: "o", Agent: "amy"}, call.Bridged{Call: "c", Offer: "o", Agent: "amy"},
		became(call.StatusTalking, "c"))
	s.at(30, call.CallHeld{Call: "c", Agent: "amy", By: call.ByAgent})
	s.at(40, call.CallResumed{Call: "c", Agent: "amy", By: call.ByAgent})
	s.at(62, call.TalkEnded{Call: "c", Offer: "o", Agent: "amy", By: call.ByCaller},
		call.WrapUpStarted{Call: "c", Agent: "amy", Until: moment(90)}, became(call.StatusWrapUp, "c"),
		call.CallEnded{Call: "c"})
	s.at(70, call.WrapUpEnded{Call: "c", Agent: "amy"}, became(call.StatusReady, ""))
}

func state(status call.AgentStatus, id call.ID, from, to float64) store.AgentState {
	s := store.AgentState{Agent: "amy", Status: status, Call: id, From: moment(from)}
	if id != "" {
		s.Queue = "support"
	}
	if to > 0 {
		s.To = new(moment(to))
	}
	return s
}

func TestAShiftIsTheStatesOfIt(t *testing.T) {
	s := newStory()
	s.aShift()
	if all := s.ofAgent("amy"); len(all) != 4 {
		t.Errorf("%d states have rows, want the 4 that are over: %+v", len(all), all)
	}
	s.quiet(130)
	same(t, "states", s.ofAgent("amy"), []store.AgentState{
		state(call.StatusReady, "", 1, 10), state(call.StatusOffered, "c", 10, 12), state(call.StatusTalking, "c", 12, 62),
		state(call.StatusWrapUp, "c", 62, 70), state(call.StatusReady, "", 70, 0),
	})
	s.at(80, call.AgentStateChosen{Agent: "amy", State: call.ChoseOff},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusOff, Chosen: call.ChoseOff})
	if all := s.ofAgent("amy"); len(all) != 5 || !all[4].To.Equal(moment(80)) {
		t.Errorf("after the shift the states are %+v, want the last one ended and none begun", all)
	}
}

// TestAKilledServersStatesEndWhenItWasLastKnownToLive: and begin anew when the next one starts.
func TestAKilledServersStatesEndWhenItWasLastKnownToLive(t *testing.T) {
	s := newStory()
	s.aShift()
	s.at(100, call.TimePassed{}) // the last sign of life
	s.at(4000, call.NodeStarted{})
	s.at(4001, call.AgentStatusChanged{Agent: "amy", Status: call.StatusUnreachable, Chosen: call.ChoseReady})
	s.at(4005, call.StationUp{Agent: "amy"}, became(call.StatusReady, ""))
	s.quiet(5000)
	all := s.ofAgent("amy")
	same(t, "the last states", all[4:], []store.AgentState{
		state(call.StatusReady, "", 70, 100), state(call.StatusUnreachable, "", 4000, 4005), state(call.StatusReady, "", 4005, 0),
	})
}

func TestAnOrderlyStopEndsStatesThen(t *testing.T) {
	s := newStory()
	s.aShift()
	s.at(100, call.NodeStopped{})
	same(t, "the last state", s.ofAgent("amy")[4], state(call.StatusReady, "", 70, 100))
	s.at(5000, call.NodeStarted{})
	same(t, "the last state", s.ofAgent("amy")[4], state(call.StatusReady, "", 70, 100))
}

// TestAPauseThatLastsHoldsNothingBack: a state that has gone on for weeks needs no old record, for the roster that the
// journal repeats has it.
func TestAPauseThatLastsHoldsNothingBack(t *testing.T) {
	s := newStory()
	s.aShift()
	s.at(100, call.AgentStatusChanged{Agent: "amy", Status: call.StatusPaused, Reason: "lunch", Chosen: call.ChosePaused})
	for day := range 40 {
		s.at(float64(day+1)*86400, s.fold.roster.Carried())
		s.fold.Forget(moment(float64(day+1) * 86400))
	}
	if got := s.fold.Safe(); got != s.seq {
		t.Errorf("record %d must be read again, want %d: the newest roster", got, s.seq)
	}
	// Who begins there knows when the pause began, and ends it.
	again := newFold()
	again.Add(call.Record{Seq: s.seq, At: moment(41 * 86400), Event: s.fold.roster.Carried()})
	again.Take()
	again.Add(call.Record{Seq: s.seq + 1, At: moment(42 * 86400), Event: became(call.StatusReady, "")})
	again.Forget(moment(43 * 86400))
	b := again.Take()
	want := state(call.StatusPaused, "", 100, 42*86400)
	want.Reason = "lunch"
	same(t, "what is written", b.States, []store.AgentState{want, state(call.StatusReady, "", 42*86400, 0)})
}

// TestRestartsAtAnyMomentGiveTheSameRows: batches of any size, and a death after any of them, before or after its rows
// were written with their position.
func TestRestartsAtAnyMomentGiveTheSameRows(t *testing.T) {
	for seed := range uint64(6) {
		recs := storm(t, seed, 2500)
		want := newTable()
		once := newFold()
		for _, rec := range recs {
			once.Add(rec)
			want.apply(once.Take())
			once.Forget(rec.At)
		}
		chance := rand.New(rand.NewPCG(seed, 2))
		got := newTable()
		pos := store.Position{Safe: 1}
		for pos.Applied < uint64(len(recs)) {
			f := newFold()
			for _, rec := range recs[pos.Safe-1 : pos.Applied] {
				f.Add(rec)
			}
			f.Take() // in the table already
			for pos.Applied < uint64(len(recs)) && chance.IntN(20) != 0 {
				n := min(uint64(1+chance.IntN(50)), uint64(len(recs))-pos.Applied)
				for _, rec := range recs[pos.Applied : pos.Applied+n] {
					f.Add(rec)
				}
				rows := f.Take()
				f.Forget(recs[pos.Applied+n-1].At)
				if chance.IntN(20) == 0 {
					break // died before the write
				}
				got.apply(rows)
				pos.Applied += n
				pos.Safe = f.Safe()
			}
		}
		settled(t, want, once)
		settled(t, got, once)
		for k, w := range want.states {
			if g := got.states[k]; !reflect.DeepEqual(g, w) {
				same(t, "state", g, w)
				t.Fatalf("seed %d", seed)
			}
		}
		if len(got.states) != len(want.states) || len(want.states) == 0 {
			t.Fatalf("seed %d: %d states, want %d", seed, len(got.states), len(want.states))
		}
	}
}

// TestAStateThatLastsGetsItsRow: though the look for it was a moment before it began.
func TestAStateThatLastsGetsItsRow(t *testing.T) {
	s := newStory()
	s.aShift()
	s.quiet(99.5)
	s.at(100, call.AgentStatusChanged{Agent: "amy", Status: call.StatusPaused, Reason: "lunch", Chosen: call.ChosePaused})
	if ending := s.fold.Forget(moment(100)); !ending {
		t.Error("nobody is asked to look again, though a state has no row yet")
	}
	s.quiet(161)
	all := s.ofAgent("amy")
	if last := all[len(all)-1]; last.Status != call.StatusPaused || last.To != nil {
		t.Errorf("the last row is %+v, want the pause that goes on", last)
	}
	if s.fold.Forget(moment(162)) {
		t.Error("it is looked for though all have rows")
	}
}

// TestStatesOfAnAgentFollowEachOther: in no storm does one agent do two things at once, and only the last state is open.
func TestStatesOfAnAgentFollowEachOther(t *testing.T) {
	for seed := range uint64(6) {
		f, tab := newFold(), newTable()
		for _, rec := range storm(t, 100+seed, 2500) {
			f.Add(rec)
			tab.apply(f.Take())
		}
		for _, id := range f.roster.Agents() {
			all := tab.ofAgent(id)
			for i, s := range all {
				switch {
				case s.To == nil && i < len(all)-1:
					t.Fatalf("seed %d: %+v has no end and is followed by %+v", seed, s, all[i+1])
				case s.To != nil && s.To.Before(s.From):
					t.Fatalf("seed %d: %+v ends before it begins", seed, s)
				case i > 0 && all[i-1].To.After(s.From):
					t.Fatalf("seed %d: %+v and %+v overlap", seed, all[i-1], s)
				}
			}
		}
	}
}
