package sip

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/sip/wire"
)

// arrived has a trunk call answered and acknowledged.
func arrived(t *testing.T, e *Endpoint, r *recorder) (p *peer, in *Incoming, m *sound, ok *wire.Message) {
	t.Helper()
	p = newPeer(t, e.UDPAddr())
	p.send(invite("4000"))
	in = receive(t, r.calls, "call")
	m = newSound()
	in.Leg.Answer(m)
	ok = p.status(200)
	event[LegAnswered](t, r.events)
	p.send(within("ACK", 1, ok, ""))
	return p, in, m, ok
}

func TestTrunkCallIsAnsweredAndHungUpByCaller(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(invite("4000"))
	in := receive(t, r.calls, "call")
	if in.Source.Trunk != "demo" || in.Dialled != "4000" || in.From.Number.Raw != "13800000001" || in.From.Name != "Wang Fang" || !in.HasOffer {
		t.Errorf("incoming %+v", in)
	}
	in.Leg.Ring()
	ringing := p.status(180)
	m := newSound()
	in.Leg.Answer(m)
	ok := p.status(200)
	if ringing.To.Tag() == "" || ringing.To.Tag() != ok.To.Tag() {
		t.Errorf("To-tags of 180 and 200: %q and %q", ringing.To.Tag(), ok.To.Tag())
	}
	for _, want := range []string{"m=audio 41000 RTP/AVP 0 101\r\n", "c=IN IP4 127.0.0.1\r\n", "a=sendrecv\r\n"} {
		if !strings.Contains(ok.Body, want) {
			t.Errorf("the answer lacks %q:\n%s", want, ok.Body)
		}
	}
	got := m.next(t)
	if got.Remote.String() != "127.0.0.1:20000" || got.Codec != media.PCMU || got.PT != 0 || got.DTMFPT != 101 || got.Direction != media.SendRecv {
		t.Errorf("negotiated %+v", got)
	}
	event[LegAnswered](t, r.events)
	p.send(within("ACK", 1, ok, ""))
	p.send(within("BYE", 2, ok, "Reason: Q.850;cause=16\n"))
	p.status(200)
	end := event[LegEnded](t, r.events).End
	if want := (call.End{By: call.ByCaller, Cause: call.CauseHangup, Q850: 16}); end != want {
		t.Errorf("ended %+v, want %+v", end, want)
	}
	p.send(within("OPTIONS", 3, ok, ""))
	p.status(481)
}

func TestWeHangUpWithBye(t *testing.T) {
	e, r := start(t, nil)
	p, in, _, _ := arrived(t, e, r)
	in.Leg.HangUp(call.End{By: call.ByAgent, Cause: call.CauseHangup, Q850: 16})
	if end := event[LegEnded](t, r.events).End; end.By != call.ByAgent || end.Cause != call.CauseHangup {
		t.Errorf("ended %+v", end)
	}
	bye := p.request("BYE")
	if bye.Get(wire.Reason) != "Q.850;cause=16" || bye.URI.Text != "sip:trunk@"+p.addr.String() {
		t.Errorf("BYE to %s with Reason %q", bye.URI.Text, bye.Get(wire.Reason))
	}
	p.answer(bye, 200, "", "")
}

func TestByeWaitsForTheAck(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(invite("4000"))
	in := receive(t, r.calls, "call")
	in.Leg.Answer(newSound())
	ok := p.status(200)
	event[LegAnswered](t, r.events)
	in.Leg.HangUp(call.End{Cause: call.CauseFlowEnded})
	if end := event[LegEnded](t, r.events).End; end.By != call.BySystem || end.Cause != call.CauseFlowEnded {
		t.Errorf("ended %+v", end)
	}
	if m := p.read(); m.Status != 200 { // repeated after T1, and still no BYE
		t.Fatalf("got %s %d before the ACK, want the 200 again", m.Method, m.Status)
	}
	p.send(within("ACK", 1, ok, ""))
	p.answer(p.request("BYE"), 200, "", "")
}

func TestCancelGives487WithTheTagOf180(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(invite("4000"))
	in := receive(t, r.calls, "call")
	in.Leg.Ring()
	tag := p.status(180).To.Tag()
	p.n-- // the CANCEL has the INVITE's branch
	p.send(strings.Replace(strings.Replace(cutBody(invite("4000")), "INVITE sip", "CANCEL sip", 1), "1 INVITE", "1 CANCEL", 1))
	one, two := p.read(), p.read()
	if one.Status != 200 || one.CSeq.Method != "CANCEL" || one.To.Tag() != tag {
		t.Errorf("to CANCEL: %d %s tag %q", one.Status, one.CSeq.Method, one.To.Tag())
	}
	if two.Status != 487 || two.CSeq.Method != "INVITE" || two.To.Tag() != tag {
		t.Errorf("to INVITE: %d %s tag %q, want tag %q", two.Status, two.CSeq.Method, two.To.Tag(), tag)
	}
	if end := event[LegEnded](t, r.events).End; end.By != call.ByCaller || end.Cause != call.CauseAbandoned {
		t.Errorf("ended %+v", end)
	}
	p.n--
	p.send(strings.Replace(strings.Replace(cutBody(invite("4000")), "INVITE sip", "ACK sip", 1), "1 INVITE", "1 ACK", 1))
	if m := p.readWithin(1200e6); m != nil {
		t.Errorf("got %d after the ACK, want nothing", m.Status)
	}
}

