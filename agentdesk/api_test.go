package agentdesk

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard"
)

var day = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)

// finished is a call of 王芳 that an agent took, so many minutes into the day.
func finished(id call.ID, agent call.AgentID, minute int) store.Call {
	at := day.Add(time.Duration(minute) * time.Minute)
	after := func(d time.Duration) *time.Time { t := at.Add(d); return &t }
	return store.Call{
		ID: id, Direction: call.Inbound, From: call.Number{Raw: "13800000001", E164: "+8613800000001"}, FromName: "王芳",
		To: call.Number{Raw: "4001"}, Queue: "support", Agent: agent, Extension: "1001", Trunk: "demo",
		ArrivedAt: at, AnsweredAt: after(0), QueuedAt: after(0), BridgedAt: after(4 * time.Second), EndedAt: after(64 * time.Second),
		End: call.End{By: call.ByCaller, Cause: call.CauseHangup}, WaitMS: 4000, RingMS: 2000, TalkMS: 55_000, HoldMS: 5000,
		Segments: []store.Segment{{Offer: "o", Queue: "support", Agent: agent, OfferedAt: at, BridgedAt: after(4 * time.Second), TalkMS: 55_000}},
		Legs:     []store.Leg{{ID: "leg", StartedAt: at, Quality: call.Quality{MOS: 4.2, Codec: "PCMA"}}},
		Timeline: []store.TimelineEntry{{At: at, Seq: 7, Type: "call_arrived"}, {At: *after(time.Second), Seq: 8, Type: "call_queued", Queue: "support"}},
		Quality:  &call.Quality{MOS: 4.2, Codec: "PCMA"},
	}
}

func TestCallsAreListedNewestFirst(t *testing.T) {
	r := newRig(t)
	var calls []store.Call
	for i := range 7 {
		calls = append(calls, finished(call.ID(fmt.Sprintf("c%d", i)), "amy", i))
	}
	r.logged(calls...)
	c := r.as("sun")
	var got []string
	for cursor := ""; ; {
		page := c.get("/calls?limit=3&cursor=" + url.QueryEscape(cursor)).want(200)
		for i := range page.len("items") {
			got = append(got, page.str("items", i, "id"))
		}
		if page.at("next") == nil {
			break
		}
		cursor = page.str("next")
	}
	if want := "c6 c5 c4 c3 c2 c1 c0"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	one := c.get("/calls?number=138+0000+0001&queue=support&agent=amy&direction=inbound&limit=1&from=2026-11-22T01:02:00Z&to=2026-11-22T01:04:00Z").want(200)
	if one.len("items") != 1 || one.str("items", 0, "id") != "c3" {
		t.Errorf("filtered: %s", one.body)
	}
	item := one
	for field, want := range map[string]any{
		"arrived_at": "2026-11-22T01:03:00.000Z", "queue": "support", "agent": "amy", "extension": "1001", "wait_ms": 4000.0,
		"ring_ms": 2000.0, "talk_ms": 55_000.0, "hold_ms": 5000.0, "state": "ended",
	} {
		if got := item.at("items", 0, field); got != want {
			t.Errorf("%s = %v, want %v", field, got, want)
		}
	}
	if by, cause := item.str("items", 0, "end", "by"), item.str("items", 0, "end", "cause"); by != "caller" || cause != "hangup" {
		t.Errorf("end by %q, cause %q", by, cause)
	}
	// A day is the site's: the 22nd in Shanghai ends at 16:00 UTC.
	if n := c.get("/calls?from=2026-11-22&to=2026-11-23").want(200).len("items"); n != 7 {
		t.Errorf("%d calls on the day, want 7", n)
	}
}

func TestACallHasItsStory(t *testing.T) {
	r := newRig(t)
	r.logged(finished("c1", "amy", 0))
	got := r.as("sun").get("/calls/c1").want(200)
	if got.len("timeline") != 2 || got.str("timeline", 1, "type") != "call_queued" || got.str("timeline", 1, "at") != "2026-11-22T01:00:01.000Z" {
		t.Errorf("timeline: %s", got.body)
	}
	if got.str("legs", 0, "quality", "codec") != "PCMA" || got.len("segments") != 1 || got.at("recording") != nil {
		t.Errorf("detail: %s", got.body)
	}
}

