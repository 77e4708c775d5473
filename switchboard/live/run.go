package live

import (
	"context"
	"fmt"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
	"github.com/linedesk/linedesk/call/journal"
)

// pace bounds how often followers' batches wake this projection: at most 200 times a second. The first event after a
// quiet time is seen at once.
const pace = 5 * time.Millisecond

// Run rebuilds today from the journal, then follows it until the context ends, and begins a new day
// at the site's midnight.
func (l *Live) Run(ctx context.Context, j *journal.Journal) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	midnight := make(chan struct{})
	defer func() { stop(nil); <-midnight }()
	go func() {
		defer close(midnight)
		l.keepDays(ctx, j.Now)
	}()

	from, err := l.rebuildAgents(j)
	if err != nil {
		return err
	}
	return j.FollowWith(ctx, from, journal.FollowOptions{Pace: pace}, func(recs []call.Record) error {
		l.applyAll(recs)
		return nil
	})
}

// applyAll takes a batch.
func (l *Live) applyAll(recs []call.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, rec := range recs {
		l.apply(rec)
	}
	l.wake()
}

// rebuildAgents takes from the days before today where agents sit and what they do, and gives today's first record.
func (l *Live) rebuildAgents(j *journal.Journal) (uint64, error) {
	began := dayOf(j.Now(), l.loc).begin
	first, err := j.SeqAt(began)
	if err != nil {
		return 0, err
	}
	roster, err := history.Recall(j, first-1)
	if err != nil {
		return 0, fmt.Errorf("recall the agents: %w", err)
	}
	l.applyAll([]call.Record{{Seq: first - 1, At: began, Event: roster.Carried()}})
	return first, nil
}

// keepDays begins each new day on time, with or without records.
func (l *Live) keepDays(ctx context.Context, now func() time.Time) {
	for {
		at := now()
		l.mu.Lock()
		if l.roll(at) {
			l.wake()
		}
		next := l.day.end.Sub(at)
		l.mu.Unlock()
		timer := time.NewTimer(max(next, time.Millisecond))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
