package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/sip/wire"
)

// registration is a REGISTER of extension ext with further header lines.
func registration(ext string, cseq int, more string) string {
	return fmt.Sprintf(`
REGISTER sip:127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP $addr;branch=$branch;rport
From: <sip:%s@127.0.0.1>;tag=$tag
To: <sip:%s@127.0.0.1>
Call-ID: $id
CSeq: %d REGISTER
Contact: <sip:%s@$addr>
Max-Forwards: 70
%s`, ext, ext, cseq, ext, more)
}

// proof answers a challenge by one of its algorithms.
func proof(challenge *wire.Message, alg, user, password, method, uri string, count uint32) string {
	for v := range challenge.Lines(wire.WWWAuthenticate) {
		d, _ := parseDigest(v)
		if d.algorithm == alg {
			a, _ := algorithmOf(alg)
			return "Authorization: " + d.answer(a, user, password, method, uri, "0a4f113b", count) + "\n"
		}
	}
	return ""
}

// register registers an extension and gives the 200.
func (p *peer) register(ext, alg, more string) *wire.Message {
	p.t.Helper()
	p.send(registration(ext, 1, more))
	c := p.status(401)
	p.send(registration(ext, 2, more+proof(c, alg, ext, "demo-"+ext, "REGISTER", "sip:127.0.0.1", 1)))
	return p.status(200)
}

func TestRegisterWithEitherAlgorithm(t *testing.T) {
	e, r := start(t, func(c *Config) { c.Algorithms = []string{"SHA-256", "MD5"} })
	for _, alg := range []string{"SHA-256", "MD5"} {
		p := newPeer(t, e.UDPAddr())
		ok := p.register("1001", alg, "Expires: 120\n")
		want := "<sip:1001@" + p.addr.String() + ">;expires=120"
		found := false
		for v := range ok.Values(wire.Contact) {
			found = found || v == want
		}
		if !found {
			t.Errorf("%s: contacts lack %s", alg, want)
		}
		if got := receive(t, r.bindings, "binding"); got != "1001 true sip:1001@"+p.addr.String() {
			t.Errorf("%s: told %q", alg, got)
		}
	}
	if !e.Bound("1001") || e.Bound("1002") {
		t.Error("Bound is wrong")
	}
}

// challenged sends a REGISTER with further lines and gives the algorithms of its challenges.
func (p *peer) challenged(more string) string {
	p.t.Helper()
	p.send(registration("1001", 1, more))
	var algs []string
	for v := range p.status(401).Lines(wire.WWWAuthenticate) {
		d, ok := parseDigest(v)
		if !ok || d.qop != "auth" {
			p.t.Errorf("challenge %q", v)
		}
		algs = append(algs, d.algorithm)
	}
	return strings.Join(algs, " ")
}

func TestOneChallengeThatEveryPhoneKnows(t *testing.T) {
	e, _ := start(t, nil)
	if got := newPeer(t, e.UDPAddr()).challenged(""); got != "MD5" {
		t.Errorf("algorithms %q, want MD5 alone", got)
	}
}

func TestChallengeHasOneHeaderPerAlgorithmInTheirOrder(t *testing.T) {
	e, _ := start(t, func(c *Config) { c.Algorithms = []string{"SHA-256", "MD5"} })
	if got := newPeer(t, e.UDPAddr()).challenged(""); got != "SHA-256 MD5" {
		t.Errorf("algorithms %q", got)
	}
}

func TestAShortRegisterGetsTheAnswerOfALongOne(t *testing.T) {
	for _, algorithms := range [][]string{nil, {"SHA-256"}, {"SHA-256", "MD5"}} {
		e, _ := start(t, func(c *Config) {
			c.Algorithms = algorithms
			c.Trunks = nil // so that loopback is a stranger
		})
		short := newPeer(t, e.UDPAddr()).challenged("")
		long := newPeer(t, e.UDPAddr()).challenged("User-Agent: " + strings.Repeat("phone ", 100) + "\n")
		if short != long || short == "" {
			t.Errorf("%v: a short REGISTER is challenged by %q, a long one by %q", algorithms, short, long)
		}
	}
}

