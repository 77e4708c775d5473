package agents

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/switchboard/live"
)

// told is all that the projections make of one journal.
type told struct {
	board  *live.Live
	calls  map[call.ID]live.Call // as the board showed them last
	log    map[call.ID]store.Call
	agents *fold
	rows   *table
	parts  map[partKey]store.AgentSegment
}

type partKey struct {
	call   call.ID
	number int
}

// feed gives every projection the same records, but for what bend makes of them for the one that it names.
func feed(recs []call.Record, bend func(projection string, rec call.Record) call.Record) *told {
	w := &told{
		board: live.New(time.UTC), calls: map[call.ID]live.Call{}, log: map[call.ID]store.Call{},
		agents: newFold(), rows: newTable(), parts: map[partKey]store.AgentSegment{},
	}
	log := calllog.NewBuilder(calllog.Options{})
	for _, rec := range recs {
		w.board.Apply(bend("live", rec))
		if id := call.Of(rec.Event); id != "" {
			if c, ok := w.board.Call(id); ok {
				w.calls[id] = c
			}
		}
		log.Add(bend("calllog", rec))
		for _, c := range log.Take().Calls {
			w.log[c.ID] = c
			for _, s := range c.AgentSegments() {
				w.parts[partKey{s.Call, s.Number}] = s
			}
		}
		w.agents.Add(bend("agents", rec))
		w.rows.apply(w.agents.Take())
	}
	return w
}

// differences names every figure that two of them share and tell otherwise.
func (w *told) differences() []string {
	var out []string
	differ := func(what string, a, b any) {
		if fmt.Sprint(a) != fmt.Sprint(b) {
			out = append(out, fmt.Sprintf("%s: %v and %v", what, a, b))
		}
	}
	for id, row := range w.log {
		w.aCall(id, row, differ)
	}
	w.eachAgent(differ)
	slices.Sort(out)
	return out
}

// aCall compares what is told of a call that has ended.
func (w *told) aCall(id call.ID, row store.Call, differ func(string, any, any)) {
	if c, ok := w.calls[id]; ok {
		name := "call " + string(id) + ", calllog and live, "
		differ(name+"queue", row.Queue, c.Queue)
		differ(name+"answered", stamp(row.AnsweredAt), stamp(c.AnsweredAt))
		differ(name+"queued", stamp(row.QueuedAt), stamp(c.QueuedAt))
		differ(name+"bridged", stamp(row.BridgedAt), stamp(c.FirstBridgedAt))
		differ(name+"ring", row.RingMS, c.RingMS)
		differ(name+"wait", row.WaitMS, c.Waited(*row.EndedAt).Milliseconds()) // it shows calls until they end
	}
	var talk, hold, wrapUp int64
	for i := range row.Segments {
		g := w.parts[partKey{id, i}]
		talk, hold, wrapUp = talk+g.TalkMS, hold+g.HoldMS, wrapUp+g.WrapUpMS
	}
	name := "call " + string(id) + ", its row and its segments', "
	differ(name+"talk", row.TalkMS, talk)
	differ(name+"hold", row.HoldMS, hold)
	if row.WrapUpMS < wrapUp { // who has no part in the call may wrap it up all the same
		differ(name+"wrap-up", row.WrapUpMS, wrapUp)
	}
}

// eachAgent compares what is told of the agents: what they do now, and today's calls, misses and talk.
func (w *told) eachAgent(differ func(string, any, any)) {
	for _, id := range w.agents.roster.Agents() {
		name := "agent " + string(id) + ", live and agents, "
		a, shown := w.board.Agent(id)
		row, open := store.AgentState{}, false
		if s := w.agents.open[id]; s != nil {
			row, open = s.AgentState, true
		}
		if !shown {
			differ(name+"is on shift", false, open) // the board leaves out who has left the site and gone
			continue
		}
		differ(name+"is on shift", a.Status != call.StatusOff, open)
		if open {
			differ(name+"status", a.Status, row.Status)
			differ(name+"reason", a.Reason, row.Reason)
			if a.Since.After(w.agents.roster.Started) {
				differ(name+"since", stamp(&a.Since), stamp(&row.From))
			}
			if a.Call != nil {
				differ(name+"call", a.Call.ID, row.Call)
			}
		}
		calls, misses, talk, parts := w.today(id)
		differ(name+"calls today", a.CallsToday, calls)
		differ(name+"misses today", a.MissesToday, misses)
		// Each part is cut to milliseconds in its row, the board's sum once.
		if d := a.TalkMSToday - talk; d < -parts || d > parts {
			differ(name+"talk today", a.TalkMSToday, talk)
		}
	}
}