func TestBadQueriesAreNamed(t *testing.T) {
	c := newRig(t).as("sun")
	for query, want := range map[string][2]string{
		"limit=0":                          {"bad_value", "limit"},
		"limit=201":                        {"bad_value", "limit"},
		"limit=many":                       {"bad_value", "limit"},
		"limt=5":                           {"unknown_parameter", "limt"},
		"from=yesterday":                   {"bad_value", "from"},
		"direction=up":                     {"bad_value", "direction"},
		"cursor=%00%ff":                    {"bad_cursor", ""},
		"cursor=zzz":                       {"bad_cursor", ""},
		"live=perhaps":                     {"bad_value", "live"},
		"to=2026-13-01":                    {"bad_value", "to"},
		"queue=" + strings.Repeat("x", 65): {"bad_value", "queue"},
	} {
		got := c.get("/calls?"+query).code(422, want[0])
		if want[1] != "" && got.str("params", "field") != want[1] {
			t.Errorf("%s: names %q, want %q: %s", query, got.str("params", "field"), want[1], got.body)
		}
	}
}

func TestUnknownFieldsAreRefusedByName(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	got := c.do("PUT", "/me/state", `{"state":"ready","resaon":"lunch"}`).code(422, "unknown_field")
	if got.str("params", "field") != "resaon" {
		t.Errorf("names %q", got.str("params", "field"))
	}
	c.do("PUT", "/me/state", `{"State":"ready"}`).want(422)
	c.do("PUT", "/me/state", `{"state":"asleep"}`).code(422, "bad_value")
	c.do("PUT", "/me/state", `{}`).code(422, "missing_field")
	c.do("PUT", "/me/state", `{"state":`).want(400)
	c.do("PUT", "/me/state", `[]`).want(422)
	c.do("PUT", "/me/state", strings.Repeat("x", (256<<10)+1)).want(413)
	secret := r.stranger().do("POST", "/session", `{"user":"amy","password":"demo-amy","extra":1}`).code(422, "unknown_field")
	if strings.Contains(string(secret.body), "demo-amy") {
		t.Errorf("the password comes back: %s", secret.body)
	}
	if n := len(r.line.was()); n != 0 {
		t.Errorf("%d of them reached the switchboard", n)
	}
}

