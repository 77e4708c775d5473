package projection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store"
)

const (
	// pace is the least time between two looks into the journal.
	pace = 200 * time.Millisecond
	// writeEvery is the least time between two writes, unless somebody waits for one: each has the journal
	// and the database brought to the disk. A row that nothing was written before comes at once, and any
	// row some 1.3 s after its record at the latest; 2 s are promised. [Projection].Every overrides it.
	writeEvery = time.Second
	// mostPending is how many rows are written without waiting for that.
	mostPending = 5000
	// maxUnwritten is how many records may pass without a row before the position is written by itself:
	// what a restart reads again.
	maxUnwritten = 5000
	// quiet is how long the journal must bring nothing before the fold is asked to forget.
	quiet = 2 * time.Second
)

// Runner keeps one projection up with the journal. Run does it; the other methods may be called from
// any goroutine.
type Runner struct {
	p    Projection
	st   store.Positions
	log  *slog.Logger
	wake chan struct{} // has Run look at what is due; capacity 1

	mu      sync.Mutex     // guards what follows; not held while the database is written to
	pos     store.Position // as it is in the database
	reached uint64         // the rows of all records up to here are in the database
	next    chan struct{}  // closed when reached grows
	waiting int            // in WaitFor
}

// New makes a runner; log may be nil.
func New(st store.Positions, p Projection, log *slog.Logger) *Runner {
	log = cmp.Or(log, slog.Default()).With(slog.String("projection", string(p.Name)))
	return &Runner{p: p, st: st, log: log, wake: make(chan struct{}, 1), next: make(chan struct{})}
}

// Name is the projection's.
func (r *Runner) Name() store.Projection { return r.p.Name }

// Position is how far the database has got. The journal must keep everything from Safe on; the zero
// Position, before Run has asked the database, has it keep all.
func (r *Runner) Position() store.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pos
}

// WaitFor waits until the rows of every record up to seq are in the database, or the context ends. Rows
// that somebody waits for are written without delay.
func (r *Runner) WaitFor(ctx context.Context, seq uint64) error {
	r.wait(1)
	defer r.wait(-1)
	for {
		r.mu.Lock()
		reached, next := r.reached, r.next
		r.mu.Unlock()
		if reached >= seq {
			return nil
		}
		r.poke()
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("the %s is at record %d, not yet at %d: %w", r.p.Title, reached, seq, context.Cause(ctx))
		}
	}
}

func (r *Runner) wait(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting += n
}

func (r *Runner) awaited() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting > 0
}

func (r *Runner) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// arrive tells those who wait how far the rows reach.
func (r *Runner) arrive(seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq == r.reached {
		return
	}
	r.reached = seq
	close(r.next)
	r.next = make(chan struct{})
}

// Run follows the journal until the context ends. While the database is away, full or slow it waits for it,
// for as long as it takes, and the journal keeps what there is to write. What a stopped server has not
// written, the next start writes.
func (r *Runner) Run(ctx context.Context, j *journal.Journal) error {
	for {
		err := r.follow(ctx, j)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("%s: %w", r.p.Title, err)
		}
		// The database is not where we left it: a backup was restored, or another process applies this
		// journal. What it says now counts.
		r.log.WarnContext(ctx, "the projection's position was changed by somebody else; starting again from there", slog.Any("error", err))
		if err := sleep(ctx, firstRetry); err != nil {
			return err
		}
	}
}

// follow projects from the database's position on.
func (r *Runner) follow(ctx context.Context, j *journal.Journal) error {
	begin, err := r.begin(ctx, j)
	if err != nil {
		return err
	}
	f := &following{r: r, j: j, fold: r.p.Fold(), from: begin.Stored, applied: begin.Applied}
	f.later = time.AfterFunc(0, r.poke)
	defer f.later.Stop()
	r.arrive(begin.Applied)
	return j.FollowWith(ctx, begin.Read, journal.FollowOptions{Pace: pace, Wake: r.wake}, func(recs []call.Record) error {
		return f.take(ctx, recs)
	})
}

// begin asks the database for the position and compares it with the journal, with patience.
func (r *Runner) begin(ctx context.Context, j *journal.Journal) (Start, error) {
	var pos store.Position
	err := r.patiently(ctx, "read the position", func() (err error) {
		pos, err = r.st.Position(ctx, j.Node(), r.p.Name)
		return err
	})
	if err != nil {
		return Start{}, err
	}
	r.mu.Lock()
	r.pos = pos
	r.mu.Unlock()
	s, err := StartAt(j, pos)
	if err == nil && s.Applied < s.Stored {
		r.log.WarnContext(ctx, "the journal has lost records that the database has; going back to where they part",
			slog.Uint64("applied", s.Stored), slog.Uint64("back_to", s.Applied))
	}
	return s, err
}

// following is the state of one run through the journal.
type following struct {
	r       *Runner
	j       *journal.Journal
	fold    Fold
	from    uint64      // the position in the database
	applied uint64      // records up to here are read for what they tell of the unfinished only
	last    call.Record // that was taken
	passed  int         // records since the last write
	written time.Time   // when the last write was done
	later   *time.Timer // wakes us when something is due and no record comes
}

// take adds records, if there are any, and does what is due.
func (f *following) take(ctx context.Context, recs []call.Record) error {
	known := 0
	for known < len(recs) && recs[known].Seq <= f.applied {
		known++
	}
	if known > 0 {
		f.add(recs[:known])
		f.fold.Take() // they are in the database
	}
	f.add(recs[known:])
	f.passed += len(recs) - known
	if len(recs) > 0 {
		f.last = recs[len(recs)-1]
		f.last.Event = nil // the batch is used again, and the event may be large
	}
	if wait := f.due(); wait > 0 {
		f.later.Reset(wait)
		return nil
	}
	if f.fold.Pending() > 0 || f.passed >= maxUnwritten {
		if err := f.write(ctx); err != nil {
			return err
		}
	}
	f.r.arrive(max(f.last.Seq, f.applied))
	if f.forget(len(recs) == 0) {
		f.later.Reset(quiet)
	}
	return nil
}

func (f *following) add(recs []call.Record) {
	for _, rec := range recs {
		f.fold.Add(rec)
	}
}

// due is how long rows have to wait for the next write.
func (f *following) due() time.Duration {
	if n := f.fold.Pending(); n == 0 || n >= mostPending || f.r.awaited() {
		return 0
	}
	return cmp.Or(f.r.p.Every, writeEvery) - time.Since(f.written)
}

// forget lets the fold go of what has ended. While records come it is their time that counts; when none do,
// the journal's clock.
func (f *following) forget(isQuiet bool) (ending bool) {
	now := f.last.At
	if isQuiet {
		now = f.j.Now()
	}
	return f.fold.Forget(now)
}
