package sip

import (
	"bufio"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/wire"
)

// stream is a peer on a TCP connection.
type stream struct {
	*peer
	conn net.Conn
	in   *bufio.Reader
}

func newStream(t *testing.T, to netip.AddrPort) *stream {
	t.Helper()
	conn, err := net.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &stream{
		peer: &peer{t: t, addr: conn.LocalAddr().(*net.TCPAddr).AddrPort(), tag: token(4), id: token(8)},
		conn: conn, in: bufio.NewReader(conn),
	}
}

func (s *stream) say(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.conn, s.fill(strings.ReplaceAll(text, "SIP/2.0/UDP", "SIP/2.0/TCP"))); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stream) hear() *wire.Message {
	s.t.Helper()
	_ = s.conn.SetReadDeadline(time.Now().Add(patience))
	var all []byte
	for {
		line, err := s.in.ReadBytes('\n')
		if err != nil {
			s.t.Fatalf("reading the stream: %v", err)
		}
		if all = append(all, line...); strings.HasSuffix(string(all), "\r\n\r\n") {
			break
		}
	}
	m := wire.Parse(all, false)
	n := 0
	for _, c := range m.Get(wire.ContentLength) {
		n = n*10 + int(c-'0')
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(s.in, body); err != nil {
		s.t.Fatal(err)
	}
	m.Body, m.Fault = string(body), wire.Fault{}
	return m
}

func TestPhoneOnTCPRegistersIsRungAndGoesWithItsConnection(t *testing.T) {
	e, r := start(t, nil)
	p := newStream(t, e.TCPAddr())
	p.say(registration("1001", 1, ""))
	c := p.hear()
	p.say(registration("1001", 2, proof(c, "MD5", "1001", "demo-1001", "REGISTER", "sip:127.0.0.1", 1)))
	if m := p.hear(); m.Status != 200 {
		t.Fatalf("registered: %d", m.Status)
	}
	receive(t, r.bindings, "binding")
	events := make(chan LegEvent, 8)
	l := e.Dial(DialRequest{Extension: "1001", Media: newSound()}, func(ev LegEvent) { events <- ev })
	inv := p.hear()
	if inv.Method != "INVITE" || !strings.HasPrefix(inv.Via.Value, "SIP/2.0/TCP ") || !strings.Contains(inv.Get(wire.Contact), ";transport=tcp") {
		t.Fatalf("got %s by %s, Contact %s", inv.Method, inv.Via.Value, inv.Get(wire.Contact))
	}
	p.say(string(wire.AppendEcho(wire.AppendStatus(nil, 200, ""), inv, "a1")) + "Contact: <sip:1001@10.1.1.1:5060;transport=tcp>\n" + answerBody)
	event[LegAnswered](t, events)
	if m := p.hear(); m.Method != "ACK" {
		t.Fatalf("got %s", m.Method)
	}
	l.HangUp(call.End{Cause: call.CauseHangup})
	if m := p.hear(); m.Method != "BYE" {
		t.Fatalf("got %s", m.Method)
	}
	_ = p.conn.Close()
	if got := receive(t, r.bindings, "end of the binding"); !strings.HasPrefix(got, "1001 false") {
		t.Errorf("told %q", got)
	}
}

func TestTrunkCallByTCP(t *testing.T) {
	e, r := start(t, nil)
	p := newStream(t, e.TCPAddr())
	p.say(invite("4000"))
	in := receive(t, r.calls, "call")
	in.Leg.Answer(newSound())
	ok := p.hear()
	if ok.Status == 100 {
		ok = p.hear()
	}
	if ok.Status != 200 {
		t.Fatalf("got %d", ok.Status)
	}
	event[LegAnswered](t, r.events)
	p.say(within("ACK", 1, ok, ""))
	p.say(within("BYE", 2, ok, ""))
	if m := p.hear(); m.Status != 200 || m.CSeq.Method != "BYE" {
		t.Errorf("got %d to %s", m.Status, m.CSeq.Method)
	}
	event[LegEnded](t, r.events)
}

func TestDialByTCP(t *testing.T) {
	e, _ := start(t, nil)
	far, r := start(t, nil)
	events := make(chan LegEvent, 8)
	l := e.Dial(DialRequest{URI: "sip:4000@" + far.TCPAddr().String() + ";transport=tcp", Media: newSound()}, func(ev LegEvent) { events <- ev })
	in := receive(t, r.calls, "call")
	in.Leg.Answer(newSound())
	event[LegAnswered](t, events)
	event[LegAnswered](t, r.events)
	l.HangUp(call.End{Cause: call.CauseHangup})
	if end := event[LegEnded](t, r.events).End; end.By != call.ByCaller || end.Cause != call.CauseHangup {
		t.Errorf("ended %+v", end)
	}
}

func TestBigAnswersLeaveByUDP(t *testing.T) {
	e, _ := start(t, nil)
	for _, size := range []int{900, 1299, 1301, 4000, 20000} {
		p := newPeer(t, e.UDPAddr())
		p.id = strings.Repeat("i", size)
		p.send(options("sip:user@example.com", ""))
		if m := p.status(200); m.CallID != p.id {
			t.Errorf("Call-ID of %d bytes came back with %d", size, len(m.CallID))
		}
	}
}

func TestPortInUse(t *testing.T) {
	e, _ := start(t, nil)
	for _, c := range []Config{{UDP: e.UDPAddr()}, {UDP: freePort, TCP: e.TCPAddr()}} {
		c.PortSetting = "--sip or sip.listen in linedesk.yaml"
		_, err := New(c, newRecorder())
		if err == nil || !strings.Contains(err.Error(), e.UDPAddr().String()) || !strings.Contains(err.Error(), "change --sip or sip.listen in linedesk.yaml") {
			t.Errorf("error %v", err)
		}
	}
	if e.UDPAddr().Port() != e.TCPAddr().Port() {
		t.Errorf("free ports differ: %v, %v", e.UDPAddr(), e.TCPAddr())
	}
}

func TestStrangerIsHeldToItsRateAndOthersAreNot(t *testing.T) {
	e, _ := start(t, func(c *Config) {
		c.Strangers = StrangersForbidden
		c.Trunks = []Trunk{{ID: "far", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}
	})
	p := newPeer(t, e.UDPAddr())
	for range 200 {
		p.send(options("sip:x@h", ""))
		p.id = token(8)
	}
	p.send("OPTIONS sip:x SIP/2.0\n") // malformed, and over the rate as well
	answers := 0
	for p.readWithin(200*time.Millisecond) != nil {
		answers++
	}
	if answers < strangerBurst || answers > strangerBurst+20 {
		t.Errorf("%d answers to 200 requests at once, want about %d", answers, strangerBurst)
	}
	if n := e.Counters()["drop_rate"]; n < 100 {
		t.Errorf("%d counted as dropped", n)
	}
}

func TestFiveWrongPasswordsAreEnough(t *testing.T) {
	e, _ := start(t, func(c *Config) {
		c.Trunks = []Trunk{{ID: "far", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}
	})
	p := newPeer(t, e.UDPAddr())
	n := 1
	try := func(user, password string) *wire.Message {
		p.send(registration(user, n, ""))
		c := p.status(401)
		p.send(registration(user, n+1, proof(c, "MD5", user, password, "REGISTER", "sip:127.0.0.1", 1)))
		n += 2
		return p.readWithin(300 * time.Millisecond)
	}
	for range 5 {
		if m := try("1001", "guess"); m == nil || m.Status != 401 {
			t.Fatalf("got %+v", m)
		}
	}
	if m := try("1001", "demo-1001"); m != nil {
		t.Errorf("got %d after five wrong passwords, want nothing", m.Status)
	}
	if m := try("1002", "demo-1002"); m == nil || m.Status != 200 {
		t.Errorf("another account from there got %+v, want 200", m)
	}
}

func TestStrangersGetNoMoreThanTheyGive(t *testing.T) {
	e, _ := start(t, func(c *Config) {
		c.Strangers = StrangersForbidden
		c.Trunks = []Trunk{{ID: "far", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}
	})
	for _, text := range []string{
		invite("4000"), registration("1001", 1, "User-Agent: phone 1.2.3\nAllow: INVITE, ACK, CANCEL, BYE\n"), options("sip:x@h", ""),
		strings.Replace(options("sip:x@h", ""), "CSeq: 1", "CSeq: x", 1),
	} {
		p := newPeer(t, e.UDPAddr())
		text = p.fill(text)
		p.send(text)
		if m := p.read(); m.Size > len(text)*3/2 {
			t.Errorf("%d bytes for %d:\n%s", m.Size, len(text), text)
		}
		if m := p.readWithin(700 * time.Millisecond); m != nil {
			t.Errorf("a second packet: %d", m.Status)
		}
	}
}