func TestAnAgentsWishesReachTheSwitchboard(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	c.do("PUT", "/me/station", map[string]string{"kind": "sip"}).want(200)
	c.do("PUT", "/me/station", map[string]string{"kind": "pstn", "number": "13900000000"}).want(200)
	c.do("PUT", "/me/station", map[string]string{"kind": "sip", "extension": "1002"}).code(409, "extension_taken")
	c.do("PUT", "/me/station", map[string]string{"kind": "pstn"}).code(422, "missing_field")
	c.do("PUT", "/me/state", map[string]string{"state": "paused", "reason": "lunch"}).want(200)
	placed := c.do("POST", "/calls", map[string]string{"to": "13800000001"}).want(201)
	if placed.str("id") != "placed" || placed.head.Get("Location") != "/api/v1/calls/placed" {
		t.Errorf("placed: %s, %v", placed.body, placed.head)
	}
	for _, verb := range []string{"hold", "resume", "mute", "unmute", "hangup"} {
		c.do("POST", "/calls/x/"+verb, nil).want(200)
	}
	c.do("POST", "/calls/x/dtmf", map[string]string{"digits": "12#"}).want(200)
	c.do("POST", "/calls/x/dtmf", map[string]string{"digits": "hello"}).want(422)
	c.do("POST", "/calls/x/answer", nil).code(404, "not_found")
	want := []string{
		"station amy sip 1001", "station amy pstn 13900000000", `state amy paused lunch by ""`, "place amy 13800000001",
		"hold amy x", "resume amy x", "mute amy x true", "mute amy x false", "hang up amy x", "dtmf amy x 12#",
	}
	if got := r.line.was(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	r.as("sun").do("PUT", "/agents/amy/state", map[string]string{"state": "ready"}).want(200)
	r.as("sun").do("PUT", "/agents/nobody/state", map[string]string{"state": "ready"}).code(404, "not_found")
	if got := r.line.was(); got[len(got)-1] != `state amy ready  by "sun"` {
		t.Errorf("a supervisor's wish: %q", got[len(got)-1])
	}
	r.as("sun").do("PUT", "/me/state", map[string]string{"state": "ready"}).code(409, "no_agent")
}

func TestTheSwitchboardsNoReachesTheClientWithItsCode(t *testing.T) {
	logtest.Expect(t, "request not carried out")
	r := newRig(t)
	r.line.fail = fmt.Errorf("place: %w", &switchboard.RefusedError{Code: "agent_busy", Params: map[string]string{"status": "talking"}, Status: 409})
	got := r.as("amy").do("POST", "/calls", map[string]string{"to": "1"}).code(409, "agent_busy")
	if got.str("params", "status") != "talking" {
		t.Errorf("params: %s", got.body)
	}
	r.line.fail = errors.New("secret path /var/lib")
	got = r.as("amy").do("POST", "/calls", map[string]string{"to": "1"}).code(503, "unavailable")
	if strings.Contains(string(got.body), "secret") {
		t.Errorf("our own trouble shows: %s", got.body)
	}
}

func TestLiveCallsAreListedApart(t *testing.T) {
	r := newRig(t)
	for i := range 5 {
		id := call.ID(fmt.Sprintf("0%d", i))
		r.line.happened(
			call.CallArrived{Call: id, Leg: call.LegID("l" + id), Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "13800000001"}}, To: call.Number{Raw: "4001"}, Trunk: "demo"},
			call.CallQueued{Call: id, Queue: "support"})
	}
	c := r.as("sun")
	first := c.get("/calls?live=true&limit=3&queue=support").want(200)
	if first.len("items") != 3 || first.str("items", 0, "id") != "04" || first.str("items", 0, "state") != "waiting" {
		t.Fatalf("first page: %s", first.body)
	}
	r.line.happened(call.CallerLeft{Call: "02", End: call.End{By: call.ByCaller, Cause: call.CauseAbandoned}}, call.CallEnded{Call: "02", End: call.End{By: call.ByCaller, Cause: call.CauseAbandoned}})
	second := c.get("/calls?live=true&limit=3&cursor=" + first.str("next")).want(200)
	if second.len("items") != 2 || second.str("items", 0, "id") != "01" || second.at("next") != nil {
		t.Errorf("second page, after the last of the first one ended: %s", second.body)
	}
	if got := c.get("/calls").want(200); got.len("items") != 0 {
		t.Errorf("calls in progress are among the finished ones: %s", got.body)
	}
	if got := c.get("/calls/01").want(200); got.str("state") != "waiting" || got.at("ended_at") != nil || got.at("end") != nil {
		t.Errorf("a call in progress: %s", got.body)
	}
	queues := c.get("/queues").want(200)
	for i := range queues.len("items") {
		if queues.str("items", i, "id") == "support" && queues.at("items", i, "waiting") != 4.0 {
			t.Errorf("support: %v", queues.at("items", i))
		}
	}
	if got := c.get("/agents").want(200); got.len("items") != 20 || got.str("items", 0, "name", "zh-CN") == "" {
		t.Errorf("agents: %s", got.body)
	}
}

func TestCustomersAreMadeFoundAndChanged(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	made := c.do("POST", "/customers", map[string]any{
		"name": "王芳", "grade": "AAA", "account_manager": "amy", "phones": []any{map[string]any{"kind": "mobile", "raw": "138 0000 0001", "primary": true}},
	}).want(201)
	id := made.str("id")
	if made.head.Get("ETag") != `"1"` || made.str("phones", 0, "e164") != "+8613800000001" || made.head.Get("Location") != "/api/v1/customers/"+id {
		t.Errorf("made: %s, %v", made.body, made.head)
	}
	for _, phone := range []string{"13800000001", "%2B8613800000001", "138-0000-0001"} {
		if got := c.get("/customers?phone=" + phone).want(200); got.len("items") != 1 || got.str("items", 0, "id") != id {
			t.Errorf("by %s: %s", phone, got.body)
		}
	}
	if got := c.get("/customers?q=" + url.QueryEscape("王")).want(200); got.len("items") != 1 {
		t.Errorf("by name: %s", got.body)
	}
	changed := c.do("PATCH", "/customers/"+id, map[string]any{"notes": "likes tea", "version": 1}).want(200)
	if changed.head.Get("ETag") != `"2"` || changed.str("name") != "王芳" || changed.str("notes") != "likes tea" || changed.len("phones") != 1 {
		t.Errorf("changed: %s", changed.body)
	}
	c.do("PATCH", "/customers/"+id, map[string]any{"notes": "x", "version": 1}).code(409, "changed_meanwhile")
	c.head.Set("If-Match", `"1"`)
	c.do("PATCH", "/customers/"+id, map[string]any{"notes": "x"}).code(412, "changed_meanwhile")
	c.head.Set("If-Match", `"2"`)
	c.do("PATCH", "/customers/"+id, map[string]any{"grade": ""}).want(200)
	c.head.Del("If-Match")
	c.do("PATCH", "/customers/"+id, map[string]any{"account_manager": "nobody"}).code(422, "unknown_user")
	c.do("PATCH", "/customers/none", map[string]any{"notes": "x"}).code(404, "not_found")
	c.do("POST", "/customers", map[string]any{"company": "no name"}).code(422, "missing_field")
	c.do("POST", "/customers", map[string]any{"name": "a", "grade": "C"}).code(422, "bad_value")
	if got := r.as("sun").get("/customers/" + id + "/audit").want(200); got.len("items") != 3 || got.str("items", 0, "by") != "amy" {
		t.Errorf("audit: %s", got.body)
	}
}

