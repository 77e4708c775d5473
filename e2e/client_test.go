package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"
)

// client is a signed-in user of the API.
type client struct {
	t    testing.TB
	base string
	http *http.Client
}

// in is the same user in a subtest, whose failures are the subtest's.
func (c *client) in(tb testing.TB) *client {
	tb.Helper()
	d := *c
	d.t = tb
	return &d
}

// newClient is a visitor who has not signed in.
func (s *server) newClient() *client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	ok(s.t, err)
	return &client{t: s.t, base: "http://" + s.http + "/api/v1", http: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

// signIn opens a session as one of the demo's users.
func (s *server) signIn(user string) *client {
	s.t.Helper()
	c := s.newClient()
	c.must(http.MethodPost, "/session", map[string]string{"user": user, "password": "demo-" + user}, nil)
	return c
}

// statusError is an answer other than 2xx.
type statusError struct {
	Code int
	Body string
	what string
}

func (e *statusError) Error() string { return fmt.Sprintf("%s: %d: %s", e.what, e.Code, e.Body) }

// do sends a request and reads the answer into out, if it is not nil. An answer other than 2xx is a
// statusError.
func (c *client) do(method, path string, body, out any) error {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, c.base+path, in)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return &statusError{res.StatusCode, string(b), method + " " + path}
	}
	switch out := out.(type) {
	case nil:
		return nil
	case *[]byte:
		*out = b
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%s %s: %w in %s", method, path, err, b)
	}
	return nil
}

// must is do, and ends the test if it fails.
func (c *client) must(method, path string, body, out any) {
	c.t.Helper()
	ok(c.t, c.do(method, path, body, out))
}

// ready signs the agent in at a station and makes it ready.
func (c *client) ready(station map[string]string) {
	c.t.Helper()
	c.must(http.MethodPut, "/me/station", station, nil)
	c.must(http.MethodPut, "/me/state", map[string]string{"state": "ready"}, nil)
}
