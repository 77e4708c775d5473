package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Options of [Open]. Dir and Node are needed, the rest has defaults.
type Options struct {
	Dir          string           // the folder of the segments, made if missing
	Node         call.NodeID      // of the data folder, see [NodeID]
	SegmentBytes int64            // a segment ends when it is this long; 64 MiB unless set
	SyncEvery    time.Duration    // how long a record that somebody waits for may wait for the disk; 50 ms unless set
	SyncRest     time.Duration    // how long any other record may; 1 s unless set
	Clock        func() time.Time // for tests; a monotonic clock anchored at Open unless set
	Log          *slog.Logger     // slog.Default unless set

	// Retention: whole old segments go when one of the limits is passed, but never records at or
	// after the one that Safe names. Zero limits keep everything; without Safe nothing is held back.
	KeepFor   time.Duration
	KeepBytes int64
	Safe      func() uint64

	open openFile // for tests: a disk with faults; openOS unless set
}

const (
	defaultSegmentBytes = 64 << 20
	defaultSyncEvery    = 50 * time.Millisecond
	defaultSyncRest     = time.Second
)

// endedMax bounds the segments that have ended and wait for the disk.
const endedMax = 8

// ErrClosed is what Append and Follow give once the journal is closed.
var ErrClosed = errors.New("journal: closed")

// Journal is an open journal. All methods are safe for concurrent use.
type Journal struct {
	opts  Options
	log   *slog.Logger
	clock func() time.Time
	wall  *clock // nil with Options.Clock

	last   atomic.Uint64 // written under mu
	dirty  chan struct{} // wakes Run when there is something to bring to the disk
	wanted chan struct{} // tells Run that somebody waits for that
	full   chan struct{} // wakes Run when a segment has ended: retention

	mu       sync.Mutex // held over write(2), over nothing slower and no callback
	file     file       // of the last segment
	segments []segment  // never empty while open
	lastAt   int64      // µs
	tail     bool       // a write went wrong and what it left could not be cut off yet
	failed   error      // the disk lost something: no more is taken
	closed   bool
	ended    []file // segments that ended and are not on the disk yet
	newNames bool   // a segment was made whose name is not on the disk yet
	isDirty  bool
	synced   uint64
	staged   staged
	ring     ring
	waiting  map[*waiter]struct{}
	// diskWaiters is how many of those who wait do so for the disk.
	diskWaiters int

	syncing sync.Mutex // one sync at a time; taken before mu
	mark    *os.File   // under syncing
}

// Open opens the journal in a folder, or begins one. A record that a crash cut off is removed, with
// a line in the log. A [DamagedError] says that more than that is wrong.
func Open(o Options) (*Journal, error) {
	if o.Dir == "" || o.Node == "" || len(o.Node) > nodeIDMax {
		return nil, fmt.Errorf("journal: a folder and a node ID of 1 to %d bytes are needed, not %q and %q", nodeIDMax, o.Dir, o.Node)
	}
	o.SegmentBytes = cmp.Or(o.SegmentBytes, defaultSegmentBytes)
	o.SyncEvery = cmp.Or(o.SyncEvery, defaultSyncEvery)
	o.SyncRest = cmp.Or(o.SyncRest, defaultSyncRest)
	o.Log = cmp.Or(o.Log, slog.Default())
	if o.open == nil {
		o.open = openOS
	}
	if err := makeWritable(o.Dir); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{
		opts:    o,
		log:     o.Log,
		clock:   o.Clock,
		dirty:   make(chan struct{}, 1),
		wanted:  make(chan struct{}, 1),
		full:    make(chan struct{}, 1),
		waiting: map[*waiter]struct{}{},
	}
	if err := j.recover(); err != nil {
		return nil, err
	}
	if j.clock == nil {
		j.startClock()
	}
	return j, nil
}

// recover reads what is there, repairs the tail and gets ready to append.
func (j *Journal) recover() (err error) {
	found, err := repair(j.opts.Dir, j.opts.Node, j.log)
	if err != nil {
		return err
	}
	if len(found.segments) == 0 {
		at := j.opts.Clock
		if at == nil {
			at = time.Now
		}
		f, s, err := createSegment(j.opts.open, j.opts.Dir, j.opts.Node, found.last+1, micros(at()))
		if err != nil {
			return fmt.Errorf("journal: %w", unusable(j.opts.Dir, err))
		}
		j.file, j.segments = f, []segment{s}
	} else {
		active := &found.segments[len(found.segments)-1]
		if j.file, err = j.opts.open(active.path, os.O_RDWR); err != nil {
			return fmt.Errorf("journal: open for writing: %w", err)
		}
		j.segments, j.lastAt = found.segments, found.lastAt
	}
	j.last.Store(found.last)
	j.ring.reset(found.last)
	// What a killed server left is in the system's memory and perhaps nowhere else.
	err = errors.Join(j.file.Sync(), syncDir(j.opts.Dir))
	if err == nil {
		j.mark, err = openSyncMark(j.opts.Dir, found.last)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("journal: bring %s to the disk: %w", j.opts.Dir, err), j.file.Close())
	}
	j.synced = found.last
	return nil
}