func TestHostileTextComesBackAsText(t *testing.T) {
	c := newRig(t).as("amy")
	for _, name := range []string{`<img src=x onerror=alert(1)>`, `Robert'); DROP TABLE customers;--`, `=cmd|' /C calc'!A0`, "\u202Egnp.exe", `</script>`} {
		got := c.do("POST", "/customers", map[string]any{"name": name}).want(201)
		back := c.get("/customers/" + got.str("id")).want(200)
		if ct := back.head.Get("Content-Type"); ct != "application/json" {
			t.Errorf("Content-Type %q", ct)
		}
		if !strings.Contains(name, "\u202E") && back.str("name") != name {
			t.Errorf("stored %q, came back %q", name, back.str("name"))
		}
	}
}

func TestTicketsAreOpenedAndMoved(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	kind := r.line.site.TicketKinds[0]
	made := c.do("POST", "/tickets", map[string]any{"kind": kind.ID, "subject": "late delivery", "urgency": "urgent"}).want(201)
	id := made.str("id")
	if !strings.HasPrefix(made.str("number"), kind.Prefix+"-") || made.str("state") != kind.States[0].ID || made.str("owner") != "amy" {
		t.Errorf("made: %s", made.body)
	}
	if kind.Due["urgent"] > 0 && made.at("due_at") == nil {
		t.Errorf("nothing is promised: %s", made.body)
	}
	last := kind.States[len(kind.States)-1]
	moved := c.do("PATCH", "/tickets/"+id, map[string]any{"state": last.ID, "version": 1}).want(200)
	if last.Closed && moved.at("closed_at") == nil {
		t.Errorf("closed without a moment: %s", moved.body)
	}
	c.do("PATCH", "/tickets/"+id, map[string]any{"state": kind.States[0].ID}).want(200)
	if got := c.get("/tickets/" + id).want(200); got.at("closed_at") != nil {
		t.Errorf("opened again, still closed: %s", got.body)
	}
	c.do("PATCH", "/tickets/"+id, map[string]any{"state": "lost"}).code(422, "unknown_state")
	c.do("PATCH", "/tickets/"+id, map[string]any{"subject": " "}).code(422, "bad_value")
	c.do("POST", "/tickets", map[string]any{"kind": "none", "subject": "x"}).code(422, "unknown_ticket_kind")
	if got := c.get("/tickets?open=true&kind=" + kind.ID).want(200); got.len("items") != 1 {
		t.Errorf("open ones: %s", got.body)
	}
}

func TestATicketFromACallIsAnEvent(t *testing.T) {
	r := newRig(t)
	r.logged(finished("c1", "amy", 0))
	kind := r.line.site.TicketKinds[0].ID
	got := r.as("amy").do("POST", "/tickets", map[string]any{"kind": kind, "subject": "broken", "call": "c1"}).want(201)
	if got.str("id") != "ticket-1" || r.line.count("ticket c1 "+kind+` "broken" by amy`) != 1 {
		t.Errorf("%s; asked %q", got.body, r.line.was())
	}
	r.as("dan").do("POST", "/tickets", map[string]any{"kind": kind, "subject": "broken", "call": "c1"}).code(404, "not_found")
}

