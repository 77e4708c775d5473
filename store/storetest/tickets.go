package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/ticket"
)

func complaint(id call.TicketID) store.NewTicket {
	return store.NewTicket{Series: "C-20261122", Ticket: store.Ticket{
		ID: id, Kind: "complaint", Subject: "送货迟到", Text: "第一行\n第二行", State: ticket.Open, Owner: "amy",
		Customer: "c-wang", Call: "call-1", Queue: "support", Urgency: "urgent", Due: new(day.Add(48 * time.Hour)),
		Recording: "2026/11/22/x.wav", CreatedAt: day, UpdatedAt: day,
	}}
}

// Tickets is the suite for store.Tickets.
func Tickets(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	t.Run("what is created is there, with number and audit entry", func(t *testing.T) {
		st := open(t)
		n := complaint("t-1")
		got := must(st.CreateTicket(ctx, n, "ben"))(t)
		want := n.Ticket
		want.Number, want.Version, want.CreatedBy = "C-20261122-001", 1, "ben"
		same(t, got, want)
		same(t, must(st.Ticket(ctx, "t-1"))(t), want)
		entries := must(st.Audit(ctx, store.AuditTicket, "t-1"))(t)
		if len(entries) != 1 || entries[0].By != "ben" || entries[0].Action != "create" {
			t.Errorf("got audit %+v", entries)
		}
		_, err := st.Ticket(ctx, "nothing")
		fails(t, err, store.ErrNotFound)
		_, err = st.CreateTicket(ctx, n, "ben")
		fails(t, err, store.ErrExists)
	})
	t.Run("a ticket refused leaves no gap in the numbers", func(t *testing.T) {
		st := open(t)
		must(st.CreateTicket(ctx, complaint("t-1"), "ben"))(t)
		_, err := st.CreateTicket(ctx, complaint("t-1"), "ben")
		fails(t, err, store.ErrExists)
		if got := must(st.CreateTicket(ctx, complaint("t-2"), "ben"))(t); got.Number != "C-20261122-002" {
			t.Errorf("got number %s, want the second", got.Number)
		}
		other := complaint("t-3")
		other.Series = "C-20261123"
		if got := must(st.CreateTicket(ctx, other, "ben"))(t); got.Number != "C-20261123-001" {
			t.Errorf("got number %s, want the next day's first", got.Number)
		}
	})
	t.Run("numbers under many hands have no twins and no gaps", func(t *testing.T) {
		st := open(t)
		const hands, each = 8, 5
		var wg sync.WaitGroup
		errs := make(chan error, hands*each)
		for range hands {
			wg.Go(func() {
				for range each {
					n := complaint("")
					_, err := st.CreateTicket(ctx, n, "amy")
					errs <- err
				}
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			ok(t, err)
		}
		var got []string
		for _, tk := range must(st.Tickets(ctx, store.TicketFilter{Limit: 200}))(t).Items {
			got = append(got, tk.Number)
		}
		slices.Sort(got)
		var want []string
		for i := range hands * each {
			want = append(want, fmt.Sprintf("C-20261122-%03d", i+1))
		}
		same(t, got, want)
	})
	t.Run("update keeps number, kind and creation, and closes", func(t *testing.T) {
		st := open(t)
		tk := must(st.CreateTicket(ctx, complaint("t-1"), "ben"))(t)
		edit := tk
		edit.Number, edit.Kind, edit.CreatedBy = "X", "Y", "Z"
		edit.State, edit.ClosedAt, edit.Owner = ticket.Closed, new(day.Add(time.Hour)), "chen"
		got := must(st.UpdateTicket(ctx, edit, "chen"))(t)
		want := tk
		want.State, want.ClosedAt, want.Owner, want.Version, want.UpdatedAt = ticket.Closed, edit.ClosedAt, "chen", 2, got.UpdatedAt
		same(t, got, want)
		same(t, must(st.Ticket(ctx, "t-1"))(t), want)
		_, err := st.UpdateTicket(ctx, tk, "ben")
		fails(t, err, store.ErrConflict)
		_, err = st.UpdateTicket(ctx, store.Ticket{ID: "nothing"}, "ben")
		fails(t, err, store.ErrNotFound)
		entries := must(st.Audit(ctx, store.AuditTicket, "t-1"))(t)
		if len(entries) != 2 || entries[0].Action != "update" || len(entries[0].Changes) != 3 {
			t.Errorf("got audit %+v", entries)
		}
	})
	t.Run("without kind or series it is refused", func(t *testing.T) {
		st := open(t)
		n := complaint("t-1")
		n.Kind = ""
		_, err := st.CreateTicket(ctx, n, "ben")
		fails(t, err, store.ErrInvalid)
		n = complaint("t-1")
		n.Series = ""
		_, err = st.CreateTicket(ctx, n, "ben")
		fails(t, err, store.ErrInvalid)
	})
	t.Run("Lists", func(t *testing.T) { ticketLists(t, open) })
	t.Run("what nobody's customer left", func(t *testing.T) { leftByNumbers(t, open) })
}

// leftByNumbers: tickets of nobody known stand under the far party's number, and come to whoever has it later.
func leftByNumbers(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	st := open(t)
	mobile, desk := call.Number{Raw: "13900000009", E164: "+8613900000009"}, call.Number{Raw: "8001"}
	leave := func(id call.TicketID, n call.Number, customer call.CustomerID) store.Ticket {
		t.Helper()
		k := complaint(id)
		k.Customer, k.Phone, k.CreatedAt = customer, n, k.CreatedAt.Add(time.Duration(id[2]-'0')*time.Second)
		made := must(st.CreateTicket(ctx, k, "amy"))(t)
		same(t, must(st.Ticket(ctx, id))(t), made)
		return made
	}
	first, second := leave("t-1", mobile, ""), leave("t-2", mobile, "")
	short := leave("t-3", desk, "")
	leave("t-4", call.Number{Raw: "anonymous"}, "")
	others := leave("t-5", mobile, "c-other")
	closed := first
	closed.State, closed.ClosedAt = ticket.Closed, new(day)
	closed = must(st.UpdateTicket(ctx, closed, "amy"))(t)

	list := func(f store.TicketFilter) []store.Ticket { return must(st.Tickets(ctx, f))(t).Items }
	same(t, list(store.TicketFilter{Phone: "+8613900000009"}), []store.Ticket{second, closed})
	same(t, list(store.TicketFilter{Phone: "+8613900000009", Open: true}), []store.Ticket{second})
	same(t, list(store.TicketFilter{Phone: "8001"}), []store.Ticket{short})
	same(t, list(store.TicketFilter{Phone: "anonymous"}), []store.Ticket{})
	same(t, list(store.TicketFilter{Customer: "c-other"}), []store.Ticket{others})
	same(t, list(store.TicketFilter{Customer: "c-wang"}), []store.Ticket{})

	wang := must(st.CreateCustomer(ctx, wangFang(), "amy"))(t) // has 8001
	same(t, list(store.TicketFilter{Customer: "c-wang"}), []store.Ticket{short})
	same(t, list(store.TicketFilter{Customer: "c-wang", Phone: "+8613900000009"}), []store.Ticket{short, second, closed})
	wang.Phones = append(wang.Phones, store.Phone{Kind: "mobile", Raw: mobile.Raw, E164: mobile.E164})
	must(st.UpdateCustomer(ctx, wang, "amy"))(t)
	same(t, list(store.TicketFilter{Customer: "c-wang"}), []store.Ticket{short, second, closed})
	same(t, list(store.TicketFilter{Customer: "c-wang", Phone: "+8613900000009"}), []store.Ticket{short, second, closed})
	page := must(st.Tickets(ctx, store.TicketFilter{Customer: "c-wang", Limit: 2}))(t)
	same(t, page.Items, []store.Ticket{short, second})
	same(t, list(store.TicketFilter{Customer: "c-wang", Limit: 2, Cursor: page.Next}), []store.Ticket{closed})

	found := second
	found.Customer = "c-other"
	found = must(st.UpdateTicket(ctx, found, "amy"))(t)
	same(t, list(store.TicketFilter{Customer: "c-wang"}), []store.Ticket{short, closed})
	same(t, list(store.TicketFilter{Customer: "c-other"}), []store.Ticket{others, found})
}

func ticketLists(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	st := open(t)
	var all []store.Ticket
	for i := range 5 {
		n := complaint(call.TicketID(fmt.Sprint("t-", i)))
		n.CreatedAt = day.Add(time.Duration(i/2) * time.Second) // some at the same time
		if i == 3 {
			n.Kind, n.Owner, n.Customer, n.Call, n.State, n.ClosedAt = "callback", "", "", "", ticket.Closed, new(day)
		}
		all = append([]store.Ticket{must(st.CreateTicket(ctx, n, "amy"))(t)}, all...)
	}
	others := slices.Concat(all[:1], all[2:])
	for _, c := range []struct {
		name string
		f    store.TicketFilter
		want []store.Ticket
	}{
		{"all", store.TicketFilter{}, all},
		{"kind", store.TicketFilter{Kind: "callback"}, all[1:2]},
		{"owner", store.TicketFilter{Owner: "amy"}, others},
		{"customer", store.TicketFilter{Customer: "c-wang"}, others},
		{"call", store.TicketFilter{Call: "call-1"}, others},
		{"state", store.TicketFilter{State: ticket.Closed}, all[1:2]},
		{"open", store.TicketFilter{Open: true}, others},
		{"open of a customer", store.TicketFilter{Open: true, Customer: "c-wang"}, others},
		{"number", store.TicketFilter{Number: all[4].Number}, all[4:]},
		{"of a user", store.TicketFilter{Of: []call.UserID{"amy", "ben"}}, all},
		{"of somebody else", store.TicketFilter{Of: []call.UserID{"ben"}}, all[1:2]},
		{"of nobody", store.TicketFilter{Of: []call.UserID{}}, all[1:2]},
		{"of somebody, of a customer", store.TicketFilter{Of: []call.UserID{"amy"}, Customer: "c-wang"}, others},
		{"nothing", store.TicketFilter{Customer: "x\x00"}, []store.Ticket{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, must(st.Tickets(ctx, c.f))(t).Items, c.want)
		})
	}
	t.Run("pages", func(t *testing.T) {
		var got []store.Ticket
		f := store.TicketFilter{Limit: 2}
		for range 4 {
			p := must(st.Tickets(ctx, f))(t)
			got = append(got, p.Items...)
			if f.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		same(t, got, all)
	})
}
