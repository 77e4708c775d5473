package wire

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

func crlf(s string) []byte {
	return []byte(strings.ReplaceAll(strings.TrimLeft(s, "\n"), "\n", "\r\n"))
}

const sample = `
INVITE sip:4000@127.0.0.1:5060;transport=udp SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK776;rport, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKaa
f: "王芳" <sip:13800000001@192.0.2.1>;tag=88
To: <sip:4000@127.0.0.1>
i: a84b4c76e66710
CSeq: 1 INVITE
m: <sip:trunk@192.0.2.1:5080>
Max-Forwards: 70
Record-Route: <sip:p1;lr>, <sip:p2;lr>
Content-Type: application/sdp
Content-Length: 5

v=0
`

var source = netip.MustParseAddrPort("203.0.113.9:6060")

func TestParseKnowsLongAndCompactNames(t *testing.T) {
	m := Parse(crlf(sample), false)
	if m == nil || m.Fault.Code != 0 {
		t.Fatalf("fault %+v", m.Fault)
	}
	if m.From.Name() != "王芳" || m.From.Tag() != "88" || m.CallID != "a84b4c76e66710" || m.CSeq != (CSeqValue{1, "INVITE"}) {
		t.Errorf("From %q tag %q, Call-ID %q, CSeq %v", m.From.Name(), m.From.Tag(), m.CallID, m.CSeq)
	}
	if m.Via.Branch != "z9hG4bK776" || !m.Via.RPort() || m.ViaCount != 2 || m.Hops != 70 || m.Body != "v=0\r\n" {
		t.Errorf("Via %+v of %d, hops %d, body %q", m.Via, m.ViaCount, m.Hops, m.Body)
	}
	if got := m.URI; got.User != "4000" || got.Host != "127.0.0.1" || got.Port != 5060 || got.Params != ";transport=udp" {
		t.Errorf("URI %+v", got)
	}
	var routes []string
	for v := range m.Values(RecordRoute) {
		routes = append(routes, v)
	}
	if strings.Join(routes, "|") != "<sip:p1;lr>|<sip:p2;lr>" {
		t.Errorf("routes %v", routes)
	}
}

func TestAnswerNamesWhereTheRequestCameFrom(t *testing.T) {
	for _, c := range []struct{ via, want string }{
		{"SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK776;rport", "SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK776;rport=6060;received=203.0.113.9"},
		{"SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bK776", "SIP/2.0/UDP 192.0.2.1;rport=6060;branch=z9hG4bK776;received=203.0.113.9"},
		{"SIP/2.0/UDP 192.0.2.1;rport ;branch=z9hG4bK776", "SIP/2.0/UDP 192.0.2.1;rport=6060;branch=z9hG4bK776;received=203.0.113.9"},
		{"SIP/2.0/UDP 203.0.113.9:6060;branch=z9hG4bK776", "SIP/2.0/UDP 203.0.113.9:6060;branch=z9hG4bK776"},
		{"SIP/2.0/UDP host.example;branch=z9hG4bK776", "SIP/2.0/UDP host.example;branch=z9hG4bK776;received=203.0.113.9"},
		{"SIP/2.0/UDP 192.0.2.1;received=10.0.0.1;rport;branch=z9hG4bK776", "SIP/2.0/UDP 192.0.2.1;rport=6060;branch=z9hG4bK776;received=203.0.113.9"},
		{"SIP/2.0/TCP [2001:db8::9]:5060;branch=z9hG4bK776, SIP/2.0/UDP a;branch=1", "SIP/2.0/TCP [2001:db8::9]:5060;branch=z9hG4bK776;received=203.0.113.9, SIP/2.0/UDP a;branch=1"},
	} {
		m := Parse(crlf(strings.Replace(sample, "SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK776;rport, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKaa", c.via, 1)), false)
		m.Src = source
		got := string(AppendEcho(nil, m, "t1"))
		if via, _, _ := strings.Cut(got, "\r\n"); via != "Via: "+c.want {
			t.Errorf("%s\n got %s\nwant Via: %s", c.via, via, c.want)
		}
		if !strings.Contains(got, "To: <sip:4000@127.0.0.1>;tag=t1\r\n") {
			t.Errorf("answer:\n%s", got)
		}
	}
}

