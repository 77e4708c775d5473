package agentdesk

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

func TestSignInGivesCookieAndToken(t *testing.T) {
	r := newRig(t)
	got := r.stranger().do("POST", "/session", map[string]string{"user": "amy", "password": "demo-amy"}).want(200)
	cookie := got.head.Get("Set-Cookie")
	for _, want := range []string{"linedesk_session=" + got.str("token"), "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q lacks %q", cookie, want)
		}
	}
	if strings.Contains(cookie, "Secure") {
		t.Errorf("cookie %q is Secure, which plain http on loopback would not send back", cookie)
	}
	if got := got.str("user", "agent"); got != "amy" {
		t.Errorf("agent %q, want amy", got)
	}

	bearer := r.stranger()
	bearer.head.Set("Authorization", "Bearer "+got.str("token"))
	me := bearer.get("/me").want(200)
	if got := me.str("extension"); got != "1001" {
		t.Errorf("extension %q, want 1001", got)
	}
	row, err := r.st.Session(t.Context(), store.HashToken(got.str("token")))
	if err != nil || row.User != "amy" {
		t.Errorf("the session in the database: %+v, %v", row, err)
	}
}

func TestEverySessionOfAUserStandsAlone(t *testing.T) {
	r := newRig(t)
	one, two := r.as("ben"), r.as("ben")
	out := one.do("DELETE", "/session", nil).want(204)
	if c := out.head.Get("Set-Cookie"); !strings.Contains(c, "Max-Age=0") {
		t.Errorf("signing out leaves the cookie: %q", c)
	}
	one.get("/me").code(401, "signed_out")
	two.get("/me").want(200)
}

func TestWrongPasswordAndUnknownUserAreToldTheSame(t *testing.T) {
	r := newRig(t)
	u, err := r.st.User(t.Context(), "chen")
	if err != nil {
		t.Fatal(err)
	}
	u.Disabled = true
	if err := r.st.PutUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	want := r.stranger().do("POST", "/session", map[string]string{"user": "amy", "password": "wrong"}).code(401, "wrong_credentials")
	for user, password := range map[string]string{"nobody": "wrong", "chen": "demo-chen", "amy\x00": "demo-amy", "AMY": "x"} {
		got := r.stranger().do("POST", "/session", map[string]string{"user": user, "password": password})
		if string(got.body) != string(want.body) || got.status != want.status {
			t.Errorf("user %q is told %s, amy %s", user, got.body, want.body)
		}
	}
}

func TestASignInReplacesAWeakHash(t *testing.T) {
	r := newRig(t)
	r.signIn("dan")
	u, err := r.st.User(t.Context(), "dan")
	if err != nil {
		t.Fatal(err)
	}
	if full := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(u.PasswordHash, full) {
		t.Errorf("the hash is %q, want the cost %s", u.PasswordHash, full)
	}
	r.signIn("dan")
}

func TestOnlyFailuresAreLimited(t *testing.T) {
	r := newRig(t)
	for range 8 {
		r.signIn("amy")
	}
	c := r.stranger()
	for range 5 {
		c.do("POST", "/session", map[string]string{"user": "amy", "password": "guess"}).code(401, "wrong_credentials")
	}
	got := c.do("POST", "/session", map[string]string{"user": "amy", "password": "guess"}).code(429, "too_many_failures")
	if got.head.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	r.signIn("ben") // others are not touched by it
}

func TestSessionsEndWhenIdleAndWhenOld(t *testing.T) {
	now := time.Now()
	r := newRig(t, func(o *Options) { o.Now = func() time.Time { return now } })
	idle, old := r.as("amy"), r.as("amy")
	for range 12 * 3 { // used every 20 minutes
		now = now.Add(20 * time.Minute)
		if time.Until(now) < 12*time.Hour-time.Minute {
			old.get("/me").want(200)
		}
	}
	idle.get("/me").code(401, "signed_out")
	now = now.Add(20 * time.Minute)
	old.get("/me").code(401, "signed_out")
}

func TestADisabledUserIsOut(t *testing.T) {
	now := time.Now()
	r := newRig(t, func(o *Options) { o.Now = func() time.Time { return now } })
	c := r.as("amy")
	u, err := r.st.User(t.Context(), "amy")
	if err != nil {
		t.Fatal(err)
	}
	u.Disabled = true
	if err := r.st.PutUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	now = now.Add(6 * time.Second)
	c.get("/me").code(401, "signed_out")
}

// awayStore loses its database.
type awayStore struct {
	store.Store
	away *bool
}

func (a awayStore) Session(ctx context.Context, hash string) (store.Session, error) {
	if *a.away {
		return store.Session{}, context.DeadlineExceeded
	}
	return a.Store.Session(ctx, hash)
}

func (a awayStore) User(ctx context.Context, id call.UserID) (store.User, error) {
	if *a.away {
		return store.User{}, context.DeadlineExceeded
	}
	return a.Store.User(ctx, id)
}

// countingStore has lost its calls.
type countingStore struct {
	store.Store
	asked *atomic.Int32
}

func (c countingStore) Calls(context.Context, store.CallFilter) (store.Page[store.Call], error) {
	c.asked.Add(1)
	return store.Page[store.Call]{}, context.DeadlineExceeded
}

func TestADeskThatOpensWithTheDatabaseAwayAsksNowAndThen(t *testing.T) {
	var asked atomic.Int32
	r := newRig(t, func(o *Options) { o.Store = countingStore{o.Store, &asked} })
	r.onShift("amy")
	r.page("amy").desk()
	eventually(t, "the second look", func() bool { return asked.Load() >= 2 })
	if n := asked.Load(); n > 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestWhoIsSignedInStaysSoWithTheDatabaseAway(t *testing.T) {
	now, away := time.Now(), false
	r := newRig(t, func(o *Options) {
		o.Now = func() time.Time { return now }
		o.Store = awayStore{o.Store, &away}
	})
	c := r.as("amy")
	c.get("/me").want(200) // from here on it is known
	away = true
	now = now.Add(6 * time.Second)
	c.get("/me").want(200)
	r.stranger().do("POST", "/session", map[string]string{"user": "ben", "password": "demo-ben"}).want(503)
}
