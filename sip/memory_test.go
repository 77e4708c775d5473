package sip

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// line0 is a network in memory: what the endpoint sends is kept with its time, and may be answered.
type line0 struct {
	mu     sync.Mutex
	start  time.Time
	log    []string // "500ms INVITE", "32s BYE", "0s 200 INVITE"
	answer func(m *wire.Message)
	stop   func() // ends the endpoint
}

func (n *line0) Send(b []byte, _ netip.AddrPort) error {
	m := wire.Parse(b, true)
	if m == nil || m.Fault.Code != 0 && m.Status < 400 {
		panic(fmt.Sprintf("the endpoint sent %q", b))
	}
	n.mu.Lock()
	what := m.Method
	if !m.IsRequest() {
		what = fmt.Sprint(m.Status, " ", m.CSeq.Method)
	}
	n.log = append(n.log, fmt.Sprint(time.Since(n.start), " ", what))
	f := n.answer
	n.mu.Unlock()
	if f != nil {
		f(m)
	}
	return nil
}

func (n *line0) Alive() bool            { return true }
func (n *line0) Proto() transport.Proto { return transport.UDP }
func (n *line0) Local() netip.AddrPort  { return netip.MustParseAddrPort("192.0.2.1:5060") }
func (n *line0) times(what string) (at string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []string
	for _, l := range n.log {
		if t, ok := strings.CutSuffix(l, " "+what); ok {
			all = append(all, t)
		}
	}
	return strings.Join(all, " ")
}

var caller0 = netip.MustParseAddrPort("192.0.2.9:5060")

// bubble is an endpoint on a network in memory, where time takes no time.
type bubble struct {
	t *testing.T
	e *Endpoint
	r *recorder
	n *line0
}

// inMemory runs f in a bubble.
func inMemory(t *testing.T, f func(bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		e := newEndpoint(Config{
			Log: logtest.New(t), Extensions: demoExtensions, Workers: 2,
			Trunks: []Trunk{{ID: "t", Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}},
		}, r)
		n := &line0{start: time.Now()}
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { _ = e.Run(ctx) })
		n.stop = func() {
			cancel()
			done.Wait()
		}
		f(bubble{t, e, r, n})
		n.stop()
	})
}

func (n *line0) flow() transport.Flow { return transport.Flow{Via: n, Remote: caller0} }

// hear has the endpoint receive a message and waits until it has done what follows from it.
func (n *line0) hear(e *Endpoint, text string) {
	text = strings.NewReplacer("$addr", caller0.String(), "$tag", "t1", "$id", "call-1", "$branch", "z9hG4bK-1").Replace(strings.TrimLeft(text, "\n"))
	head, body, _ := strings.Cut(text, "\n\n")
	all := strings.TrimRight(head, "\n") + fmt.Sprintf("\nContent-Length: %d\n\n%s", len(body), body)
	// Bodies get one byte longer per line by CRLF; LF does as well in them.
	e.receive([]byte(strings.ReplaceAll(strings.TrimSuffix(all, body), "\n", "\r\n")+body), n.flow(), false)
	synctest.Wait()
}

// leftovers counts what the workers still hold.
func leftovers(e *Endpoint) (n int) {
	for _, w := range e.workers {
		counted := make(chan int)
		w.do(nil, func() { counted <- len(w.served) + len(w.asked) + len(w.legs) + len(w.clock.heap) })
		n += <-counted
	}
	return n
}

const doubling = "0s 500ms 1.5s 3.5s 7.5s 11.5s 15.5s 19.5s 23.5s 27.5s 31.5s"

