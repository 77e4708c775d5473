package sip

import (
	"bytes"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/sip/transport"
)

// template is a datagram with places for a number that makes it another call's.
func template(s string) []byte {
	s = strings.NewReplacer("$addr", "192.0.2.9:5060", "$branch", "z9hG4bK00000000", "$id", "call00000000", "$tag", "t00000000").Replace(strings.TrimLeft(s, "\n"))
	head, body, _ := strings.Cut(s, "\n\n")
	body = strings.ReplaceAll(body, "\n", "\r\n")
	head = strings.ReplaceAll(strings.TrimRight(head, "\n"), "\n", "\r\n")
	return []byte(head + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
}

// number writes n over the zeros of all templates.
func stamp(b []byte, places []int, n int) {
	digits := fmt.Appendf(nil, "%08d", n)
	for _, at := range places {
		copy(b[at:], digits)
	}
}

func placesOf(b []byte) (places []int) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("00000000"))
		if i < 0 {
			return places
		}
		places = append(places, at+i)
		at += i + 8
	}
}

func BenchmarkReceiveOptions(b *testing.B) {
	e, w := direct(b, &answeringHandler{})
	flow := transport.Flow{Via: &sink{}, Remote: netip.MustParseAddrPort("192.0.2.9:5060")}
	data := template(options("sip:user@example.com", ""))
	var batch []item
	b.ReportAllocs()
	for b.Loop() {
		e.receive(data, flow, false)
		batch = w.round(batch)
	}
}

// BenchmarkAnsweredCall is a whole call as the called side: INVITE, 200, ACK, BYE, 200.
func BenchmarkAnsweredCall(b *testing.B) {
	e, w := direct(b, &answeringHandler{})
	calls := newCallMaker(e, w)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		calls.begin(n)
		calls.end(n)
		n++
		if n%1000 == 0 { // as if the 32 s were over
			w.now += timeout
			w.round(nil)
		}
	}
	if calls.s.sent != 2*n {
		b.Errorf("%d messages sent in %d calls", calls.s.sent, n)
	}
}

// callMaker begins and ends calls in memory.
type callMaker struct {
	e                   *Endpoint
	w                   *worker
	s                   *sink
	flow                transport.Flow
	invite, ack, bye    []byte
	pInvite, pAck, pBye []int
	tag                 []byte
	batch               []item
}

func newCallMaker(e *Endpoint, w *worker) *callMaker {
	c := &callMaker{e: e, w: w, s: &sink{}}
	c.flow = transport.Flow{Via: c.s, Remote: netip.MustParseAddrPort("192.0.2.9:5060")}
	c.invite = template(invite("4000"))
	tagged := strings.NewReplacer("127.0.0.1>\nCall", "127.0.0.1>;tag=0123456789abcdef\nCall", "$branch", "z9hG4bKa00000000", "INVITE", "ACK")
	c.ack = template(tagged.Replace(cutBody(invite("4000"))))
	tagged = strings.NewReplacer("127.0.0.1>\nCall", "127.0.0.1>;tag=0123456789abcdef\nCall", "$branch", "z9hG4bKb00000000", "1 INVITE", "2 BYE", "INVITE", "BYE")
	c.bye = template(tagged.Replace(cutBody(invite("4000"))))
	c.pInvite, c.pAck, c.pBye = placesOf(c.invite), placesOf(c.ack), placesOf(c.bye)
	c.tag = []byte("0123456789abcdef")
	return c
}

func (c *callMaker) step(data []byte) {
	c.e.receive(data, c.flow, false)
	c.batch = c.w.round(c.batch)
}

func (c *callMaker) begin(n int) {
	stamp(c.invite, c.pInvite, n)
	c.s.check = func(b []byte) {
		_, to, _ := bytes.Cut(b, []byte("\r\nTo: "))
		_, tag, _ := bytes.Cut(to, []byte(";tag="))
		tag = tag[:16]
		at := bytes.Index(c.ack, c.tag)
		copy(c.ack[at:], tag)
		at = bytes.Index(c.bye, c.tag)
		copy(c.bye[at:], tag)
		copy(c.tag, tag)
	}
	c.step(c.invite)
	c.batch = c.w.round(c.batch) // the handler's Answer
	c.s.check = nil
	stamp(c.ack, c.pAck, n)
	c.step(c.ack)
}

func (c *callMaker) end(n int) {
	stamp(c.bye, c.pBye, n)
	c.step(c.bye)
}

// TestMemoryPerCall bounds what an answered call holds, and that nothing is held after it.
func TestMemoryPerCall(t *testing.T) {
	e, w := direct(t, &answeringHandler{})
	calls := newCallMaker(e, w)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	const n = 2000
	for i := range n {
		calls.begin(i)
	}
	w.now += timeout
	w.round(nil)
	during := heap()
	t.Logf("%d bytes per answered leg", (during-before)/n)
	if per := (during - before) / n; per > 4<<10 {
		t.Errorf("%d bytes per answered leg, want at most 4 KiB", per)
	}
	if len(w.legs) != n || len(w.served) != 0 {
		t.Errorf("%d legs, %d transactions", len(w.legs), len(w.served))
	}
	runtime.KeepAlive(e)
}
