package agentdesk

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

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
	if worst > 5*time.Second { // who waits for a page that does not read waits until its write ends, 10 s
		t.Errorf("ben waited %v", worst)
	}
}
