package agentdesk

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

// A page that stops reading is closed; the others do not notice.
func TestAPageThatStopsReadingHurtsNobody(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.onShift("ben")
	stuck := r.as("amy")
	d := *plainDialer
	d.NetDialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		small := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
		}}
		return small.DialContext(ctx, network, addr)
	}
	conn, resp, err := stuck.dial(&d)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	defer func() { _ = conn.Close() }()
	if err := conn.WriteJSON(map[string]any{"t": "subscribe", "id": "1", "body": proto.Subscribe{Ch: "desk"}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "amy's desk is open", func() bool { return r.line.count("desk seen amy") == 1 })
	ben := r.page("ben")
	ben.desk()

	// amy's page does not read from here on, and asks and asks.
	notes := strings.Repeat("x", 15_000)
	r.rings("call-1", "amy", "")
	r.talks("call-1", "amy")
	go func() {
		for i := range 20_000 {
			body := map[string]any{"t": "wrapup.save", "id": fmt.Sprint("n", i), "body": proto.WrapUp{Call: "call-1", Notes: fmt.Sprint(i, notes)}}
			if conn.WriteJSON(body) != nil {
				return
			}
		}
	}()
	gone := func() bool { return r.line.count("desk lost amy") == 1 }
	var worst time.Duration
	for i := 0; !gone(); i++ {
		start := time.Now()
		status, chosen := call.StatusPaused, call.ChosePaused
		if i%2 == 1 {
			status, chosen = call.StatusReady, call.ChoseReady
		}
		r.line.happened(call.AgentStatusChanged{Agent: "ben", Status: status, Chosen: chosen})
		r.line.happened(call.AgentMuted{Call: "call-1", Agent: "amy", Muted: i%2 == 0})
		m := ben.desked("change", func(d *proto.Desk) bool { return d.Agent.Status == status })
		worst = max(worst, m.at.Sub(start))
		if i > 5000 {
			t.Fatal("amy's page is still open")
		}
	}
	t.Logf("ben's slowest change took %v", worst)
	if worst > writeTimeout/2 { // who waits for a page that does not read waits that long
		t.Errorf("ben waited %v", worst)
	}
}

func TestAnOutboxIsBounded(t *testing.T) {
	o := newOutbox()
	for range deskFrames {
		if !o.send([]byte("x")) {
			t.Fatal("no room within the bound")
		}
	}
	if o.send([]byte("x")) {
		t.Error("there is room beyond the bound")
	}
	o = newOutbox()
	if !o.send(make([]byte, deskBytes*2)) {
		t.Error("one large message alone has no room")
	}
	if o.send([]byte("x")) {
		t.Error("there is room beyond the bytes' bound")
	}
	o = newOutbox()
	pm, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte("b"))
	if err != nil {
		t.Fatal(err)
	}
	o.send([]byte("desk"))
	for range boardFrames + 10 {
		o.sendBoard(frame{data: []byte("b"), prepared: pm})
	}
	if m, ok, _ := o.next(); !ok || string(m.data) != "desk" {
		t.Errorf("the desk's message went with the board's: %q", m.data)
	}
	if _, ok, stale := o.next(); ok || !stale {
		t.Errorf("an overflowing board: waiting %v, stale %v; want dropped and stale", ok, stale)
	}
	o.fresh()
	o.sendBoard(frame{data: []byte("snap"), prepared: pm})
	if m, ok, _ := o.next(); !ok || string(m.data) != "snap" {
		t.Errorf("after a fresh start: %q", m.data)
	}
}