func TestTheWrapUpOfACallIsItsAgents(t *testing.T) {
	r := newRig(t)
	r.logged(finished("c1", "amy", 0))
	code := r.line.site.Dispositions[0].ID
	c := r.as("amy")
	c.do("PUT", "/calls/c1/wrapup", map[string]any{"notes": "half"}).want(200)
	c.do("PUT", "/calls/c1/wrapup", map[string]any{"disposition": code, "done": true}).want(200)
	want := []string{`save amy c1  "half"`, `save amy c1 ` + code + ` "half"`, "finish amy c1"}
	if got := r.line.was(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked %q, want %q", got, want)
	}
	r.as("ben").do("PUT", "/calls/c1/wrapup", map[string]any{"notes": "mine"}).code(409, "not_your_call")
	c.do("PUT", "/calls/none/wrapup", map[string]any{"notes": "x"}).code(404, "not_found")
}

func TestACallThatIsOverIsInTheWrongStateAndOneThatNeverWasIsUnknown(t *testing.T) {
	r := newRig(t)
	r.logged(finished("c1", "amy", 0))
	r.onShift("ben")
	r.rings("c2", "ben", "")
	r.talks("c2", "ben")
	r.line.fail = &switchboard.RefusedError{Code: "not_your_call", Status: 409}
	c := r.as("amy")
	for _, verb := range []string{"hold", "resume", "mute", "unmute", "hangup", "answer", "decline"} {
		c.do("POST", "/calls/c1/"+verb, nil).code(409, "not_your_call")
		c.do("POST", "/calls/c2/"+verb, nil).code(409, "not_your_call")
		c.do("POST", "/calls/none/"+verb, nil).code(404, "not_found")
	}
	for verb, body := range map[string]map[string]string{"dtmf": {"digits": "1"}, "transfer": {"to": "agent:ben"}} {
		c.do("POST", "/calls/c1/"+verb, body).code(409, "not_your_call")
		c.do("POST", "/calls/none/"+verb, body).code(404, "not_found")
	}
}

// Who may control others' calls does so as the agent who is on it; an agent controls the own call only.
func TestCallsOfOthersAreControlledByWhoMay(t *testing.T) {
	r := newRig(t)
	r.onShift("ben")
	r.rings("c2", "ben", "")
	r.as("sun").do("POST", "/calls/c2/hangup", nil).code(409, "not_your_call") // it would be ben's miss
	r.talks("c2", "ben")
	r.as("sun").do("POST", "/calls/c2/hold", nil).want(200)
	r.as("sun").do("POST", "/calls/none/hold", nil).code(404, "not_found")
	r.as("carl").do("POST", "/calls/c2/hold", nil).code(403, "forbidden")
	r.as("amy").do("POST", "/calls/c2/hold", nil).code(409, "not_your_call")
	if got := r.line.was(); len(got) != 1 || got[0] != "hold ben c2" {
		t.Errorf("asked %q, want one hold", got)
	}
}

func TestAWrongMethodIsToldFromAWrongPath(t *testing.T) {
	r := newRig(t)
	for _, test := range []struct{ method, path, allow string }{
		{"DELETE", "/calls", "GET, HEAD, POST"},
		{"POST", "/customers/c1", "GET, HEAD, PATCH"},
		{"GET", "/calls/c1/hold", "POST"},
		{"POST", "/openapi.json", "GET, HEAD"},
		{"OPTIONS", "/session", "POST, DELETE"},
	} {
		got := r.stranger().do(test.method, test.path, nil).code(405, "method_not_allowed")
		if allow := got.head.Get("Allow"); allow != test.allow || got.str("params", "allow") != allow {
			t.Errorf("%s %s: Allow is %q, want %q: %s", test.method, test.path, allow, test.allow, got.body)
		}
	}
	r.stranger().do("DELETE", "/nothing", nil).code(404, "no_such_route")
}

