package sip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/sip/wire"
)

const answerBody = `Content-Type: application/sdp

v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 30000 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
`

// ring has the endpoint call a peer that stands for a fixed phone.
func ring(t *testing.T, e *Endpoint, change func(*DialRequest)) (p *peer, l *Leg, events chan LegEvent, m *sound, inv *wire.Message) {
	t.Helper()
	p, m = newPeer(t, e.UDPAddr()), newSound()
	events = make(chan LegEvent, 16)
	d := DialRequest{
		URI: "sip:1001@" + p.addr.String(), Media: m, RingTimeout: time.Minute,
		From: call.Party{Name: `王芳 "VIP"`, Number: call.Number{Raw: "13800000001"}},
	}
	if change != nil {
		change(&d)
	}
	if d.Trunk != "" {
		e.Reconfigure([]Trunk{{ID: d.Trunk, Dest: p.addr, Allow: []netip.Prefix{loopback}, User: "us", Password: "secret"}})
	}
	l = e.Dial(d, func(ev LegEvent) { events <- ev })
	return p, l, events, m, p.request("INVITE")
}

func contact(p *peer) string { return "Contact: <sip:phone@" + p.addr.String() + ">\n" }

func TestPhoneRingsAnswersAndHangsUp(t *testing.T) {
	e, _ := start(t, nil)
	p, l, events, m, inv := ring(t, e, nil)
	if inv.From.Name() != `王芳 "VIP"` || inv.From.URI.User != "13800000001" || inv.CallID != l.SIPCallID() {
		t.Errorf("From %q <%s>, Call-ID %s", inv.From.Name(), inv.From.URI.Text, inv.CallID)
	}
	p.answer(inv, 180, "a1", contact(p))
	if r := event[LegRinging](t, events); r.Early {
		t.Error("early sound without a description")
	}
	p.answer(inv, 200, "a1", contact(p)+answerBody)
	ack := p.request("ACK")
	if ack.URI.Text != "sip:phone@"+p.addr.String() || ack.To.Tag() != "a1" || ack.Via.Branch == inv.Via.Branch {
		t.Errorf("ACK %s, tag %s, branch %s", ack.URI.Text, ack.To.Tag(), ack.Via.Branch)
	}
	if got := m.next(t); got.Codec != media.PCMA || got.DTMFPT != 101 || got.Remote.Port() != 30000 {
		t.Errorf("negotiated %+v", got)
	}
	event[LegAnswered](t, events)
	p.answer(inv, 200, "a1", contact(p)+answerBody) // as if the ACK had been lost
	p.request("ACK")
	p.send("BYE sip:x@127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP $addr;branch=$branch\nFrom: <sip:1001@x>;tag=a1\nTo: " +
		inv.Get(wire.From) + "\nCall-ID: " + inv.CallID + "\nCSeq: 1 BYE\n")
	p.status(200)
	if end := event[LegEnded](t, events).End; end.By != call.ByAgent || end.Cause != call.CauseHangup {
		t.Errorf("ended %+v", end)
	}
}

func TestRingTimeOutCancels(t *testing.T) {
	e, _ := start(t, nil)
	p, _, events, _, inv := ring(t, e, func(d *DialRequest) { d.RingTimeout = 100 * time.Millisecond })
	p.answer(inv, 180, "a1", contact(p))
	event[LegRinging](t, events)
	if end := event[LegEnded](t, events).End; end.Cause != call.CauseNoAnswer {
		t.Errorf("ended %+v", end)
	}
	c := p.request("CANCEL")
	if c.Via.Branch != inv.Via.Branch || c.CSeq.Number != inv.CSeq.Number || c.To.Tag() != "" {
		t.Errorf("CANCEL %+v", c.Via)
	}
	p.answer(c, 200, "a1", "")
	p.answer(inv, 487, "a1", "")
	ack := p.request("ACK")
	if ack.Via.Branch != inv.Via.Branch || ack.To.Tag() != "a1" {
		t.Errorf("ACK of the 487: %+v", ack.Via)
	}
}

