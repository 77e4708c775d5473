package demosite

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/ticket"
)

func TestDemoCustomersAreSeededOnce(t *testing.T) {
	st, err := open.Open(t.Context(), filepath.Join(t.TempDir(), "demo.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	for range 2 { // the second time changes nothing
		if err := Seed(t.Context(), st, now); err != nil {
			t.Fatal(err)
		}
	}
	customers, err := st.Customers(t.Context(), store.CustomerFilter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	languages := map[string]int{}
	for _, c := range customers.Items {
		languages[c.Language]++
	}
	if len(customers.Items) != 60 || languages["zh-CN"] == 0 || languages["en"] == 0 {
		t.Errorf("%d customers, %v", len(customers.Items), languages)
	}
	checkWangFang(t, st, now)
	calls, err := st.Calls(t.Context(), store.CallFilter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls.Items {
		checkPastCall(t, c, now)
	}
}

// checkWangFang wants what the demo promises of the number 13800000001.
func checkWangFang(t *testing.T, st store.Store, now time.Time) {
	t.Helper()
	found, err := st.CustomersByPhone(t.Context(), "+8613800000001")
	if err != nil || len(found) != 1 {
		t.Fatalf("customers with 13800000001: %v, %v", found, err)
	}
	w := found[0]
	if w.Name != "王芳" || w.Grade != "AAA" || w.AccountManager != "amy" {
		t.Errorf("13800000001 is %+v", w)
	}
	history, err := st.Calls(t.Context(), store.CallFilter{Customer: w.ID})
	if err != nil || len(history.Items) < 3 {
		t.Errorf("history of %d calls, %v", len(history.Items), err)
	}
	tickets, err := st.Tickets(t.Context(), store.TicketFilter{Customer: w.ID, Kind: "complaint", Open: true})
	if err != nil || len(tickets.Items) != 1 {
		t.Fatalf("open complaints: %v, %v", tickets.Items, err)
	}
	complaint := tickets.Items[0]
	if complaint.State != ticket.Open || complaint.Number != "C-20261120-001" || complaint.Due == nil || !complaint.Due.After(now) {
		t.Errorf("complaint %+v", complaint)
	}
	taken, err := st.Call(t.Context(), complaint.Call)
	if err != nil || taken.Disposition != "complaint" || len(taken.Segments) != 1 || len(taken.Timeline) == 0 {
		t.Errorf("the complaint's call is %+v, %v", taken, err)
	}
}

// checkPastCall wants the times of a past call to add up as those of a real one do.
func checkPastCall(t *testing.T, c store.Call, now time.Time) {
	t.Helper()
	if c.EndedAt == nil || c.EndedAt.After(now) || c.CustomerName == "" {
		t.Errorf("call %+v", c)
		return
	}
	if c.BridgedAt == nil {
		if c.End.Cause != call.CauseAbandoned || c.EndedAt.Sub(*c.QueuedAt).Milliseconds() != c.WaitMS {
			t.Errorf("call without an agent: %+v", c)
		}
		return
	}
	if c.QueuedAt != nil && c.BridgedAt.Sub(*c.QueuedAt).Milliseconds() != c.WaitMS {
		t.Errorf("%s waited %v, wait_ms %d", c.ID, c.BridgedAt.Sub(*c.QueuedAt), c.WaitMS)
	}
	if c.EndedAt.Sub(*c.BridgedAt).Milliseconds() != c.TalkMS+c.HoldMS {
		t.Errorf("%s lasted %v, talk %d and hold %d", c.ID, c.EndedAt.Sub(*c.BridgedAt), c.TalkMS, c.HoldMS)
	}
	if c.Agent == "" || c.Extension == "" || c.End.Cause != call.CauseHangup {
		t.Errorf("call %+v", c)
	}
}

// Whom the records name is in the demo site.
func TestDemoRecordsFitTheDemoSite(t *testing.T) {
	list, problems := readDemoCustomers()
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	site := demoSite(t, Options{})
	for _, c := range list {
		if c.AccountManager != "" && site.User(c.AccountManager) == nil {
			t.Errorf("%s: no user %s", c.Name, c.AccountManager)
		}
		for _, past := range c.Calls {
			if past.Agent != "" && site.Agent(past.Agent) == nil || past.Queue != "" && site.Queue(past.Queue) == nil {
				t.Errorf("%s: call %+v", c.Name, past)
			}
			if past.To != "" && site.Number("demo", past.To) == nil {
				t.Errorf("%s: nothing is at %s", c.Name, past.To)
			}
		}
		for _, k := range c.Tickets {
			if site.TicketKind(k.Kind) == nil || site.User(k.Owner) == nil {
				t.Errorf("%s: ticket %+v", c.Name, k)
			}
		}
	}
}
