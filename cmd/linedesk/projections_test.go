package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/projection"
)

// needs is a fold that still needs a record.
type needs struct {
	safe  uint64
	fresh int
}

func (n *needs) Add(call.Record)       { n.fresh = 1 }
func (n *needs) Pending() int          { return n.fresh }
func (n *needs) Take() store.Batch     { n.fresh = 0; return store.Batch{} }
func (n *needs) Safe() uint64          { return n.safe }
func (n *needs) Forget(time.Time) bool { return false }

func TestTheJournalKeepsWhatAnyProjectionStillNeeds(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	j, err := journal.Open(journal.Options{Dir: t.TempDir(), Node: "node-1", Log: quiet})
	ok(t, err)
	st, err := open.Open(t.Context(), filepath.Join(t.TempDir(), "linedesk.db"), quiet)
	ok(t, err)
	t.Cleanup(func() { _, _ = j.Close(), st.Close() })
	if got := safeFor(nil); got != 0 {
		t.Errorf("before there is any: %d, want 0, which keeps all", got)
	}
	var running []*projection.Runner
	for name, safe := range map[store.Projection]uint64{"a": 7, "b": 3, "c": 0} {
		running = append(running, projection.New(st, projection.Projection{
			Name: name, Title: string(name), Fold: func() projection.Fold { return &needs{safe: safe} },
		}, quiet))
	}
	if got := safeFor(running); got != 0 {
		t.Errorf("before they have read their positions: %d, want 0", got)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- j.Run(ctx) }()
	for _, p := range running {
		go func() { _ = p.Run(ctx, j); done <- nil }()
	}
	for range 10 {
		_, err := j.Append(call.StationUp{Agent: "amy"})
		ok(t, err)
	}
	for _, p := range running {
		ok(t, p.WaitFor(ctx, 10))
	}
	if got := safeFor(running); got != 3 {
		t.Errorf("got %d, want 3: the least that one of them needs", got)
	}
	stop()
	for range len(running) + 1 {
		ok(t, <-done)
	}
}
