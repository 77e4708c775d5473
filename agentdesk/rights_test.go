package agentdesk

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/configs"
)

// people are one user of each of the demo's roles.
var people = []string{"amy", "lena", "sun", "carl", "admin"}

// Every route is asked by a stranger and by one user of each role; who may ask is as the site's roles say.
func TestEveryRouteLetsInWhomTheRolesSayAndNobodyElse(t *testing.T) {
	r := newRig(t)
	clients := map[string]*client{}
	for _, p := range people {
		clients[p] = r.as(p)
	}
	cells := 0
	for _, route := range r.Routes() {
		if route.Access.Nobody() {
			t.Errorf("%s %s lets nobody in: it has no access", route.Method, route.Path)
		}
		path := "/" + strings.NewReplacer("{id}", "no-such-id", "{$}", "").Replace(route.Path)
		if strings.HasPrefix(route.Path, web.Prefix) {
			path = strings.NewReplacer("{id}", "no-such-id").Replace(route.Path)
		}
		if route.Method == http.MethodDelete { // would sign the stranger's neighbours out; see TestEverySession…
			continue
		}
		method := route.Method
		if method == "" {
			method = http.MethodGet
		}
		ask := func(who string, c *client) {
			cells++
			got := c.do(method, path, bodyFor(method)).status
			want := 0
			switch {
			case who == "" && !route.Access.Public():
				want = http.StatusUnauthorized
			case who != "" && route.Access.Right() != "" && !mayAny(r.line.site, who, route.Access.Right()):
				want = http.StatusForbidden
			}
			in := got != http.StatusUnauthorized && got != http.StatusForbidden
			if route.Path == "/ws" || route.Path == web.Prefix+"/session" {
				in = true // these say 401 and 403 for reasons of their own
			}
			if want != 0 && got != want {
				t.Errorf("%s %s by %q: status %d, want %d", method, route.Path, who, got, want)
			}
			if want == 0 && !in {
				t.Errorf("%s %s by %q: status %d, though the roles allow it", method, route.Path, who, got)
			}
		}
		ask("", r.stranger())
		for who, c := range clients {
			ask(who, c)
		}
	}
	t.Logf("%d cells", cells)
}

func bodyFor(method string) any {
	if method == http.MethodGet {
		return nil
	}
	return map[string]any{}
}

func mayAny(s *configs.Site, user, action string) bool {
	for _, u := range s.Users {
		if string(u.ID) == user {
			return s.Scope(u.Roles, action) > configs.ScopeNone
		}
	}
	return false
}

// The commands of the websocket have the same table.
func TestEveryCommandAsksForARight(t *testing.T) {
	r := newRig(t)
	for name, access := range r.Commands() {
		if access.Nobody() {
			t.Errorf("command %q lets nobody in: it has no access", name)
		}
		if access.Right() != "" && configs.Actions()[access.Right()] == "" {
			t.Errorf("command %q asks for %q, which no role can grant", name, access.Right())
		}
	}
	// carl runs campaigns: no right to write tickets or control calls.
	carl := r.page("carl")
	for name, want := range map[string]string{proto.CmdTicket: "forbidden", proto.CmdHold: "forbidden", proto.CmdPing: ""} {
		if ack := carl.ask(name, map[string]string{}); ack.code() != want {
			t.Errorf("%s by carl: %q, want %q", name, ack.code(), want)
		}
	}
}

func TestEveryRightAskedForCanBeGranted(t *testing.T) {
	r := newRig(t)
	known := configs.Actions()
	for _, route := range r.Routes() {
		if route.Access.Right() != "" && known[route.Access.Right()] == "" {
			t.Errorf("%s %s asks for %q, which no role can grant", route.Method, route.Path, route.Access.Right())
		}
	}
}

// Which role reaches what is reviewed as text: run with LINEDESK_UPDATE=1 to write it anew.
func TestTheTableOfRights(t *testing.T) {
	r := newRig(t)
	var b strings.Builder
	for _, route := range r.Routes() {
		fmt.Fprintf(&b, "%-6s %-36s %s", route.Method, route.Path, route.Access)
		if route.Access.Right() != "" {
			b.WriteString(" =")
			for _, role := range slices.Sorted(maps.Keys(r.line.site.Roles)) {
				if s := r.line.site.Scope([]string{role}, route.Access.Right()); s > configs.ScopeNone {
					fmt.Fprintf(&b, " %s:%s", role, s)
				}
			}
		}
		b.WriteString("\n")
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	const file = "testdata/rights.txt"
	if os.Getenv("LINEDESK_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the table has changed; if that is meant, run with LINEDESK_UPDATE=1\n%s", got)
	}
}

// The description and the table are about the same routes.
func TestTheDescriptionNamesEveryRouteOfTheAPI(t *testing.T) {
	r := newRig(t)
	doc := r.stranger().get("/openapi.json").want(200)
	described := map[string]bool{}
	for path, ops := range doc.at("paths").(map[string]any) {
		for method := range ops.(map[string]any) {
			described[strings.ToUpper(method)+" "+web.Prefix+path] = true
		}
	}
	for _, route := range r.Routes() {
		key := route.Method + " " + route.Path
		raw := strings.Contains(route.Path, "openapi") || strings.HasSuffix(route.Path, "/recording")
		if strings.HasPrefix(route.Path, web.Prefix+"/") && route.Method != "" && !raw && !described[key] {
			t.Errorf("%s is not described", key)
		}
		delete(described, key)
	}
	for key := range described {
		t.Errorf("%s is described but not in the table", key)
	}
}

