package projection_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/store/projection"
	"github.com/linedesk/linedesk/store/storetest"
	"github.com/linedesk/linedesk/store/ticket"
)

// TestARebuildBringsBackWhatIsGoneAndLeavesPeoplesWorkAlone takes rows away, spoils one, edits a ticket.
func TestARebuildBringsBackWhatIsGoneAndLeavesPeoplesWorkAlone(t *testing.T) {
	for _, db := range []struct {
		name string
		url  func(testing.TB) string
	}{
		{"sqlite", func(tb testing.TB) string { tb.Helper(); return filepath.Join(tb.TempDir(), "linedesk.db") }},
		{"postgres", storetest.Postgres},
	} {
		t.Run(db.name, func(t *testing.T) {
			st, j := openStore(t, db.url(t)), openJournal(t, t.TempDir())
			calls := projection.New(st, calllog.Projection(calllog.Options{Extension: func(call.AgentID) call.Extension { return "1002" }}), slog.New(slog.DiscardHandler))
			stop := running(t, func(ctx ctx) error { return calls.Run(ctx, j) })
			for i := range 60 {
				id := call.ID(fmt.Sprint("call-", i))
				take(t, j, id)
				add(t, j, call.TicketOpened{Ticket: call.TicketID("t-" + id), Call: id, Kind: "complaint", By: "ben"},
					call.WrapUpSaved{Call: id, Agent: "ben", Disposition: "solved", Notes: "fine"})
			}
			waitFor(t, calls, j.Last())
			// A word about a call whose row is long whole.
			add(t, j, call.WrapUpSaved{Call: "call-5", Agent: "ben", Disposition: "sold", Notes: "later"})
			waitFor(t, calls, j.Last())
			stop()
			want := rowsOf(t, st)
			if want["call-5"].Disposition != "sold" || want["call-7"].Extension != "1002" {
				t.Fatalf("to begin with: %+v, %+v", want["call-5"], want["call-7"])
			}

			// The same journal before a database that has some of it only, one row wrong, one ticket edited.
			other := openStore(t, db.url(t))
			pos, err := st.Position(t.Context(), "node-1", store.ProjectionCalls)
			ok(t, err)
			half := store.Batch{Position: pos}
			for i := range 30 {
				c, err := st.Call(t.Context(), call.ID(fmt.Sprint("call-", i)))
				ok(t, err)
				if i == 3 {
					c.TalkMS, c.Agent = 99, "nobody"
				}
				half.Calls = append(half.Calls, c)
			}
			half.Tickets = []store.NewTicket{{Series: "C-1", Ticket: store.Ticket{ID: "t-call-2", Kind: "complaint", Subject: "mine", State: ticket.Open, CreatedBy: "amy"}}}
			ok(t, other.Apply(t.Context(), "node-1", store.ProjectionCalls, half))
			mine, err := other.Ticket(t.Context(), "t-call-2")
			ok(t, err)

			// The site of today gives ben another extension: what is there keeps that of its day.
			again := calllog.Projection(calllog.Options{Extension: func(call.AgentID) call.Extension { return "1002" }})
			done, err := projection.Rebuild(t.Context(), j, other, again, slog.New(slog.DiscardHandler), nil)
			ok(t, err)
			got := rowsOf(t, other)
			if len(got) != len(want) {
				t.Errorf("%d calls, want %d", len(got), len(want))
			}
			for id, c := range want {
				if g := got[id]; fmt.Sprint(line(g)) != fmt.Sprint(line(c)) {
					t.Errorf("%s: got\n%+v, want\n%+v", id, line(g), line(c))
				}
			}
			if tk, err := other.Ticket(t.Context(), "t-call-2"); err != nil || tk.Subject != "mine" || tk.Version != mine.Version {
				t.Errorf("the ticket that was edited: %+v, %v", tk, err)
			}
			if tk, err := other.Ticket(t.Context(), "t-call-50"); err != nil || tk.Kind != "complaint" {
				t.Errorf("a ticket that was missing: %+v, %v", tk, err)
			}
			if done.Made != 30+59 || done.Changed != 1 || done.Refused != 0 {
				t.Errorf("got %+v, want 30 calls and 59 tickets made, one changed", done)
			}

			// The other way round: a site of today with other extensions changes nothing, and nor does a second time.
			moved := calllog.Projection(calllog.Options{Extension: func(call.AgentID) call.Extension { return "7" }})
			for range 2 {
				done, err = projection.Rebuild(t.Context(), j, other, moved, slog.New(slog.DiscardHandler), nil)
				ok(t, err)
				if done.Made+done.Changed+done.Refused != 0 || done.Same == 0 {
					t.Errorf("again: %+v", done)
				}
			}
			if pos, err := other.Position(t.Context(), "node-1", store.ProjectionCalls); err != nil || pos.Applied != j.Last() {
				t.Errorf("position %+v, %v, want %d", pos, err, j.Last())
			}
		})
	}
}
