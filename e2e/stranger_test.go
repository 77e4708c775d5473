package e2e

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/linedesk/linedesk/sip/siptest"
)

// What comes from outside and is not what it should be.

func TestUnknownNumberIsRefusedAndNoted(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	c, err := s.caller(t, "13912340061").Dial(t.Context(), "4711")
	ok(t, err)
	var refused *siptest.RefusedError
	if err := c.WaitAnswered(soon(t, aMoment)); !errors.As(err, &refused) || refused.Code != 404 {
		t.Errorf("it is answered %v", err)
	}
	s.waitLog("unknown number", "number=4711", "trunk=demo", "from=13912340061")
}

// Nobody learns from a refusal whether there is such a user.
func TestWrongPasswordAndUnknownUserGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	register := func(user, password string) string {
		p := siptest.NewPhone(t, siptest.Options{Server: s.sipAddr(), User: user, Password: password})
		err := p.Register(soon(t, aMoment))
		var refused *siptest.RefusedError
		if !errors.As(err, &refused) {
			t.Fatalf("%s with %s: %v", user, password, err)
		}
		return refused.Error()
	}
	if known, unknown := register("1001", "wrong"), register("8888", "wrong"); known != unknown {
		t.Errorf("a phone with a wrong password gets %q, an unknown one %q", known, unknown)
	}
	signIn := func(user string) statusError {
		err := s.newClient().do(http.MethodPost, "/session", map[string]string{"user": user, "password": "wrong"}, nil)
		var refused *statusError
		if !errors.As(err, &refused) {
			t.Fatalf("%s: %v", user, err)
		}
		return *refused
	}
	if known, unknown := signIn("amy"), signIn("nobody"); known != unknown || known.Code != http.StatusUnauthorized {
		t.Errorf("a user with a wrong password gets %v, an unknown one %v", known, unknown)
	}
	s.phone(t, "1001") // the right one still counts
	s.signIn("amy")
}

func TestHostileCallerNamesAreStoredClean(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	lena := s.signIn("lena")
	for i, row := range []struct {
		sent, kept string
	}{
		{`<script>alert(1)</script>`, `<script>alert(1)</script>`}, // the pages show it as text
		{`'; DROP TABLE calls; --`, `'; DROP TABLE calls; --`},
		{`quo"te\slash`, `quo"te\slash`},
		{"王芳 👩‍💼", "王芳 👩‍💼"},
		{"bad\xff\xfeutf8", "bad"},
		{"cut\xe7\x8e", "cut"},
		{"bell\x07", "bell"},
		{"nul\x00", "nul"},
		{"escape\x1b[31m", "escape"},
		{"left\u202eright\u2066", "left"},
		{strings.Repeat("x", 4000), "xxx"},
	} {
		number := fmt.Sprintf("139123400%02d", 70+i)
		t.Run(fmt.Sprintf("%.20q", row.sent), func(t *testing.T) {
			lena := lena.in(t)
			c, err := s.caller(t, number).DialWith(t.Context(), "4003", siptest.DialOptions{Name: row.sent})
			ok(t, err)
			ok(t, c.WaitAnswered(soon(t, aMoment)))
			ok(t, c.HangUp(soon(t, aMoment)))
			r := lena.logged(number)
			if !strings.HasPrefix(r.FromName, row.kept) || !clean(r.FromName) {
				t.Errorf("the name is kept as %q", r.FromName)
			}
			if d := lena.detail(r.ID); d.FromName != r.FromName {
				t.Errorf("the call's own page has the name %q", d.FromName)
			}
		})
	}
}

// clean tells whether a text can be shown without doing anything to whatever is around it.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
	})
}

