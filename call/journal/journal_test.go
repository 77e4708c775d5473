package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/call"
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
		o.Log = slog.New(slog.DiscardHandler)
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

func TestTornTailIsCutOffWhereverItWasTorn(t *testing.T) {
	src := t.TempDir()
	j := open(t, Options{Dir: src})
	appendN(t, j, 3)
	before := j.Stats().Bytes
	appendN(t, j, 1)
	after := j.Stats().Bytes
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	name := segmentName(1)
	data, err := os.ReadFile(filepath.Join(src, name))
	if err != nil {
		t.Fatal(err)
	}
	for size := before; size < after; size++ {
		for _, zeros := range []int{0, 1, 7, 300} { // a power loss may leave zeros where data should be
			dir := t.TempDir()
			torn := append(append([]byte(nil), data[:size]...), make([]byte, zeros)...)
			if err := os.WriteFile(filepath.Join(dir, name), torn, 0o600); err != nil {
				t.Fatal(err)
			}
			j := open(t, Options{Dir: dir})
			if j.Last() != 3 {
				t.Fatalf("torn at byte %d with %d zeros: last is %d, want 3", size, zeros, j.Last())
			}
			appendN(t, j, 2)
			checkRecords(t, readAll(t, j, 1), 1, 5)
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestSegmentThatWasJustBegunIsBegunAgain(t *testing.T) {
	dir := t.TempDir()
	j := open(t, Options{Dir: dir})
	appendN(t, j, 3)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for _, head := range []int{0, 10, segmentHead} {
		if err := os.WriteFile(filepath.Join(dir, segmentName(4)), make([]byte, head), 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, Options{Dir: dir})
		checkRecords(t, readAll(t, j, 1), 1, 3)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// damage flips a byte of a record's JSON in a closed journal.
func damage(t *testing.T, dir string, first, seq uint64) {
	t.Helper()
	path := filepath.Join(dir, segmentName(first))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(b), fmt.Sprintf(`"call":"%d"`, seq))
	if at < 0 {
		t.Fatalf("record %d is not in %s", seq, path)
	}
	b[at+3] ^= 0x20
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamageInTheMiddleIsReportedAndNotCutOff(t *testing.T) {
	dir := t.TempDir()
	j := open(t, Options{Dir: dir})
	appendN(t, j, 10)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, dir, 1, 5)
	_, err := Open(Options{Dir: dir, Node: testNode})
	var d *DamagedError
	if !errors.As(err, &d) || d.Seq != 5 || d.Next != 6 || d.File != filepath.Join(dir, segmentName(1)) {
		t.Fatalf("got %v, want damage at record 5, readable again from 6", err)
	}
	for _, word := range []string{d.File, "byte", "record 5", "backup"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the message %q doesn't say %q", err, word)
		}
	}
}

func TestDamageInAnOldSegmentIsReportedWhenItIsRead(t *testing.T) {
	dir := t.TempDir()
	j := open(t, Options{Dir: dir, SegmentBytes: 1000})
	appendN(t, j, 40)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, dir, 1, 3)
	j = open(t, Options{Dir: dir, SegmentBytes: 1000})
	var got []call.Record
	err := j.Read(1, func(r call.Record) error { got = append(got, r); return nil })
	var d *DamagedError
	if !errors.As(err, &d) || d.Seq != 3 {
		t.Errorf("got %v, want damage at record 3", err)
	}
	checkRecords(t, got, 1, 2)
}

func TestWhatWasNotSyncedMayBeLostByAPowerLoss(t *testing.T) {
	dir := t.TempDir()
	j := open(t, Options{Dir: dir, SegmentBytes: 1500})
	appendN(t, j, 5)
	if err := j.sync(); err != nil {
		t.Fatal(err)
	}
	mark, err := os.ReadFile(filepath.Join(dir, syncMarkFile))
	if err != nil {
		t.Fatal(err)
	}
	appendN(t, j, 25) // into later segments too
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// As if the power had gone before Close: the mark is the old one, record 7 never came to the
	// disk, later ones did.
	if err := os.WriteFile(filepath.Join(dir, syncMarkFile), mark, 0o600); err != nil {
		t.Fatal(err)
	}
	damage(t, dir, 1, 7)
	j = open(t, Options{Dir: dir, SegmentBytes: 1500})
	if j.Last() != 6 {
		t.Fatalf("last is %d, want 6", j.Last())
	}
	appendN(t, j, 30)
	checkRecords(t, readAll(t, j, 1), 1, 36)
	kept, err := filepath.Glob(filepath.Join(dir, "*.cut"))
	if err != nil || len(kept) < 2 {
		t.Errorf("kept aside: %v, %v, want the end of the first segment and the later ones", kept, err)
	}
}

func TestMissingSegmentIsReported(t *testing.T) {
	dir := t.TempDir()
	j := open(t, Options{Dir: dir, SegmentBytes: 1000})
	appendN(t, j, 40)
	firsts := []uint64{}
	for _, s := range j.segments {
		firsts = append(firsts, s.first)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, segmentName(firsts[1]))); err != nil {
		t.Fatal(err)
	}
	j = open(t, Options{Dir: dir, SegmentBytes: 1000})
	err := j.Read(1, func(call.Record) error { return nil })
	var d *DamagedError
	if !errors.As(err, &d) || d.Seq != firsts[1] {
		t.Errorf("got %v, want record %d to be missing", err, firsts[1])
	}
}

func TestNumbersGoOnWhenAllSegmentsAreGone(t *testing.T) {
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

func TestFollowEndsWithItsReadersError(t *testing.T) {
	j := open(t, Options{})
	appendN(t, j, 1)
	broken := errors.New("broken")
	if err := j.Follow(t.Context(), 1, func([]call.Record) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's error", err)
	}
}

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

func TestClockNeverGoesBackwards(t *testing.T) {
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
