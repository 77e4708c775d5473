package agentdesk

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

func TestTheHandshakeChecksWhoAndFromWhere(t *testing.T) {
	r := newRig(t)
	amy := r.as("amy")
	status := func(c *client, change func(http.Header), d *websocket.Dialer) int {
		h := c.header()
		change(h)
		conn, resp, err := d.DialContext(t.Context(), "ws"+r.base[4:]+"/ws", h)
		if err == nil {
			_ = conn.Close()
			return 101
		}
		if resp == nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	keep := func(http.Header) {}
	bare := &websocket.Dialer{}
	for what, row := range map[string]struct{ got, want int }{
		"a page of ours":           {status(amy, keep, plainDialer), 101},
		"no cookie":                {status(r.stranger(), keep, plainDialer), 401},
		"foreign origin":           {status(amy, func(h http.Header) { h.Set("Origin", "https://evil.example") }, plainDialer), 403},
		"origin of another port":   {status(amy, func(h http.Header) { h.Set("Origin", "http://127.0.0.1:1") }, plainDialer), 403},
		"origin by https":          {status(amy, func(h http.Header) { h.Set("Origin", "https"+r.base[4:]) }, plainDialer), 403},
		"origin null":              {status(amy, func(h http.Header) { h.Set("Origin", "null") }, plainDialer), 403},
		"no origin":                {status(amy, func(h http.Header) { h.Del("Origin") }, plainDialer), 403},
		"no subprotocol":           {status(amy, keep, bare), 400},
		"a program with its token": {status(r.stranger(), func(h http.Header) { h.Del("Origin"); h.Set("Authorization", "Bearer "+amy.token) }, plainDialer), 101},
	} {
		if row.got != row.want {
			t.Errorf("%s: %d, want %d", what, row.got, row.want)
		}
	}
}

func TestHelloSaysWhoIsSignedIn(t *testing.T) {
	r := newRig(t)
	before := time.Now().UnixMilli()
	p := r.page("amy")
	h := p.hello
	if h.T != "hello" || h.Proto != "cc.v1" || h.User.Agent != "amy" || h.Epoch == "" || h.Build == "" || h.DeskElsewhere || len(h.User.Rights) == 0 {
		t.Errorf("hello %+v", h)
	}
	if after := time.Now().UnixMilli(); h.ServerNow < before || h.ServerNow > after {
		t.Errorf("server_now is %d, and it was said between %d and %d", h.ServerNow, before, after)
	}
	if ack := p.mustAsk(proto.CmdPing, nil); ack.Now == 0 {
		t.Errorf("ping: %s", ack.raw)
	}
}

func TestRubbishClosesThePage(t *testing.T) {
	r := newRig(t)
	amy := r.as("amy")
	for what, send := range map[string]func(*websocket.Conn) error{
		"no JSON":         text(`hello`),
		"no command":      text(`{"t":"launch","id":"1"}`),
		"no id":           text(`{"t":"ping"}`),
		"a long id":       text(`{"t":"ping","id":"` + strings.Repeat("x", 65) + `"}`),
		"unknown field":   text(`{"t":"ping","id":"1","x":1}`),
		"two values":      text(`{"t":"ping","id":"1"}{"t":"ping","id":"2"}`),
		"a list":          text(`[]`),
		"too long":        text(`{"t":"ping","id":"` + strings.Repeat("x", (64<<10)) + `"}`),
		"far too long":    text(strings.Repeat("x", 20*(64<<10))),
		"binary":          func(c *websocket.Conn) error { return c.WriteMessage(websocket.BinaryMessage, []byte(`{}`)) },
		"a thousand deep": text(strings.Repeat(`{"t":`, 20_000)),
	} {
		t.Run(what, func(t *testing.T) {
			p := amy.page()
			if err := send(p.conn); err != nil {
				t.Logf("closed while it was still sending: %v", err)
			}
			p.t = t
			if code := p.closed(); code != proto.CloseBadMessage {
				t.Errorf("closed with %d, want %d", code, proto.CloseBadMessage)
			}
		})
	}
	p := amy.page() // a body that is wrong is told, not punished
	for _, body := range []any{nil, "text", map[string]any{"ch": "desk", "chanel": 1}, map[string]any{"ch": 5}, []int{1}} {
		if ack := p.ask(proto.CmdSubscribe, body); ack.OK {
			t.Errorf("body %v was taken", body)
		}
	}
}

func text(s string) func(*websocket.Conn) error {
	return func(c *websocket.Conn) error { return c.WriteMessage(websocket.TextMessage, []byte(s)) }
}

// A small compressed message that unpacks to a huge one is cut off.
func TestACompressedBombIsCutOff(t *testing.T) {
	r := newRig(t)
	d := *plainDialer
	d.EnableCompression = true
	conn, resp, err := r.as("amy").dial(&d)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	defer func() { _ = conn.Close() }()
	conn.EnableWriteCompression(true)
	go func() { _ = conn.WriteMessage(websocket.TextMessage, bytes.Repeat([]byte(" "), 4<<20)) }()
	for {
		_, _, err := conn.ReadMessage()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, proto.CloseBadMessage) {
			t.Errorf("ended with %v", err)
		}
		return
	}
}

func TestSigningOutClosesThePages(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	p, other := c.page(), r.page("amy")
	start := time.Now()
	c.do("DELETE", "/session", nil).want(204)
	if code := p.closed(); code != proto.CloseSignedOut {
		t.Errorf("closed with %d", code)
	}
	if d := time.Since(start); d > 7*time.Second { // not left to the next check of the session
		t.Errorf("it took %v", d)
	}
	other.mustAsk(proto.CmdPing, nil)
}

func TestTheServerSaysGoodbye(t *testing.T) {
	r := newRig(t)
	p := r.page("amy")
	p.desk()
	r.stop()
	if code := p.closed(); code != proto.CloseServerStops {
		t.Errorf("closed with %d", code)
	}
	if n := r.line.count("desk lost amy"); n != 1 {
		t.Errorf("desk lost %d times", n)
	}
}