func TestUnacknowledgedAnswerIsRepeatedAndThenHungUp(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, r, n := b.t, b.e, b.r, b.n
		n.hear(e, invite("4000"))
		(<-r.calls).Leg.Answer(newSound())
		time.Sleep(31 * time.Second)
		event[LegAnswered](t, r.events)
		if len(r.events) > 0 {
			t.Errorf("told %v before 64·T1", <-r.events)
		}
		time.Sleep(2 * time.Second)
		if got := n.times("200 INVITE"); got != doubling {
			t.Errorf("200 at %s, want at %s", got, doubling)
		}
		if got := n.times("BYE"); !strings.HasPrefix(got, "32s") {
			t.Errorf("BYE at %s, want at 32s", got)
		}
		if end := event[LegEnded](t, r.events).End; end.Cause != call.CauseLost {
			t.Errorf("ended %+v", end)
		}
		time.Sleep(33 * time.Second)
		if got := n.times("BYE"); got != "32s 32.5s 33.5s 35.5s 39.5s 43.5s 47.5s 51.5s 55.5s 59.5s 1m3.5s" {
			t.Errorf("BYE at %s", got)
		}
		if k := leftovers(e); k != 0 {
			t.Errorf("%d things left", k)
		}
	})
}

func TestUnacknowledgedRefusalIsRepeatedAndForgotten(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, r, n := b.t, b.e, b.r, b.n
		n.hear(e, invite("4999"))
		(<-r.calls).Leg.Reject(404, "")
		time.Sleep(40 * time.Second)
		if got := n.times("404 INVITE"); got != doubling {
			t.Errorf("404 at %s, want at %s", got, doubling)
		}
		if k := leftovers(e); k != 0 {
			t.Errorf("%d things left", k)
		}
	})
}

func TestTryingIsSentWhenNothingElseWas(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, r, n := b.t, b.e, b.r, b.n
		n.hear(e, invite("4000"))
		<-r.calls
		time.Sleep(longestRing + time.Second)
		if got := n.times("100 INVITE"); got != tryingAfter.String() {
			t.Errorf("100 at %s, want at %v", got, tryingAfter)
		}
		if got := n.times("480 INVITE"); !strings.HasPrefix(got, longestRing.String()) {
			t.Errorf("480 at %s, want at %v", got, longestRing)
		}
	})
}

func TestNothingIsLeftOfACall(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, r, n := b.t, b.e, b.r, b.n
		n.hear(e, invite("4000"))
		in := <-r.calls
		in.Leg.Answer(newSound())
		synctest.Wait()
		tag := in.Leg.tag
		n.hear(e, strings.NewReplacer("INVITE", "ACK", "z9hG4bK", "z9hG4bK2", "127.0.0.1>\nCall", "127.0.0.1>;tag="+tag+"\nCall").Replace(cutBody(invite("4000"))))
		time.Sleep(10 * time.Second)
		if got := n.times("200 INVITE"); got != "0s" {
			t.Errorf("200 at %s, want once", got)
		}
		n.hear(e, strings.NewReplacer("INVITE", "BYE", "$branch", "z9hG4bK3", "1 INVITE", "2 BYE", "127.0.0.1>\nCall", "127.0.0.1>;tag="+tag+"\nCall").Replace(cutBody(invite("4000"))))
		if got := n.times("200 BYE"); got != "10s" {
			t.Errorf("200 of BYE at %s", got)
		}
		time.Sleep(timeout + time.Second)
		if k := leftovers(e); k != 0 {
			t.Errorf("%d things left", k)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if len(e.peers) != 0 || e.legs.Load() != 0 {
			t.Errorf("%d peers, %d legs left", len(e.peers), e.legs.Load())
		}
	})
}

// dialed has the endpoint call extension 1001 at the far end of the line in memory.
func dialed(e *Endpoint, n *line0, events chan LegEvent) *Leg {
	e.reg.update("1001", false, []contactChange{{"sip:1001@192.0.2.9", time.Hour}}, binding{flow: n.flow()})
	l := e.Dial(DialRequest{Extension: "1001", Media: newSound(), RingTimeout: 20 * time.Second}, func(ev LegEvent) { events <- ev })
	synctest.Wait()
	return l
}

