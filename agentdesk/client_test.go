package agentdesk

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// cookieName is the session's, on plain http.
const cookieName = "linedesk_session"

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
	token := rand.Text()
	err = r.st.CreateSession(r.t.Context(), store.Session{
		TokenHash: store.HashToken(token), User: u.ID, CreatedAt: r.Now(), LastSeen: r.Now(), Expires: r.Now().Add(12 * time.Hour),
	})
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
		url = c.r.base + web.Prefix + path
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
		req.AddCookie(&http.Cookie{Name: cookieName, Value: c.token})
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
