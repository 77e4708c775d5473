package journal

import (
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
)

func TestReadGoesOverSegments(t *testing.T) {
	dir := t.TempDir()
	j := open(t, Options{Dir: dir, SegmentBytes: 1000})
	appendN(t, j, 100)
	if n := j.Stats().Segments; n < 10 {
		t.Fatalf("%d segments, want 10 or more", n)
	}
	for _, from := range []uint64{0, 1, 2, 50, 99, 100} {
		checkRecords(t, readAll(t, j, from), max(from, 1), 100)
	}
	if got := readAll(t, j, 101); got != nil {
		t.Errorf("read %v behind the end", got)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, Options{Dir: dir, SegmentBytes: 1000})
	appendN(t, j, 5)
	checkRecords(t, readAll(t, j, 1), 1, 105)
}

func TestReadTypesDecodesOnlyThose(t *testing.T) {
	j := open(t, Options{})
	appendN(t, j, 3)
	want, err := j.Append(call.StationUp{Agent: "amy"})
	if err != nil {
		t.Fatal(err)
	}
	appendN(t, j, 3)
	var got []call.Record
	err = j.ReadTypes(1, j.Last(), []string{"station_up"}, func(r call.Record) error { got = append(got, r); return nil })
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %v and %v, want only %v", got, err, want)
	}
}

func TestSeqAtFindsTheFirstRecordOfATime(t *testing.T) {
	var now time.Time
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	now = start
	j := open(t, Options{SegmentBytes: 500, Clock: func() time.Time { return now }})
	for i := range 50 {
		now = start.Add(time.Duration(i/2) * time.Minute) // two records a minute
		appendN(t, j, 1)
	}
	for minute := range 25 {
		want := uint64(2*minute + 1)
		if got, err := j.SeqAt(start.Add(time.Duration(minute) * time.Minute)); err != nil || got != want {
			t.Errorf("at minute %d: record %d, %v, want %d", minute, got, err, want)
		}
		if got, err := j.SeqAt(start.Add(time.Duration(minute)*time.Minute - time.Second)); err != nil || got != want {
			t.Errorf("before minute %d: record %d, %v, want %d", minute, got, err, want)
		}
	}
	if got, err := j.SeqAt(start.Add(time.Hour)); err != nil || got != 51 {
		t.Errorf("behind the end: record %d, %v, want 51", got, err)
	}
}

func TestJournalOfANewerServerIsRefused(t *testing.T) {
	dir := t.TempDir()
	j := open(t, Options{Dir: dir})
	enc, err := encode(stepped(1))
	if err != nil {
		t.Fatal(err)
	}
	enc.buf.Bytes()[24] = eventVersion + 1
	if _, err := j.file.WriteAt(enc.seal(1, 0), segmentHead); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, Options{Dir: dir})
	err = j.Read(1, func(call.Record) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "newer server") {
		t.Errorf("got %v, want it to name a newer server", err)
	}
}
