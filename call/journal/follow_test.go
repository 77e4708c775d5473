package journal

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/call"
)

func TestFollowReadsDiskThenRingThenWaits(t *testing.T) {
	j := open(t, Options{SegmentBytes: 100_000})
	appendN(t, j, 3*ringSize)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	var got []call.Record
	more := 5
	err := j.Follow(ctx, 10, func(recs []call.Record) error {
		if len(recs) == 0 || len(recs) > batchMax {
			t.Errorf("a batch of %d", len(recs))
		}
		got = append(got, recs...)
		if j.Last() > got[len(got)-1].Seq {
			return nil
		}
		if more--; more < 0 {
			return errStop
		}
		appendN(t, j, rand.IntN(2*ringSize)+1)
		return nil
	})
	if !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	checkRecords(t, got, 10, j.Last())
}

func TestPacedFollowGetsTheFirstAtOnceAndTheRestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		batches := make(chan int, 10)
		go func() {
			_ = j.FollowWith(ctx, 1, FollowOptions{Pace: 10 * time.Millisecond}, func(recs []call.Record) error {
				batches <- len(recs)
				return nil
			})
		}()
		synctest.Wait()
		appendN(t, j, 1)
		synctest.Wait()
		if len(batches) != 1 || <-batches != 1 {
			t.Fatal("the first record did not come at once")
		}
		appendN(t, j, 7)
		time.Sleep(9 * time.Millisecond)
		synctest.Wait()
		if len(batches) != 0 {
			t.Error("a batch came within the pace")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if len(batches) != 1 || <-batches != 7 {
			t.Error("the next 7 records did not come together")
		}
	})
}

func TestFollowSyncedIsNeverAheadOfTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var got []call.Record
		followed := make(chan error, 1)
		go func() {
			followed <- j.FollowWith(ctx, 1, FollowOptions{Synced: true}, func(recs []call.Record) error {
				if last := recs[len(recs)-1].Seq; last > j.Synced() {
					t.Errorf("got record %d, synced are %d", last, j.Synced())
				}
				got = append(got, recs...)
				return nil
			})
		}()
		appendN(t, j, 10)
		synctest.Wait()
		if len(got) != 0 {
			t.Errorf("got %d records before anything was synced", len(got))
		}
		go func() { _ = j.Run(ctx) }()
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		checkRecords(t, got, 1, 10)
		stop()
		if err := <-followed; !errors.Is(err, context.Canceled) {
			t.Errorf("follow ended with %v, want the context's", err)
		}
	})
}

func TestFollowEndsWithItsReadersError(t *testing.T) {
	j := open(t, Options{})
	appendN(t, j, 1)
	broken := errors.New("broken")
	if err := j.Follow(t.Context(), 1, func([]call.Record) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's error", err)
	}
}
