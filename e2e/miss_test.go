package e2e

import (
	"testing"
)

// An agent who lets calls ring out or declines them is paused in the end, and the caller loses nothing by it:
// the next agent gets the one who has waited longest.
func TestAgentWhoMissesCallsIsPaused(t *testing.T) {
	t.Parallel()
	s := start(t, options{site: []edit{
		{"queues.yaml", "ring_timeout: 15s", "ring_timeout: 3s"},
		{"queues.yaml", "max_misses: 3", "max_misses: 2"},
	}})
	lena := s.signIn("lena")
	ben := s.phone(t, "1002")
	press(t, ben, "*45")
	lena.waitAgent("ben", "ready", "")

	first := dial(t, s.caller(t, "13912340021"), "4001")
	in := rung(t, ben) // and nobody takes it
	second := dial(t, s.caller(t, "13912340022"), "4001")
	if end := gone(t, in); !end.ByPeer || end.Code != 487 {
		t.Errorf("the phone that rang out was told %+v", end)
	}
	in = rung(t, ben) // once more, after a rest
	if in.From() != "13912340021" {
		t.Errorf("the second offer is %s, not the first caller's", in.From())
	}
	in.Reject(603)
	lena.waitAgent("ben", "paused", "missed")

	amy := s.phone(t, "1001")
	press(t, amy, "*45")
	in = answered(t, amy)
	if in.From() != "13912340021" {
		t.Fatalf("amy gets %s, and the first caller has waited longer", in.From())
	}
	ok(t, tonesPass(soon(t, aMoment), first, in))
	ok(t, in.HangUp(soon(t, aMoment)))
	if end := gone(t, first); !end.ByPeer {
		t.Errorf("the caller's end is %+v", end)
	}
	ok(t, second.HangUp(soon(t, aMoment)))
	press(t, ben, "*46") // which is the way back
	lena.waitAgent("ben", "ready", "")

	r := lena.logged("13912340021")
	ok(t, timesAddUp(r))
	if *r.End != (ending{By: "agent", Cause: "hangup"}) || r.Agent != "amy" || r.WaitMS < 3000 || r.RingMS > 3000 {
		t.Errorf("logged is %+v, end %+v", r, *r.End)
	}
	var ends []string
	for _, sg := range lena.detail(r.ID).Segments {
		ends = append(ends, sg.Agent+" "+sg.End)
	}
	if len(ends) != 3 || ends[0] != "ben no_answer" || ends[1] != "ben declined" || ends[2] != "amy agent" {
		t.Errorf("its segments are %v", ends)
	}
}
