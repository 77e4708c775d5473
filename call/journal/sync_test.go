package journal

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/call"
)

// run runs the journal's Run until stop.
func run(t *testing.T, j *Journal) (ctx context.Context, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	return ctx, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if j.Synced() != j.Last() {
			t.Errorf("synced %d of %d when Run had ended", j.Synced(), j.Last())
		}
	}
}

func TestWhatSomebodyWaitsForIsOnTheDiskWithin50Milliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		ctx, stop := run(t, j)
		for i := range 60 {
			appendN(t, j, 10)
			time.Sleep(time.Duration(i) * 7 * time.Millisecond)
			appendN(t, j, 10)
			began := time.Now()
			if err := j.WaitSynced(ctx, j.Last()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 50*time.Millisecond {
				t.Errorf("synced after %v, want at most 50 ms", took)
			}
		}
		appendN(t, j, 1)
		stop()
	})
}

func TestAFollowerOfWhatIsOnTheDiskGetsItWithin50Milliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		ctx, stop := run(t, j)
		got := make(chan time.Duration)
		done := make(chan error, 1)
		go func() {
			done <- j.FollowWith(ctx, 1, FollowOptions{Synced: true}, func(recs []call.Record) error {
				for range recs {
					got <- 0
				}
				return nil
			})
		}()
		for range 5 {
			time.Sleep(3 * time.Second) // it waits before there is anything
			began := time.Now()
			appendN(t, j, 1)
			<-got
			if took := time.Since(began); took > 50*time.Millisecond {
				t.Errorf("it came after %v, want at most 50 ms", took)
			}
		}
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestWhatNobodyWaitsForIsOnTheDiskInALullOrWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		_, stop := run(t, j)

		appendN(t, j, 1) // then quiet
		time.Sleep(lull + time.Millisecond)
		synctest.Wait()
		if j.Synced() != 1 {
			t.Errorf("synced %d of 1 after a lull of %v", j.Synced(), lull)
		}

		syncs, before := 0, j.Synced()
		for range 1000 { // ten seconds without a lull
			appendN(t, j, 1)
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			if now := j.Synced(); now != before {
				syncs, before = syncs+1, now
			}
			if behind := j.Last() - j.Synced(); behind > 101 {
				t.Fatalf("%d records, more than a second's, are not on the disk", behind)
			}
		}
		if syncs < 9 || syncs > 11 {
			t.Errorf("%d syncs in ten seconds, want one a second", syncs)
		}
		stop()
	})
}

func TestManyWhoWaitShareASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		ctx, stop := run(t, j)
		syncs, before := 0, uint64(0)
		for range 1000 { // one waits each millisecond
			appendN(t, j, 1)
			go func() { _ = j.WaitSynced(ctx, j.Last()) }()
			time.Sleep(time.Millisecond)
			synctest.Wait()
			if now := j.Synced(); now != before {
				syncs, before = syncs+1, now
			}
		}
		if syncs < 19 || syncs > 22 {
			t.Errorf("%d syncs in a second, want one in 50 ms", syncs)
		}
		time.Sleep(time.Second)
		stop()
	})
}