func TestAMessageIsPlayedFromItsFolderOnly(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, func(o *Options) { o.Recordings = dir })
	if err := os.WriteFile(filepath.Join(dir, "m.wav"), []byte("RIFFsound"), 0o600); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(filepath.Dir(dir), "secret.wav")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.wav")); err != nil {
		t.Fatal(err)
	}
	for i, file := range []string{"m.wav", "../secret.wav", outside, "link.wav", "a/../../secret.wav", "gone.wav", ".", ""} {
		c := finished(call.ID(fmt.Sprintf("v%d", i)), "", i)
		c.Voicemail = &store.Voicemail{File: file, DurationMS: 1000}
		r.logged(c)
	}
	sun := r.as("sun")
	got := sun.get("/calls/v0/recording").want(200)
	if string(got.body) != "RIFFsound" || got.head.Get("Content-Type") != "audio/wav" {
		t.Errorf("%s, %v", got.body, got.head)
	}
	for i := 1; i < 8; i++ {
		sun.get(fmt.Sprintf("/calls/v%d/recording", i)).code(404, "not_found")
	}
	sun.get("/calls/none/recording").code(404, "not_found")
	if got := sun.get("/calls/v0").want(200); got.str("recording", "url") != "/api/v1/calls/v0/recording" {
		t.Errorf("%s", got.body)
	}
}

func TestHealthReadinessAndFigures(t *testing.T) {
	r := newRig(t)
	c := r.stranger()
	c.get("//healthz").want(200)
	c.get("//readyz").want(200)
	r.line.unready = errors.New("no sound for prompt welcome")
	if got := c.get("//readyz").code(503, "not_ready"); !strings.Contains(string(got.body), "welcome") {
		t.Errorf("%s", got.body)
	}
	r.signIn("sun").get("/queues").want(200)
	figures := string(c.get("//metrics").want(200).body)
	for _, want := range []string{
		`linedesk_queue_waiting{queue="support"} 0`, `linedesk_agents{status="off"} 20`, "linedesk_websockets 0",
		`linedesk_http_requests_total{class="2xx",route="GET /api/v1/queues"} 1`, `linedesk_sign_ins_total{result="ok"} 1`,
		"go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("no %q", want)
		}
	}
	c.head.Set("X-Forwarded-For", "203.0.113.9")
	c.get("//metrics").code(401, "signed_out")
}

func TestMeAndSite(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	me := c.get("/me").want(200)
	if me.str("id") != "amy" || me.str("live", "status") != "off" || me.str("name", "zh-CN") == "" {
		t.Errorf("%s", me.body)
	}
	if me := c.get("/me").want(200); me.str("language") != "" {
		t.Errorf("who has chosen no language gets %q; it is the browser's", me.str("language"))
	}
	c.do("PUT", "/me/preferences", map[string]string{"language": "zh-CN", "theme": "dark"}).want(200)
	if me := c.get("/me").want(200); me.str("language") != "zh-CN" || me.str("theme") != "dark" {
		t.Errorf("%s", me.body)
	}
	site := c.get("/site").want(200)
	for _, list := range []string{"queues", "pause_reasons", "dispositions", "ticket_kinds", "agents", "teams"} {
		if site.len(list) == 0 || site.str(list, 0, "name", "zh-CN") == "" {
			t.Errorf("%s: %v", list, site.at(list))
		}
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	r := newRig(t)
	_, err := New(Options{Listen: r.Addr().String(), Calls: r.line, Live: r.line.live, Store: r.st})
	if err == nil || !strings.Contains(err.Error(), r.Addr().String()) || !strings.Contains(err.Error(), "--http") {
		t.Errorf("error %v, want one that names the address and the flag", err)
	}
}

// Whatever stands in a query, the server says yes or names the mistake; it never fails.
func FuzzCallsQuery(f *testing.F) {
	for _, q := range []string{
		"", "limit=5", "limit=0", "cursor=abc", "from=2026-11-22&to=x", "live=true&cursor=%00", "number=%F0%9F%98%80",
		"direction=inbound&direction=outbound", "limit=9999999999999999999", "a[b]=c", "queue=%ff", "%", "live=1&limit=1",
	} {
		f.Add(q)
	}
	r := newRig(f)
	r.logged(finished("c1", "amy", 0), finished("c2", "amy", 1))
	token := r.as("sun").token
	f.Fuzz(func(t *testing.T, query string) {
		req := httptest.NewRequest(http.MethodGet, "http://"+r.Addr().String()+"/api/v1/calls", nil)
		req.URL.RawQuery = query
		req.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if w.Code != 200 && w.Code != 422 && w.Code != 400 {
			t.Errorf("%q: status %d: %s", query, w.Code, w.Body)
		}
	})
}