func TestCancelWaitsForAProvisionalAnswer(t *testing.T) {
	e, _ := start(t, nil)
	p, l, events, _, inv := ring(t, e, nil)
	l.HangUp(call.End{Cause: call.CauseCancelled})
	event[LegEnded](t, events)
	p.request("INVITE") // repeated; still no CANCEL
	p.answer(inv, 100, "", "")
	p.answer(p.request("CANCEL"), 200, "", "")
	p.answer(inv, 487, "a1", "")
	p.request("ACK")
}

func TestAnswerThatCrossesOurCancelIsHungUp(t *testing.T) {
	e, _ := start(t, nil)
	p, l, events, _, inv := ring(t, e, nil)
	p.answer(inv, 180, "a1", contact(p))
	event[LegRinging](t, events)
	l.HangUp(call.End{Cause: call.CauseCancelled})
	p.request("CANCEL")
	p.answer(inv, 200, "a1", contact(p)+answerBody)
	p.request("ACK")
	bye := p.request("BYE")
	if bye.To.Tag() != "a1" {
		t.Errorf("BYE to tag %s", bye.To.Tag())
	}
	p.answer(bye, 200, "", "")
}

func TestSecondForkIsAcknowledgedAndHungUp(t *testing.T) {
	e, _ := start(t, nil)
	p, _, events, _, inv := ring(t, e, nil)
	p.answer(inv, 200, "a1", contact(p)+answerBody)
	p.request("ACK")
	event[LegAnswered](t, events)
	p.answer(inv, 200, "b2", contact(p)+answerBody)
	if ack := p.request("ACK"); ack.To.Tag() != "b2" {
		t.Errorf("ACK to tag %s", ack.To.Tag())
	}
	bye := p.request("BYE")
	if bye.To.Tag() != "b2" {
		t.Errorf("BYE to tag %s", bye.To.Tag())
	}
	p.answer(bye, 200, "", "")
	p.answer(inv, 200, "b2", contact(p)+answerBody)
	p.request("ACK")
	if len(events) > 0 {
		t.Errorf("the leg was told %v", <-events)
	}
}

func TestRefusalsSayWhoAndWhy(t *testing.T) {
	e, _ := start(t, nil)
	for _, c := range []struct {
		code  int
		trunk call.TrunkID
		want  call.End
	}{
		{486, "", call.End{By: call.ByAgent, Cause: call.CauseBusy, SIP: 486, Q850: 17}},
		{480, "", call.End{By: call.ByAgent, Cause: call.CauseNoAnswer, SIP: 480, Q850: 17}},
		{603, "", call.End{By: call.ByAgent, Cause: call.CauseRejected, SIP: 603, Q850: 17}},
		{486, "out", call.End{By: call.ByCaller, Cause: call.CauseBusy, SIP: 486, Q850: 17}},
		{404, "out", call.End{By: call.ByTrunk, Cause: call.CauseUnreachable, SIP: 404, Q850: 17}},
		{503, "out", call.End{By: call.ByTrunk, Cause: call.CauseUnreachable, SIP: 503, Q850: 17}},
	} {
		p, _, events, _, inv := ring(t, e, func(d *DialRequest) {
			if c.trunk != "" {
				d.Trunk, d.Number, d.URI = c.trunk, "138 0000-0001", ""
			}
		})
		if c.trunk != "" && inv.URI.User != "13800000001" {
			t.Errorf("dialled %s", inv.URI.Text)
		}
		p.answer(inv, c.code, "a1", "Reason: Q.850;cause=17\n")
		p.request("ACK")
		if end := event[LegEnded](t, events).End; end != c.want {
			t.Errorf("%d: ended %+v, want %+v", c.code, end, c.want)
		}
	}
}

