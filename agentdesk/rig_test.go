package agentdesk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/live"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
)

// rig is a running server over a real database and a real projection. In the switchboard's place is a
// ledger: what it is asked it writes down, and the events are the test's own.
type rig struct {
	*Server
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
		site, _, err := configs.Demo(configs.DemoOptions{})
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
			row := store.User{ID: u.ID, Name: u.Names, Roles: u.Roles, Team: u.Team, Language: u.Language, PasswordHash: HashDemoPassword(u.Password)}
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
	st, err := open.Open(t.Context(), file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	site, _, err := configs.Demo(configs.DemoOptions{}) // its own: some tests change it
	if err != nil {
		t.Fatal(err)
	}
	line := &ledger{site: site, live: live.New(site.Location), at: time.Now()}
	line.happened(call.NodeStarted{Node: "test"}, site.Routing())
	o := Options{Listen: "127.0.0.1:0", Calls: line, Live: line.live, Store: st, Recordings: t.TempDir()}
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

// ledger stands where the switchboard stands. It keeps what it was asked and gives the live projection
// the events that the test says happened.
type ledger struct {
	site *configs.Site
	live *live.Live

	mu      sync.Mutex
	seq     uint64
	at      time.Time
	asked   []string
	fail    error         // answer of every command
	slow    chan struct{} // commands wait for it, if not nil
	unready error
}

func (l *ledger) happened(events ...call.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		l.seq++
		if now := time.Now(); now.After(l.at) {
			l.at = now
		}
		l.live.Apply(call.Record{Seq: l.seq, At: l.at.UTC().Truncate(time.Microsecond), Event: e})
	}
}

func (l *ledger) note(format string, args ...any) error {
	l.mu.Lock()
	l.asked = append(l.asked, fmt.Sprintf(format, args...))
	err, slow := l.fail, l.slow
	l.mu.Unlock()
	if slow != nil {
		<-slow
	}
	return err
}

func (l *ledger) was() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asked)
}

func (l *ledger) count(what string) int {
	n := 0
	for _, a := range l.was() {
		if strings.HasPrefix(a, what) {
			n++
		}
	}
	return n
}

func (l *ledger) SignIn(_ context.Context, a call.AgentID, s call.Station) error {
	return l.note("sign in %s %s", a, s.Kind)
}

func (l *ledger) ChooseStation(_ context.Context, a call.AgentID, s call.Station) error {
	return l.note("station %s %s %s%s", a, s.Kind, s.Extension, s.Number)
}

func (l *ledger) ChooseState(_ context.Context, a call.AgentID, s call.ChosenState, r call.ReasonID, by call.UserID) error {
	return l.note("state %s %s %s by %q", a, s, r, by)
}
func (l *ledger) DeskSeen(a call.AgentID, _ string) { _ = l.note("desk seen %s", a) }
func (l *ledger) DeskLost(a call.AgentID, _ string) { _ = l.note("desk lost %s", a) }
func (l *ledger) BrowserOffer(_ context.Context, a call.AgentID, _, sdp string) (string, error) {
	return "answer to " + sdp, l.note("browser %s", a)
}

func (l *ledger) Answer(_ context.Context, a call.AgentID, o call.OfferID) error {
	return l.note("answer %s %s", a, o)
}

func (l *ledger) Decline(_ context.Context, a call.AgentID, o call.OfferID) error {
	return l.note("decline %s %s", a, o)
}

func (l *ledger) PlaceCall(_ context.Context, a call.AgentID, to string) (call.ID, error) {
	return "placed", l.note("place %s %s", a, to)
}

func (l *ledger) Hold(_ context.Context, a call.AgentID, c call.ID) error {
	return l.note("hold %s %s", a, c)
}

func (l *ledger) Resume(_ context.Context, a call.AgentID, c call.ID) error {
	return l.note("resume %s %s", a, c)
}

func (l *ledger) HangUp(_ context.Context, a call.AgentID, c call.ID) error {
	return l.note("hang up %s %s", a, c)
}

func (l *ledger) Mute(_ context.Context, a call.AgentID, c call.ID, on bool) error {
	return l.note("mute %s %s %v", a, c, on)
}

func (l *ledger) SendDTMF(_ context.Context, a call.AgentID, c call.ID, d string) error {
	return l.note("dtmf %s %s %s", a, c, d)
}

