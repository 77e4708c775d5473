package journal

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
)

func TestClockNeverGoesBackwards(t *testing.T) {
	logtest.Expect(t, "clock is behind the journal's last record")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	j := open(t, Options{Dir: dir, Clock: func() time.Time { return now }})
	appendN(t, j, 1)
	now = now.Add(-time.Hour)
	appendN(t, j, 1)
	checkRecords(t, readAll(t, j, 1), 1, 2)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	// A server that comes up with its clock behind goes on from the last record.
	future := time.Now().Add(24 * time.Hour)
	now = future
	j = open(t, Options{Dir: dir, Clock: func() time.Time { return now }})
	appendN(t, j, 1)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, Options{Dir: dir})
	if n := j.Now(); n.Before(future.Truncate(time.Microsecond)) || n.After(future.Add(time.Hour)) {
		t.Errorf("the clock says %v, want it to go on from %v", n, future)
	}
	appendN(t, j, 1)
	checkRecords(t, readAll(t, j, 1), 1, 4)
}

func TestWallClockStepIsNotedAndNotFollowed(t *testing.T) {
	start := time.Now()
	mono, set := start, time.Duration(0)
	c := newClock()
	c.base = start
	c.mono = func() time.Time { return mono }
	c.wall = func() time.Time { return mono.Round(0).Add(set) }
	mono = mono.Add(time.Minute)
	if by := c.stepped(); by != 0 {
		t.Errorf("noted a step of %v, want none", by)
	}
	set = -time.Hour
	if by := c.stepped(); by != -time.Hour {
		t.Errorf("noted %v, want -1h", by)
	}
	if by := c.stepped(); by != 0 {
		t.Errorf("noted %v again", by)
	}
	if got := c.now().Sub(start.Round(0)); got != time.Minute {
		t.Errorf("%v have passed, want 1m: durations must not follow the step", got)
	}
}

func TestWallClockStepIsARecordBetweenTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		var set atomic.Int64 // a time.Duration
		j.wall.wall = func() time.Time { return time.Now().Round(0).Add(time.Duration(set.Load())) }
		began := j.Now()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- j.Run(ctx) }()

		time.Sleep(2 * houseKeeping)
		for _, to := range []time.Duration{-time.Hour, -time.Hour, 30 * time.Minute} {
			set.Store(int64(to))
			time.Sleep(houseKeeping)
			synctest.Wait()
		}
		var by []time.Duration
		for _, r := range readAll(t, j, 1) {
			by = append(by, r.Event.(call.ClockStepped).By)
			if after := r.At.Sub(began); after < 2*houseKeeping || after > 5*houseKeeping {
				t.Errorf("recorded %v after the start: the journal's clock followed the step", after)
			}
		}
		if want := []time.Duration{-time.Hour, 90 * time.Minute}; !slices.Equal(by, want) {
			t.Errorf("recorded %v, want %v", by, want)
		}
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}
