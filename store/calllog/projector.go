package calllog

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
	// pace is the least time between two writes, so that a busy server writes many rows at once. With
	// the journal's 50 ms to the disk, a row is there some 300 ms after its call's end.
	pace = 200 * time.Millisecond
	// maxUnwritten is how many records may pass without a row before the position is written by itself:
	// what a restart reads again.
	maxUnwritten = 5000

	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
	// rescueAfter is how many tries in a row must fail, with a database that answers, before rows are
	// tried one by one.
	rescueAfter = 4
)

// Projector keeps the call log up with the journal. Run does it; the other methods may be called from
// any goroutine.
type Projector struct {
	store store.Positions
	o     Options
	log   *slog.Logger

	mu      sync.Mutex // guards what follows; not held while the database is written to
	builder *Builder
	pos     store.Position // as it is in the database
	reached uint64         // the rows of all records up to here are in the database
	next    chan struct{}  // closed when reached grows
	tidy    *time.Timer    // forgets calls when no record does
}

// NewProjector makes one; Run does the work.
func NewProjector(st store.Positions, o Options) *Projector {
	log := cmp.Or(o.Log, slog.Default())
	return &Projector{store: st, o: o, log: log, builder: NewBuilder(o), next: make(chan struct{})}
}

// Position is how far the database has got. The journal must keep everything from Safe on.
func (p *Projector) Position() store.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pos
}

// WaitFor waits until the rows of every record up to seq are in the database, or the context ends.
func (p *Projector) WaitFor(ctx context.Context, seq uint64) error {
	for {
		p.mu.Lock()
		reached, next := p.reached, p.next
		p.mu.Unlock()
		if reached >= seq {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("the call log is at record %d, not yet at %d: %w", reached, seq, context.Cause(ctx))
		}
	}
}

// arrive tells those who wait how far the rows reach.
func (p *Projector) arrive(seq uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reached = seq
	close(p.next)
	p.next = make(chan struct{})
}

// Run follows the journal until the context ends. While the database is away it waits for it, and the
// journal keeps what there is to write. What a stopped server has not written, the next start writes.
func (p *Projector) Run(ctx context.Context, j *journal.Journal) error {
	defer p.stopTidying()
	for {
		err := p.follow(ctx, j)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("call log: %w", err)
		}
		// The database is not where we left it: a backup was restored, or another process applies this
		// journal. What it says now counts.
		p.log.WarnContext(ctx, "the call log's position was changed by somebody else; starting again from there", slog.Any("error", err))
		if err := sleep(ctx, firstRetry); err != nil {
			return err
		}
	}
}

// follow projects from the database's position on.
func (p *Projector) follow(ctx context.Context, j *journal.Journal) error {
	begin, err := p.begin(ctx, j)
	if err != nil {
		return err
	}
	w := &writing{p: p, j: j, from: begin.stored, applied: begin.applied}
	p.arrive(begin.applied)
	// Only what is on the disk: after a power cut the journal must not be behind the database.
	return j.FollowWith(ctx, begin.read, journal.FollowOptions{Synced: true, Pace: pace}, func(recs []call.Record) error {
		return w.take(ctx, recs)
	})
}

// start is where a projector begins.
type start struct {
	stored  uint64 // the position in the database, to be quoted with the next write
	applied uint64 // records up to here are in the database
	read    uint64 // the first record to read: unfinished calls began there
}

// begin asks the database for the position and compares it with the journal, with patience.
func (p *Projector) begin(ctx context.Context, j *journal.Journal) (start, error) {
	var pos store.Position
	err := p.patiently(ctx, "read the call log's position", func() (err error) {
		pos, err = p.store.Position(ctx, j.Node())
		return err
	})
	if err != nil {
		return start{}, err
	}
	p.mu.Lock()
	p.builder, p.pos = NewBuilder(p.o), pos
	p.mu.Unlock()
	s, err := where(j, pos)
	if err == nil && s.applied < s.stored {
		p.log.WarnContext(ctx, "the journal has lost records that the call log has; going back to where they part",
			slog.Uint64("applied", s.stored), slog.Uint64("back_to", s.applied))
	}
	return s, err
}

// where fits a position to the journal. They may have parted: the journal's tail was lost, or its
// folder was, and other records have taken the numbers. Then the records up to the position's time are
// those that were applied.
func where(j *journal.Journal, pos store.Position) (start, error) {
	s := start{stored: pos.Applied, applied: pos.Applied, read: max(1, min(pos.Safe, pos.Applied+1))}
	first := j.First()
	if pos.Applied >= first && pos.Applied > 0 {
		parted, err := parted(j, pos)
		if err != nil {
			return s, err
		}
		if parted {
			next, err := j.SeqAt(pos.At.Add(time.Microsecond))
			if err != nil {
				return s, err
			}
			s.applied = min(pos.Applied, next-1)
			s.read = min(s.read, s.applied+1)
		}
	}
	s.read = max(s.read, first)
	s.applied = max(s.applied, first-min(first, 1))
	return s, nil
}

// parted tells whether the record that the position names is another one than it was.
func parted(j *journal.Journal, pos store.Position) (bool, error) {
	if pos.Applied > j.Last() {
		return true, nil
	}
	same := false
	err := j.ReadTypes(pos.Applied, pos.Applied, nil, func(rec call.Record) error {
		same = rec.At.Equal(pos.At)
		return nil
	})
	return !same, err
}

