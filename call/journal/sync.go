package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/linedesk/linedesk/call"
)

// houseKeeping is how often Run looks after retention and the wall clock.
const houseKeeping = time.Minute

// lull is how long no record must come for the journal to be brought to the disk without being asked.
const lull = 200 * time.Millisecond

// Run brings records to the disk (within SyncEvery while somebody waits for it, else in the next lull or
// within SyncRest), removes old segments and watches for the wall clock being set, until the context
// ends; then it syncs once more. An error means that the disk lost something: the journal takes no more
// records and the server should stop.
func (j *Journal) Run(ctx context.Context) error {
	tidy := time.NewTicker(houseKeeping)
	defer tidy.Stop()
	j.trim()
	var last spell
	for {
		select {
		case <-ctx.Done():
			return j.sync()
		case <-tidy.C:
			j.noteClock()
			j.trim()
		case <-j.full:
			j.trim()
		case <-j.dirty:
			if j.untilDue(ctx, last) != nil {
				return j.sync()
			}
			last.began = time.Now()
			if err := j.sync(); err != nil {
				return err
			}
			last.ended = time.Now()
		}
	}
}

// spell is when something was done.
type spell struct{ began, ended time.Time }

// untilDue waits for the moment to sync: many records go to the disk together, and an fsync costs a busy server
// more than the records do, so nothing is brought there before it must be.
func (j *Journal) untilDue(ctx context.Context, last spell) error {
	latest := time.Now().Add(j.opts.SyncRest)
	for seq := j.Last(); ; {
		t := time.NewTimer(min(lull, time.Until(latest)))
		select {
		case <-ctx.Done():
			t.Stop()
			return context.Cause(ctx)
		case <-j.wanted:
			t.Stop()
			// At once, unless there was a sync a moment ago. What a slow one takes counts, but it
			// must not follow itself without a breath.
			next := last.began.Add(j.opts.SyncEvery)
			if breath := last.ended.Add(j.opts.SyncEvery / 4); breath.After(next) {
				next = breath
			}
			return pause(ctx, time.Until(next))
		case <-t.C:
			now := j.Last()
			if now == seq || !time.Now().Before(latest) {
				return nil
			}
			seq = now
		}
	}
}

// sync brings everything appended so far to the disk.
func (j *Journal) sync() error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.mu.Lock()
	if j.failed != nil || !j.isDirty {
		defer j.mu.Unlock()
		return j.failed
	}
	j.isDirty = false
	select {
	case <-j.wanted: // whoever waits for what comes after this asks again
	default:
	}
	upTo, ended, active, names := j.last.Load(), j.ended, j.file, j.newNames
	j.ended, j.newNames = nil, false
	j.mu.Unlock()

	var errs []error
	for _, f := range ended {
		errs = append(errs, f.Sync(), f.Close())
	}
	errs = append(errs, active.Sync())
	if names {
		errs = append(errs, syncDir(j.opts.Dir))
	}
	err := errors.Join(errs...)
	if err == nil {
		if err := writeSyncMark(j.mark, upTo); err != nil {
			// It stays behind, which is safe.
			j.log.Warn("the journal's sync mark could not be written", slog.Any("error", err))
		}
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		// After a failed fsync the system may have dropped what it could not write: trying
		// again would succeed and prove nothing.
		j.failed = fmt.Errorf("journal: bring %s to the disk: %w", j.opts.Dir, err)
		j.wake(false)
	} else {
		j.synced = upTo
	}
	j.wake(true)
	return j.failed
}

// noteClock records that the system's clock was set; the journal's goes on as it was. It is the one event
// that does not come by way of the router: only the journal knows of it, and it decides nothing.
func (j *Journal) noteClock() {
	if j.wall == nil {
		return
	}
	by := j.wall.stepped()
	if by == 0 {
		return
	}
	j.log.Warn("the system's clock was set; recorded times go on by the old one until the next restart",
		slog.Duration("by", by))
	if _, err := j.Append(call.ClockStepped{By: by}); err != nil {
		j.log.Error("event not kept in the journal", slog.String("event", "clock_stepped"), slog.Any("error", err))
	}
}

// The file "synced" beside the segments says up to which record all was on the disk. It tells a tail
// that a power loss left, whatever it looks like, from damage. It is itself not synced: it may be
// behind, never ahead.
const syncMarkFile = "synced"

const syncMarkSize = 12 // sequence number and CRC-32C

// openSyncMark opens the mark for writing and writes it.
func openSyncMark(dir string, seq uint64) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, syncMarkFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := writeSyncMark(f, seq); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func writeSyncMark(f *os.File, seq uint64) error {
	var b [syncMarkSize]byte
	binary.LittleEndian.PutUint64(b[:], seq)
	binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(b[:8], castagnoli))
	_, err := f.WriteAt(b[:], 0)
	return err
}

// readSyncMark gives the mark, false if there is none that can be believed.
func readSyncMark(dir string) (uint64, bool) {
	b, err := os.ReadFile(filepath.Join(dir, syncMarkFile))
	if err != nil || len(b) != syncMarkSize ||
		binary.LittleEndian.Uint32(b[8:]) != crc32.Checksum(b[:8], castagnoli) {
		return 0, false
	}
	return binary.LittleEndian.Uint64(b), true
}
