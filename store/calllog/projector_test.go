package calllog_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/projection"
	"github.com/linedesk/linedesk/store/storetest"
)

// databases are those that every test must pass on; url gives a new, empty one.
var databases = []struct {
	name string
	url  func(testing.TB) string
}{
	{"sqlite", func(tb testing.TB) string { tb.Helper(); return filepath.Join(tb.TempDir(), "linedesk.db") }},
	{"postgres", storetest.Postgres},
}

func openStore(t *testing.T, url string) store.Store {
	t.Helper()
	st, err := open.Open(t.Context(), url, logtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// openJournal opens a journal and brings it to the disk until the test ends.
func openJournal(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Options{Dir: dir, Node: "node-1", Log: logtest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	stop := running(t, j.Run)
	t.Cleanup(func() {
		stop()
		_ = j.Close()
	})
	return j
}

// running runs something until stop is called, which waits for its end.
func running(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
}

func project(t *testing.T, st store.Positions, j *journal.Journal) (p *projection.Runner, stop func()) {
	t.Helper()
	p = projection.New(st, calllog.Projection(calllog.Options{}), logtest.New(t))
	stop = running(t, func(ctx context.Context) error { return p.Run(ctx, j) })
	t.Cleanup(stop)
	return p, stop
}

func waitFor(t *testing.T, p *projection.Runner, seq uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := p.WaitFor(ctx, seq); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, j *journal.Journal, events ...call.Event) call.Record {
	t.Helper()
	var rec call.Record
	for _, e := range events {
		var err error
		if rec, err = j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	return rec
}

var hangup = call.End{By: call.ByCaller, Cause: call.CauseHangup}

func answered(id call.ID) []call.Event {
	offer := call.OfferID("o-" + id)
	return []call.Event{
		call.CallArrived{Call: id, Leg: call.LegID("far-" + id), Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "13800000001"}}, To: call.Number{Raw: "4001"}},
		call.CallAnswered{Call: id, Leg: call.LegID("far-" + id)},
		call.CallQueued{Call: id, Queue: "support"},
		call.CallOffered{Call: id, Offer: offer, Queue: "support", Agent: "ben"},
		call.OfferAnswered{Call: id, Offer: offer, Agent: "ben", Leg: call.LegID("ben-" + id)},
		call.Bridged{Call: id, Offer: offer, Agent: "ben", Leg: call.LegID("ben-" + id)},
	}
}

func ending(id call.ID) []call.Event {
	return []call.Event{
		call.TalkEnded{Call: id, Offer: call.OfferID("o-" + id), Agent: "ben", By: call.ByCaller},
		call.LegEnded{Call: id, Leg: call.LegID("ben-" + id), Agent: "ben", End: hangup},
		call.LegEnded{Call: id, Leg: call.LegID("far-" + id), End: hangup},
		call.CallEnded{Call: id, End: hangup},
	}
}

// rowsOf reads the whole call log.
func rowsOf(t *testing.T, st store.Store) map[call.ID]store.Call {
	t.Helper()
	rows := map[call.ID]store.Call{}
	f := store.CallFilter{Limit: store.MaxLimit}
	for {
		p, err := st.Calls(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Items {
			if _, twice := rows[c.ID]; twice {
				t.Fatalf("%s is there twice", c.ID)
			}
			rows[c.ID] = c
		}
		if f.Cursor = p.Next; p.Next == "" {
			return rows
		}
	}
}

func TestARowIsThereSoonAfterItsCallHasEnded(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			st, j := openStore(t, url), openJournal(t, t.TempDir())
			p, _ := project(t, st, j)
			add(t, j, answered("call-1")...)
			began := time.Now()
			last := add(t, j, ending("call-1")...)
			waitFor(t, p, last.Seq)
			t.Logf("the row was there after %v; at most 2 s are promised", time.Since(began))
			c, err := st.Call(t.Context(), "call-1")
			if err != nil {
				t.Fatal(err)
			}
			if c.Agent != "ben" || c.End != hangup || len(c.Timeline) != 10 {
				t.Errorf("got %+v", c)
			}
			add(t, j, call.WrapUpStarted{Call: "call-1", Agent: "ben", Until: j.Now().Add(time.Hour)})
			last = add(t, j, call.WrapUpSaved{Call: "call-1", Agent: "ben", Disposition: "solved", Notes: "fine"})
			waitFor(t, p, last.Seq)
			if c, err = st.Call(t.Context(), "call-1"); err != nil || c.Disposition != "solved" || c.Notes != "fine" {
				t.Errorf("after the wrap-up: %v, %q, %q", err, c.Disposition, c.Notes)
			}
		})
	}
}

