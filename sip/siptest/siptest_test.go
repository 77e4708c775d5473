package siptest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// deadline is for everything in a test; nothing waits as long unless it has failed.
func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(stop)
	return ctx
}

// pair makes two phones, the second of which is the first one's server.
func pair(t *testing.T, a, b Options) (caller, callee *Phone) {
	t.Helper()
	b.Transport = a.Transport
	b.User = "bob"
	callee = NewPhone(t, b)
	a.Server, a.User = callee.Addr(), "alice"
	return NewPhone(t, a), callee
}

func dial(t *testing.T, p *Phone, number string) *Call {
	t.Helper()
	c, err := p.Dial(t.Context(), number)
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// connect makes an answered call and gives both ends.
func connect(t *testing.T, caller, callee *Phone) (out, in *Call) {
	t.Helper()
	ctx := deadline(t)
	out = dial(t, caller, "4000")
	in, err := callee.Incoming(ctx)
	must(t, err)
	in.Ring()
	must(t, out.WaitRinging(ctx))
	must(t, in.Answer())
	must(t, out.WaitAnswered(ctx))
	return out, in
}

func TestTonesArriveBothWays(t *testing.T) {
	for name, o := range map[string][2]Options{
		"µ-law":      {},
		"A-law":      {{Codecs: []Codec{PCMA}}, {}},
		"TCP":        {{Transport: "tcp"}, {}},
		"late offer": {{LateOffer: true}, {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			caller, callee := pair(t, o[0], o[1])
			out, in := connect(t, caller, callee)
			if in.Dialled() != "4000" || in.From() != "alice" {
				t.Errorf("the call is from %q to %q", in.From(), in.Dialled())
			}
			must(t, in.HeardSilence(ctx))
			out.Tone(440)
			in.Tone(880)
			must(t, in.Heard(ctx, 440))
			must(t, out.Heard(ctx, 880))
			if f := in.Frequency(stretch); math.Abs(f-440) > 5 {
				t.Errorf("callee measures %g Hz, want 440", f)
			}
			if e := in.Energy(stretch); math.Abs(e+15.3) > 1 {
				t.Errorf("callee measures %g dBov, want −15.3", e)
			}
			if p := in.Purity(600, stretch); p > 0.01 {
				t.Errorf("callee measures %g of the energy at 600 Hz", p)
			}
			out.Silence()
			must(t, in.HeardSilence(ctx))
			must(t, out.HangUp(ctx))
			end, err := in.WaitEnded(ctx)
			must(t, err)
			if !end.ByPeer || end.Code != 0 {
				t.Errorf("callee's end is %+v, want the peer's after an answer", end)
			}
			if st := in.Stats(); st.Received < 30 || st.Lost != 0 || st.Strange != 0 {
				t.Errorf("callee's figures are %+v", st)
			}
		})
	}
}

func TestHeardSaysWhatItHeardInstead(t *testing.T) {
	caller, callee := pair(t, Options{}, Options{})
	out, in := connect(t, caller, callee)
	out.Tone(1000)
	must(t, in.Heard(deadline(t), 1000))
	ctx, stop := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer stop()
	err := in.Heard(ctx, 440)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "strongest at 1000 Hz") {
		t.Errorf("got %v, want it to name 1000 Hz", err)
	}
}

func TestKeysArriveAsEventsAndAsInfo(t *testing.T) {
	ctx := deadline(t)
	caller, callee := pair(t, Options{DTMF: 96}, Options{})
	out, in := connect(t, caller, callee)
	must(t, out.SendDTMF(ctx, "0123456789*#"))
	must(t, in.WaitDigits(ctx, "0123456789*#"))
	must(t, in.SendDTMF(ctx, "11")) // the same key twice is two keys
	must(t, out.WaitDigits(ctx, "11"))
	must(t, out.SendInfoDTMF(ctx, '5'))
	must(t, in.WaitDigits(ctx, "0123456789*#5"))
	out.Tone(440) // and sound goes on after keys
	must(t, in.Heard(ctx, 440))
}

func TestHoldStopsTheSoundAndResumeBringsItBack(t *testing.T) {
	ctx := deadline(t)
	caller, callee := pair(t, Options{}, Options{})
	out, in := connect(t, caller, callee)
	in.Tone(880)
	must(t, out.Heard(ctx, 880))
	must(t, out.Hold(ctx))
	must(t, in.WaitHeldByPeer(ctx, true))
	must(t, out.HeardNothing(ctx, 100*time.Millisecond))
	must(t, out.Resume(ctx))
	must(t, in.WaitHeldByPeer(ctx, false))
	must(t, out.Heard(ctx, 880))
	must(t, in.Hold(ctx)) // from the other side too
	must(t, out.WaitHeldByPeer(ctx, true))
	must(t, in.HangUp(ctx))
	_, err := out.WaitEnded(ctx)
	must(t, err)
}

