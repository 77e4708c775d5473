package sip

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/wire"
)

// tortures are messages after the sections of RFC 4475 and RFC 5118 that their names give, and what
// must come back: a status, or 0 for nothing. $id is made new for each.
var tortures = []struct {
	name string
	udp  int
	tcp  int // where it differs: −1 silence because more is waited for
	text string
}{
	{"4475/3.1.1.1 blanks everywhere", 481, 0, `
INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: $id
Content-Length   : 0
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

`},
	{"4475/3.1.1.2 unusual method", 501, 0, strings.NewReplacer("OPTIONS", "!interesting-Method0123456789_*+`.%indeed'~").Replace(options("sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com", ""))},
	{"4475/3.1.1.3 escaped user", 486, 0, tortureInvite("sip:sips%3Auser%40example.com@example.net", "", "")},
	{"4475/3.1.1.4 escaped nulls", 401, 0, strings.ReplaceAll(registration("null-%00-null", 1, "Contact: <sip:%00@host5.example.com>\n"), "Contact: <sip:null-%00-null@$addr>\n", "Contact: <sip:%00%00@host5.example.com>\n")},
	{"4475/3.1.1.5 escapes are no method", 501, 0, strings.ReplaceAll(options("sip:registrar.example.com", ""), "OPTIONS", "RE%47IST%45R")},
	{"4475/3.1.1.6 no blank before <", 200, 0, strings.Replace(options("sip:user@example.com", ""), "To: <", "To: caller<", 1)},
	{"4475/3.1.1.7 long values", 486, 0, tortureInvite("sip:user@example.com", "X-Long: "+strings.Repeat("long ", 600)+"\nVia: SIP/2.0/TCP "+strings.Repeat("very", 40)+".example.com;branch=z9hG4bK1\n", "")},
	{"4475/3.1.1.8 octets after the body", 401, 0, registration("1001", 1, "Content-Length: 0\n") + "\nINVITE sip:joe@example.com SIP/2.0\nt: sip:joe\n"},
	{"4475/3.1.1.9 semicolon in user", 200, 0, options("sip:user;par=u%40example.net@example.com", "")},
	{"4475/3.1.1.10 unknown transports", 200, 0, options("sip:user@example.com", "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bK2\nVia: SIP/2.0/UNKNOWN t6.example.com;branch=z9hG4bK3\n")},
	{"4475/3.1.1.12 non-ASCII reason", 0, 0, response("SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e 200")},
	{"4475/3.1.1.13 no reason", 0, 0, response("SIP/2.0 100 ")},
	{"4475/3.1.2.1 stray separators", 400, 0, strings.Replace(options("sip:user@example.com", "Contact: \"Joe\" <sip:joe@example.org>;;;;\n"), ";branch=$branch;rport", ";;,;,,", 1)},
	{"4475/3.1.2.2 length beyond the body", 400, -1, tortureInvite("sip:user@example.com", "Content-Length: 9999\n", "v=0\n")},
	{"4475/3.1.2.3 negative length", 400, 0, options("sip:user@example.com", "Content-Length: -999\n")},
	{"4475/3.1.2.4 scalars too big", 400, 0, strings.Replace(registration("1001", 1, "Expires: 10000000000000000000000\n"), "CSeq: 1 ", "CSeq: 36893488147419103232 ", 1)},
	{"4475/3.1.2.5 response with big scalars", 0, 0, strings.Replace(response("SIP/2.0 503 Service Unavailable"), "CSeq: 1 ", "CSeq: 9292394834772304023312 ", 1)},
	{"4475/3.1.2.6 open quote", 400, 0, strings.Replace(options("sip:user@example.com", ""), "To: <", `To: "Mr. J. User <`, 1)},
	{"4475/3.1.2.7 angle brackets in the request line", 400, 0, options("<sip:user@example.com>", "")},
	{"4475/3.1.2.8 blank in the request URI", 400, 0, options("sip:user@example.com; lr", "")},
	{"4475/3.1.2.9 blanks between the elements", 400, 0, strings.Replace(options("sip:user@example.com", ""), "OPTIONS sip", "OPTIONS  sip", 1)},
	{"4475/3.1.2.10 blanks at the end", 400, 0, strings.Replace(options("sip:user@example.com", ""), "SIP/2.0\n", "SIP/2.0  \n", 1)},
	{"4475/3.1.2.11 headers in the request URI", 400, 0, options("sip:user@example.com?Route=%3Csip:sip.example.com%3E", "")},
	{"4475/3.1.2.12 time zone in Date", 200, 0, options("sip:user@example.com", "Date: Fri, 01 Jan 2010 16:00:00 EST\n")},
	{"4475/3.1.2.14 blanks in an addr-spec", 400, 0, strings.Replace(options("sip:user@example.com", ""), "To: <sip:user@example.com>", `To: "Watson, Thomas" < sip:t.watson@example.org >`, 1)},
	{"4475/3.1.2.15 display name wants quotes", 400, 0, strings.Replace(options("sip:user@example.com", ""), "From: <", "From: Bell, Alexander <", 1)},
	{"4475/3.1.2.16 unknown version", 505, 0, strings.Replace(options("sip:t.watson@example.org", ""), "SIP/2.0\nVia", "SIP/7.0\nVia", 1)},
	{"4475/3.1.2.17 methods differ", 400, 0, strings.Replace(options("sip:user@example.com", ""), "CSeq: 1 OPTIONS", "CSeq: 8 INVITE", 1)},
	{"4475/3.1.2.18 methods differ, unknown", 501, 0, strings.Replace(strings.Replace(options("sip:user@example.com", ""), "OPTIONS sip", "NEWMETHOD sip", 1), "CSeq: 1 OPTIONS", "CSeq: 8 INVITE", 1)},
	{"4475/3.1.2.19 status out of range", 0, 0, response("SIP/2.0 4294967301 better not break the receiver")},
	{"4475/3.2.1 branch is the cookie alone", 200, 0, strings.Replace(options("sip:user@example.com", ""), "branch=$branch", "branch=z9hG4bK", 1)},
	{"4475/3.3.1 required headers missing", 400, 0, "INVITE sip:user@example.com SIP/2.0\nCSeq: 193942 INVITE\nVia: SIP/2.0/UDP $addr;branch=$branch\nMax-Forwards: 70\nContent-Length: 0\nContact: <sip:trunk@$addr>\n"},
	{"4475/3.3.2 unknown scheme", 416, 0, options("nobodyKnowsThisScheme:totallyopaquecontent", "")},
	{"4475/3.3.3 scheme with a dot", 416, 0, options("soap.beep://192.0.2.103:3002", "")},
	{"4475/3.3.4 To of another scheme", 400, 0, strings.Replace(registration("1001", 1, ""), "To: <sip:1001@127.0.0.1>", "To: isbn:2983792873", 1)},
	{"4475/3.3.5 extensions required", 420, 0, options("sip:user@example.com", "Require: nothingSupportsThis, nothingSupportsThisEither\nProxy-Require: noProxiesSupportThis\n")},
	{"4475/3.3.6 unknown body", 415, 0, tortureInvite("sip:user@example.com", "Content-Type: application/unknownformat\n", "<audio/>")},
	{"4475/3.3.7 unknown authorization", 401, 0, registration("1001", 1, "Authorization: NoOneKnowsThisScheme opaque-data=here\n")},
	{"4475/3.3.8 single headers repeated", 400, 0, options("sip:user@example.com", "To: <sip:other@example.net>\nCall-ID: again\nMax-Forwards: 5\n")},
	{"4475/3.3.9 two lengths", 400, 0, tortureInvite("sip:user@example.com", "Content-Length: 5\nContent-Length: 0\n", "v=0\n")},
	{"4475/3.3.10 response for another", 0, 0, strings.Replace(response("SIP/2.0 200 OK"), "From:", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK5\nFrom:", 1)},
	{"4475/3.3.11 no hops left", 200, 0, strings.Replace(options("sip:user@example.com", ""), "Max-Forwards: 70", "Max-Forwards: 0", 1)},
	{"4475/3.3.12 contact parameter", 401, 0, strings.Replace(registration("1001", 1, ""), "Contact: <sip:1001@$addr>", "Contact: sip:+19725552222@gw1.example.net;unknownparam", 1)},
	{"4475/3.3.14 URI headers in a contact", 401, 0, strings.Replace(registration("1001", 1, ""), "Contact: <sip:1001@$addr>", "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>", 1)},
	{"4475/3.3.15 no descriptions accepted", 406, 0, tortureInvite("sip:user@example.com", "Accept: text/nobodyKnowsThis\n", "")},
	{"5118/4.1 IPv6 address", 200, 0, options("sip:[2001:db8::10]", "")},
	{"5118/4.2 IPv6 without brackets", 400, 0, options("sip:2001:db8::10", "")},
	{"5118/4.3 port within the address", 200, 0, options("sip:[2001:db8::10:5070]", "")},
	{"5118/4.4 port after the address", 200, 0, options("sip:[2001:db8::10]:5070", "")},
	{"5118/4.5 received without brackets", 200, 0, options("sip:[2001:db8::10]", "Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3-111\n")},
	{"5118/4.5 received with brackets", 200, 0, options("sip:[2001:db8::10]", "Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111\n")},
	{"5118/4.9 IPv4-mapped", 200, 0, options("sip:[::ffff:192.0.2.10]", "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19\n")},
	{"5118/4.10 three colons", 200, 0, options("sip:user@[2001:db8:::192.0.2.1]", "")},
	{"return inside a name", 400, 0, strings.Replace(options("sip:user@example.com", ""), "From: <", "From: \"a\rX-Evil: 1\" <", 1)},
	{"control character inside a name", 200, 0, strings.Replace(options("sip:user@example.com", ""), "From: <", "From: \"a\x01\" <", 1)},
	{"control character inside a value", 400, 0, options("sip:user@example.com", "X-Note: a\x01b\n")},
	{"no Via", 0, 0, strings.Replace(options("sip:user@example.com", ""), "Via:", "X-Via:", 1)},
	{"malformed ACK", 0, 0, strings.ReplaceAll(options("<sip:user@example.com>", ""), "OPTIONS", "ACK")},
}

func options(uri, more string) string {
	return `
OPTIONS ` + uri + ` SIP/2.0
Via: SIP/2.0/UDP $addr;branch=$branch;rport
` + more + `From: <sip:caller@example.net>;tag=$tag
To: <sip:user@example.com>
Call-ID: $id
CSeq: 1 OPTIONS
Max-Forwards: 70
`
}

func tortureInvite(uri, more, body string) string {
	s := strings.ReplaceAll(options(uri, more), "OPTIONS", "INVITE") + "Contact: <sip:trunk@$addr>\n"
	if body != "" {
		s += "\n" + body
	}
	return s
}

func response(status string) string {
	return "\n" + status + strings.TrimPrefix(options("", ""), "\nOPTIONS  SIP/2.0")
}

func TestTortureByUDP(t *testing.T) {
	e, r := start(t, nil)
	r.handle(func(in *Incoming) { in.Leg.Reject(486, "") })
	for _, c := range tortures {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t, e.UDPAddr())
			text := p.fill(c.text)
			p.send(text)
			if c.udp == 0 {
				// What comes after it is answered, so the silence is the answer.
				p.send(options("sip:sync@example.com", ""))
				p.id = token(8)
				if m := p.read(); m.Status != 200 || m.CSeq.Method != methodOptions {
					t.Errorf("got %d, want silence", m.Status)
				}
				return
			}
			m := p.status(c.udp)
			if c.udp != 200 && c.udp != 401 && m.Size > len(text)*3/2 {
				t.Errorf("%d bytes in answer to %d", m.Size, len(text))
			}
			for _, f := range m.Fields {
				if wire.HasControl(f.Value) {
					t.Errorf("control character in our %s", f.Label)
				}
			}
		})
	}
}

func TestTortureByTCP(t *testing.T) {
	e, r := start(t, nil)
	r.handle(func(in *Incoming) { in.Leg.Reject(486, "") })
	for _, c := range tortures {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t, e.UDPAddr())
			conn, err := net.Dial("tcp", e.TCPAddr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_, _ = io.WriteString(conn, p.fill(c.text))
			want := c.udp
			if c.tcp != 0 {
				want = c.tcp
			}
			if want <= 0 {
				_, _ = io.WriteString(conn, p.fill(options("sip:sync@example.com", "")))
			}
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			if want < 0 {
				_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			}
			buf := make([]byte, 16384)
			n, err := conn.Read(buf)
			switch {
			case want < 0:
				if err == nil {
					t.Errorf("got %.40q while the body is waited for", buf[:n])
				}
			case want == 0:
				if !bytes.HasPrefix(buf[:n], []byte("SIP/2.0 200 ")) {
					t.Errorf("got %.40q, want the answer to the second message", buf[:n])
				}
			case !bytes.HasPrefix(buf[:n], fmt.Appendf(nil, "SIP/2.0 %d ", want)):
				t.Errorf("got %.40q %v, want %d", buf[:n], err, want)
			}
		})
	}
}