// TestRowsAreWrittenOnceThoughTheProjectorIsStoppedAgainAndAgain stops it anywhere, in mid-write too.
func TestRowsAreWrittenOnceThoughTheProjectorIsStoppedAgainAndAgain(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			st, j := openStore(t, url), openJournal(t, t.TempDir())
			const calls = 200
			var wg sync.WaitGroup
			var tickets []call.TicketID
			for lane := range 4 {
				for i := lane; i < calls; i += 4 {
					tickets = append(tickets, call.TicketID(fmt.Sprint("t-", i)))
				}
				wg.Go(func() {
					for i := lane; i < calls; i += 4 {
						id := call.ID(fmt.Sprint("call-", i))
						events := append(answered(id), call.TicketOpened{Ticket: call.TicketID(fmt.Sprint("t-", i)), Call: id, Kind: "complaint", By: "ben"})
						for _, e := range append(events, ending(id)...) {
							if _, err := j.Append(e); err != nil {
								t.Error(err)
							}
						}
					}
				})
			}
			for i := range 12 {
				p, stop := project(t, st, j)
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*17)*time.Millisecond)
				_ = p.WaitFor(ctx, j.Last()+1000)
				cancel()
				stop()
			}
			wg.Wait()
			p, _ := project(t, st, j)
			waitFor(t, p, j.Last())
			if rows := rowsOf(t, st); len(rows) != calls {
				t.Errorf("%d rows of %d calls", len(rows), calls)
			}
			var numbers []string
			for _, id := range tickets {
				tk, err := st.Ticket(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				numbers = append(numbers, tk.Number)
			}
			slices.Sort(numbers)
			if n := len(slices.Compact(numbers)); n != calls || numbers[n-1][len(numbers[n-1])-3:] != "200" {
				t.Errorf("%d different ticket numbers up to %s, want %d without a gap", n, numbers[n-1], calls)
			}
		})
	}
}

func TestTwoProjectorsOfOneJournalDoNotDisturbEachOther(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			st, j := openStore(t, url), openJournal(t, t.TempDir())
			p, _ := project(t, st, j)
			q, _ := project(t, st, j)
			for i := range 50 {
				id := call.ID(fmt.Sprint("call-", i))
				add(t, j, append(answered(id), ending(id)...)...)
			}
			waitFor(t, p, j.Last())
			waitFor(t, q, j.Last())
			if rows := rowsOf(t, st); len(rows) != 50 {
				t.Errorf("%d rows of 50 calls", len(rows))
			}
		})
	}
}

func TestCallsGoOnWhileTheDatabaseIsAway(t *testing.T) {
	server := storetest.StartPostgres(t)
	url := server.Database(t)
	st, j := openStore(t, url), openJournal(t, t.TempDir())
	p, _ := project(t, st, j)
	play := func(from, to int) {
		for i := from; i < to; i++ {
			id := call.ID(fmt.Sprint("call-", i))
			add(t, j, append(answered(id), ending(id)...)...)
		}
	}
	play(0, 20)
	waitFor(t, p, j.Last())
	server.Stop(t)
	play(20, 2000) // waits for nobody: the database comes back when all of it is done
	add(t, j, call.TicketOpened{Ticket: "t-1", Call: "call-20", Kind: "complaint", By: "ben"})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := p.WaitFor(ctx, j.Last()); err == nil {
		t.Error("it claims to have written to a database that is away")
	}
	server.Start(t)
	waitFor(t, p, j.Last())
	if rows := rowsOf(t, st); len(rows) != 2000 {
		t.Errorf("%d rows of 2000 calls", len(rows))
	}
	if tk, err := st.Ticket(t.Context(), "t-1"); err != nil || tk.Number == "" {
		t.Errorf("the ticket opened meanwhile: %+v, %v", tk, err)
	}
}

