package agentdesk

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/demosite"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/switchboard/live"
)

// rig is a running server over a real database and a real projection. In the switchboard's place is a
// ledger: what it is asked it writes down, and the events are the test's own.
type rig struct {
	*web.Server
	t    testing.TB
	line *ledger
	st   store.Store
	base string
	stop func()
}

type rigOption func(*Options)

// demoSite and demoFile are made once: a database with the demo's users in it, copied for each rig.
var (
	demoSite = sync.OnceValues(func() (*configs.Site, error) {
		site, _, err := demosite.Site(demosite.Options{})
		return site, err
	})
	demoFile = sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "agentdesk")
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		file := filepath.Join(dir, "demo.db")
		st, err := open.Open(context.Background(), file, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, err
		}
		site, err := demoSite()
		if err != nil {
			return nil, err
		}
		for _, u := range site.Users {
			row := store.User{ID: u.ID, Name: u.Names, Roles: u.Roles, Team: u.Team, Language: u.Language, PasswordHash: web.HashDemoPassword(u.Password)}
			if a := site.AgentOf(u.ID); a != nil {
				row.Agent = a.ID
			}
			if err := st.PutUser(context.Background(), row); err != nil {
				return nil, err
			}
		}
		if err := st.Close(); err != nil { // writes everything into the one file
			return nil, err
		}
		return os.ReadFile(file)
	})
)

func newRig(tb testing.TB, opts ...rigOption) *rig {
	tb.Helper()
	t := tb // kept in the rig
	body, err := demoFile()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	st, err := open.Open(t.Context(), file, logtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	site, _, err := demosite.Site(demosite.Options{}) // its own: some tests change it
	if err != nil {
		t.Fatal(err)
	}
	line := &ledger{site: site, live: live.New(site.Location), at: time.Now()}
	line.happened(call.NodeStarted{Node: "test"}, site.Routing())
	o := Options{Listen: "127.0.0.1:0", Calls: line, Live: line.live, Store: st, Recordings: t.TempDir(), Log: logtest.New(t)}
	for _, f := range opts {
		f(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("Run did not end")
		}
	})
	t.Cleanup(stop)
	return &rig{Server: s, t: t, line: line, st: st, base: "http://" + s.Addr().String(), stop: stop}
}

// eventually waits for a condition, at most ten seconds.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			tb.Fatalf("%s: did not happen", what)
		}
	}
}

// logged writes finished calls into the database as the projection does.
func (r *rig) logged(calls ...store.Call) {
	r.t.Helper()
	p, err := r.st.Position(r.t.Context(), "test", store.ProjectionCalls)
	if err != nil {
		r.t.Fatal(err)
	}
	err = r.st.Apply(r.t.Context(), "test", store.ProjectionCalls, store.Batch{
		From: p.Applied, Position: store.Position{Applied: p.Applied + 1, Safe: p.Applied + 1, At: time.Now()}, Calls: calls,
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) customer(c store.Customer) store.Customer {
	r.t.Helper()
	c, err := r.st.CreateCustomer(r.t.Context(), c, "admin")
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// wang puts 王芳 with an open ticket into the database.
func (r *rig) wang() store.Customer {
	r.t.Helper()
	c := r.customer(store.Customer{
		Name: "王芳", Grade: "AAA", AccountManager: "amy",
		Phones: []store.Phone{{Kind: "mobile", Raw: "13800000001", E164: "+8613800000001", Primary: true}},
	})
	_, err := r.st.CreateTicket(r.t.Context(), store.NewTicket{
		Ticket: store.Ticket{Kind: r.line.site.TicketKinds[0].ID, Subject: "late", State: "open", Customer: c.ID}, Series: "C-1",
	}, "admin")
	if err != nil {
		r.t.Fatal(err)
	}
	old := finished("old", "ben", 0)
	old.Customer, old.CustomerName = c.ID, c.Name
	r.logged(old)
	return c
}

// onShift signs an agent in at the browser.
func (r *rig) onShift(a call.AgentID) {
	r.line.happened(
		call.AgentSignedIn{Agent: a, Station: call.Station{Kind: call.StationWebRTC}}, call.StationUp{Agent: a},
		call.AgentStateChosen{Agent: a, State: call.ChoseReady},
		call.AgentStatusChanged{Agent: a, Status: call.StatusReady, Chosen: call.ChoseReady})
}

// rings brings a call of 王芳 to an agent.
func (r *rig) rings(id call.ID, a call.AgentID, customer call.CustomerID) {
	r.line.happened(
		call.CallArrived{Call: id, Leg: "far", Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "13800000001", E164: "+8613800000001"}}, To: call.Number{Raw: "4000"}, Trunk: "demo"},
		call.CallAnswered{Call: id, Leg: "far"},
		call.FlowEntered{Call: id, Flow: "main", Version: 1}, call.FlowStepped{Call: id, Flow: "main", Node: "menu", Exit: "2", Digits: "2"})
	if customer != "" {
		r.line.happened(call.CustomerIdentified{Call: id, Customer: customer, Grade: "AAA", Name: "王芳"})
	}
	r.line.happened(
		call.CallQueued{Call: id, Queue: "support"},
		call.CallOffered{Call: id, Offer: call.OfferID("offer-" + id), Queue: "support", Agent: a, Until: time.Now().Add(15 * time.Second)},
		call.AgentStatusChanged{Agent: a, Status: call.StatusOffered, Call: id, Queue: "support", Chosen: call.ChoseReady})
}

func (r *rig) talks(id call.ID, a call.AgentID) {
	r.line.happened(
		call.OfferAnswered{Call: id, Offer: call.OfferID("offer-" + id), Agent: a, Leg: "near"},
		call.Bridged{Call: id, Offer: call.OfferID("offer-" + id), Agent: a, Leg: "near"},
		call.AgentStatusChanged{Agent: a, Status: call.StatusTalking, Call: id, Queue: "support", Chosen: call.ChoseReady})
}

func (r *rig) wrapsUp(id call.ID, a call.AgentID) {
	until := time.Now().Add(30 * time.Second)
	r.line.happened(
		call.CallerLeft{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}},
		call.TalkEnded{Call: id, Agent: a, Offer: call.OfferID("offer-" + id), By: call.ByCaller},
		call.CallEnded{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}},
		call.WrapUpStarted{Call: id, Agent: a, Until: until},
		call.AgentStatusChanged{Agent: a, Status: call.StatusWrapUp, Call: id, Queue: "support", Chosen: call.ChoseReady, Until: &until})
}