func TestRefusalsTellTheirCode(t *testing.T) {
	ctx := deadline(t)
	caller, callee := pair(t, Options{}, Options{})
	callee.OnInvite(func(c *Call) { c.Reject(486) })
	out := dial(t, caller, "1002")
	err := out.WaitAnswered(ctx)
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Code != 486 {
		t.Errorf("got %v, want 486", err)
	}
	end, err := out.WaitEnded(ctx)
	must(t, err)
	if end.Code != 486 || !end.ByPeer {
		t.Errorf("the end is %+v", end)
	}
}

func TestCancelEndsARingingCall(t *testing.T) {
	ctx := deadline(t)
	caller, callee := pair(t, Options{}, Options{})
	out := dial(t, caller, "1002")
	in, err := callee.Incoming(ctx)
	must(t, err)
	in.Ring()
	must(t, out.WaitRinging(ctx))
	must(t, out.HangUp(ctx))
	for _, c := range []*Call{out, in} {
		end, err := c.WaitEnded(ctx)
		must(t, err)
		if end.Code != 487 || !end.ByPeer {
			t.Errorf("%s: the end is %+v, want 487", c, end)
		}
	}
	if err := in.Answer(); err == nil {
		t.Error("a cancelled call was answered")
	}
}

func TestAutoAnswerRingsFirst(t *testing.T) {
	ctx := deadline(t)
	caller, callee := pair(t, Options{}, Options{})
	callee.AutoAnswer(100 * time.Millisecond)
	out := dial(t, caller, "1002")
	must(t, out.WaitAnswered(ctx))
	if tm := out.Times(); tm.Ringing.IsZero() || !tm.Ringing.Before(tm.Answered) {
		t.Errorf("it rang at %v and was answered at %v", tm.Ringing, tm.Answered)
	}
}

func TestKilledPhoneSaysNothing(t *testing.T) {
	ctx := deadline(t)
	caller, callee := pair(t, Options{}, Options{})
	out, in := connect(t, caller, callee)
	in.Tone(880)
	must(t, out.Heard(ctx, 880))
	callee.Kill()
	must(t, out.HeardNothing(ctx, 200*time.Millisecond))
	select {
	case <-out.Done():
		t.Error("the caller was told of the end")
	default:
	}
	if n := caller.Requests("BYE"); n != 0 {
		t.Errorf("the caller got %d BYE", n)
	}
}

