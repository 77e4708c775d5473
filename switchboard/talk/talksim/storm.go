package talksim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/linedesk/linedesk/switchboard/talk"
)

// Machine is what a storm is let loose on: [talk.Step], or one with a planted bug.
type Machine func(*talk.State, talk.Input) []talk.Effect

// Storm is a search for faults: so many random steps, one call after the other, and all rules checked after each step.
type Storm struct {
	Seed  uint64
	Steps int
	// Machine makes what a call is stepped by, anew for each call; nil: talk.Step.
	Machine func() Machine
	// Chance replaces the seed's random numbers: a fuzz test puts its bytes here. The storm ends early when it says
	// that it is used up.
	Chance Chance
}

// Chance is a source of random numbers that may come to an end.
type Chance interface {
	rand.Source
	UsedUp() bool
}

// Weather counts what came in a storm, by the names of inputs, effects and events.
type Weather map[string]int

// BrokenError says which rule did not hold, where. The same seed leads there again; Script is the shortest story found
// that breaks the same rule.
type BrokenError struct {
	Seed   uint64
	Step   int // of the storm
	Input  talk.Input
	Rule   Rule
	What   string
	Script string
}

func (b *BrokenError) Error() string {
	return fmt.Sprintf("seed %d, step %d, %T: %s: %s\nthe shortest script that shows it:\n\n%s",
		b.Seed, b.Step, b.Input, b.Rule, b.What, b.Script)
}

// Run lets the storm loose. The error is a [*BrokenError] where a rule did not hold.
func (s Storm) Run() (Weather, error) {
	if s.Steps <= 0 {
		return nil, errors.New("a storm takes at least one step")
	}
	if s.Machine == nil {
		s.Machine = func() Machine { return talk.Step }
	}
	w := newWorld(s)
	for w.steps < s.Steps && w.broken() == nil && (s.Chance == nil || !s.Chance.UsedUp()) {
		w.turn()
	}
	if b := w.broken(); b != nil {
		b.Seed, b.Step = s.Seed, w.steps
		b.Script = shortest(s.Machine, w.past, b.Rule)
		return w.seen.weather(), b
	}
	return w.seen.weather(), nil
}

// moment is an input and how long after the one before it comes.
type moment struct {
	after time.Duration
	in    talk.Input
}

// tally counts types.
type tally map[reflect.Type]int

func (t tally) weather() Weather {
	w := make(Weather, len(t))
	for what, n := range t {
		w[what.Name()] += n
	}
	return w
}

// run is one call: its machine's state, and who watches it.
type run struct {
	machine  Machine
	state    talk.State
	watch    watcher
	commands talk.CommandID
}

func newRun(m Machine) run {
	return run{machine: m, state: talk.State{Call: theCall}}
}

// take steps the machine, and has the watcher look.
func (r *run) take(m moment) []talk.Effect {
	switch in := m.in.(type) { // what a script leaves out follows from the place in it
	case talk.Command:
		r.commands++
		in.ID = r.commands
		if in.To.Leg != "" {
			in.To.Leg = leg(r.state.LastParty + 1)
		}
		m.in = in
	case talk.Offered:
		in.Leg = leg(r.state.LastParty + 1)
		m.in = in
	}
	r.watch.comes(m, &r.state)
	effects := r.machine(&r.state, m.in)
	r.watch.compare(r.machine, m.in, effects, &r.state)
	r.watch.looks(effects, &r.state)
	return effects
}
