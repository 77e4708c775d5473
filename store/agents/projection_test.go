package agents

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/projection"
	"github.com/linedesk/linedesk/store/storetest"
)

// TestRowsAreWrittenOnceThoughTheRunnerIsStoppedAgainAndAgain: on real databases, from a real journal, to the same rows
// as in one go; and made anew they are the same.
func TestRowsAreWrittenOnceThoughTheRunnerIsStoppedAgainAndAgain(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(tb testing.TB) string { tb.Helper(); return filepath.Join(tb.TempDir(), "linedesk.db") },
		"postgres": storetest.Postgres,
	} {
		t.Run(name, func(t *testing.T) {
			st, err := open.Open(t.Context(), url(t), logtest.New(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = st.Close() })
			recs := storm(t, 5, 2500)
			var now time.Time
			j, err := journal.Open(journal.Options{
				Dir: t.TempDir(), Node: "node-1", Log: logtest.New(t), Clock: func() time.Time { return now },
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			ran := make(chan error, 1)
			go func() { ran <- j.Run(ctx) }()
			t.Cleanup(func() { stop(); <-ran; _ = j.Close() })

			once, want := newFold(), newTable()
			chance := rand.New(rand.NewPCG(5, 5))
			for i, rec := range recs {
				now = rec.At
				kept, err := j.Append(rec.Event)
				if err != nil {
					t.Fatal(err)
				}
				once.Add(kept)
				want.apply(once.Take())
				once.Forget(kept.At)
				if i%(len(recs)/8) == 0 {
					runUntil(t, st, j, uint64(1+chance.IntN(i+1)))
				}
			}
			runUntil(t, st, j, j.Last())
			sameRows(t, settled(t, rowsOf(t, st), once), settled(t, want, once))

			done, err := projection.Rebuild(ctx, j, st, Projection(), logtest.New(t), nil)
			if err != nil || done.Refused > 0 {
				t.Fatalf("made anew: %+v, %v", done, err)
			}
			sameRows(t, settled(t, rowsOf(t, st), once), settled(t, want, once))
		})
	}
}

// runUntil runs the projection until a record's rows are there, and stops it with whatever it has in hand.
func runUntil(t *testing.T, st store.Store, j *journal.Journal, seq uint64) {
	t.Helper()
	r := projection.New(st, Projection(), logtest.New(t))
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- r.Run(ctx, j) }()
	if err := r.WaitFor(ctx, seq); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ran; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// rowsOf reads all rows, page by page.
func rowsOf(t *testing.T, st store.Store) *table {
	t.Helper()
	tab := newTable()
	f := store.AgentFilter{Limit: store.MaxLimit}
	for {
		p, err := st.AgentStates(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		tab.apply(store.Batch{States: p.Items})
		if f.Cursor = p.Next; p.Next == "" {
			return tab
		}
	}
}

// settled leaves out the states that go on: whether one has a row already depends on when somebody looked. It fails if
// one does that is over.
func settled(t *testing.T, tab *table, f *fold) *table {
	t.Helper()
	for k, s := range tab.states {
		if s.To != nil {
			continue
		}
		if open := f.open[s.Agent]; open == nil || !open.From.Equal(s.From) {
			t.Errorf("%+v is over and has no end", s)
		}
		delete(tab.states, k)
	}
	return tab
}

func sameRows(t *testing.T, got, want *table) {
	t.Helper()
	if len(got.states) != len(want.states) {
		t.Fatalf("%d states, want %d", len(got.states), len(want.states))
	}
	for k, w := range want.states {
		if same(t, "state", got.states[k], w); t.Failed() {
			t.FailNow()
		}
	}
}
