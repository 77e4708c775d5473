package open_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/storetest"
)

// TestTicketsFromBeforeHaveTheirCallsNumbers: what somebody unknown left before tickets had numbers is found by the
// number of its call.
func TestTicketsFromBeforeHaveTheirCallsNumbers(t *testing.T) {
	day := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	mobile, other := call.Number{Raw: "13900000009", E164: "+8613900000009"}, call.Number{Raw: "4000"}
	var b store.Batch
	for _, c := range []struct {
		id        call.ID
		direction call.Direction
		from, to  call.Number
		customer  call.CustomerID
	}{
		{"in", call.Inbound, mobile, other, ""},
		{"out", call.Outbound, other, mobile, ""},
		{"known", call.Inbound, mobile, other, "c-wang"},
		{"anonymous", call.Inbound, call.Number{Raw: "anonymous"}, other, ""},
	} {
		b.Calls = append(b.Calls, store.Call{ID: c.id, Direction: c.direction, From: c.from, To: c.to, Customer: c.customer, ArrivedAt: day, EndedAt: &day})
		b.Tickets = append(b.Tickets, store.NewTicket{Series: "V-1", Ticket: store.Ticket{
			ID: call.TicketID(c.id), Kind: "voicemail", Call: c.id, Customer: c.customer, CreatedAt: day,
		}})
	}
	b.Position = store.Position{Applied: 1, Safe: 2, At: day}

	for _, db := range []struct{ name, driver, url string }{
		{"sqlite", "sqlite", filepath.Join(t.TempDir(), "linedesk.db")},
		{"postgres", "pgx", ""},
	} {
		t.Run(db.name, func(t *testing.T) {
			ctx := t.Context()
			if db.url == "" {
				db.url = storetest.Postgres(t)
			}
			st, err := open.Open(ctx, db.url, quiet)
			if err != nil {
				t.Fatal(err)
			}
			if err := st.Apply(ctx, "node-1", store.ProjectionCalls, b); err != nil {
				t.Fatal(err)
			}
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open(db.driver, db.url)
			if err != nil {
				t.Fatal(err)
			}
			undo(t, raw, 3)
			if err := raw.Close(); err != nil {
				t.Fatal(err)
			}

			if st, err = open.Open(ctx, db.url, quiet); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = st.Close() }()
			left, err := st.Tickets(ctx, store.TicketFilter{Phone: mobile.E164})
			if err != nil || len(left.Items) != 2 || left.Items[0].ID != "out" || left.Items[1].ID != "in" || left.Items[0].Phone != mobile {
				t.Errorf("got %+v, %v, want those of the calls in and out", left.Items, err)
			}
			for _, phone := range []string{"anonymous", "4000"} {
				if left, err = st.Tickets(ctx, store.TicketFilter{Phone: phone}); err != nil || len(left.Items) != 0 {
					t.Errorf("by %s: got %+v, %v", phone, left.Items, err)
				}
			}
		})
	}
}
