//go:build linux

package projection_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/projection"
	"github.com/linedesk/linedesk/store/storetest"
)

// enough tries are more than after which rows were once given up: four.
const enough = 6

// TestNoCallIsDroppedWhileTheDiskIsFull fills the database's disk, lets 139 calls end, and makes room.
func TestNoCallIsDroppedWhileTheDiskIsFull(t *testing.T) {
	for _, db := range []struct {
		name, size string
		url        func(t *testing.T, dir string) string
	}{
		{"sqlite", "2m", func(_ *testing.T, dir string) string { return filepath.Join(dir, "linedesk.db") }},
		{"postgres", "24m", func(t *testing.T, dir string) string { t.Helper(); return storetest.PostgresIn(t, dir) }},
	} {
		t.Run(db.name, func(t *testing.T) {
			dir, fill, free := storetest.SmallDisk(t, db.size)
			st := openStore(t, db.url(t, dir))
			j := openJournal(t, t.TempDir())
			log := &logged{}
			r := run(t, st, j, log)
			end(t, j, "before")
			waitFor(t, r, j.Last())
			fill()
			for i := range 139 {
				end(t, j, call.ID(fmt.Sprint("call-", i)))
			}
			log.await(t, "the database does not do it", enough)
			free()
			waitFor(t, r, j.Last())
			for i := range 139 {
				if _, err := st.Call(t.Context(), call.ID(fmt.Sprint("call-", i))); err != nil {
					t.Errorf("dropped: %v", err)
				}
			}
			if strings.Contains(log.String(), "level=ERROR") {
				t.Errorf("the log has errors:\n%s", log)
			}
		})
	}
}

// TestOnlyARowThatIsRefusedForWhatItIsGoesAside has the database check something that one row has.
func TestOnlyARowThatIsRefusedForWhatItIsGoesAside(t *testing.T) {
	st := openStore(t, filepath.Join(t.TempDir(), "linedesk.db"))
	j := openJournal(t, t.TempDir())
	log := &logged{}
	r := run(t, refusing{st}, j, log)
	for i := range 20 {
		end(t, j, call.ID(fmt.Sprint("call-", i)))
	}
	waitFor(t, r, j.Last())
	for i := range 20 {
		_, err := st.Call(t.Context(), call.ID(fmt.Sprint("call-", i)))
		if (err == nil) == (i == 7) {
			t.Errorf("call-%d: %v", i, err)
		}
	}
	if n := strings.Count(log.String(), "the database refuses a row"); n != 1 || !strings.Contains(log.String(), "call-7") {
		t.Errorf("the log tells %d times of a row:\n%s", n, log)
	}
}

// refusing is a database that takes no row of call-7.
type refusing struct{ store.Store }

func (r refusing) Apply(ctx context.Context, node call.NodeID, of store.Projection, b store.Batch) error {
	for _, c := range b.Calls {
		if c.ID == "call-7" {
			return fmt.Errorf("call-7: %w", store.ErrRefused)
		}
	}
	return r.Store.Apply(ctx, node, of, b)
}

// run runs the call log's projection until the test ends.
func run(t *testing.T, st store.Positions, j *journal.Journal, log *logged) *projection.Runner {
	t.Helper()
	r := projection.New(st, calllog.Projection(calllog.Options{}), slog.New(slog.NewTextHandler(log, nil)))
	running(t, func(ctx context.Context) error { return r.Run(ctx, j) })
	return r
}

func waitFor(t *testing.T, r *projection.Runner, seq uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.WaitFor(ctx, seq); err != nil {
		t.Fatal(err)
	}
}

// end has a call begin and end.
func end(t *testing.T, j *journal.Journal, id call.ID) {
	t.Helper()
	for _, e := range []call.Event{
		call.CallArrived{Call: id, Leg: call.LegID("far-" + id), Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "13800000001"}}, To: call.Number{Raw: "4001"}},
		call.LegEnded{Call: id, Leg: call.LegID("far-" + id)},
		call.CallEnded{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}},
	} {
		if _, err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
}

func openStore(t *testing.T, url string) store.Store {
	t.Helper()
	st, err := open.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// logged is a log that a test reads while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await waits until the log has said something so many times.
func (l *logged) await(t *testing.T, what string, times int) {
	t.Helper()
	late := time.After(time.Minute)
	for strings.Count(l.String(), what) < times {
		select {
		case <-late:
			t.Fatalf("the log does not say %q %d times:\n%s", what, times, l)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
