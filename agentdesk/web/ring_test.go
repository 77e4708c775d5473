package web

import (
	"testing"
	"time"
)

func TestTheRingGivesWhatCameAfterOrNothing(t *testing.T) {
	var g Ring
	at := time.Unix(1_800_000_000, 0)
	for i := range 2000 {
		g.Add(Frame{Seq: uint64(i + 1), At: at})
	}
	if len(g.frames) != ringFrames {
		t.Errorf("%d frames kept, want %d", len(g.frames), ringFrames)
	}
	for _, row := range []struct {
		seq, last uint64
		n         int
		ok        bool
	}{{2000, 2000, 0, true}, {1999, 2000, 1, true}, {2000 - ringFrames, 2000, ringFrames, true}, {2000 - ringFrames - 1, 2000, 0, false}, {2001, 2000, 0, false}, {0, 2000, 0, false}} {
		got, ok := g.After(row.seq, row.last)
		if ok != row.ok || len(got) != row.n || ok && row.n > 0 && got[0].Seq != row.seq+1 {
			t.Errorf("after %d: %d frames, %v; want %d, %v", row.seq, len(got), ok, row.n, row.ok)
		}
	}
	g.Add(Frame{Seq: 2001, At: at.Add(RingAge + time.Second)})
	if len(g.frames) != 1 {
		t.Errorf("%d frames kept after a minute", len(g.frames))
	}
}