func (l *ledger) SaveWrapUp(_ context.Context, a call.AgentID, c call.ID, d call.CodeID, n string) error {
	return l.note("save %s %s %s %q", a, c, d, n)
}

func (l *ledger) FinishWrapUp(_ context.Context, a call.AgentID, c call.ID) error {
	return l.note("finish %s %s", a, c)
}

func (l *ledger) OpenTicket(_ context.Context, t call.TicketOpened) (call.TicketID, error) {
	return "ticket-1", l.note("ticket %s %s %q by %s", t.Call, t.Kind, t.Subject, t.By)
}
func (l *ledger) Site() *configs.Site { return l.site }
func (l *ledger) Ready() error        { return l.unready }

// client is one signed-in browser.
type client struct {
	r     *rig
	token string
	head  http.Header
}

// as gives a demo user's browser with a session. signIn does it by the password, which takes its time.
func (r *rig) as(user string) *client {
	r.t.Helper()
	u, err := r.st.User(r.t.Context(), call.UserID(user))
	if err != nil {
		r.t.Fatal(err)
	}
	token, _, err := r.sessions.create(r.t.Context(), u)
	if err != nil {
		r.t.Fatal(err)
	}
	return &client{r: r, head: http.Header{}, token: token}
}

func (r *rig) signIn(user string) *client {
	r.t.Helper()
	c := &client{r: r, head: http.Header{}}
	c.token = c.do("POST", "/session", map[string]string{"user": user, "password": "demo-" + user}).want(200).str("token")
	return c
}

func (r *rig) stranger() *client { return &client{r: r, head: http.Header{}} }

type answered struct {
	t      testing.TB
	what   string
	status int
	head   http.Header
	body   []byte
	val    any
}

func (c *client) do(method, path string, body any) answered {
	c.r.t.Helper()
	var rd io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		rd = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			c.r.t.Fatal(err)
		}
		rd = bytes.NewReader(raw)
	}
	url := c.r.base + path
	if !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "//") {
		url = c.r.base + apiPrefix + path
	}
	url = strings.Replace(url, c.r.base+"//", c.r.base+"/", 1) // "//healthz" is outside the API
	req, err := http.NewRequestWithContext(c.r.t.Context(), method, url, rd)
	if err != nil {
		c.r.t.Fatal(err)
	}
	maps.Copy(req.Header, c.head)
	if rd != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.AddCookie(&http.Cookie{Name: cookiePlain, Value: c.token})
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		c.r.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.r.t.Fatal(err)
	}
	a := answered{t: c.r.t, what: method + " " + path, status: resp.StatusCode, head: resp.Header, body: raw}
	if len(raw) > 0 && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &a.val); err != nil {
			c.r.t.Fatalf("%s: %v in %s", a.what, err, raw)
		}
	}
	return a
}

func (c *client) get(path string) answered { c.r.t.Helper(); return c.do("GET", path, nil) }

func (a answered) want(status int) answered {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d: %s", a.what, a.status, status, a.body)
	}
	return a
}

// code checks status and code of a problem.
func (a answered) code(status int, code string) answered {
	a.t.Helper()
	a.want(status)
	if got := a.str("code"); got != code {
		a.t.Fatalf("%s: code %q, want %q: %s", a.what, got, code, a.body)
	}
	if ct := a.head.Get("Content-Type"); ct != "application/problem+json" {
		a.t.Errorf("%s: problem has Content-Type %q", a.what, ct)
	}
	return a
}

// at walks into the answer: at("items", 0, "id").
func (a answered) at(path ...any) any {
	a.t.Helper()
	v := a.val
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				a.t.Fatalf("%s: no %v in %s", a.what, path, a.body)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				a.t.Fatalf("%s: no %v in %s", a.what, path, a.body)
			}
			v = l[p]
		}
	}
	return v
}

func (a answered) str(path ...any) string {
	a.t.Helper()
	s, _ := a.at(path...).(string)
	return s
}

func (a answered) len(path ...any) int {
	a.t.Helper()
	l, _ := a.at(path...).([]any)
	return len(l)
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
	p, err := r.st.Position(r.t.Context(), "test")
	if err != nil {
		r.t.Fatal(err)
	}
	err = r.st.Apply(r.t.Context(), "test", store.Batch{
		From: p.Applied, Position: store.Position{Applied: p.Applied + 1, Safe: p.Applied + 1, At: time.Now()}, Calls: calls,
	})
	if err != nil {
		r.t.Fatal(err)
	}
}