// writing is the state of one run through the journal.
type writing struct {
	p       *Projector
	j       *journal.Journal
	from    uint64 // the position in the database
	applied uint64 // records up to here are read for what they tell of unfinished calls only
	rows    Rows
	passed  int // records since the last write
}

// take builds the rows of some records and writes them, if there are any.
func (w *writing) take(ctx context.Context, recs []call.Record) error {
	if len(recs) == 0 {
		return nil
	}
	known := 0
	for known < len(recs) && recs[known].Seq <= w.applied {
		known++
	}
	w.build(recs[:known])
	w.rows = Rows{} // they are in the database
	w.build(recs[known:])
	w.passed += len(recs) - known
	last := recs[len(recs)-1]
	if w.rows.Len() > 0 || w.passed >= maxUnwritten {
		if err := w.write(ctx, last); err != nil {
			return err
		}
	}
	w.p.arrive(max(last.Seq, w.applied))
	return nil
}

func (w *writing) build(recs []call.Record) {
	if len(recs) == 0 {
		return
	}
	p := w.p
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, rec := range recs {
		p.builder.Add(rec)
	}
	w.rows = p.builder.Take()
	p.builder.Forget(recs[len(recs)-1].At)
	p.tidyLater(w.j)
}

// write keeps at it until the rows are in the database.
func (w *writing) write(ctx context.Context, last call.Record) error {
	p := w.p
	b := store.Batch{From: w.from, Calls: w.rows.Calls, Tickets: w.rows.Tickets, WrapUps: w.rows.WrapUps}
	b.Position = store.Position{Applied: last.Seq, Safe: last.Seq + 1, At: last.At}
	p.mu.Lock()
	if safe := p.builder.Safe(); safe != 0 {
		b.Position.Safe = safe
	}
	p.mu.Unlock()
	tries := 0
	err := p.patiently(ctx, "write the call log", func() error {
		err := p.store.Apply(ctx, w.j.Node(), b)
		if tries++; err == nil || errors.Is(err, store.ErrConflict) || tries < rescueAfter {
			return err
		}
		return p.rescue(ctx, w.j.Node(), &b, err)
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.pos = b.Position
	p.mu.Unlock()
	w.from, w.rows, w.passed = last.Seq, Rows{}, 0
	return nil
}

// rescue is for rows that the database refuses while it answers everything else, which nothing known
// makes it do. They are tried one by one, and what is refused again goes to the log in full rather than
// hold up every other call.
func (p *Projector) rescue(ctx context.Context, node call.NodeID, b *store.Batch, cause error) error {
	pos, err := p.store.Position(ctx, node)
	if err != nil || pos.Applied != b.From {
		return cause // the database is away, or somebody else was there
	}
	alone := func(what string, row any, one store.Batch) error {
		one.From, one.Position = b.From, pos
		err := p.store.Apply(ctx, node, one)
		if err == nil {
			return nil
		}
		if _, away := p.store.Position(ctx, node); away != nil {
			return err
		}
		p.log.ErrorContext(ctx, "the database refuses a row; it is left out of the call log",
			slog.String("kind", what), slog.Any("row", row), slog.Any("error", err))
		return nil
	}
	for _, c := range b.Calls {
		if err := alone("call", c, store.Batch{Calls: []store.Call{c}}); err != nil {
			return err
		}
	}
	for _, t := range b.Tickets {
		if err := alone("ticket", t, store.Batch{Tickets: []store.NewTicket{t}}); err != nil {
			return err
		}
	}
	for _, wr := range b.WrapUps {
		if err := alone("wrap-up", wr, store.Batch{WrapUps: []store.WrapUp{wr}}); err != nil {
			return err
		}
	}
	return p.store.Apply(ctx, node, store.Batch{From: b.From, Position: b.Position})
}

// patiently does something until it works, the context ends or somebody else was there first.
func (p *Projector) patiently(ctx context.Context, what string, do func() error) error {
	wait := firstRetry
	var since time.Time
	for tries := 1; ; tries++ {
		err := do()
		if err == nil {
			if tries > 1 {
				p.log.InfoContext(ctx, "the database is back", slog.String("to", what), slog.Duration("after", time.Since(since)))
			}
			return nil
		}
		if errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return err
		}
		if tries == 1 {
			since = time.Now()
		}
		p.log.WarnContext(ctx, "the database does not do it; calls go on and the journal keeps what is to be written",
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

// tidyLater arms the timer that lets go of ended calls when the journal falls quiet. Under mu.
func (p *Projector) tidyLater(j *journal.Journal) {
	if p.builder.Held() == 0 {
		return
	}
	if p.tidy == nil {
		p.tidy = time.AfterFunc(lingerComplete, func() { p.forget(j) })
		return
	}
	p.tidy.Reset(lingerComplete)
}

func (p *Projector) forget(j *journal.Journal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.builder.Held()
	p.builder.Forget(j.Now())
	// Come again while that helps: calls in progress need no timer, they bring records.
	if held := p.builder.Held(); held > 0 && (held < before || p.builder.ending()) {
		p.tidy.Reset(lingerComplete)
	}
}

func (p *Projector) stopTidying() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tidy != nil {
		p.tidy.Stop()
	}
}

// OpenCalls gives the calls that began in the journal and have not ended, oldest first.
func (p *Projector) OpenCalls(ctx context.Context, j *journal.Journal) ([]call.ID, error) {
	b, err := replay(ctx, j, p.store)
	if err != nil {
		return nil, err
	}
	var ids []call.ID
	for _, c := range b.unfinished() {
		if !c.ended {
			ids = append(ids, c.row.ID)
		}
	}
	return ids, nil
}
