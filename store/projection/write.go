package projection

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
	// loudAfter is from which try on a write that does not get through is an error in the log: some two
	// minutes of it.
	loudAfter = 30
)

// write keeps at it until the rows are in the database.
func (f *following) write(ctx context.Context) error {
	// Only what is on the disk: after a power cut the journal must not be behind the database.
	if err := f.j.WaitSynced(ctx, f.last.Seq); err != nil {
		return err
	}
	b := f.fold.Take()
	b.From, b.Position = f.from, positionOf(f.last, f.fold)
	var refused int
	if err := f.r.apply(ctx, f.j.Node(), b, &refused); err != nil {
		return err
	}
	f.r.mu.Lock()
	f.r.pos = b.Position
	f.r.mu.Unlock()
	f.from, f.passed, f.written = b.Position.Applied, 0, time.Now()
	if f.r.p.Wrote != nil && b.Rows() > 0 {
		f.r.p.Wrote(b)
	}
	return nil
}

// positionOf is what the records up to one come to, once the fold's rows were taken.
func positionOf(last call.Record, fold Fold) store.Position {
	pos := store.Position{Applied: last.Seq, Safe: last.Seq + 1, At: last.At}
	if safe := fold.Safe(); safe != 0 {
		pos.Safe = safe
	}
	return pos
}

// apply writes a batch, waiting for the database as long as need be, and counts the rows that it refuses.
func (r *Runner) apply(ctx context.Context, node call.NodeID, b store.Batch, refused *int) error {
	return r.patiently(ctx, "write rows", func() error {
		err := r.st.Apply(ctx, node, r.p.Name, b)
		if err == nil || errors.Is(err, store.ErrConflict) || store.Retryable(err) {
			return err
		}
		n, err := r.oneByOne(ctx, node, b)
		if err == nil {
			*refused += n
		}
		return err
	})
}

// oneByOne writes each row of a batch by itself, then the position: one of them is refused for what it is,
// and it must not hold up the others. It goes to the log in full, and is counted.
func (r *Runner) oneByOne(ctx context.Context, node call.NodeID, b store.Batch) (refused int, err error) {
	pos, err := r.st.Position(ctx, node, r.p.Name)
	if err != nil {
		return 0, err
	}
	for what, one := range b.Singles() {
		one.From, one.Position = b.From, pos // the position moves when all have been tried
		err := r.st.Apply(ctx, node, r.p.Name, one)
		if err == nil {
			continue
		}
		if errors.Is(err, store.ErrConflict) || store.Retryable(err) {
			return refused, err
		}
		refused++
		row, _ := json.Marshal(one) //nolint:errchkjson // rows are made to be JSON
		r.log.ErrorContext(ctx, "the database refuses a row; it is left out",
			slog.String("kind", what), slog.String("row", string(row)), slog.Any("error", err))
	}
	return refused, r.st.Apply(ctx, node, r.p.Name, store.Batch{From: b.From, Position: b.Position})
}

// patiently does something until it works, the context ends or somebody else was there first.
func (r *Runner) patiently(ctx context.Context, what string, do func() error) error {
	wait := firstRetry
	var since time.Time
	for tries := 1; ; tries++ {
		err := do()
		if err == nil {
			if tries > 1 {
				r.log.InfoContext(ctx, "the database is back", slog.String("to", what), slog.Duration("after", time.Since(since)))
			}
			return nil
		}
		if errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return err
		}
		if tries == 1 {
			since = time.Now()
		}
		level := slog.LevelWarn
		if tries >= loudAfter {
			level = slog.LevelError
		}
		r.log.Log(ctx, level, "the database does not do it; calls go on and the journal keeps what is to be written",
			slog.String("to", what), slog.Int("try", tries), slog.Duration("next_in", wait), slog.Any("error", err))
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, lastRetry)
	}
}

// sleep waits, but not beyond the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
