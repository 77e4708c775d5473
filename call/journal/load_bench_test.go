//go:build linux

package journal

import (
	"context"
	"syscall"
	"testing"
	"time"
)

// BenchmarkEverydayLoad appends 400 records a second, as 20 calls a second do, and reports what CPU a record
// costs with all that comes of it: with an fsync every 50 ms, whether anybody wants it or not, and as it is.
// Use -benchtime 2000x or more; the two are to be compared with each other only.
func BenchmarkEverydayLoad(b *testing.B) {
	for _, c := range []struct {
		name string
		rest time.Duration
	}{{"fsync every 50 ms", defaultSyncEvery}, {"as it is", defaultSyncRest}} {
		b.Run(c.name, func(b *testing.B) {
			j := open(b, Options{SyncRest: c.rest})
			ctx, stop := context.WithCancel(b.Context())
			done := make(chan error, 1)
			go func() { done <- j.Run(ctx) }()
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			before := cpu(b)
			for i := range b.N {
				if i%4 == 0 {
					<-tick.C
				}
				if _, err := j.Append(arrived); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/1000/float64(b.N), "cpu-µs/record")
			stop()
			if err := <-done; err != nil {
				b.Error(err)
			}
		})
	}
}

// cpu is what the process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
