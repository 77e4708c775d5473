package journal

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
)

// arrived is an event of the usual size.
var arrived = call.CallArrived{
	Call: "01939f5e-7b1c-7c3d-8a4e-1234567890ab", Leg: "01939f5e-7b1c-7c3d-8a4e-1234567890ac", Direction: call.Inbound,
	From:  call.Party{Number: call.Number{Raw: "13800000001", E164: "+8613800000001"}, Name: "王芳"},
	To:    call.Number{Raw: "4000"},
	Trunk: "demo", SIPCallID: "8f3a7b2c-1@127.0.0.1",
}

// running starts Run and stops it at the benchmark's end, so that group commit is part of the figure.
func running(b *testing.B) *Journal {
	b.Helper()
	j := open(b, Options{})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return j
}

func perSecond(b *testing.B, what string) {
	b.Helper()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), what+"/s")
}

func BenchmarkAppend(b *testing.B) {
	j := running(b)
	took := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		if _, err := j.Append(arrived); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	perSecond(b, "events")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
}

func BenchmarkAppendParallel(b *testing.B) {
	j := running(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := j.Append(arrived); err != nil {
				b.Error(err)
				return
			}
		}
	})
	perSecond(b, "events")
}

// BenchmarkAppendFollowed appends while three readers follow, as boards, call log and ACD do.
func BenchmarkAppendFollowed(b *testing.B) {
	j := running(b)
	done := make(chan error, 3)
	for _, o := range []FollowOptions{{}, {Pace: 10 * time.Millisecond}, {Synced: true, Pace: 100 * time.Millisecond}} {
		go func() {
			done <- j.FollowWith(b.Context(), 1, o, func(recs []call.Record) error {
				if recs[len(recs)-1].Event == (call.NodeStopped{}) {
					return errStop
				}
				return nil
			})
		}()
	}
	for b.Loop() {
		if _, err := j.Append(arrived); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := j.Append(call.NodeStopped{}); err != nil {
		b.Fatal(err)
	}
	for range 3 {
		if err := <-done; !errors.Is(err, errStop) {
			b.Fatal(err)
		}
	}
	perSecond(b, "events")
}

// BenchmarkFollowDisk reads what is no longer in memory.
func BenchmarkFollowDisk(b *testing.B) {
	j := open(b, Options{})
	for range b.N + ringSize {
		if _, err := j.Append(arrived); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	err := j.Follow(context.Background(), 1, func(recs []call.Record) error {
		if recs[len(recs)-1].Seq >= uint64(b.N) {
			return errStop
		}
		return nil
	})
	if !errors.Is(err, errStop) {
		b.Fatal(err)
	}
	perSecond(b, "events")
}
