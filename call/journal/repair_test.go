package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/call"
)

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