func TestEarlySoundIsNegotiated(t *testing.T) {
	e, _ := start(t, nil)
	p, _, events, m, inv := ring(t, e, func(d *DialRequest) { d.Trunk, d.Number, d.URI = "out", "10086", "" })
	p.answer(inv, 180, "a1", contact(p))
	event[LegRinging](t, events)
	p.answer(inv, 183, "a1", contact(p)+answerBody)
	if r := event[LegRinging](t, events); !r.Early {
		t.Error("183 with a description is not early")
	}
	m.next(t)
	p.answer(inv, 200, "a1", contact(p)+answerBody)
	p.request("ACK")
	event[LegAnswered](t, events)
}

func TestTrunkIsShownThePasswordTwiceAtMost(t *testing.T) {
	e, _ := start(t, nil)
	p, _, events, _, inv := ring(t, e, func(d *DialRequest) { d.Trunk, d.Number, d.URI = "out", "10086", "" })
	for i := range 2 {
		p.answer(inv, 407, "a1", `Proxy-Authenticate: Digest realm="carrier", nonce="n`+string(rune('0'+i))+`", algorithm=SHA-256, qop="auth"
Proxy-Authenticate: Digest realm="carrier", nonce="n0", algorithm=MD5, qop="auth"
`)
		p.request("ACK")
		again := p.request("INVITE")
		if again.CSeq.Number != inv.CSeq.Number+1 || again.CallID != inv.CallID || again.From.Tag() != inv.From.Tag() {
			t.Errorf("second INVITE: CSeq %d", again.CSeq.Number)
		}
		d, ok := parseDigest(again.Get(wire.ProxyAuthorization))
		a, _ := algorithmOf(d.algorithm)
		if !ok || d.algorithm != "SHA-256" || d.user != "us" || !d.proves(a, "secret", "INVITE") {
			t.Errorf("credentials %+v", d)
		}
		inv = again
	}
	p.answer(inv, 407, "a1", `Proxy-Authenticate: Digest realm="carrier", nonce="n9", qop="auth"`+"\n")
	p.request("ACK")
	if end := event[LegEnded](t, events).End; end.SIP != 407 || end.By != call.ByTrunk {
		t.Errorf("ended %+v", end)
	}
}

func TestChallengeInACallThatCameInIsNotAnswered(t *testing.T) {
	e, r := start(t, nil)
	p, in, _, _ := arrived(t, e, r)
	e.Reconfigure([]Trunk{{ID: "demo", Dest: p.addr, Allow: []netip.Prefix{loopback}, User: "us", Password: "secret"}})
	in.Leg.HangUp(call.End{Cause: call.CauseHangup})
	p.answer(p.request("BYE"), 407, "", `Proxy-Authenticate: Digest realm="x", nonce="n"`+"\n")
	if m := p.readWithin(300 * time.Millisecond); m != nil {
		t.Errorf("got %s with %q", m.Method, m.Get(wire.ProxyAuthorization))
	}
}

func TestProbeOfASilentPeerLosesTheLegAfterTwoSeconds(t *testing.T) {
	e, r := start(t, nil)
	p, in, _, _ := arrived(t, e, r)
	begun := time.Now()
	in.Leg.Probe()
	p.request("OPTIONS")
	if end := event[LegEnded](t, r.events).End; end.Cause != call.CauseLost || end.By != call.ByCaller {
		t.Errorf("ended %+v", end)
	}
	if took := time.Since(begun); took < 1500*time.Millisecond { // a busy machine is late, never early
		t.Errorf("lost after %v, want about 2 s", took)
	}
}

func TestProbeThatIsAnsweredChangesNothing(t *testing.T) {
	e, r := start(t, nil)
	p, in, _, ok := arrived(t, e, r)
	for i := range 2 {
		in.Leg.Probe()
		p.answer(p.request("OPTIONS"), 405, "", "")
		p.send(within("INFO", 2+i, ok, "")) // its answer shows that ours was read
		p.status(200)
	}
	p.send(within("BYE", 5, ok, ""))
	p.status(200)
	if end := event[LegEnded](t, r.events).End; end.Cause != call.CauseHangup {
		t.Errorf("ended %+v", end)
	}
}

