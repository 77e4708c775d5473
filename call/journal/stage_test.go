package journal

import (
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"

	"github.com/linedesk/linedesk/call"
)

// writes counts what reaches a disk.
type writes struct {
	file
	n *int
}

func (w writes) WriteAt(b []byte, off int64) (int, error) {
	*w.n++
	return w.file.WriteAt(b, off)
}

func stageN(t *testing.T, j *Journal, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		rec, err := j.Stage(stepped(n))
		if err != nil {
			t.Fatal(err)
		}
		if rec.Seq != uint64(n) {
			t.Fatalf("staged as record %d, want %d", rec.Seq, n)
		}
	}
}

func TestWhatIsStagedIsWrittenAtOnce(t *testing.T) {
	dir, n := t.TempDir(), 0
	j := open(t, Options{Dir: dir, open: func(path string, flag int) (file, error) {
		f, err := openOS(path, flag)
		return writes{f, &n}, err
	}})
	appendN(t, j, 3)
	n = 0
	stageN(t, j, 4, 10)
	if j.Last() != 3 || n != 0 || len(stored(t, copyOf(t, dir))) != 3 {
		t.Errorf("before Commit: last %d, %d writes; want 3 and none", j.Last(), n)
	}
	if err := j.Commit(); err != nil {
		t.Fatal(err)
	}
	if j.Last() != 10 || n != 1 {
		t.Errorf("after Commit: last %d, %d writes; want 10 and 1", j.Last(), n)
	}
	if err := j.Commit(); err != nil || n != 1 {
		t.Errorf("nothing to commit: %v, %d writes", err, n)
	}
	// Somebody else's record comes behind what is staged, and takes it along.
	stageN(t, j, 11, 12)
	if rec, err := j.Append(stepped(13)); err != nil || rec.Seq != 13 || n != 2 {
		t.Errorf("appended as %d (%v), %d writes", rec.Seq, err, n)
	}
	if err := j.Commit(); err != nil {
		t.Error(err)
	}
	stageN(t, j, 14, 15)
	if err := j.Close(); err != nil { // what is staged is not lost by it
		t.Fatal(err)
	}
	checkRecords(t, stored(t, dir), 1, 15)
}

func TestAFollowerSeesWhatWasCommitted(t *testing.T) {
	j := open(t, Options{})
	stageN(t, j, 1, 50)
	var wg sync.WaitGroup
	var got []call.Record
	wg.Go(func() {
		_ = j.Follow(t.Context(), 1, func(recs []call.Record) error {
			if last := j.Last(); recs[len(recs)-1].Seq > last {
				t.Errorf("record %d was seen before it was written, the last is %d", recs[len(recs)-1].Seq, last)
			}
			if got = append(got, recs...); len(got) == 50 {
				return ErrClosed
			}
			return nil
		})
	})
	if err := j.Commit(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	checkRecords(t, got, 1, 50)
}

func TestAFullDiskLosesNothingThatWasCommitted(t *testing.T) {
	for seed := range uint64(20) {
		dir, disk := t.TempDir(), &badDisk{room: -1}
		j := open(t, Options{Dir: dir, SegmentBytes: 1500, open: disk.open})
		chance := rand.New(rand.NewPCG(seed, 2))
		disk.set(func(d *badDisk) { d.chance = rand.New(rand.NewPCG(seed, 1)) })
		refused := 0
		for range 100 {
			for range chance.IntN(12) {
				if _, err := j.Stage(stepped(int(j.Last()) + 1 + len(j.staged.recs))); err != nil {
					refused++
				}
			}
			if chance.IntN(4) == 0 {
				if _, err := j.Append(stepped(int(j.Last()) + 1 + len(j.staged.recs))); err != nil {
					refused++
				}
			}
			if err := j.Commit(); err != nil {
				refused++
			}
		}
		acknowledged := j.Last()
		disk.set(func(d *badDisk) { d.chance = nil })
		if refused == 0 || acknowledged == 0 {
			t.Errorf("seed %d: %d refused, %d kept", seed, refused, acknowledged)
		}
		appendN(t, j, 10)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		checkRecords(t, stored(t, dir), 1, acknowledged+10)
	}
}

// TestCommitTellsWhatOthersLost: an Append that fails takes along what was staged; who staged it is told.
func TestCommitTellsWhatOthersLost(t *testing.T) {
	disk := &badDisk{room: -1}
	j := open(t, Options{open: disk.open})
	stageN(t, j, 1, 3)
	disk.set(func(d *badDisk) { d.write = syscall.EIO })
	if _, err := j.Append(stepped(4)); err == nil {
		t.Fatal("acknowledged by a disk that takes nothing")
	}
	disk.set(func(d *badDisk) { d.write = nil })
	if err := j.Commit(); err == nil {
		t.Error("Commit knows of no loss")
	}
	if err := j.Commit(); err != nil {
		t.Errorf("told twice: %v", err)
	}
	appendN(t, j, 2)
}

func TestLargeStagesAreWrittenBeforeCommit(t *testing.T) {
	j := open(t, Options{SegmentBytes: 100 << 10})
	stageN(t, j, 1, 6000)
	if got := j.Last(); got == 0 || len(j.staged.buf) > 2*stageMax {
		t.Errorf("%d records written, %d bytes wait", got, len(j.staged.buf))
	}
	if err := j.Commit(); err != nil {
		t.Fatal(err)
	}
	var recs []call.Record
	if err := j.Read(1, func(rec call.Record) error { recs = append(recs, rec); return nil }); err != nil {
		t.Fatal(err)
	}
	checkRecords(t, recs, 1, 6000)
}
