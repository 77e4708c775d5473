package journal

import (
	"errors"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
)

func TestRetentionKeepsWhatAReaderNeeds(t *testing.T) {
	var now time.Time
	now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	safe := uint64(1)
	j := open(t, Options{
		SegmentBytes: 1000, KeepFor: time.Hour, Clock: func() time.Time { return now },
		Safe: func() uint64 { return safe },
	})
	for range 50 {
		appendN(t, j, 1)
		now = now.Add(5 * time.Minute)
	}
	j.trim()
	if j.First() != 1 {
		t.Fatalf("first is %d, want 1: a reader needs it", j.First())
	}
	safe = 25
	j.trim()
	if f := j.First(); f > 25 || f < 10 {
		t.Errorf("first is %d, want it near and not behind 25", f)
	}
	checkRecords(t, readAll(t, j, 25), 25, 50)
	safe = 1000
	j.trim()
	if f := j.First(); f > 38 || f < 30 {
		t.Errorf("first is %d, want it near and not behind 38, which is an hour old", f)
	}
	err := j.Read(1, func(call.Record) error { return nil })
	var gone *TrimmedError
	if !errors.As(err, &gone) || gone.First != j.First() {
		t.Errorf("reading what is gone gave %v, want a TrimmedError", err)
	}
	files, err := listSegments(j.opts.Dir)
	if err != nil || len(files) != j.Stats().Segments {
		t.Errorf("%d files for %d segments, %v", len(files), j.Stats().Segments, err)
	}
	now = now.Add(24 * time.Hour)
	j.trim()
	appendN(t, j, 1)
	checkRecords(t, readAll(t, j, 51), 51, 51)
}

func TestRetentionBySize(t *testing.T) {
	j := open(t, Options{SegmentBytes: 1000, KeepBytes: 5000})
	appendN(t, j, 200)
	j.trim()
	if b := j.Stats().Bytes; b > 5000 || b < 3000 {
		t.Errorf("%d bytes are kept, want up to 5000", b)
	}
	checkRecords(t, readAll(t, j, j.First()), j.First(), 200)
}