// registrar answers REGISTER by digest, as little as it takes to test a phone's answer. It takes only
// what RFC 7616 says: the expected answer is computed here from the request's own fields.
func registrar(t *testing.T, algorithms ...string) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	done := make(chan struct{})
	t.Cleanup(func() { _ = conn.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			head := string(buf[:n])
			copied := ""
			auth := ""
			for line := range strings.Lines(head) {
				name, _, _ := strings.Cut(line, ":")
				switch name {
				case "Via", "From", "To", "Call-ID", "CSeq":
					copied += line
				case "Authorization":
					auth = strings.TrimSpace(line)
				}
			}
			answer := "SIP/2.0 401 Unauthorized\r\n" + copied
			for _, a := range algorithms {
				answer += fmt.Sprintf("WWW-Authenticate: Digest realm=\"demo, inc\", nonce=\"n1\", algorithm=%s, qop=\"auth\", opaque=\"o\"\r\n", a)
			}
			if auth != "" {
				c := challenge{answerIn: "Authorization", fields: digestFields(strings.TrimPrefix(auth, "Authorization: "))}
				f := c.fields
				h := hasher(c.algorithm())
				want := h(h("1001:demo, inc:demo-1001") + ":n1:" + f["nc"] + ":" + f["cnonce"] + ":auth:" + h("REGISTER:"+f["uri"]))
				code := "403 Forbidden"
				if f["response"] == want && f["opaque"] == "o" && f["username"] == "1001" {
					code = "200 OK"
				}
				answer = "SIP/2.0 " + code + "\r\n" + copied
			}
			_, _ = conn.WriteToUDPAddrPort([]byte(answer+"Content-Length: 0\r\n\r\n"), from)
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

func TestRegisterAnswersDigestChallenges(t *testing.T) {
	ctx := deadline(t)
	for _, offered := range [][]string{{"MD5"}, {"SHA-256"}, {"SHA-256", "MD5"}, {"SHA-512-256", "MD5"}} {
		p := NewPhone(t, Options{Server: registrar(t, offered...), User: "1001", Password: "demo-1001"})
		must(t, p.Register(ctx))
		p = NewPhone(t, Options{Server: registrar(t, offered...), User: "1001", Password: "wrong"})
		var refused *RefusedError
		if err := p.Register(ctx); !errors.As(err, &refused) || refused.Code != 403 {
			t.Errorf("%v with a wrong password: %v, want 403", offered, err)
		}
	}
	p := NewPhone(t, Options{Server: registrar(t, "SHA-256"), User: "1001", Password: "demo-1001", Digest: "MD5"})
	if err := p.Register(ctx); err == nil {
		t.Error("a phone that speaks MD5 only answered SHA-256")
	}
}

func TestDigestOfTheStandardsExample(t *testing.T) {
	// RFC 7616, 3.9.1, without the parts that chance makes: the hashes of A1 and A2 are those of the text.
	if got, want := hasher("MD5")("Mufasa:http-auth@example.org:Circle of Life"), "3d78807defe7de2157e2b0b6573a855f"; got != want {
		t.Errorf("MD5 of A1 is %s, want %s", got, want)
	}
	if got, want := hasher("SHA-256")("Mufasa:http-auth@example.org:Circle of Life"), "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"; got != want {
		t.Errorf("SHA-256 of A1 is %s, want %s", got, want)
	}
}

func TestManyPhonesInOneProcess(t *testing.T) {
	const calls = 150
	ctx := deadline(t)
	trunk := NewPhone(t, Options{User: "trunk"})
	trunk.AutoAnswer(20 * time.Millisecond)
	phones := make([]*Phone, calls)
	for i := range phones {
		phones[i] = NewPhone(t, Options{User: fmt.Sprint(1001 + i), Server: trunk.Addr(), Quiet: i%10 != 0})
	}
	var wg sync.WaitGroup
	for i, p := range phones {
		wg.Go(func() {
			c, err := p.Dial(ctx, "4001")
			if err == nil {
				err = c.WaitAnswered(ctx)
			}
			if err == nil && i%10 == 0 {
				err = c.HeardSilence(ctx)
			}
			if err == nil {
				err = c.HangUp(ctx)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := trunk.Requests("INVITE"); n != calls {
		t.Errorf("the trunk got %d calls, want %d", n, calls)
	}
}

func TestCodecsKeepTheStandardsValues(t *testing.T) {
	// The ends of the scales and zero (G.711, tables 1 and 2, with the usual scale of 16 bits).
	for _, row := range []struct {
		codec Codec
		code  byte
		value int16
	}{
		{PCMU, 0xff, 0},
		{PCMU, 0x80, 32124},
		{PCMU, 0x00, -32124},
		{PCMA, 0xd5, 8},
		{PCMA, 0x55, -8},
		{PCMA, 0xaa, 32256},
		{PCMA, 0x2a, -32256},
	} {
		if got := row.codec.decode([]byte{row.code})[0]; got != row.value {
			t.Errorf("%s %#x is %d, want %d", row.codec, row.code, got, row.value)
		}
	}
	for _, c := range []Codec{PCMU, PCMA} {
		for b := range 256 {
			if c == PCMU && b == 0x7f {
				continue // the other zero
			}
			if got := c.encode(nil, c.decode([]byte{byte(b)}))[0]; got != byte(b) {
				t.Errorf("%s %#x comes back as %#x", c, b, got)
			}
		}
	}
}

func TestMeterTellsTonesApart(t *testing.T) {
	tone := func(hz, height float64, n int) []int16 {
		pcm := make([]int16, n)
		for i := range pcm {
			pcm[i] = int16(height * math.Sin(2*math.Pi*hz*float64(i)/sampleRate))
		}
		return pcm
	}
	for _, hz := range []float64{300, 440, 453.7, 880, 1000, 3300} {
		pcm := tone(hz, 8000, 1600)
		if got := pitch(pcm); math.Abs(got-hz) > 2 {
			t.Errorf("%g Hz is measured as %g", hz, got)
		}
		if p := purity(pcm, hz); p < 0.95 {
			t.Errorf("%g Hz has purity %g, want nearly 1", hz, p)
		}
		if p := purity(pcm, hz+60); p > 0.01 {
			t.Errorf("%g Hz has purity %g at %g Hz, want nearly 0", hz, p, hz+60)
		}
	}
	if got := level(tone(1000, 32767, 1600)); math.Abs(got+3.01) > 0.05 {
		t.Errorf("a sine of full scale is %g dBov, want −3.01", got)
	}
	if level(make([]int16, 100)) != Silent || pitch(make([]int16, 1000)) != 0 || purity(make([]int16, 100), 440) != 0 {
		t.Error("silence is heard")
	}
}
