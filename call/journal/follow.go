package journal

import (
	"context"
	"time"

	"github.com/linedesk/linedesk/call"
)

// batchMax bounds the records that a follower gets at once.
const batchMax = 1024

// FollowOptions say how a reader wants to be served.
type FollowOptions struct {
	// Synced holds records back until they are on the disk. Whoever stores a position elsewhere
	// (the database projection) wants this: after a power loss the journal is never behind it.
	Synced bool
	// Pace is the least time between two batches, unless the reader is behind by a full one. The
	// first record after a quiet time comes at once.
	Pace time.Duration
	// Wake has fn called without records when something comes from it while there are none: for what a
	// reader has put off. Nil: never.
	Wake <-chan struct{}
}

// Follow hands over all records from a sequence number on, in order and in batches of up to 1024,
// and waits for more. It ends with fn's error, or the context's cause, or ErrClosed. The slice is
// used again for the next batch; the events in it are shared and must not be changed.
func (j *Journal) Follow(ctx context.Context, from uint64, fn func([]call.Record) error) error {
	return j.FollowWith(ctx, from, FollowOptions{}, fn)
}

// FollowWith is Follow with options.
func (j *Journal) FollowWith(ctx context.Context, from uint64, o FollowOptions, fn func([]call.Record) error) error {
	w := &waiter{wake: make(chan struct{}, 1), synced: o.Synced}
	from = max(from, 1)
	batch := make([]call.Record, 0, batchMax)
	for {
		upTo, inRing, err := j.await(ctx, w, from, &batch, o.Wake)
		if err != nil {
			return err
		}
		if inRing {
			if err := fn(batch); err != nil {
				return err
			}
			from += uint64(len(batch))
		} else if from, err = j.catchUp(ctx, from, upTo, batch, fn); err != nil {
			return err
		}
		if o.Pace > 0 && 0 < len(batch) && len(batch) < batchMax {
			if err := pause(ctx, o.Pace); err != nil {
				return err
			}
		}
	}
}

// await waits until there are records from a sequence number on, or the reader is woken. If the ring holds
// them, or there are none, they are in the batch; else upTo tells how far the disk may be read.
func (j *Journal) await(ctx context.Context, w *waiter, from uint64, batch *[]call.Record, wake <-chan struct{}) (upTo uint64, inRing bool, err error) {
	for {
		if ctx.Err() != nil {
			return 0, false, context.Cause(ctx)
		}
		j.mu.Lock()
		upTo = j.last.Load()
		if w.synced {
			upTo = j.synced
		}
		if from <= upTo {
			*batch, inRing = j.ring.fill((*batch)[:0], from, min(upTo, from+batchMax-1))
			j.mu.Unlock()
			return upTo, inRing, nil
		}
		if err = j.gone(); err == nil {
			j.arm(w)
		}
		j.mu.Unlock()
		if err != nil {
			return 0, false, err
		}
		select {
		case <-ctx.Done():
			j.disarm(w)
			return 0, false, context.Cause(ctx)
		case <-wake:
			j.disarm(w)
			*batch = (*batch)[:0]
			return 0, true, nil
		case <-w.wake:
		}
	}
}

// catchUp serves a follower from the disk up to a sequence number and returns where it then stands.
func (j *Journal) catchUp(ctx context.Context, from, upTo uint64, batch []call.Record, fn func([]call.Record) error) (uint64, error) {
	batch = batch[:0]
	deliver := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := fn(batch); err != nil {
			return err
		}
		from += uint64(len(batch))
		batch = batch[:0]
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return nil
	}
	err := j.scan(from, upTo, func(fr frame) error {
		rec, err := fr.decode()
		if err != nil {
			return err
		}
		if batch = append(batch, rec); len(batch) == batchMax {
			return deliver()
		}
		return nil
	})
	if err != nil {
		return from, err
	}
	return from, deliver()
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// waiter is somebody who waits for records. It is armed under the journal's mu only while it waits,
// so that Append has nothing to do for readers that are at work.
type waiter struct {
	wake   chan struct{} // capacity 1
	synced bool          // waits for the disk
}

// arm has the waiter woken once. Under mu.
func (j *Journal) arm(w *waiter) {
	if _, armed := j.waiting[w]; armed {
		return
	}
	j.waiting[w] = struct{}{}
	if w.synced {
		j.diskWaiters++
		if j.isDirty {
			poke(j.wanted)
		}
	}
}

func (j *Journal) disarm(w *waiter) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.release(w)
}

// release takes a waiter off the list, if it is there. Under mu.
func (j *Journal) release(w *waiter) {
	if _, armed := j.waiting[w]; !armed {
		return
	}
	delete(j.waiting, w)
	if w.synced {
		j.diskWaiters--
	}
}

// wake wakes those who wait for a new record, or for the disk too. Under mu.
func (j *Journal) wake(synced bool) {
	for w := range j.waiting {
		if w.synced == synced {
			j.release(w)
			poke(w.wake)
		}
	}
}
