package acdsim_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/linedesk/linedesk/acd/acdsim"
)

var (
	steps = flag.Int("steps", 1_000_000, "how many steps the storms take in all")
	seed  = flag.Uint64("seed", 0, "run one storm with this seed and all the steps; 0: many seeds")
)

// storms is over how many seeds the steps are spread.
const storms = 40

// TestNoRuleBreaksInAStorm is the search for faults. A failure names its seed: run it again with -seed,
// then write it down as a story in acd/testdata.
func TestNoRuleBreaksInAStorm(t *testing.T) {
	if *seed != 0 {
		if _, err := (acdsim.Storm{Seed: *seed, Steps: *steps}).Run(); err != nil {
			t.Fatal(err)
		}
		return
	}
	var mu sync.Mutex
	all := make(acdsim.Weather)
	t.Run("seeds", func(t *testing.T) {
		for s := uint64(1); s <= storms; s++ {
			t.Run(fmt.Sprint(s), func(t *testing.T) {
				t.Parallel()
				weather, err := acdsim.Storm{Seed: s, Steps: (*steps + storms - 1) / storms}.Run()
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
	for what := range strings.FieldsSeq(`NodeStarted RoutingConfigured TimePassed AgentSignedIn AgentStationChosen
		AgentStateChosen StationUp StationDown AgentCallStarted AgentCallEnded CallQueued CallDirected CallDequeued CallerLeft PartyJoined ConsultEnded Transferred
		OfferRinging OfferAnswered OfferMissed Bridged TalkEnded AgentLegLost WrapUpFinished OfferCall WithdrawOffer
		ReleaseAgent ResumeWaiting RefuseCall EndCall StartWrapUp EndWrapUp ReportStatus`) {
		if all[what] < 20 {
			t.Errorf("%d times %s in %d steps: the storm does not reach it", all[what], what, *steps)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(all)) {
		t.Logf("%8d %s", all[what], what)
	}
}

// broken runs a storm that is expected to find something.
func broken(t *testing.T, s acdsim.Storm) *acdsim.BrokenError {
	t.Helper()
	_, err := s.Run()
	var b *acdsim.BrokenError
	if err != nil && !errors.As(err, &b) {
		t.Fatal(err)
	}
	return b
}