// Garbage on the SIP port is answered by one packet at most, and by none much longer than it.
func TestGarbageIsAnsweredByOnePacketAtMost(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	random := make([]byte, 1200)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	invite := "INVITE sip:4000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx;rport\r\nFrom: <sip:1@x>;tag=1\r\n" +
		"To: <sip:4000@x>\r\nCall-ID: garbage-%s\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n"
	var all sync.WaitGroup
	for name, data := range map[string]string{
		"random bytes":         string(random),
		"nothing":              "",
		"a keep-alive":         "\r\n\r\n",
		"HTTP":                 "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"half a request":       "INVITE sip:4000@127.0.0.1 SIP/2.0\r\nVia: SIP",
		"no headers":           "INVITE sip:4000@127.0.0.1 SIP/2.0\r\n\r\n",
		"another version":      "INVITE sip:4000@127.0.0.1 SIP/7.0\r\n\r\n",
		"nobody asked":         "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:1@x>;tag=1\r\nTo: <sip:1@x>;tag=2\r\nCall-ID: g\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
		"an unknown method":    strings.ReplaceAll(fmt.Sprintf(invite, "m", ""), "INVITE", "DESTROY"),
		"a control character":  fmt.Sprintf(invite, "c", "Subject: a\x01b\r\n"),
		"two lengths":          fmt.Sprintf(invite, "l", "Content-Length: 5\r\n"),
		"an unknown extension": fmt.Sprintf(invite, "x", "Require: telepathy\r\n"),
		"no body that it says": strings.Replace(fmt.Sprintf(invite, "b", ""), "Length: 0", "Length: 5000", 1),
		"very long":            fmt.Sprintf(invite, "v", "Subject: "+strings.Repeat("y", 60_000)+"\r\n"),
	} {
		all.Go(func() {
			if err := s.answersOnce(data); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	all.Wait()
	if _, err := s.caller(t, "13912340062").Options(soon(t, aMoment)); err != nil {
		t.Errorf("afterwards the server does not answer: %v", err)
	}
}

// answersOnce sends something to the SIP port and sees that one packet comes back, or none.
func (s *server) answersOnce(data string) error {
	conn, err := net.Dial("udp", s.sip)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(data)); err != nil {
		return err
	}
	// Long enough for a transaction to repeat its answer (RFC 3261, 17.2.1: after T1, 500 ms).
	if err := conn.SetReadDeadline(time.Now().Add(1200 * time.Millisecond)); err != nil {
		return err
	}
	packets, size := 0, 0
	for buf := make([]byte, 65_536); ; packets++ {
		n, err := conn.Read(buf)
		if err != nil {
			break
		}
		size += n
	}
	if packets > 1 || size > len(data)*3/2 {
		return fmt.Errorf("%d bytes are answered by %d packets of %d bytes", len(data), packets, size)
	}
	return nil
}

// Sound that somebody else sends to a call's port is not heard, and does not turn the call's sound to them.
func TestSoundFromStrangersIsIgnored(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	ben := s.phone(t, "1002")
	c, agent := s.talk(t, ben, "13912340063")

	found := regexp.MustCompile(`m=audio (\d+)`).FindStringSubmatch(string(c.Answered().Body()))
	if found == nil {
		t.Fatalf("no port in %s", c.Answered().Body())
	}
	stranger, err := net.Dial("udp", "127.0.0.1:"+found[1])
	ok(t, err)
	defer func() { _ = stranger.Close() }()
	shout(t, stranger, 250)
	if agent.Purity(callerTone, time.Second) < 0.95 || c.Purity(agentTone, time.Second) < 0.95 {
		t.Errorf("the tones are spoilt: %.2f and %.2f of the sound is theirs",
			agent.Purity(callerTone, time.Second), c.Purity(agentTone, time.Second))
	}
	ok(t, stranger.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	if n, err := stranger.Read(make([]byte, 2048)); err == nil {
		t.Errorf("the stranger gets %d bytes of the call", n)
	}
	ok(t, tonesPass(soon(t, aMoment), c, agent))
}

// shout sends a second's worth and more of a loud tone, as RTP of µ-law.
func shout(t *testing.T, to net.Conn, packets int) {
	t.Helper()
	loud := make([]byte, 160)
	for i := range loud { // 1 kHz: eight samples a period
		loud[i] = []byte{0xff, 0x8e, 0x88, 0x8e, 0xff, 0x0e, 0x08, 0x0e}[i%8]
	}
	if p := share(decoded(loud), 1000); math.Abs(p-1) > 0.1 {
		t.Fatalf("the tone is none: %g", p)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for i := range packets {
		p := append([]byte{0x80, 0, 0, 0, 0, 0, 0, 0, 0xba, 0xdb, 0xad, 0x00}, loud...)
		binary.BigEndian.PutUint16(p[2:], uint16(i))
		binary.BigEndian.PutUint32(p[4:], uint32(160*i))
		if _, err := to.Write(p); err != nil && !errors.Is(err, syscall.ECONNREFUSED) { // to strangers the port may be none
			t.Fatal(err)
		}
		<-tick.C
	}
}

func decoded(b []byte) []int16 {
	pcm, _ := samples(7, b)
	return pcm
}
