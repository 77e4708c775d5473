package wire

import (
	"strings"
	"testing"
)

func TestWhatSipgoPassesOverIsRefused(t *testing.T) {
	for _, in := range []string{
		"sip:a@[::1]x", "sip:a@x[::1]", "sip:[::1]x@h", "sip:a@h:+5060", "sip:a@h:005060", "sip:a@h:-1",
		"sip://h", "sip:@h", "sip:a@", "sip:*", "*", "sip:a@h /", "sip:a@王",
	} {
		if u, ok := ParseURI(in); ok {
			t.Errorf("URI %s taken: %+v", in, u)
		}
	}
	for _, in := range []string{`"a" b <sip:a@h>`, `a "b" <sip:a@h>`, `<sip:a@h>;`, `<sip:a@h> b`, `<*>`, `< sip:a@h>`} {
		if a, ok := ParseAddress(in); ok {
			t.Errorf("address %s taken: %+v", in, a)
		}
	}
	for _, in := range []string{
		"SIP/2.0/UDP h:x", "SIP/2.0/UDP [::1]x", "SIP/2.0/UDP [::1]:x", "SIP/2.0/UDP [2001: db8::1]", "SIP/2.0/UDP ::1",
		"SIP/3.0/UDP h", "SIP/2.0/UDP", "SIP/2.0/UDP h i", "SIP/2.0/UDP h:99999", "SIP/2.0/U(P h",
	} {
		if v, ok := ParseVia(in); ok {
			t.Errorf("Via %s taken: %+v", in, v)
		}
	}
	for _, c := range []struct{ from, to, why string }{
		{"INVITE sip", "invite sip", "cseq_method"},
		{"Max-Forwards: 70", "Max-Forwards: 256", "bad_max_forwards"},
		{"Content-Length: 5", "Content-Length: 5\u00a0", "content_length"},
		{"CSeq: 1 INVITE", "CSeq: 1 INVITE\u00a0", "bad_cseq"},
		{"CSeq: 1 INVITE", "CSeq: 2147483648 INVITE", "bad_cseq"},
		{"Via:", "Via\u00a0:", "bad_header"},
		{"Via:", " Via:", "bad_header"},
	} {
		m := Parse(crlf(strings.Replace(sample, c.from, c.to, 1)), true)
		if m == nil || m.Fault.Why != c.why {
			t.Errorf("%q: %+v, want %s", c.to, m.Fault, c.why)
		}
	}
}

func TestWhatSipgoStumblesOverIsTaken(t *testing.T) {
	u, ok := ParseURI("sip:h;maddr=[2001:db8::1];lr?a=[")
	if !ok || u.Host != "h" || u.Params != ";maddr=[2001:db8::1];lr" || u.Headers != "a=[" {
		t.Errorf("URI %v %+v", ok, u)
	}
	a, ok := ParseAddress(`sip:a@h:5070 ; TAG = "q;\"x"`)
	if !ok || a.URI.Port != 5070 || a.Tag() != `q;"x` {
		t.Errorf("address %v %+v", ok, a)
	}
	if a, ok = ParseAddress("<h323:a@h>"); !ok || a.URI.Scheme != "h323" {
		t.Errorf("address %v %+v", ok, a)
	}
	v, ok := ParseVia("sip / 2.0\t/ TCP \t [::1] : 5070 ; BRANCH = z9hG4bK1")
	if !ok || v.Transport != "TCP" || v.Host != "[::1]" || v.Port != 5070 || v.Branch != "z9hG4bK1" {
		t.Errorf("Via %v %+v", ok, v)
	}
}

// A list of parameters that is searched for each one added takes time by the square of their number.
func TestParametersAreNotGathered(t *testing.T) {
	uri := "sip:a@h" + strings.Repeat(";p=1;q", 5000)
	if n := testing.AllocsPerRun(100, func() { ParseURI(uri) }); n > 1 {
		t.Errorf("%v allocations for a URI", n)
	}
}

// BenchmarkParseCall reads the messages of a call as either side sends them, so the time is five messages'.
func BenchmarkParseCall(b *testing.B) {
	head, _, _ := strings.Cut(sample, "Content-Type")
	head += "User-Agent: phone 1.2\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO\n"
	short := head + "Content-Length: 0\n\n"
	reply := func(status string) string {
		_, rest, _ := strings.Cut(short[1:], "\n")
		return status + "\n" + strings.Replace(rest, "4000@127.0.0.1>", "4000@127.0.0.1>;tag=0123456789abcdef", 1)
	}
	var call [][]byte
	for _, s := range []string{
		sample, reply("SIP/2.0 180 Ringing"), reply("SIP/2.0 200 OK"),
		strings.ReplaceAll(short, "INVITE", "ACK"), strings.ReplaceAll(short, "INVITE", "BYE"),
	} {
		call = append(call, crlf(s))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, data := range call {
			m := Parse(data, true)
			if m.Fault.Code != 0 {
				b.Fatalf("%+v", m.Fault)
			}
			m.Release()
		}
	}
}