func TestURI(t *testing.T) {
	for _, c := range []struct {
		in, user, host string
		port           uint16
		ok             bool
	}{
		{"sip:amy@cc.example", "amy", "cc.example", 0, true},
		{"sip:*45@127.0.0.1:5060", "*45", "127.0.0.1", 5060, true},
		{"SIP:%2A45@[::1]:5061;lr", "*45", "[::1]", 5061, true},
		{"sip:+8613800000001;phone-context=x@h", "+8613800000001", "h", 0, true},
		{"tel:+86-138;ext=1", "+86-138", "", 0, true},
		{"sip:h?a=b", "", "h", 0, true},
		{"sip:", "", "", 0, false},
		{"sip:a b@h", "", "", 0, false},
		{"sip:a@h:99999", "", "", 0, false},
		{"sip:a@h:", "", "", 0, false},
		{"sip:a@b@h", "", "", 0, false},
		{"sip:%zz@h", "", "", 0, false},
		{"sip:a@h;;lr", "", "", 0, false},
		{"sip:a@h?", "", "", 0, false},
		{"1sip:a@h", "", "", 0, false},
		{"sip:a@[::1", "", "", 0, false},
	} {
		u, ok := ParseURI(c.in)
		if ok != c.ok {
			t.Errorf("%s: ok %v", c.in, ok)
			continue
		}
		if ok && (u.UserText() != c.user || u.Host != c.host || u.Port != c.port) {
			t.Errorf("%s: user %q, host %q, port %d", c.in, u.UserText(), u.Host, u.Port)
		}
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		in, name, uri, tag string
		ok                 bool
	}{
		{`"A \"B\" <x>" <sip:a@h>;tag=1`, `A "B" <x>`, "sip:a@h", "1", true},
		{`Amy Chen <sip:a@h>`, "Amy Chen", "sip:a@h", "", true},
		{`王芳<sip:a@h>;tag="q;x"`, "王芳", "sip:a@h", "q;x", true},
		{`sip:a@h;tag=2`, "", "sip:a@h", "2", true},
		{`<sip:a@h;x=1>;y=2`, "", "sip:a@h;x=1", "", true},
		{"\"\xff\xfe\u202eevil\" <sip:a@h>", "\ufffd\ufffdevil", "sip:a@h", "", true},
		{`"open <sip:a@h>`, "", "", "", false},
		{`Bell, A <sip:a@h>`, "", "", "", false},
		{`<sip:a@h`, "", "", "", false},
		{`<sip:a@h>x`, "", "", "", false},
		{`sip:a@h?b=c`, "", "", "", false},
		{``, "", "", "", false},
	} {
		a, ok := ParseAddress(c.in)
		if ok != c.ok {
			t.Errorf("%s: ok %v", c.in, ok)
			continue
		}
		if ok && (a.Name() != c.name || a.URI.Text != c.uri || a.Tag() != c.tag) {
			t.Errorf("%s: name %q, URI %q, tag %q", c.in, a.Name(), a.URI.Text, a.Tag())
		}
	}
}

func TestHostileTextLeavesAsText(t *testing.T) {
	for in, want := range map[string]string{
		"<img src=x onerror=alert(1)>": "<img src=x onerror=alert(1)>",
		"a\r\nX-Evil: 1\x00":           "aX-Evil: 1",
		"  two  words ":                "two  words",
		strings.Repeat("王", 300):       strings.Repeat("王", 128),
	} {
		if got := Clean(in, 128); got != want || !utf8.ValidString(got) {
			t.Errorf("Clean(%q) = %q", in, got)
		}
	}
	if got := Quote("a\"b\\\r\n\x00c"); got != `"a\"b\\c"` {
		t.Errorf("Quote: %s", got)
	}
	if got := EscapeUser("1 2@x;y"); got != "1%202%40x%3By" {
		t.Errorf("EscapeUser: %s", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(crlf(sample), false)
	f.Add(crlf("\nSIP/2.0 200 OK\nv: SIP/2.0/UDP h\nf: <sip:a@h>\nt: sip:b@h;tag=1\ni: x\nCSeq: 1 BYE\nl: 0\n\n"), true)
	f.Add(crlf("\nOPTIONS sip:[2001:db8:::1] SIP/2.0\nVia: SIP  / 2.0\n /UDP  h : 5060 ; rport =\nTO :\n sip:a@h\n\n"), false)
	f.Fuzz(func(t *testing.T, data []byte, stream bool) {
		m := Parse(data, stream)
		if m == nil {
			return
		}
		defer m.Release()
		m.Src = source
		out := AppendBody(AppendRecordRoutes(AppendEcho(AppendStatus(nil, 400, m.Fault.Reason), m, "tag"), m), "", nil)
		for line := range strings.SplitSeq(string(out), "\r\n") {
			if HasControl(line) {
				t.Fatalf("control character in %q", line)
			}
		}
		if m.Fault.Code != 0 || !m.IsRequest() {
			return
		}
		again := Parse(out, true)
		if again == nil || again.Fault.Code != 0 {
			t.Fatalf("our answer is no good message (%+v):\n%s", again.Fault, out)
		}
		if again.Via.Branch != m.Via.Branch || again.CallID != m.CallID || again.CSeq != m.CSeq || again.From.Tag() != m.From.Tag() {
			t.Fatalf("our answer belongs to another request:\n%s", out)
		}
		again.Release()
	})
}

func BenchmarkParse(b *testing.B) {
	data := crlf(sample)
	b.ReportAllocs()
	for b.Loop() {
		Parse(data, false).Release()
	}
}

func BenchmarkAnswer(b *testing.B) {
	m := Parse(crlf(sample), false)
	m.Src = source
	buf := make([]byte, 0, 2048)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendBody(AppendEcho(AppendStatus(buf[:0], 200, ""), m, "tag"), "", nil)
	}
}