func cutBody(s string) string {
	head, _, _ := strings.Cut(s, "Content-Type:")
	return head
}

func TestRejectIsRepeatedUntilAcknowledged(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(invite("4999"))
	receive(t, r.calls, "call").Leg.Reject(404, "")
	p.status(404)
	p.status(404)
	if end := event[LegEnded](t, r.events).End; end.SIP != 404 || end.By != call.BySystem {
		t.Errorf("ended %+v", end)
	}
}

func TestLateOfferIsAnsweredInTheAck(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(cutBody(invite("4000")))
	in := receive(t, r.calls, "call")
	if in.HasOffer {
		t.Error("HasOffer of an INVITE without a body")
	}
	m := newSound()
	in.Leg.Answer(m)
	ok := p.status(200)
	if !strings.Contains(ok.Body, "m=audio 41000 RTP/AVP 0 8 101\r\n") {
		t.Errorf("our offer:\n%s", ok.Body)
	}
	p.send(within("ACK", 1, ok, strings.Replace(offerBody, "0 8 101", "8 96", 1)+"a=rtpmap:96 telephone-event/8000\n"))
	if got := m.next(t); got.Codec != media.PCMA || got.PT != 8 || got.DTMFPT != 96 {
		t.Errorf("negotiated %+v", got)
	}
	event[LegAnswered](t, r.events)
}

func TestHoldIsAnsweredInKind(t *testing.T) {
	e, r := start(t, nil)
	p, _, m, ok := arrived(t, e, r)
	m.next(t)
	for i, step := range []struct {
		theirs, ours string
		dir          media.Direction
		held         bool
	}{
		{"a=sendonly", "a=recvonly", media.RecvOnly, true},
		{"a=inactive", "a=inactive", media.Inactive, true},
		{"a=sendrecv", "a=sendrecv", media.SendRecv, false},
	} {
		p.send(within("INVITE", 2+i, ok, strings.Replace(offerBody, "a=sendrecv", step.theirs, 1)))
		again := p.status(200)
		if !strings.Contains(again.Body, step.ours+"\r\n") || again.To.Tag() != ok.To.Tag() {
			t.Errorf("answer to %s:\n%s", step.theirs, again.Body)
		}
		p.send(within("ACK", 2+i, ok, ""))
		if got := m.next(t); got.Direction != step.dir {
			t.Errorf("direction after %s: %v, want %v", step.theirs, got.Direction, step.dir)
		}
		switch i {
		case 0:
			event[LegHeld](t, r.events)
		case 2:
			event[LegResumed](t, r.events)
		}
	}
}

func TestNothingThatFitsGets488(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(strings.NewReplacer("RTP/AVP 0 8 101", "RTP/AVP 18", "a=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\n", "a=rtpmap:18 G729/8000\n").Replace(invite("4000")))
	p.status(488)
	if len(r.calls) > 0 {
		t.Error("the handler was told")
	}
}

func TestSoundThatCanNotBeSentGets488(t *testing.T) {
	e, r := start(t, func(c *Config) { c.Sound = netip.MustParseAddr("127.0.0.1") })
	p := newPeer(t, e.UDPAddr())
	for _, line := range []string{"c=IN IP6 2001:db8::1", "c=IN IP4 224.2.1.1/127"} {
		p.send(regexp.MustCompile("c=IN IP4 [0-9.]+").ReplaceAllString(invite("4000"), line))
		p.status(488)
		if len(r.calls) > 0 {
			t.Errorf("%s: the handler was told", line)
		}
	}
}

func TestKeysByInfo(t *testing.T) {
	e, r := start(t, nil)
	p, _, _, ok := arrived(t, e, r)
	p.send(within("INFO", 2, ok, "Content-Type: application/dtmf-relay\n\nSignal=2\nDuration=100\n"))
	p.status(200)
	if d := event[LegDTMF](t, r.events); d.Digit != '2' || d.Duration != 100e6 {
		t.Errorf("got %+v", d)
	}
	p.send(within("INFO", 3, ok, "Content-Type: application/dtmf\n\n#"))
	p.status(200)
	if d := event[LegDTMF](t, r.events); d.Digit != '#' {
		t.Errorf("got %+v", d)
	}
	p.send(within("INFO", 4, ok, "Content-Type: text/plain\n\nhello"))
	p.status(415)
	p.send(within("INFO", 5, ok, ""))
	p.status(200)
}

func TestRepeatedInviteMakesNoSecondCall(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	text := p.fill(invite("4000"))
	for range 3 {
		p.send(text)
	}
	in := receive(t, r.calls, "call")
	in.Leg.Answer(newSound())
	p.status(200)
	if len(r.calls) > 0 {
		t.Error("a repetition made a call")
	}
}

func TestSameInviteByAnotherWayIsMerged(t *testing.T) {
	e, r := start(t, nil)
	p := newPeer(t, e.UDPAddr())
	p.send(invite("4000"))
	receive(t, r.calls, "call")
	p.send(invite("4000")) // the branch differs
	p.status(482)
}
