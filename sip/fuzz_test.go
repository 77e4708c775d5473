package sip

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

func FuzzDigest(f *testing.F) {
	f.Add(`Digest username="bob", realm="atlanta.example", nonce="ea9c", uri="sip:h", response="0a", algorithm=MD5, qop=auth, nc=00000001, cnonce="x"`)
	f.Add(`Digest nonce="a\"b",stale=TRUE, qop="auth,auth-int"`)
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := parseDigest(s)
		if !ok {
			return
		}
		a, ok := algorithmOf(d.algorithm)
		if !ok || wire.HasControl(d.realm+d.opaque) {
			return
		}
		again, ok := parseDigest(d.answer(a, "us", "secret", "INVITE", "sip:h", "c", 1))
		if !ok || again.realm != d.realm || again.nonce != d.nonce || !again.proves(a, "secret", "INVITE") {
			t.Fatalf("our answer to %+v is %+v", d, again)
		}
	})
}

func FuzzInfo(f *testing.F) {
	f.Add("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n")
	f.Add("application/dtmf; x=y", " 11")
	f.Fuzz(func(t *testing.T, kind, body string) {
		digit, length, supported, ok := infoDigit(kind, body)
		if ok && (!supported || !strings.ContainsRune("0123456789*#ABCD", digit) || length <= 0 || length > longestKey) {
			t.Fatalf("%q for %v", digit, length)
		}
	})
}

// sink takes what an endpoint sends, and checks that it is well-formed.
type sink struct {
	sent  int
	bytes int
	check func([]byte)
}

func (s *sink) Send(b []byte, _ netip.AddrPort) error {
	s.sent++
	s.bytes += len(b)
	if s.check != nil {
		s.check(b)
	}
	return nil
}
func (s *sink) Alive() bool            { return true }
func (s *sink) Proto() transport.Proto { return transport.UDP }
func (s *sink) Local() netip.AddrPort  { return netip.MustParseAddrPort("192.0.2.1:5060") }

// direct is an endpoint whose one worker is stepped by the caller.
func direct(tb testing.TB, h Handler) (*Endpoint, *worker) {
	tb.Helper()
	e := newEndpoint(Config{
		Log: logtest.New(tb), Extensions: demoExtensions, Workers: 1,
		Trunks: []Trunk{{ID: "t", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}},
	}, h)
	return e, e.workers[0]
}

// answering takes each call.
type answeringHandler struct{ recorder }

func (*answeringHandler) Incoming(in *Incoming) {
	in.Leg.Observe(func(LegEvent) {})
	in.Leg.Answer(still)
}

// FuzzEndpoint sends two datagrams to the front door, the second with the To-tag of the answer to the
// first filled in for $tag. Nothing may panic, and all that comes out must be well-formed.
func FuzzEndpoint(f *testing.F) {
	dgram := func(s string) []byte {
		s = strings.NewReplacer("$addr", "192.0.2.9", "$branch", "z9hG4bKf", "$id", "x", "\n", "\r\n").Replace(strings.TrimLeft(s, "\n"))
		return []byte(s)
	}
	first := dgram(invite("4000"))
	bye := strings.NewReplacer("INVITE", "BYE", "$branch", "z9hG4bKg", "CSeq: 1", "CSeq: 2", "127.0.0.1>\nCall", "127.0.0.1>;tag=$tag\nCall")
	f.Add(first, dgram(bye.Replace(cutBody(invite("4000")))+"\n"), false)
	f.Add(dgram(cutBody(invite("4000"))+"\n"), dgram(strings.NewReplacer("INVITE", "ACK", "127.0.0.1>\nCall", "127.0.0.1>;tag=$tag\nCall").Replace(invite("4000"))), true)
	f.Add(first, dgram(strings.NewReplacer("CSeq: 1", "CSeq: 2", "$branch", "z9hG4bKh", "sendrecv", "sendonly", "127.0.0.1>\nCall", "127.0.0.1>;tag=$tag\nCall").Replace(invite("4000"))), false)
	f.Add(dgram(registration("1001", 1, "\n")), dgram(strings.ReplaceAll(cutBody(invite("4000")), "INVITE", "CANCEL")+"\n"), false)
	for _, c := range tortures {
		f.Add(dgram(c.text+"\n"), first, false)
	}
	f.Fuzz(func(t *testing.T, one, two []byte, stranger bool) {
		e, w := direct(t, &answeringHandler{})
		tag := ""
		s := &sink{check: func(b []byte) {
			m := wire.Parse(b, true)
			if m == nil || m.Fault.Code != 0 && m.Status < 400 {
				t.Fatalf("sent %+v\n%s", m, b)
			}
			if m.To.Tag() != "" {
				tag = m.To.Tag()
			}
		}}
		flow := transport.Flow{Via: s, Remote: netip.MustParseAddrPort("192.0.2.9:5060")}
		if stranger {
			flow.Remote = netip.MustParseAddrPort("198.51.100.9:5060")
		}
		e.receive(one, flow, false)
		w.round(nil)
		w.round(nil)
		e.receive([]byte(strings.ReplaceAll(string(two), "$tag", tag)), flow, false)
		w.round(nil)
		w.round(nil)
		if e.Counters()["panic"] > 0 {
			t.Fatal("a panic was contained")
		}
	})
}