func TestInviteIsRepeatedWithDoublingPauses(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, n := b.t, b.e, b.n
		events := make(chan LegEvent, 8)
		dialed(e, n, events)
		time.Sleep(firstAnswer + time.Second)
		if got := n.times("INVITE"); got != "0s 500ms 1.5s 3.5s" {
			t.Errorf("INVITE at %s", got)
		}
		if end := event[LegEnded](t, events).End; end.Cause != call.CauseUnreachable {
			t.Errorf("ended %+v", end)
		}
		e.reg.update("1001", true, nil, binding{callID: "another"})
		time.Sleep(time.Minute)
		if k := leftovers(e); k != 0 {
			t.Errorf("%d things left", k)
		}
	})
}

// replies makes the far end answer requests: code of a request's method, 0 for none.
func replies(e *Endpoint, n *line0, more string, codes map[string][]int) {
	n.reply(func(m *wire.Message) {
		if !m.IsRequest() {
			return
		}
		for _, code := range codes[m.Method] {
			m.Src = caller0
			b := wire.AppendEcho(wire.AppendStatus(nil, code, ""), m, "far")
			if code != 100 && m.Method == "INVITE" {
				b = append(b, "Contact: <sip:far@192.0.2.9>\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE\r\n"+more...)
				if code < 300 {
					body := []byte("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 30000 RTP/AVP 0\r\n")
					b = wire.AppendBody(b, "application/sdp", body)
				} else {
					b = wire.AppendBody(b, "", nil)
				}
			} else {
				b = wire.AppendBody(b, "", nil)
			}
			go e.receive(b, n.flow(), false)
		}
	})
}

func (n *line0) reply(f func(*wire.Message)) {
	n.mu.Lock()
	n.answer = f
	n.mu.Unlock()
}

func TestSessionIsRefreshedHalfWay(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, n := b.t, b.e, b.n
		events := make(chan LegEvent, 8)
		replies(e, n, "Session-Expires: 120;refresher=uac\r\n", map[string][]int{"INVITE": {200}, "BYE": {200}})
		dialed(e, n, events)
		event[LegAnswered](t, events)
		time.Sleep(200 * time.Second)
		if got := n.times("INVITE"); got != "0s 1m0s 2m0s 3m0s" {
			t.Errorf("INVITE at %s", got)
		}
		if len(events) > 0 {
			t.Errorf("told %v", <-events)
		}
	})
}

func TestSessionThatIsNotRefreshedEnds(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, n := b.t, b.e, b.n
		events := make(chan LegEvent, 8)
		replies(e, n, "Session-Expires: 120;refresher=uas\r\n", map[string][]int{"INVITE": {200}, "BYE": {200}})
		dialed(e, n, events)
		event[LegAnswered](t, events)
		time.Sleep(121 * time.Second)
		if got := n.times("BYE"); got != "1m28s" {
			t.Errorf("BYE at %s, want 32 s before the end", got)
		}
		if end := event[LegEnded](t, events).End; end.Cause != call.CauseLost {
			t.Errorf("ended %+v", end)
		}
	})
}

func TestHoldIsTriedAgainAfterGlare(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, n := b.t, b.e, b.n
		events := make(chan LegEvent, 8)
		replies(e, n, "", map[string][]int{"INVITE": {200}, "BYE": {200}})
		l := dialed(e, n, events)
		event[LegAnswered](t, events)
		replies(e, n, "", map[string][]int{"INVITE": {491}})
		l.Hold(true)
		time.Sleep(time.Second)
		replies(e, n, "", map[string][]int{"INVITE": {200}})
		time.Sleep(10 * time.Second)
		if got := strings.Fields(n.times("INVITE")); len(got) != 3 {
			t.Errorf("INVITE at %v, want the call, the hold and the hold again", got)
		}
		if n := e.Counters()["glare"]; n != 1 {
			t.Errorf("glare counted %d times", n)
		}
	})
}