func TestCallsLeftOpenEndOnceWithTheLastWordOfTheDeadRun(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			st, dir := openStore(t, url), t.TempDir()
			j, err := journal.Open(journal.Options{Dir: dir, Node: "node-1", Log: logtest.New(t)})
			if err != nil {
				t.Fatal(err)
			}
			add(t, j, call.NodeStarted{Node: "node-1"})
			add(t, j, append(answered("done"), ending("done")...)...)
			add(t, j, answered("talking")...)
			add(t, j, answered("waiting")[:3]...)
			add(t, j, append(answered("wrapping"), ending("wrapping")...)...)
			add(t, j, call.WrapUpStarted{Call: "wrapping", Agent: "ben", Until: j.Now().Add(time.Hour)})
			last := add(t, j, call.StationUp{Agent: "amy"})
			if err := j.Close(); err != nil { // the server is gone
				t.Fatal(err)
			}

			j = openJournal(t, dir)
			for i, want := range []int{2, 0} { // the second start finds nothing to do
				if n, err := calllog.CloseOrphans(t.Context(), j, st); n != want || err != nil {
					t.Errorf("start %d: ended %d calls, %v, want %d", i, n, err, want)
				}
				add(t, j, call.NodeStarted{Node: "node-1"})
			}
			q, _ := project(t, st, j)
			waitFor(t, q, j.Last())
			rows := rowsOf(t, st)
			if got := slices.Sorted(maps.Keys(rows)); !slices.Equal(got, []call.ID{"done", "talking", "waiting", "wrapping"}) {
				t.Fatalf("rows: %v", got)
			}
			restarted := call.End{By: call.BySystem, Cause: call.CauseServerRestarted}
			for _, id := range []call.ID{"talking", "waiting"} {
				if c := rows[id]; c.End != restarted || !c.EndedAt.Equal(last.At) {
					t.Errorf("%s ended %+v at %v, want at %v", id, c.End, c.EndedAt, last.At)
				}
			}
			if c := rows["done"]; c.End != hangup {
				t.Errorf("a call that had ended is now %+v", c.End)
			}
			if c := rows["wrapping"]; !c.Unfinished || c.End != hangup {
				t.Errorf("the wrap-up that was cut off: %+v", c)
			}
		})
	}
}

// TestAJournalThatLostItsTailIsTakenUpWhereItParts is a power cut, or a folder restored from a backup.
func TestAJournalThatLostItsTailIsTakenUpWhereItParts(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			url := db.url(t)
			st := openStore(t, url)
			j := openJournal(t, t.TempDir())
			p, stop := project(t, st, j)
			for i := range 20 {
				id := call.ID(fmt.Sprint("old-", i))
				add(t, j, append(answered(id), ending(id)...)...)
			}
			waitFor(t, p, j.Last())
			stop()

			fresh := openJournal(t, t.TempDir()) // the same node, another journal: it has fewer records
			add(t, fresh, append(answered("new-0"), ending("new-0")...)...)
			p, _ = project(t, st, fresh)
			waitFor(t, p, fresh.Last())
			for i := range 30 {
				id := call.ID(fmt.Sprint("newer-", i))
				add(t, fresh, append(answered(id), ending(id)...)...)
			}
			waitFor(t, p, fresh.Last())
			if rows := rowsOf(t, st); len(rows) != 51 {
				t.Errorf("%d rows, want 20 old ones and 31 new ones", len(rows))
			}
		})
	}
}