// today sums up an agent's parts in the calls that arrived on the last day, as the rows have them. What is not over
// yet has no row: the board counts a call when it is bridged, so only calls that have ended can be compared.
func (w *told) today(id call.AgentID) (calls, misses int, talk, parts int64) {
	spoken := map[call.ID]bool{}
	for _, s := range w.parts {
		if s.Agent != id || !w.isToday(s.Call) {
			continue
		}
		if s.Missed {
			misses++
		}
		if s.BridgedAt != nil {
			spoken[s.Call] = true
			talk += s.TalkMS
			parts++
		}
	}
	return len(spoken), misses, talk, parts
}

func (w *told) isToday(id call.ID) bool {
	y, m, d := w.agents.run.Alive().Date()
	return !w.log[id].ArrivedAt.Before(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

func stamp(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func unbent(_ string, rec call.Record) call.Record { return rec }

// finished ends what a storm left open, so that all of it can be compared.
func finished(recs []call.Record) []call.Record {
	last := recs[len(recs)-1]
	say := func(e call.Event) {
		last = call.Record{Seq: last.Seq + 1, At: last.At.Add(time.Millisecond), Event: e}
		recs = append(recs, last)
	}
	over := map[call.ID]bool{}
	var open []call.ID
	for _, rec := range recs {
		switch e := rec.Event.(type) {
		case call.CallArrived:
			open = append(open, e.Call)
		case call.CallPlaced:
			open = append(open, e.Call)
		case call.CallEnded:
			over[e.Call] = true
		}
	}
	for _, id := range open {
		if !over[id] {
			say(call.CallEnded{Call: id, End: call.End{By: call.BySystem, Cause: call.CauseServerStopped}})
		}
	}
	return recs
}

// TestProjectionsAgreeInStorms: whoever tells of a call or an agent tells the same, in storms with restarts, lost
// agents, calls queued again, holds by both sides, and results that come late or twice.
func TestProjectionsAgreeInStorms(t *testing.T) {
	var rows, restarts, holds, lost int
	for seed := range uint64(10) {
		recs := finished(storm(t, 1000+seed, 2000))
		w := feed(recs, unbent)
		if d := w.differences(); len(d) > 0 {
			t.Fatalf("seed %d: %d differences, the first of them:\n%s", 1000+seed, len(d), strings.Join(d[:min(len(d), 10)], "\n"))
		}
		rows += len(w.log)
		for _, rec := range recs {
			switch rec.Event.(type) {
			case call.NodeStarted:
				restarts++
			case call.CallHeld:
				holds++
			case call.AgentLegLost:
				lost++
			}
		}
	}
	t.Logf("%d calls, %d restarts, %d holds, %d agents lost", rows, restarts, holds, lost)
	if rows < 1000 || restarts < 3 || holds < 100 || lost < 100 {
		t.Error("the storms were too calm to tell anything")
	}
}

// TestAPlantedDifferenceIsFound: each projection in turn hears something else than the others.
func TestAPlantedDifferenceIsFound(t *testing.T) {
	recs := finished(storm(t, 1000, 1500))
	quiet := func(rec call.Record) call.Record { rec.Event = call.TimePassed{}; return rec }
	for name, bend := range map[string]func(call.Record) (call.Record, bool){
		"a hold that is not heard": func(rec call.Record) (call.Record, bool) {
			_, ok := rec.Event.(call.CallHeld)
			return quiet(rec), ok
		},
		"a talk that ends a second later": func(rec call.Record) (call.Record, bool) {
			_, ok := rec.Event.(call.TalkEnded)
			rec.At = rec.At.Add(time.Second)
			return rec, ok
		},
		"a miss that is not heard": func(rec call.Record) (call.Record, bool) {
			_, ok := rec.Event.(call.OfferMissed)
			return quiet(rec), ok
		},
		"another queue": func(rec call.Record) (call.Record, bool) {
			e, ok := rec.Event.(call.CallQueued)
			e.Queue = "another"
			rec.Event = e
			return rec, ok
		},
	} {
		for _, victim := range []string{"live", "calllog"} {
			w := feed(recs, func(projection string, rec call.Record) call.Record {
				if bent, ok := bend(rec); ok && projection == victim {
					return bent
				}
				return rec
			})
			if len(w.differences()) == 0 {
				t.Errorf("%s by %s makes no difference", name, victim)
			}
		}
	}
	// The agents' states, which the call log does not tell.
	for _, victim := range []string{"live", "agents"} {
		w := feed(recs, func(projection string, rec call.Record) call.Record {
			if e, ok := rec.Event.(call.AgentStatusChanged); ok && projection == victim && e.Status == call.StatusReady {
				e.Status = call.StatusPaused
				rec.Event = e
			}
			if _, ok := rec.Event.(call.AgentsCarried); ok {
				return quiet(rec) // it would put it right again
			}
			return rec
		})
		if len(w.differences()) == 0 {
			t.Errorf("a status misheard by %s makes no difference", victim)
		}
	}
}