func TestAnAgentSeesOnlyItsOwn(t *testing.T) {
	r := newRig(t)
	r.logged(finished("c1", "amy", 1), finished("c2", "ben", 2))
	amy, sun := r.as("amy"), r.as("sun")
	if got := amy.get("/calls").want(200); got.len("items") != 1 || got.str("items", 0, "id") != "c1" {
		t.Errorf("amy sees %s", got.body)
	}
	amy.get("/calls/c2").code(404, "not_found")
	if got := amy.get("/calls?agent=ben").want(200); got.len("items") != 0 {
		t.Errorf("amy sees ben's calls: %s", got.body)
	}
	if got := sun.get("/calls").want(200); got.len("items") != 2 {
		t.Errorf("the supervisor sees %s", got.body)
	}
	sun.get("/calls/c2").want(200)
}

func TestWhoMayNotSeesNumbersMasked(t *testing.T) {
	r := newRig(t)
	role := r.line.site.Roles["agent"]
	role.Rights = slices.DeleteFunc(slices.Clone(role.Rights), func(x configs.Right) bool { return x.Action == web.UnmaskNumber })
	r.line.site.Roles["agent"] = role
	r.logged(finished("c1", "amy", 1))
	got := r.as("amy").get("/calls/c1").want(200)
	if s := string(got.body); strings.Contains(s, "13800000001") {
		t.Errorf("the number shows: %s", s)
	}
	if n := got.str("from", "raw"); n != "••••••••001" {
		t.Errorf("masked number %q", n)
	}
	if n := r.as("sun").get("/calls/c1").str("from", "raw"); n != "13800000001" {
		t.Errorf("the supervisor sees %q", n)
	}
}

func TestPagesAndTheirHeaders(t *testing.T) {
	pages := fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html>index")},
		"desk.html":           {Data: []byte("<!doctype html>desk")},
		"assets/desk-1a2b.js": {Data: []byte("export {}")},
		"assets/icon-xy.svg":  {Data: []byte("<svg/>")},
		"favicon.svg":         {Data: []byte("<svg/>")},
	}
	r := newRig(t, func(o *Options) { o.Pages = pages })
	c := r.stranger()
	for path, want := range map[string][3]string{
		"//":                    {"text/html; charset=utf-8", "no-cache", "index"},
		"//desk":                {"text/html; charset=utf-8", "no-cache", "desk"},
		"//assets/desk-1a2b.js": {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "export"},
		"//favicon.svg":         {"image/svg+xml", "no-cache", "svg"},
	} {
		got := c.get(path).want(200)
		if ct, cc := got.head.Get("Content-Type"), got.head.Get("Cache-Control"); ct != want[0] || cc != want[1] {
			t.Errorf("%s: %q, %q; want %q, %q", path, ct, cc, want[0], want[1])
		}
		if !strings.Contains(string(got.body), want[2]) {
			t.Errorf("%s: %s", path, got.body)
		}
		csp := got.head.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "script-src 'self' 'unsafe-inline'") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if got.head.Get("X-Content-Type-Options") != "nosniff" || got.head.Get("ETag") == "" {
			t.Errorf("%s: headers %v", path, got.head)
		}
	}
	c.get("//assets/../desk.html").want(307)
	c.get("//desk.html").code(404, "not_found")
	c.get("//no-such-page").code(404, "not_found")
	c.get("/no-such-route").code(404, "no_such_route")
	again := r.stranger()
	again.head.Set("If-None-Match", c.get("//favicon.svg").head.Get("ETag"))
	again.get("//favicon.svg").want(304)
}

// Somebody who mistypes an address gets a page with a way home, a program a problem.
func TestAWrongAddressGetsAPage(t *testing.T) {
	r := newRig(t, func(o *Options) {
		o.Pages = fstest.MapFS{"missing.html": {Data: []byte(`<a href="/">home</a>`)}, "desk.html": {Data: []byte("desk")}}
	})
	person := r.stranger()
	person.head.Set("Accept", "text/html,application/xhtml+xml")
	for _, path := range []string{"//no-such-page", "//desk/", "//desk.html", "//missing.html"} {
		got := person.get(path).want(404)
		if ct := got.head.Get("Content-Type"); ct != "text/html; charset=utf-8" || !strings.Contains(string(got.body), "home") {
			t.Errorf("%s: %s, %s", path, ct, got.body)
		}
		r.stranger().get(path).code(404, "not_found")
	}
	person.get("/no-such-route").code(404, "no_such_route")
}

func TestWithoutBuiltPagesThePlaceholderSaysSo(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Pages = fstest.MapFS{"placeholder.html": {Data: []byte("make build")}} })
	for _, path := range []string{"//", "//desk", "//board"} {
		if got := r.stranger().get(path).want(200); string(got.body) != "make build" {
			t.Errorf("%s: %s", path, got.body)
		}
	}
}

func TestAForeignPageCanDoNothing(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	c.head.Set("Origin", "https://evil.example")
	c.do("PUT", "/me/state", map[string]string{"state": "off"}).code(403, "foreign_origin")
	c.head.Set("Sec-Fetch-Site", "cross-site")
	c.do("DELETE", "/session", nil).code(403, "foreign_origin")
	if n := len(r.line.was()); n != 0 {
		t.Errorf("it reached the switchboard %d times", n)
	}
}
