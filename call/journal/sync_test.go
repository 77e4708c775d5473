package journal

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestRunSyncsWithin50Milliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, Options{})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- j.Run(ctx) }()
		for range 3 {
			appendN(t, j, 10)
			began := time.Now()
			if err := j.WaitSynced(ctx, j.Last()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 50*time.Millisecond {
				t.Errorf("synced after %v, want at most 50 ms", took)
			}
			if j.Synced() != j.Last() {
				t.Errorf("synced %d of %d", j.Synced(), j.Last())
			}
			time.Sleep(time.Second)
		}
		appendN(t, j, 1)
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if j.Synced() != j.Last() {
			t.Errorf("synced %d of %d when Run had ended", j.Synced(), j.Last())
		}
	})
}
