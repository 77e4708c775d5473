package talksim_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/switchboard/talk/talksim"
)

var (
	steps = flag.Int("steps", 200_000, "how many steps the storms take in all")
	seed  = flag.Uint64("seed", 0, "run one storm with this seed and all the steps; 0: many seeds")
)

// storms is over how many seeds the steps are spread.
const storms = 20

// reached is what a storm of a million steps must have come to.
const reached = `Arrived Placed Offered OfferOver WaitAgain QueueRefused Present RingFailed Rang Answered HoldPressed
	ResumePressed Gone ToneDone Closed BrowserLost CustomerFound FlowQueues FlowKeeps FlowHangsUp Timeout Stop Command
	Journal Ring Dial Progress Answer Reject HangUp Connect Play StopPlay Mute SendKeys EnterFlow TellFlow LookUp Occupy Free
	SetTimer Reply Over CallArrived CallPlaced NumberDialled CustomerIdentified CallAnswered CallQueued CallerLeft
	OfferRinging OfferAnswered OfferMissed Bridged CallHeld CallResumed AgentMuted TalkEnded AgentLegLost LegEnded
	VoicemailLeft Transferred CallParked TransferFailed ConsultBegan ConsultSwapped ConsultEnded CallDirected PartyInvited PartyJoined`

// TestNoRuleBreaksInAStorm is the search for faults. A failure tells the shortest script that shows it: put it into
// switchboard/talk/testdata, mend the fault, and write the answers down with -update.
func TestNoRuleBreaksInAStorm(t *testing.T) {
	if *seed != 0 {
		if _, err := (talksim.Storm{Seed: *seed, Steps: *steps}).Run(); err != nil {
			t.Fatal(err)
		}
		return
	}
	var mu sync.Mutex
	all := make(talksim.Weather)
	began := time.Now()
	t.Run("seeds", func(t *testing.T) {
		for s := uint64(1); s <= storms; s++ {
			t.Run(fmt.Sprint(s), func(t *testing.T) {
				t.Parallel()
				weather, err := talksim.Storm{Seed: s, Steps: (*steps + storms - 1) / storms}.Run()
				if err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for what, n := range weather {
					all[what] += n
				}
			})
		}
	})
	if t.Failed() || *steps < 1_000_000 {
		return
	}
	took := time.Since(began)
	for what := range strings.FieldsSeq(reached) {
		if all[what] < 20 {
			t.Errorf("%d times %s in %d steps: the storm does not reach it", all[what], what, *steps)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(all)) {
		t.Logf("%8d %s", all[what], what)
	}
	t.Logf("%d steps in %v, %.0f a second", *steps, took.Round(time.Millisecond), float64(*steps)/took.Seconds())
}
