package acdsim

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// Subject is what a storm is let loose on: an [acd.Machine], or one with a planted bug.
type Subject interface {
	Step(rec call.Record) []acd.Effect
	Deadline() (time.Time, bool)
	Waiting(q call.QueueID) int
	Status(a call.AgentID) call.AgentStatus
}

var _ Subject = (*acd.Machine)(nil)

// Storm is a search for faults: so many random steps, and all rules checked after each.
type Storm struct {
	Seed  uint64
	Steps int
	// Machine is nil for a new acd.Machine.
	Machine Subject
	// Chance replaces the seed's random numbers: a fuzz test puts its bytes here. The storm ends early
	// when it says that it is used up.
	Chance Chance
}

// Chance is a source of random numbers that may come to an end.
type Chance interface {
	rand.Source
	UsedUp() bool
}

// Weather counts what came in a storm, by the names of events and of effects.
type Weather map[string]int

// Run lets the storm loose. The error is a [*BrokenError] where a rule did not hold.
func (s Storm) Run() (Weather, error) {
	if s.Steps <= 0 {
		return nil, errors.New("a storm takes at least one step")
	}
	w := newWorld(s)
	for w.watcher.seq < uint64(s.Steps) && w.broken == nil && (s.Chance == nil || !s.Chance.UsedUp()) {
		w.turn()
	}
	if w.broken != nil {
		w.broken.Seed = s.Seed
		return w.weather, w.broken
	}
	return w.weather, nil
}