func TestAnUnknownDigestAlgorithmIsRefused(t *testing.T) {
	_, err := New(Config{UDP: freePort, Algorithms: []string{"SHA-512"}, Log: logtest.New(t)}, newRecorder())
	if err == nil || !strings.Contains(err.Error(), "take MD5 or SHA-256") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownUserAndWrongPasswordLookAlike(t *testing.T) {
	e, _ := start(t, nil)
	shape := func(user string) string {
		p := newPeer(t, e.UDPAddr())
		p.send(registration(user, 1, ""))
		c := p.status(401)
		p.send(registration(user, 2, proof(c, "MD5", user, "guess", "REGISTER", "sip:127.0.0.1", 1)))
		m := p.read()
		var b strings.Builder
		fmt.Fprintln(&b, m.Status, m.Reason)
		for _, f := range m.Fields {
			// Of the user's name only where it stands as such: tags and Call-IDs may have the same digits by chance.
			fmt.Fprintln(&b, f.Label, len(f.Value)-strings.Count(f.Value, "sip:"+user+"@")*len(user)-strings.Count(f.Value, p.addr.String())*len(p.addr.String()))
		}
		return b.String()
	}
	known, unknown := shape("1001"), shape("zzzz")
	// Ports may differ by a digit: they stand in Via and are taken out above.
	if known != unknown {
		t.Errorf("known:\n%s\nunknown:\n%s", known, unknown)
	}
}

func TestNonceCanNotBeReplayed(t *testing.T) {
	e, _ := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(registration("1001", 1, ""))
	auth := proof(p.status(401), "MD5", "1001", "demo-1001", "REGISTER", "sip:127.0.0.1", 1)
	p.send(registration("1001", 2, auth))
	p.status(200)
	p.send(registration("1001", 3, auth))
	if c := p.status(401); !strings.Contains(c.Get(wire.WWWAuthenticate), "stale=true") {
		t.Errorf("challenge %q", c.Get(wire.WWWAuthenticate))
	}
}

func TestRegisterForAnotherIsForbidden(t *testing.T) {
	e, _ := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(registration("1001", 1, ""))
	c := p.status(401)
	p.send(registration("1001", 2, proof(c, "MD5", "1002", "demo-1002", "REGISTER", "sip:127.0.0.1", 1)))
	p.status(403)
}

func TestExpiresBounds(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(registration("1001", 1, "Expires: 30\n"))
	c := p.status(401)
	p.send(registration("1001", 2, "Expires: 30\n"+proof(c, "MD5", "1001", "demo-1001", "REGISTER", "sip:127.0.0.1", 1)))
	if m := p.status(423); m.Get(wire.MinExpires) != "60" {
		t.Errorf("Min-Expires %q", m.Get(wire.MinExpires))
	}
	p.send(registration("1001", 3, "Expires: 999999\n"+proof(c, "MD5", "1001", "demo-1001", "REGISTER", "sip:127.0.0.1", 2)))
	if m := p.status(200); !strings.HasSuffix(m.Get(wire.Contact), ";expires=7200") {
		t.Errorf("Contact %q", m.Get(wire.Contact))
	}
	receive(t, r.bindings, "binding")
	p.send(registration("1001", 4, "Expires: 0\n"+proof(c, "MD5", "1001", "demo-1001", "REGISTER", "sip:127.0.0.1", 3)))
	if m := p.status(200); m.Has(wire.Contact) {
		t.Errorf("Contact %q", m.Get(wire.Contact))
	}
	if got := receive(t, r.bindings, "binding"); !strings.HasPrefix(got, "1001 false") {
		t.Errorf("told %q", got)
	}
}

func TestAContactThatCanNotBeCalledIsNoContact(t *testing.T) {
	e, _ := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	mail := strings.NewReplacer("Contact: <sip:1001@$addr>", "Contact: <mailto:1001@example.com>")
	p.send(mail.Replace(registration("1001", 1, "")))
	c := p.status(401)
	p.send(mail.Replace(registration("1001", 2, proof(c, "MD5", "1001", "demo-1001", "REGISTER", "sip:127.0.0.1", 1))))
	p.status(400)
	if e.Bound("1001") {
		t.Error("bound")
	}
}

func TestBindingExpires(t *testing.T) {
	e, r := start(t, func(c *Config) { c.MinExpires = time.Second })
	newPeer(t, e.UDPAddr()).register("1001", "MD5", "Expires: 1\n")
	receive(t, r.bindings, "binding")
	if got := receive(t, r.bindings, "end of the binding"); !strings.HasPrefix(got, "1001 false") {
		t.Errorf("told %q", got)
	}
	if e.Bound("1001") {
		t.Error("still bound")
	}
}

func TestAllContactsRingAndOneAnswers(t *testing.T) {
	e, _ := start(t, nil)
	desk, mobile := newPeer(t, e.UDPAddr()), newPeer(t, e.UDPAddr())
	desk.register("1001", "MD5", "")
	mobile.register("1001", "MD5", "")
	events := make(chan LegEvent, 16)
	e.Dial(DialRequest{Extension: "1001", Media: newSound()}, func(ev LegEvent) { events <- ev })
	one, two := desk.request("INVITE"), mobile.request("INVITE")
	desk.answer(one, 180, "d", contact(desk))
	mobile.answer(two, 180, "m", contact(mobile))
	event[LegRinging](t, events)
	mobile.answer(two, 200, "m", contact(mobile)+answerBody)
	mobile.request("ACK")
	event[LegAnswered](t, events)
	c := desk.request("CANCEL")
	desk.answer(c, 200, "d", "")
	desk.answer(one, 487, "d", "")
	desk.request("ACK")
	if len(events) > 0 {
		t.Errorf("told %#v", <-events)
	}
}

func TestPhoneBehindNATIsRungWhereItIs(t *testing.T) {
	e, _ := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(strings.Replace(registration("1001", 1, ""), "1001@$addr", "1001@10.9.8.7:5060", 1))
	c := p.status(401)
	if got := c.Get(wire.Via); !strings.Contains(got, ";rport="+fmt.Sprint(p.addr.Port())) || !strings.Contains(got, ";received=127.0.0.1") {
		t.Errorf("Via %q", got)
	}
	p.send(strings.Replace(registration("1001", 2, proof(c, "MD5", "1001", "demo-1001", "REGISTER", "sip:127.0.0.1", 1)),
		"1001@$addr", "1001@10.9.8.7:5060", 1))
	p.status(200)
	e.Dial(DialRequest{Extension: "1001", Media: newSound()}, func(LegEvent) {})
	if inv := p.request("INVITE"); inv.URI.Text != "sip:1001@10.9.8.7:5060" {
		t.Errorf("INVITE %s", inv.URI.Text)
	}
}

func TestExtensionMustProveItselfToCall(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	from := func(n int, more string) string {
		s := strings.Replace(invite("1002"), "13800000001@", "1001@", 1)
		s = strings.Replace(s, "CSeq: 1", fmt.Sprintf("CSeq: %d", n), 1)
		return strings.Replace(s, "Content-Type", more+"Content-Type", 1)
	}
	p.send(from(1, ""))
	c := p.status(401)
	p.send(from(2, proof(c, "MD5", "1001", "demo-1001", "INVITE", "sip:1002@127.0.0.1", 1)))
	in := receive(t, r.calls, "call")
	if in.Source != (Source{Extension: "1001"}) || in.Dialled != "1002" {
		t.Errorf("source %+v, dialled %s", in.Source, in.Dialled)
	}
	in.Leg.Reject(486, "")
	p.status(486)
	p.send(strings.Replace(from(3, proof(c, "MD5", "1002", "demo-1002", "INVITE", "sip:1002@127.0.0.1", 2)), "$id", "other", 1))
	p.status(403)
}

func TestDialOfNobodyEndsAtOnce(t *testing.T) {
	e, _ := start(t, nil)
	for _, d := range []DialRequest{{Extension: "1009"}, {Trunk: "none", Number: "1"}, {URI: "sip:x@some.name"}, {URI: "rubbish"}} {
		d.Media = newSound()
		events := make(chan LegEvent, 4)
		e.Dial(d, func(ev LegEvent) { events <- ev })
		if end := event[LegEnded](t, events).End; end.Cause != call.CauseUnreachable {
			t.Errorf("%+v: ended %+v", d, end)
		}
	}
	if n := e.Counters()["legs"]; n != 0 {
		t.Errorf("%d legs left", n)
	}
}

func TestStrangers(t *testing.T) {
	for _, policy := range []Strangers{StrangersSilent, StrangersForbidden} {
		e, _ := start(t, func(c *Config) {
			c.Strangers = policy
			c.Trunks = []Trunk{{ID: "far", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}
		})
		p := newPeer(t, e.UDPAddr())
		for _, user := range []string{"1001", "nobody"} { // the same for both
			p.id = token(8)
			p.send(strings.Replace(invite("4000"), "13800000001@", user+"@", 1))
			p.status(401)
		}
		p.send(strings.NewReplacer("INVITE", "OPTIONS").Replace(cutBody(invite("4000"))))
		if policy == StrangersForbidden {
			p.status(403)
		} else if m := p.readWithin(200 * time.Millisecond); m != nil {
			t.Errorf("a stranger's OPTIONS got %d", m.Status)
		}
	}
}
