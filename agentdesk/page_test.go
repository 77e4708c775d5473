package agentdesk

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// page is one open web page: it reads all messages as they come.
type webPage struct {
	t     testing.TB
	conn  *websocket.Conn
	hello proto.Hello
	msgs  chan message
	err   error // how it ended, after msgs is closed
	ids   atomic.Int64
	last  message // of the desk, passed over or not
}

// message is whatever the server sent.
type message struct {
	T       string           `json:"t"`
	Ch      string           `json:"ch"`
	ID      string           `json:"id"`
	OK      bool             `json:"ok"`
	Epoch   string           `json:"epoch"`
	Seq     uint64           `json:"seq"`
	Now     int64            `json:"now"`
	Journal uint64           `json:"journal"`
	Err     *proto.Error     `json:"err"`
	Result  json.RawMessage  `json:"result"`
	Desk    *proto.Desk      `json:"desk"`
	Board   *proto.BoardRows `json:"board"`
	raw     []byte
	at      time.Time
}

func (m message) code() string {
	if m.Err == nil {
		return ""
	}
	return string(m.Err.Code)
}

func (c *client) header() http.Header {
	h := http.Header{"Origin": {c.r.base}}
	if c.token != "" {
		h.Set("Cookie", cookieName+"="+c.token)
	}
	maps.Copy(h, c.head)
	return h
}

func (c *client) dial(d *websocket.Dialer) (*websocket.Conn, *http.Response, error) {
	return d.DialContext(c.r.t.Context(), "ws"+c.r.base[len("http"):]+"/ws", c.header())
}

var plainDialer = &websocket.Dialer{Subprotocols: []string{proto.Subprotocol}, HandshakeTimeout: 10 * time.Second}

func (c *client) page() *webPage {
	c.r.t.Helper()
	conn, resp, err := c.dial(plainDialer)
	if err != nil {
		c.r.t.Fatalf("open websocket: %v", err)
	}
	_ = resp.Body.Close()
	p := &webPage{t: c.r.t, conn: conn, msgs: make(chan message, 4096)}
	p.ids.Store(time.Now().UnixNano())
	if err := conn.ReadJSON(&p.hello); err != nil {
		c.r.t.Fatalf("hello: %v", err)
	}
	go p.read()
	c.r.t.Cleanup(func() { _ = conn.Close() })
	return p
}

func (r *rig) page(user string) *webPage { r.t.Helper(); return r.as(user).page() }

func (p *webPage) read() {
	defer close(p.msgs)
	for {
		_, data, err := p.conn.ReadMessage()
		if err != nil {
			p.err = err
			return
		}
		m := message{raw: data, at: time.Now()}
		if err := json.Unmarshal(data, &m); err != nil {
			p.err = err
			return
		}
		p.msgs <- m
	}
}

// until gives the first message that fits, others are passed over.
func (p *webPage) until(what string, fits func(message) bool) message {
	p.t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case m, ok := <-p.msgs:
			if !ok {
				p.t.Fatalf("%s: the page was closed: %v", what, p.err)
			}
			if m.Ch == "desk" && m.Desk != nil {
				p.last = m
			}
			if fits(m) {
				return m
			}
		case <-late:
			p.t.Fatalf("%s: did not come", what)
		}
	}
}

func (p *webPage) say(cmd, id string, body any) {
	p.t.Helper()
	msg := map[string]any{"t": cmd, "id": id}
	if body != nil {
		msg["body"] = body
	}
	if err := p.conn.WriteJSON(msg); err != nil {
		p.t.Fatalf("%s: %v", cmd, err)
	}
}

// ask sends a command and waits for its answer.
func (p *webPage) ask(cmd string, body any) message {
	p.t.Helper()
	id := strconv.FormatInt(p.ids.Add(1), 36)
	p.say(cmd, id, body)
	return p.until("answer to "+cmd, func(m message) bool { return m.T == "ack" && m.ID == id })
}

func (p *webPage) mustAsk(cmd string, body any) message {
	p.t.Helper()
	m := p.ask(cmd, body)
	if !m.OK {
		p.t.Fatalf("%s: %+v", cmd, m.Err)
	}
	return m
}

// desk opens the desk and gives its snapshot.
func (p *webPage) desk() message {
	p.t.Helper()
	p.say(proto.CmdSubscribe, "desk-"+strconv.FormatInt(p.ids.Add(1), 36), proto.Subscribe{Ch: "desk"})
	return p.until("snapshot of the desk", func(m message) bool { return m.T == "snap" && m.Ch == "desk" })
}

func (p *webPage) board() message {
	p.t.Helper()
	p.say(proto.CmdSubscribe, "board-"+strconv.FormatInt(p.ids.Add(1), 36), proto.Subscribe{Ch: "board"})
	return p.until("snapshot of the board", func(m message) bool { return m.T == "snap" && m.Ch == "board" })
}

// desked waits for a desk that fits; it may have come while an answer was waited for.
func (p *webPage) desked(what string, fits func(*proto.Desk) bool) message {
	p.t.Helper()
	if p.last.Desk != nil && fits(p.last.Desk) {
		return p.last
	}
	return p.until(what, func(m message) bool { return m.Ch == "desk" && m.Desk != nil && fits(m.Desk) })
}

// closed waits for the end and gives the close code.
func (p *webPage) closed() int {
	p.t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case _, ok := <-p.msgs:
			if ok {
				continue
			}
			var ce *websocket.CloseError
			if errors.As(p.err, &ce) {
				return ce.Code
			}
			p.t.Fatalf("the page ended without a code: %v", p.err)
		case <-late:
			p.t.Fatal("the page was not closed")
		}
	}
}