// startClock anchors the clock at this moment, but not before the last record.
func (j *Journal) startClock() {
	j.wall = newClock()
	if ahead := time.UnixMicro(j.lastAt).Sub(j.wall.base); ahead > 0 {
		j.wall.ahead = ahead
		j.wall.step = -ahead
		if ahead > time.Second {
			j.log.Error("the system's clock is behind the journal's last record; times go on from that record until the clock has caught up and the server is restarted",
				slog.Duration("behind", ahead))
		}
	}
	j.clock = j.wall.now
}

// ready sees to it that n bytes more may be written at the end of the last segment.
func (j *Journal) ready(n int) error {
	if j.closed {
		return ErrClosed
	}
	if j.failed != nil {
		return j.failed
	}
	if j.tail {
		if err := j.cutTail(); err != nil {
			return fmt.Errorf("journal: cut off an unfinished record: %w", err)
		}
	}
	s := &j.segments[len(j.segments)-1]
	waiting := len(j.staged.buf)
	isFull := s.end+int64(waiting) > segmentHead && s.end+int64(waiting+n) > j.opts.SegmentBytes
	if isFull || waiting > stageMax {
		if err := j.commit(); err != nil {
			j.staged.lost = err
			return err
		}
	}
	if isFull {
		return j.rotate()
	}
	return nil
}

// cutTail removes what a failed write has left behind the last whole record.
func (j *Journal) cutTail() error {
	err := j.file.Truncate(j.segments[len(j.segments)-1].end)
	if err == nil {
		j.tail = false
	}
	return err
}

// rotate begins a new segment. Run, or whoever syncs next, brings the old one to the disk.
func (j *Journal) rotate() error {
	f, s, err := createSegment(j.opts.open, j.opts.Dir, j.opts.Node, j.last.Load()+1, max(micros(j.clock()), j.lastAt))
	if err != nil {
		return fmt.Errorf("journal: begin a segment: %w", unusable(j.opts.Dir, err))
	}
	if len(j.ended) >= endedMax {
		// Nobody syncs, or the disk is far behind: now everybody waits for it.
		if err := errors.Join(syncAll(j.ended), closeAll(j.ended)); err != nil {
			j.failed = fmt.Errorf("journal: bring %s to the disk: %w", j.opts.Dir, err)
			return errors.Join(j.failed, f.Close())
		}
		j.ended = nil
	}
	j.ended = append(j.ended, j.file)
	j.file, j.newNames = f, true
	j.segments = append(j.segments, s)
	poke(j.full)
	return nil
}

// Node is the ID of the data folder.
func (j *Journal) Node() call.NodeID { return j.opts.Node }

// Now is the journal's clock: UTC, whole microseconds, not before the last record.
func (j *Journal) Now() time.Time { return time.UnixMicro(micros(j.clock())).UTC() }

// Last is the sequence number of the newest record, 0 if there is none.
func (j *Journal) Last() uint64 { return j.last.Load() }

// First is the sequence number of the oldest record kept; Last()+1 if there is none.
func (j *Journal) First() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.segments[0].first
}

// Stats are figures for /metrics.
type Stats struct {
	First, Last, Synced uint64
	Segments            int
	Bytes               int64
}

// Stats gives the journal's figures.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	st := Stats{First: j.segments[0].first, Last: j.last.Load(), Synced: j.synced, Segments: len(j.segments)}
	for i := range j.segments {
		st.Bytes += j.segments[i].end
	}
	return st
}

// Close brings everything to the disk and closes the files. Followers get ErrClosed.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	err := j.commit()
	j.closed = true
	j.wake(false)
	j.mu.Unlock()

	err = errors.Join(err, j.sync())
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.wake(true)
	return errors.Join(err, closeAll(append(j.ended, j.file)), j.mark.Close())
}

func syncAll(files []file) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, f.Sync())
	}
	return errors.Join(errs...)
}

func closeAll[C io.Closer](files []C) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// poke wakes whoever listens, if it isn't awake already.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// WaitSynced waits until the record is on the disk: a campaign's attempt before it dials, a consent
// before it records. Run does the work.
func (j *Journal) WaitSynced(ctx context.Context, seq uint64) error {
	w := &waiter{wake: make(chan struct{}, 1), synced: true}
	for {
		j.mu.Lock()
		done, err := j.synced >= seq, j.gone()
		if !done && err == nil {
			j.arm(w)
		}
		j.mu.Unlock()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			j.disarm(w)
			return context.Cause(ctx)
		case <-w.wake:
		}
	}
}

// gone says why nothing more will come: closed or failed. Under mu.
func (j *Journal) gone() error {
	if j.failed != nil {
		return j.failed
	}
	if j.closed {
		return ErrClosed
	}
	return nil
}

// Synced is the sequence number up to which all records are on the disk.
func (j *Journal) Synced() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.synced
}
