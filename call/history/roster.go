package history

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Roster is every agent's seat. The zero value is an empty one.
type Roster struct {
	// Started is when the present run of the server began: no status is known to have lasted from before that.
	Started time.Time
	seats   map[call.AgentID]*Seat
}

// Agents are those of whom something was heard, sorted.
func (r *Roster) Agents() []call.AgentID { return slices.Sorted(maps.Keys(r.seats)) }

// Seat gives an agent's seat; nil if nothing was heard of him.
func (r *Roster) Seat(id call.AgentID) *Seat { return r.seats[id] }

// Carried is the roster as an event.
func (r *Roster) Carried() call.AgentsCarried {
	out := call.AgentsCarried{Started: r.Started, Agents: make([]call.AgentSeat, 0, len(r.seats))}
	for _, id := range r.Agents() {
		out.Agents = append(out.Agents, r.seats[id].AgentSeat)
	}
	return out
}

// Apply takes the journal's next record. Those that are not about agents pass through.
func (r *Roster) Apply(rec call.Record) {
	switch e := rec.Event.(type) {
	case call.NodeStarted:
		r.Started = rec.At
		for _, s := range r.seats {
			if became, known := s.AfterRestart(); known {
				s.Become(became, rec.At)
			}
		}
	case call.AgentsCarried:
		r.Started = e.Started
		for _, c := range e.Agents {
			r.seat(c.Agent).AgentSeat = c
		}
	case call.AgentSignedIn:
		r.seat(e.Agent).SignIn(e.Station, rec.At)
	case call.AgentStationChosen:
		r.seat(e.Agent).Sit(e.Station)
	case call.AgentStateChosen:
		r.seat(e.Agent).Choose(e, rec.At)
	case call.StationUp:
		r.seat(e.Agent).Up = true
	case call.StationDown:
		r.seat(e.Agent).Up = false
	case call.AgentStatusChanged:
		r.seat(e.Agent).Become(e, rec.At)
	}
}

// seat gives an agent's seat, made if it is not known.
func (r *Roster) seat(id call.AgentID) *Seat {
	s := r.seats[id]
	if s == nil {
		if r.seats == nil {
			r.seats = map[call.AgentID]*Seat{}
		}
		made := NewSeat(id)
		s = &made
		r.seats[id] = s
	}
	return s
}

// Wishes gives what the agents last chose, as the records that brought it about, in the order in which they chose:
// what a machine that knows nothing yet must be told.
func (r *Roster) Wishes() []call.Record {
	seats := slices.SortedFunc(maps.Values(r.seats), func(a, b *Seat) int {
		return cmp.Or(a.ChosenAt.Compare(b.ChosenAt), cmp.Compare(a.Agent, b.Agent))
	})
	var out []call.Record
	for _, s := range seats {
		if s.Station != (call.Station{}) {
			out = append(out, call.Record{At: s.ChosenAt, Event: call.AgentSignedIn{Agent: s.Agent, Station: s.Station}})
		}
		out = append(out, call.Record{At: s.ChosenAt, Event: call.AgentStateChosen{
			Agent: s.Agent, State: s.Chosen, Reason: s.ChosenReason,
		}})
	}
	return out
}

// Journal is what Recall needs of one.
type Journal interface {
	First() uint64
	Now() time.Time
	SeqAt(t time.Time) (uint64, error)
	ReadTypes(from, to uint64, types []string, fn func(call.Record) error) error
}

// agentEvents are those that a Roster takes.
var agentEvents = []string{
	call.TypeName(call.NodeStarted{}), call.TypeName(call.AgentsCarried{}),
	call.TypeName(call.AgentSignedIn{}), call.TypeName(call.AgentStationChosen{}), call.TypeName(call.AgentStateChosen{}),
	call.TypeName(call.StationUp{}), call.TypeName(call.StationDown{}), call.TypeName(call.AgentStatusChanged{}),
}

// Recall reads from a journal where the agents sit and what they do as of a record, however long ago they said so.
// It reads from the newest [call.AgentsCarried] on; in a journal that has none, all of it.
func Recall(j Journal, upTo uint64) (*Roster, error) {
	for {
		first := j.First()
		r, err := recall(j, first, upTo)
		if err == nil || j.First() == first {
			return r, err
		}
		// Retention took away what was being read; the rest is read anew. It keeps the newest AgentsCarried.
	}
}

func recall(j Journal, first, upTo uint64) (*Roster, error) {
	from, err := lastCarried(j, first, upTo)
	if err != nil {
		return nil, err
	}
	r := &Roster{}
	err = j.ReadTypes(from, upTo, agentEvents, func(rec call.Record) error {
		r.Apply(rec)
		return nil
	})
	return r, err
}

// firstLook is the stretch in which the newest AgentsCarried of a server that has run until now is found; where it is
// not, each look before is over a stretch four times as long.
const firstLook = 2 * time.Hour

// lastCarried is the number of the last AgentsCarried up to a record; first, the journal's oldest record, if there is
// none.
func lastCarried(j Journal, first, upTo uint64) (uint64, error) {
	back := firstLook
	for end := upTo; end >= first && end > 0; back *= 4 {
		begin := first
		if back < maxLook {
			at, err := j.SeqAt(j.Now().Add(-back))
			if err != nil {
				return 0, err
			}
			begin = max(at, first)
		}
		if begin > end {
			continue
		}
		found := uint64(0)
		err := j.ReadTypes(begin, end, []string{call.TypeName(call.AgentsCarried{})}, func(rec call.Record) error {
			found = rec.Seq
			return nil
		})
		if err != nil || found > 0 {
			return found, err
		}
		end = begin - 1
	}
	return first, nil
}

// maxLook bounds the looks; the one that would be longer takes all that is left.
const maxLook = 10 * 365 * 24 * time.Hour