func TestPhoneThatStopsAnsweringPingsIsGone(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, r, n := b.t, b.e, b.r, b.n
		replies(e, n, "", map[string][]int{"OPTIONS": {200}})
		e.reg.update("1001", false, []contactChange{{"sip:1001@192.0.2.9", time.Hour}}, binding{flow: n.flow()})
		time.Sleep(2 * time.Minute)
		if got := <-r.bindings; got != "1001 true sip:1001@192.0.2.9" || !e.Bound("1001") {
			t.Errorf("told %q, bound %v", got, e.Bound("1001"))
		}
		n.reply(nil)
		time.Sleep(time.Minute)
		if e.Bound("1001") || len(r.bindings) != 1 {
			t.Errorf("bound %v, told %d things", e.Bound("1001"), len(r.bindings))
		}
	})
}

func TestPhoneThatNeverAnsweredAPingStays(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, n := b.t, b.e, b.n
		e.reg.update("1001", false, []contactChange{{"sip:1001@192.0.2.9", time.Hour}}, binding{flow: n.flow()})
		time.Sleep(50 * time.Minute)
		if !e.Bound("1001") {
			t.Error("not bound any more")
		}
		time.Sleep(11 * time.Minute)
		if e.Bound("1001") {
			t.Error("bound after its time")
		}
	})
}

func TestStopSaysGoodBye(t *testing.T) {
	inMemory(t, func(b bubble) {
		t, e, r, n := b.t, b.e, b.r, b.n
		n.hear(e, invite("4000"))
		in := <-r.calls
		in.Leg.Answer(newSound())
		synctest.Wait()
		n.hear(e, strings.NewReplacer("INVITE", "ACK", "z9hG4bK", "z9hG4bK2", "127.0.0.1>\nCall", "127.0.0.1>;tag="+in.Leg.tag+"\nCall").Replace(cutBody(invite("4000"))))
		n.stop()
		if n.times("BYE") != "0s" {
			t.Errorf("BYE at %q", n.times("BYE"))
		}
		event[LegAnswered](t, r.events)
		if end := event[LegEnded](t, r.events).End; end.Cause != call.CauseServerStopped {
			t.Errorf("ended %+v", end)
		}
	})
}

func TestPanicEndsOneCallOnly(t *testing.T) {
	inMemory(t, func(b bubble) {
		logtest.Expect(b.t, "panic while handling a call")
		t, e, r, n := b.t, b.e, b.r, b.n
		n.hear(e, invite("4000"))
		good := <-r.calls
		r.handle(func(*Incoming) { panic("planted") })
		for i := range 100 {
			n.hear(e, strings.NewReplacer("$id", fmt.Sprint("bad-", i), "$branch", fmt.Sprint("z9hG4bKbad", i)).Replace(invite("4000")))
		}
		if got := strings.Count(n.times("500 INVITE"), "0s"); got != 100 {
			t.Errorf("%d of 100 got a 500", got)
		}
		for range 100 {
			if end := event[LegEnded](t, r.events).End; end.Cause != call.CauseFailed {
				t.Errorf("ended %+v", end)
			}
		}
		good.Leg.Ring()
		synctest.Wait()
		if got := n.times("180 INVITE"); got != "0s" {
			t.Errorf("the good call's 180 at %q", got)
		}
		if k := e.Counters()["panic"]; k != 100 {
			t.Errorf("%d panics counted", k)
		}
	})
}

func TestDialAfterTheStopIsToldSo(t *testing.T) {
	inMemory(t, func(b bubble) {
		b.n.stop()
		events := make(chan LegEvent, 1)
		b.e.Dial(DialRequest{Extension: "1001", Media: newSound()}, func(ev LegEvent) { events <- ev })
		if end := event[LegEnded](b.t, events).End; end.Cause != call.CauseServerStopped {
			b.t.Errorf("ended %+v", end)
		}
	})
}

func TestNothingIsLeftAfterAPanic(t *testing.T) {
	inMemory(t, func(b bubble) {
		logtest.Expect(b.t, "panic while handling a call")
		b.r.handle(func(*Incoming) { panic("planted") })
		b.n.hear(b.e, invite("4000"))
		event[LegEnded](b.t, b.r.events)
		if k := leftovers(b.e); k != 0 {
			b.t.Errorf("%d things left", k)
		}
	})
}
