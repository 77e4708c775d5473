package talksim

import (
	"reflect"
	"testing"

	"github.com/linedesk/linedesk/switchboard/talk"
)

// TestAScriptIsReadAsItWasWritten sees that what a storm does can be told, and read again as the same.
func TestAScriptIsReadAsItWasWritten(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		w := newWorld(Storm{Seed: seed, Machine: func() Machine { return talk.Step }})
		s := newStage(talk.Step)
		for range 5000 {
			w.turn()
			if len(w.past) == 1 {
				s = newStage(talk.Step)
			}
			in := w.past[len(w.past)-1].in
			line := s.input(in)
			read, err := s.read(line)
			if err != nil {
				t.Fatalf("%+v is written as %q: %v", in, line, err)
			}
			switch got := read.(type) { // these follow from the place in the script
			case talk.Command:
				got.ID, got.To.Leg = 0, ""
				read = got
			case talk.Offered:
				got.Leg = ""
				read = got
			}
			switch was := in.(type) {
			case talk.Command:
				was.ID, was.To.Leg = 0, ""
				in = was
			case talk.Offered:
				was.Leg = ""
				in = was
			}
			if !reflect.DeepEqual(read, in) {
				t.Fatalf("%+v is written as %q and read as %+v", in, line, read)
			}
			s.take(w.past[len(w.past)-1].in)
		}
	}
}

func TestWhatNobodySaysIsRefused(t *testing.T) {
	for _, line := range []string{
		"caller", "caller sings", "caller dials", "nobody answers", "?x answers", "amy:", "offer o1", "flow dances on",
		"flow keeps m.wav long", "flow queues support priority high", "caller leaves caller", "caller leaves caller hangup soon",
		"caller is away", "amy",
	} {
		if _, err := Retell("caller dials 4001\n" + line + "\n"); err == nil {
			t.Errorf("%q was understood", line)
		}
	}
}
