package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/sip/wire"
)

// Patience for what real sockets do: never waited for when things work.
const patience = 5 * time.Second

var (
	loopback = netip.MustParsePrefix("127.0.0.0/8")
	freePort = netip.MustParseAddrPort("127.0.0.1:0")
)

// sound is a leg's media for tests: an address, and what was negotiated.
type sound struct {
	addr   netip.AddrPort
	agreed chan media.Params
}

func newSound() *sound {
	return &sound{addr: netip.MustParseAddrPort("127.0.0.1:41000"), agreed: make(chan media.Params, 16)}
}

func (s *sound) LocalAddr() netip.AddrPort { return s.addr }
func (s *sound) Negotiated(p media.Params) { s.agreed <- p }
func (s *sound) next(t *testing.T) media.Params {
	t.Helper()
	return receive(t, s.agreed, "media parameters")
}

// receive takes from a channel what must come.
func receive[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
	}
	panic("unreachable")
}

// recorder is a handler that hands on what it is told.
type recorder struct {
	calls    chan *Incoming
	events   chan LegEvent // of the calls that came in
	bindings chan string
	onCall   atomic.Pointer[func(*Incoming)] // runs on the worker, if set
}

func (r *recorder) handle(f func(*Incoming)) { r.onCall.Store(&f) }

func newRecorder() *recorder {
	return &recorder{calls: make(chan *Incoming, 64), events: make(chan LegEvent, 256), bindings: make(chan string, 64)}
}

func (r *recorder) Incoming(in *Incoming) {
	in.Leg.Observe(func(e LegEvent) { r.events <- e })
	if f := r.onCall.Load(); f != nil {
		(*f)(in)
	}
	r.calls <- in
}

func (r *recorder) BindingChanged(ext call.Extension, up bool, contact string) {
	r.bindings <- fmt.Sprintf("%s %v %s", ext, up, contact)
}

func demoExtensions(ext call.Extension) (string, bool) {
	if len(ext) == 4 && strings.HasPrefix(string(ext), "10") {
		return "demo-" + string(ext), true
	}
	return "", false
}

// start starts an endpoint on free ports of loopback. The trunk "demo" is all of 127/8 unless
// change says otherwise.
func start(t *testing.T, change func(*Config)) (*Endpoint, *recorder) {
	t.Helper()
	c := Config{
		UDP: freePort, TCP: freePort, Log: logtest.New(t), Extensions: demoExtensions,
		Trunks: []Trunk{{ID: "demo", Allow: []netip.Prefix{loopback}}},
	}
	if change != nil {
		change(&c)
	}
	r := newRecorder()
	e, err := New(c, r)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := receive(t, done, "end of Run"); err != nil {
			t.Errorf("Run: %v", err)
		}
		for name, n := range e.Counters() {
			if strings.HasPrefix(name, "panic") && n > 0 && !strings.Contains(t.Name(), "Panic") {
				t.Errorf("%d panics", n)
			}
		}
	})
	return e, r
}

// peer is a SIP speaker for tests, which sends what it is told word for word.
type peer struct {
	t    *testing.T
	conn *net.UDPConn
	to   netip.AddrPort
	addr netip.AddrPort
	tag  string
	id   string // Call-ID
	n    int    // branches
}

func newPeer(t *testing.T, to netip.AddrPort) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(freePort))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &peer{
		t: t, conn: conn, to: to, addr: conn.LocalAddr().(*net.UDPAddr).AddrPort(), tag: token(4), id: token(8),
	}
}

// send sends a message. Lines may end in LF; $addr, $tag, $id and $branch are filled in, and
// Content-Length if it is missing.
func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDPAddrPort([]byte(p.fill(text)), p.to); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) fill(text string) string {
	p.n++
	text = strings.TrimLeft(text, "\n")
	text = strings.NewReplacer("$addr", p.addr.String(), "$tag", p.tag, "$id", p.id,
		"$branch", fmt.Sprintf("z9hG4bK%s%d", p.tag, p.n), "\r\n", "\r\n", "\n", "\r\n").Replace(text)
	head, body, ok := strings.Cut(text, "\r\n\r\n")
	if !ok {
		head = strings.TrimRight(text, "\r\n")
	}
	if !strings.Contains(head, "Content-Length") {
		head += fmt.Sprintf("\r\nContent-Length: %d", len(body))
	}
	return head + "\r\n\r\n" + body
}

// read takes the next message.
func (p *peer) read() *wire.Message {
	p.t.Helper()
	m := p.readWithin(patience)
	if m == nil {
		p.t.Fatal("no message from the endpoint")
	}
	return m
}

func (p *peer) readWithin(d time.Duration) *wire.Message {
	p.t.Helper()
	buf := make([]byte, 65536)
	_ = p.conn.SetReadDeadline(time.Now().Add(d))
	n, err := p.conn.Read(buf)
	if err != nil {
		return nil
	}
	m := wire.Parse(buf[:n], false)
	if m == nil || m.Fault.Code != 0 && m.Status < 400 { // a refusal quotes what it refuses
		p.t.Fatalf("the endpoint sent what is no good message (%+v):\n%s", m, buf[:n])
	}
	return m
}

// status takes the next response, 100 left aside, which must have a status.
func (p *peer) status(code int) *wire.Message {
	p.t.Helper()
	for {
		m := p.read()
		if m.Status == 100 && code != 100 {
			continue
		}
		if m.Status != code {
			p.t.Fatalf("got %s%s %d, want status %d", m.Method, m.CSeq.Method, m.Status, code)
		}
		return m
	}
}

// request takes the next request, which must have a method.
func (p *peer) request(method string) *wire.Message {
	p.t.Helper()
	m := p.read()
	if m.Method != method {
		p.t.Fatalf("got %s %d, want a %s", m.Method, m.Status, method)
	}
	return m
}

// answer answers a request.
func (p *peer) answer(m *wire.Message, code int, toTag, more string) {
	p.t.Helper()
	var b []byte
	b = wire.AppendEcho(wire.AppendStatus(b, code, ""), m, toTag)
	p.send(string(b) + more)
}

const offerBody = `Content-Type: application/sdp

v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 20000 RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv
`

// invite is an INVITE with an offer, for number.
func invite(number string) string {
	return `
INVITE sip:` + number + `@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP $addr;branch=$branch;rport
From: "Wang Fang" <sip:13800000001@127.0.0.1>;tag=$tag
To: <sip:` + number + `@127.0.0.1>
Call-ID: $id
CSeq: 1 INVITE
Contact: <sip:trunk@$addr>
Max-Forwards: 70
` + offerBody
}

// within is a request within the dialog that ok, our 2xx, made.
func within(method string, cseq int, ok *wire.Message, more string) string {
	return fmt.Sprintf(`
%s %s SIP/2.0
Via: SIP/2.0/UDP $addr;branch=$branch;rport
From: <sip:13800000001@127.0.0.1>;tag=$tag
To: <sip:4000@127.0.0.1>;tag=%s
Call-ID: $id
CSeq: %d %s
Contact: <sip:trunk@$addr>
Max-Forwards: 70
%s`, method, target0(ok), ok.To.Tag(), cseq, method, more)
}

func target0(m *wire.Message) string {
	a, _ := wire.ParseAddress(m.Get(wire.Contact))
	return a.URI.Text
}

// event takes the next event, which must be of a type.
func event[T LegEvent](t *testing.T, events <-chan LegEvent) T {
	t.Helper()
	e := receive(t, events, fmt.Sprintf("%T", *new(T)))
	v, ok := e.(T)
	if !ok {
		t.Fatalf("got event %#v, want %T", e, v)
	}
	return v
}
