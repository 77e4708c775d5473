package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
)

const testNode call.NodeID = "01900000-0000-7000-8000-000000000001"

// open opens a journal for a test and closes it at its end.
func open(tb testing.TB, o Options) *Journal {
	tb.Helper()
	if o.Dir == "" {
		o.Dir = tb.TempDir()
	}
	if o.Node == "" {
		o.Node = testNode
	}
	if o.Log == nil {
		o.Log = logtest.New(tb)
	}
	j, err := Open(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := j.Close(); err != nil {
			tb.Error(err)
		}
	})
	return j
}

// stepped is an event that carries a number.
func stepped(n int) call.Event {
	return call.FlowStepped{Call: call.ID(fmt.Sprint(n)), Flow: "main", Node: "menu", Exit: "2", Digits: "2"}
}

func appendN(tb testing.TB, j *Journal, n int) {
	tb.Helper()
	for range n {
		if _, err := j.Append(stepped(int(j.Last()) + 1)); err != nil {
			tb.Fatal(err)
		}
	}
}

// checkRecords fails unless the records are those of appendN, from first to last.
func checkRecords(tb testing.TB, recs []call.Record, first, last uint64) {
	tb.Helper()
	if len(recs) != int(last+1-first) {
		tb.Fatalf("got %d records, want %d…%d", len(recs), first, last)
	}
	for i, r := range recs {
		seq := first + uint64(i)
		if r.Seq != seq || r.Event != stepped(int(seq)) {
			tb.Fatalf("record %d is %+v, want number %d with %+v", i, r, seq, stepped(int(seq)))
		}
		if i > 0 && r.At.Before(recs[i-1].At) {
			tb.Fatalf("record %d is of %v, before the one ahead of it (%v)", seq, r.At, recs[i-1].At)
		}
	}
}

func readAll(tb testing.TB, j *Journal, from uint64) []call.Record {
	tb.Helper()
	var recs []call.Record
	if err := j.Read(from, func(r call.Record) error { recs = append(recs, r); return nil }); err != nil {
		tb.Fatal(err)
	}
	return recs
}

func TestAppendGivesNumbersAndTimesWithoutGap(t *testing.T) {
	j := open(t, Options{})
	if j.Last() != 0 || j.First() != 1 {
		t.Errorf("a new journal has records %d…%d, want 1…0", j.First(), j.Last())
	}
	rec, err := j.Append(call.CallArrived{Call: "c1", From: call.Party{Name: "王芳 <b>"}})
	if err != nil {
		t.Fatal(err)
	}
	if rec.Seq != 1 || rec.At.Location() != time.UTC || rec.At.Nanosecond()%1000 != 0 {
		t.Errorf("first record is %+v, want number 1 at a whole microsecond of UTC", rec)
	}
	got := readAll(t, j, 1)
	if len(got) != 1 || got[0] != rec {
		t.Errorf("read back %+v, want %+v", got, rec)
	}
}

func TestAppendRefusesWhatIsNoEvent(t *testing.T) {
	j := open(t, Options{})
	if _, err := j.Append(&call.TimePassed{}); err == nil {
		t.Error("a pointer was taken as an event")
	}
	if _, err := j.Append(nil); err == nil {
		t.Error("nil was taken as an event")
	}
	if j.Last() != 0 {
		t.Errorf("last is %d after refusals, want 0", j.Last())
	}
}

func TestConcurrentAppendsKeepTheOrderOfTheirNumbers(t *testing.T) {
	dir := t.TempDir()
	j := open(t, Options{Dir: dir, SegmentBytes: 20_000})
	ctx, stop := context.WithCancel(t.Context())
	running := make(chan error, 1)
	go func() { running <- j.Run(ctx) }()
	const writers, each = 8, 500
	var followed []call.Record
	following := make(chan error, 1)
	go func() {
		following <- j.Follow(ctx, 1, func(recs []call.Record) error {
			followed = append(followed, recs...)
			if len(followed) == writers*each {
				return errStop
			}
			return nil
		})
	}()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := j.Append(call.StationUp{Agent: call.AgentID(fmt.Sprintf("%d-%d", w, i))}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := <-following; !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	if err := j.WaitSynced(ctx, writers*each); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-running; err != nil {
		t.Fatal(err)
	}
	onDisk := readAll(t, j, 1)
	next := map[string]int{}
	for i, r := range onDisk {
		if r.Seq != uint64(i+1) || r != followed[i] {
			t.Fatalf("place %d: on disk %+v, followed %+v", i, r, followed[i])
		}
		w, n, _ := strings.Cut(string(r.Event.(call.StationUp).Agent), "-")
		if n != fmt.Sprint(next[w]) {
			t.Fatalf("writer %s: event %s came where %d was due", w, n, next[w])
		}
		next[w]++
	}
}

func TestAppendAfterCloseIsRefused(t *testing.T) {
	j := open(t, Options{})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(stepped(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := j.Follow(t.Context(), 1, func([]call.Record) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("follow gave %v, want ErrClosed", err)
	}
}

func TestNumbersGoOnWhenAllSegmentsAreGone(t *testing.T) {
	logtest.Expect(t, "segments are gone")
	dir := t.TempDir()
	j := open(t, Options{Dir: dir})
	appendN(t, j, 7)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, segmentName(1))); err != nil {
		t.Fatal(err)
	}
	j = open(t, Options{Dir: dir})
	appendN(t, j, 1)
	if j.Last() != 8 || j.First() != 8 {
		t.Errorf("records %d…%d, want 8…8: readers have positions up to 7", j.First(), j.Last())
	}
}

func TestJournalOfAnotherNodeIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, Options{Dir: dir}).Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Options{Dir: dir, Node: "other"})
	if err == nil || !strings.Contains(err.Error(), "node.id") {
		t.Errorf("got %v, want a refusal that names node.id", err)
	}
}
