package projection

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store"
)

const (
	// rebuildEvery is how often, in the records' time, a rebuild takes rows and lets the fold forget: as a
	// running server does, so that it comes to the same rows.
	rebuildEvery = time.Second
	// rebuildRows are written at once.
	rebuildRows = 500
	// tellEvery is how many records lie between two words of progress.
	tellEvery = 50_000
)

// Rebuilt says what a rebuild came to.
type Rebuilt struct {
	From, To uint64    // the records that were read
	Since    time.Time // the time of the first
	Made     int       // rows that were missing
	Changed  int       // rows that were other than the journal has them
	Same     int       // rows left as they were
	Refused  int       // rows that the database does not take, told in the log
}

// Rebuild makes a projection's rows anew from all that the journal keeps, and touches no other. Rows that
// are as they should be are left alone, missing ones are made, rows of what the journal no longer keeps stay.
// The position moves at the end, so a rebuild that is cut short has done no harm. Nobody else may run the
// projection meanwhile: ErrConflict. progress, which may be nil, is told how far it is.
func Rebuild(ctx context.Context, j *journal.Journal, st store.Store, p Projection, log *slog.Logger, progress func(seq, last uint64)) (Rebuilt, error) {
	pos, err := st.Position(ctx, j.Node(), p.Name)
	if err != nil {
		return Rebuilt{}, fmt.Errorf("rebuild the %s: %w", p.Title, err)
	}
	b := &rebuilding{
		r: New(st, p, log), st: st, node: j.Node(), pos: pos, fold: p.Fold(),
		keys: map[string]bool{}, changed: map[string][sha256.Size]byte{},
	}
	b.done.From, b.done.To = j.First(), j.Last()
	err = j.ReadTypes(b.done.From, b.done.To, nil, func(rec call.Record) error {
		if progress != nil && rec.Seq%tellEvery == 0 {
			progress(rec.Seq, b.done.To)
		}
		return b.take(ctx, rec)
	})
	if err == nil && b.last.Seq > 0 {
		err = b.finish(ctx)
	}
	if err != nil {
		return b.done, fmt.Errorf("rebuild the %s: %w", p.Title, err)
	}
	b.done.Changed = len(b.changed)
	return b.done, nil
}

// rebuilding is the state of one rebuild.
type rebuilding struct {
	r      *Runner
	st     store.Store
	node   call.NodeID
	pos    store.Position // stays until the end
	fold   Fold
	last   call.Record
	looked time.Time
	rows   store.Batch     // to be written
	keys   map[string]bool // of rows
	// changed has, of rows found to be other than they should be, what they were: a row may come several
	// times, less than whole at first, and be in the end what it was.
	changed map[string][sha256.Size]byte
	done    Rebuilt
}

func (b *rebuilding) take(ctx context.Context, rec call.Record) error {
	if b.last.Seq == 0 {
		b.done.Since, b.looked = rec.At, rec.At
	}
	if rec.At.Sub(b.looked) >= rebuildEvery {
		b.looked = rec.At
		if err := b.collect(ctx); err != nil {
			return err
		}
		b.fold.Forget(rec.At)
	}
	b.fold.Add(rec)
	b.last = call.Record{Seq: rec.Seq, At: rec.At}
	return ctx.Err()
}

// collect takes the fold's rows, compares them with the database's and writes what differs, many at a time.
func (b *rebuilding) collect(ctx context.Context) error {
	if b.fold.Pending() == 0 {
		return nil
	}
	for _, one := range b.fold.Take().Singles() {
		if b.r.p.Before == nil {
			b.done.Made++
			b.rows = b.rows.With(one)
			continue
		}
		if err := b.compare(ctx, one); err != nil {
			return err
		}
	}
	if b.rows.Rows() >= rebuildRows {
		return b.write(ctx)
	}
	return nil
}

func (b *rebuilding) compare(ctx context.Context, one store.Batch) error {
	before, err := b.before(ctx, one)
	if err == nil && b.keys[before.Key] { // it waits to be written: first things first
		if err = b.write(ctx); err == nil {
			before, err = b.before(ctx, one)
		}
	}
	if err != nil {
		return err
	}
	if !before.Found {
		b.done.Made++
		b.rows, b.keys[before.Key] = b.rows.With(before.Now), true
		return nil
	}
	was, err := json.Marshal(before.Was)
	if err != nil {
		return err
	}
	now, err := json.Marshal(before.Now)
	if err != nil {
		return err
	}
	if bytes.Equal(was, now) {
		b.done.Same++
		return nil
	}
	original, known := b.changed[before.Key]
	switch {
	case !known:
		b.changed[before.Key] = sha256.Sum256(was)
	case original == sha256.Sum256(now):
		delete(b.changed, before.Key)
		b.done.Same++
	}
	b.rows, b.keys[before.Key] = b.rows.With(before.Now), true
	return nil
}

func (b *rebuilding) before(ctx context.Context, one store.Batch) (before Before, err error) {
	err = b.r.patiently(ctx, "look rows up", func() (err error) {
		before, err = b.r.p.Before(ctx, b.st, one)
		return err
	})
	return before, err
}

// write writes the rows that wait, with the position as it is.
func (b *rebuilding) write(ctx context.Context) error {
	rows := b.rows
	b.rows = store.Batch{}
	clear(b.keys)
	rows.From, rows.Position = b.pos.Applied, b.pos
	return b.r.apply(ctx, b.node, rows, &b.done.Refused)
}

func (b *rebuilding) finish(ctx context.Context) error {
	if err := b.collect(ctx); err != nil {
		return err
	}
	rows := b.rows
	rows.From, rows.Position = b.pos.Applied, positionOf(b.last, b.fold)
	return b.r.apply(ctx, b.node, rows, &b.done.Refused)
}
