package journal

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/call"
)

// badDisk fails on purpose. It writes to real files what it lets through.
type badDisk struct {
	mu       sync.Mutex
	room     int64 // bytes that may still be written; negative: no limit
	write    error // of every write, after half of it
	sync     error // of every fsync
	truncate error
	chance   *rand.Rand // set: writes and truncations fail now and then
}

func (d *badDisk) set(change func(*badDisk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

func (d *badDisk) open(path string, flag int) (file, error) {
	d.mu.Lock()
	full := d.room == 0
	d.mu.Unlock()
	if full {
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOSPC}
	}
	f, err := openOS(path, flag)
	if err != nil {
		return nil, err
	}
	return &badFile{f, d}, nil
}

type badFile struct {
	file
	d *badDisk
}

func (f *badFile) WriteAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	n, fault := len(b), f.d.write
	if fault == nil && f.d.chance != nil && f.d.chance.IntN(5) == 0 {
		fault = []error{syscall.EIO, syscall.ENOSPC, syscall.EDQUOT}[f.d.chance.IntN(3)]
	}
	switch {
	case fault != nil && f.d.chance != nil:
		n = f.d.chance.IntN(n + 1) // the whole of it, too, and yet an error
	case fault != nil:
		n /= 2
	case f.d.room >= 0 && int64(n) > f.d.room:
		n, fault = int(f.d.room), syscall.ENOSPC
	}
	if f.d.room >= 0 {
		f.d.room -= int64(n)
	}
	if n, err := f.file.WriteAt(b[:n], off); err != nil {
		return n, err
	}
	if fault != nil {
		return n, &fs.PathError{Op: "write", Path: "segment", Err: fault}
	}
	return n, nil
}

func (f *badFile) Truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.truncate != nil || f.d.chance != nil && f.d.chance.IntN(3) == 0 {
		return &fs.PathError{Op: "truncate", Path: "segment", Err: syscall.EIO}
	}
	return f.file.Truncate(size)
}

func (f *badFile) Sync() error {
	f.d.mu.Lock()
	err := f.d.sync
	f.d.mu.Unlock()
	if err != nil {
		return &fs.PathError{Op: "sync", Path: "segment", Err: err}
	}
	return f.file.Sync()
}

// stored gives the records that a new server finds.
func stored(t *testing.T, dir string) []call.Record {
	t.Helper()
	j, err := Open(Options{Dir: dir, Node: testNode, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	var recs []call.Record
	if err := j.Read(1, func(rec call.Record) error { recs = append(recs, rec); return nil }); err != nil {
		t.Fatal(err)
	}
	return recs
}

func TestAFullDiskCostsOnlyWhatWasNotAcknowledged(t *testing.T) {
	for _, fault := range []struct {
		name string
		set  func(*badDisk)
	}{
		{"no space left", func(d *badDisk) { d.room = 40 }}, // half a record fits
		{"I/O error", func(d *badDisk) { d.write = syscall.EIO }},
		{"neither written nor cut off", func(d *badDisk) { d.write, d.truncate = syscall.EIO, syscall.EIO }},
	} {
		t.Run(fault.name, func(t *testing.T) {
			dir, disk := t.TempDir(), &badDisk{room: -1}
			j := open(t, Options{Dir: dir, SegmentBytes: 2000, open: disk.open})
			appendN(t, j, 100)
			disk.set(fault.set)
			for range 50 {
				if _, err := j.Append(stepped(1)); err == nil {
					t.Fatal("acknowledged by a disk that takes nothing")
				}
			}
			if j.Last() != 100 {
				t.Errorf("the last record is %d, want 100", j.Last())
			}
			if n := len(stored(t, copyOf(t, dir))); n != 100 {
				t.Errorf("killed now, a new server finds %d records, want 100", n)
			}
			disk.set(func(d *badDisk) { d.room, d.write, d.truncate = -1, nil, nil })
			appendN(t, j, 100) // space is back: calls go on where they were
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			checkRecords(t, stored(t, dir), 1, 200)
		})
	}
}

func TestADiskThatFailsNowAndThenLosesNothingAcknowledged(t *testing.T) {
	for seed := range uint64(20) {
		dir := t.TempDir()
		disk := &badDisk{room: -1}
		j := open(t, Options{Dir: dir, SegmentBytes: 1500, open: disk.open})
		disk.set(func(d *badDisk) { d.chance = rand.New(rand.NewPCG(seed, 1)) })
		refused := 0
		for range 400 {
			if _, err := j.Append(stepped(int(j.Last()) + 1)); err != nil {
				refused++
			}
		}
		acknowledged := j.Last()
		killed := stored(t, copyOf(t, dir))
		// A last record that was written whole, and refused all the same, may be there.
		if n := uint64(len(killed)); n != acknowledged && n != acknowledged+1 {
			t.Fatalf("seed %d: killed, a new server finds %d records, want %d", seed, n, acknowledged)
		}
		checkRecords(t, killed[:acknowledged], 1, acknowledged)
		disk.set(func(d *badDisk) { d.chance = nil })
		appendN(t, j, 10)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		checkRecords(t, stored(t, dir), 1, acknowledged+10)
		if refused == 0 {
			t.Errorf("seed %d: nothing was refused", seed)
		}
	}
}

// TestAFailedFsyncIsFinal: what the system could not write it may have dropped, so that a second fsync would
// succeed and prove nothing.
func TestAFailedFsyncIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, disk := t.TempDir(), &badDisk{room: -1}
		j, err := Open(Options{Dir: dir, Node: testNode, Log: slog.New(slog.DiscardHandler), open: disk.open})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- j.Run(t.Context()) }()
		appendN(t, j, 10)
		time.Sleep(time.Second)
		disk.set(func(d *badDisk) { d.sync = syscall.EIO })
		appendN(t, j, 10)
		waited := j.WaitSynced(t.Context(), 20)
		ran := <-done
		disk.set(func(d *badDisk) { d.sync = nil })
		_, appended := j.Append(stepped(21))
		followed := j.Follow(t.Context(), 21, func([]call.Record) error { return nil })
		for what, err := range map[string]error{"WaitSynced": waited, "Run": ran, "Append": appended, "Follow": followed} {
			if !errors.Is(err, syscall.EIO) || errors.Is(err, context.Canceled) {
				t.Errorf("%s gives %v, want the disk's error", what, err)
			}
		}
		if j.Synced() != 10 {
			t.Errorf("%d are said to be on the disk, want 10", j.Synced())
		}
		if err := j.Close(); err == nil {
			t.Error("Close says that all is well")
		}
		checkRecords(t, stored(t, dir), 1, 20)
	})
}

// copyOf is the folder as a killed process leaves it.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