func TestConfirmLosesALegWhosePeerHasForgottenIt(t *testing.T) {
	e, r := start(t, nil)
	p, in, _, _ := arrived(t, e, r)
	in.Leg.Confirm()
	m := p.request("INVITE")
	p.answer(m, 481, "", "")
	if end := event[LegEnded](t, r.events).End; end.Cause != call.CauseLost || end.By != call.ByCaller || end.SIP != 481 {
		t.Errorf("ended %+v", end)
	}
}

func TestDialSendsRoutesAndFollowsTheTarget(t *testing.T) {
	e, _ := start(t, nil)
	p, l, events, _, inv := ring(t, e, nil)
	proxy := newPeer(t, e.UDPAddr())
	p.answer(inv, 200, "a1", "Contact: <sip:far@192.0.2.9:5099>\nRecord-Route: <sip:"+proxy.addr.String()+";lr>, <sip:192.0.2.1;lr>\n"+answerBody)
	// The second of the list is nearer to us, but the route set is the list backwards: 192.0.2.1 comes first.
	event[LegAnswered](t, events)
	if want := []string{"<sip:192.0.2.1;lr>", "<sip:" + proxy.addr.String() + ";lr>"}; strings.Join(l.routes, " ") != strings.Join(want, " ") {
		t.Errorf("routes %v, want %v", l.routes, want)
	}
	if l.target != "sip:far@192.0.2.9:5099" {
		t.Errorf("target %s", l.target)
	}
}

func TestTrunkHostThatIsAnAddressNeedsNoLookup(t *testing.T) {
	for host, want := range map[string]string{
		"192.0.2.1": "192.0.2.1:5060", "192.0.2.1:5080": "192.0.2.1:5080", "[2001:db8::1]:5070": "[2001:db8::1]:5070", "2001:db8::1": "[2001:db8::1]:5060",
	} {
		got, ok := newTrunkTable([]Trunk{{ID: "t", Host: host}}, nil).by["t"].dest()
		if !ok || got.String() != want {
			t.Errorf("%s: %v %v, want %s", host, got, ok, want)
		}
	}
	if got, ok := newTrunkTable([]Trunk{{ID: "t", Host: "sip.carrier.example"}}, nil).by["t"].dest(); ok {
		t.Errorf("a name was found to be %v without a lookup", got)
	}
}

func TestNumbersAreSentInTheTrunksFormat(t *testing.T) {
	for _, c := range []struct{ format, raw, e164, want string }{
		{"", "0138 0000-0001", "+8613800000001", "013800000001"},
		{"e164", "0138 0000-0001", "+8613800000001", "+8613800000001"},
		{"e164_digits", "0138 0000-0001", "+8613800000001", "8613800000001"},
		{"e164", "95588", "", "95588"},
		{"", "*45#", "", "*45#"},
	} {
		l := &line{Trunk: Trunk{DialFormat: c.format}}
		if got := l.number(c.raw, c.e164); got != c.want {
			t.Errorf("%q as %q: %q, want %q", c.raw, c.format, got, c.want)
		}
	}
}

func TestTheLongestPrefixHasTheCall(t *testing.T) {
	table := newTrunkTable([]Trunk{
		{ID: "any", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		{ID: "one", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32")}},
	}, nil)
	for addr, want := range map[string]call.TrunkID{"192.0.2.7": "one", "192.0.2.8": "any"} {
		if got := table.from(netip.MustParseAddr(addr)); got == nil || got.ID != want {
			t.Errorf("%s: %+v, want %s", addr, got, want)
		}
	}
	if table.from(netip.MustParseAddr("198.51.100.1")) != nil {
		t.Error("a stranger has a trunk")
	}
}

func TestSecretsAreBlankedInTraces(t *testing.T) {
	got := blanked("INVITE x\r\nproxy-Authorization : Digest response=\"abc\"\r\nVia: y\r\n")
	if strings.Contains(got, "abc") || !strings.Contains(got, "Via: y") {
		t.Errorf("traced %q", got)
	}
}
