package agentdesk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// wang puts 王芳 with an open ticket into the database.
func (r *rig) wang() store.Customer {
	r.t.Helper()
	c, err := r.st.CreateCustomer(r.t.Context(), store.Customer{
		Name: "王芳", Grade: "AAA", AccountManager: "amy",
		Phones: []store.Phone{{Kind: "mobile", Raw: "13800000001", E164: "+8613800000001", Primary: true}},
	}, "admin")
	if err != nil {
		r.t.Fatal(err)
	}
	_, err = r.st.CreateTicket(r.t.Context(), store.NewTicket{
		Ticket: store.Ticket{Kind: r.line.site.TicketKinds[0].ID, Subject: "late", State: "open", Customer: c.ID}, Series: "C-1",
	}, "admin")
	if err != nil {
		r.t.Fatal(err)
	}
	old := finished("old", "ben", 0)
	old.Customer, old.CustomerName = c.ID, c.Name
	r.logged(old)
	return c
}

// onShift signs an agent in at the browser.
func (r *rig) onShift(a call.AgentID) {
	r.line.happened(
		call.AgentSignedIn{Agent: a, Station: call.Station{Kind: call.StationWebRTC}}, call.StationUp{Agent: a},
		call.AgentStateChosen{Agent: a, State: call.ChoseReady},
		call.AgentStatusChanged{Agent: a, Status: call.StatusReady, Chosen: call.ChoseReady})
}

// rings brings a call of 王芳 to an agent.
func (r *rig) rings(id call.ID, a call.AgentID, customer call.CustomerID) {
	r.line.happened(
		call.CallArrived{Call: id, Leg: "far", Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "13800000001", E164: "+8613800000001"}}, To: call.Number{Raw: "4000"}, Trunk: "demo"},
		call.CallAnswered{Call: id, Leg: "far"},
		call.FlowEntered{Call: id, Flow: "main", Version: 1}, call.FlowStepped{Call: id, Flow: "main", Node: "menu", Exit: "2", Digits: "2"})
	if customer != "" {
		r.line.happened(call.CustomerIdentified{Call: id, Customer: customer, Grade: "AAA", Name: "王芳"})
	}
	r.line.happened(
		call.CallQueued{Call: id, Queue: "support"},
		call.CallOffered{Call: id, Offer: call.OfferID("offer-" + id), Queue: "support", Agent: a, Until: time.Now().Add(15 * time.Second)},
		call.AgentStatusChanged{Agent: a, Status: call.StatusOffered, Call: id, Queue: "support", Chosen: call.ChoseReady})
}

func (r *rig) talks(id call.ID, a call.AgentID) {
	r.line.happened(
		call.OfferAnswered{Call: id, Offer: call.OfferID("offer-" + id), Agent: a, Leg: "near"},
		call.Bridged{Call: id, Offer: call.OfferID("offer-" + id), Agent: a, Leg: "near"},
		call.AgentStatusChanged{Agent: a, Status: call.StatusTalking, Call: id, Queue: "support", Chosen: call.ChoseReady})
}

func (r *rig) wrapsUp(id call.ID, a call.AgentID) {
	until := time.Now().Add(30 * time.Second)
	r.line.happened(
		call.CallerLeft{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}},
		call.TalkEnded{Call: id, Agent: a, Offer: call.OfferID("offer-" + id), By: call.ByCaller},
		call.CallEnded{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseHangup}},
		call.WrapUpStarted{Call: id, Agent: a, Until: until},
		call.AgentStatusChanged{Agent: a, Status: call.StatusWrapUp, Call: id, Queue: "support", Chosen: call.ChoseReady, Until: &until})
}

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
	p := r.page("amy")
	h := p.hello
	if h.T != "hello" || h.Proto != "cc.v1" || h.User.Agent != "amy" || h.Epoch == "" || h.Build == "" || h.DeskElsewhere || len(h.User.Rights) == 0 {
		t.Errorf("hello %+v", h)
	}
	if d := time.Since(time.UnixMilli(h.ServerNow)); d > 5*time.Second || d < -time.Second {
		t.Errorf("server_now is off by %v", d)
	}
	if ack := p.mustAsk(proto.CmdPing, nil); ack.Now == 0 {
		t.Errorf("ping: %s", ack.raw)
	}
}

// The customer's record, history and open tickets come in the message that makes the desk ring.
func TestAnOfferBringsTheCustomersRecord(t *testing.T) {
	r := newRig(t)
	c := r.wang()
	r.onShift("amy")
	p := r.page("amy")
	if snap := p.desk(); snap.Desk.Agent.Status != "ready" || snap.Desk.Link != "up" || len(snap.Desk.Queues) != 2 || snap.Desk.Offer != nil {
		t.Errorf("snapshot %s", snap.raw)
	}
	r.rings("call-1", "amy", c.ID)
	first := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil })
	o := first.Desk.Offer
	switch {
	case o.Pop == nil || o.Pop.Pending || o.Pop.Customer == nil:
		t.Fatalf("the first message of the offer has no record: %s", first.raw)
	case o.Pop.Customer.Name != "王芳" || o.Pop.Customer.Grade != "AAA" || len(o.Pop.Tickets) != 1 || len(o.Pop.Calls) != 1:
		t.Errorf("record %+v", o.Pop)
	case o.ID != "offer-call-1" || o.Queue != "support" || o.Path[0] != "main:2" || o.From.E164 != "+8613800000001" || o.Until <= o.Since:
		t.Errorf("offer %+v", o)
	}
	if l := nullList.FindString(string(first.raw)); l != "" { // the pages' types say that lists are never null
		t.Errorf("%s in %s", l, first.raw)
	}
	if first.Desk.Agent.Status != "offered" {
		t.Errorf("status %q", first.Desk.Agent.Status)
	}
	p.mustAsk(proto.CmdAnswer, proto.OfferRef{Offer: o.ID})
	if r.line.count("answer amy offer-call-1") != 1 {
		t.Errorf("asked %q", r.line.was())
	}
	r.talks("call-1", "amy")
	talk := p.desked("talk", func(d *proto.Desk) bool { return d.Call != nil && d.Call.State == "talking" })
	if talk.Desk.Offer != nil || talk.Desk.Call.Pop.Customer == nil || talk.Desk.Call.From.Name != "王芳" {
		t.Errorf("talking: %s", talk.raw)
	}
	r.line.happened(call.CallHeld{Call: "call-1", Agent: "amy", By: call.ByAgent})
	p.desked("hold", func(d *proto.Desk) bool { return d.Call != nil && d.Call.State == "held" && d.Call.HeldSince > 0 })
	r.line.happened(call.CallResumed{Call: "call-1", Agent: "amy", By: call.ByAgent}, call.AgentMuted{Call: "call-1", Agent: "amy", Muted: true})
	p.desked("muted", func(d *proto.Desk) bool { return d.Call != nil && d.Call.State == "talking" && d.Call.Muted })
	r.wrapsUp("call-1", "amy")
	wrap := p.desked("wrap-up", func(d *proto.Desk) bool { return d.Call != nil && d.Call.State == "wrap_up" })
	if wrap.Desk.Until == 0 {
		t.Errorf("no end of the wrap-up: %s", wrap.raw)
	}
}

var nullList = regexp.MustCompile(`"(queues|recent|unfinished|calls|tickets|others|tags|phones|path|name)":null`)

func TestACallerIsKnownByNumberAlone(t *testing.T) {
	r := newRig(t)
	r.wang()
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", "")
	o := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil }).Desk.Offer
	if o.Pop == nil || o.Pop.Customer == nil || o.Pop.Customer.Name != "王芳" {
		t.Errorf("pop %+v", o.Pop)
	}
}

// slowStore takes its time with customers.
type slowStore struct {
	store.Store
	open chan struct{}
}

func (s slowStore) CustomersByPhone(ctx context.Context, number string) ([]store.Customer, error) {
	select {
	case <-s.open:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.Store.CustomersByPhone(ctx, number)
}

func TestAnOfferDoesNotWaitLongForASlowDatabase(t *testing.T) {
	slow := slowStore{open: make(chan struct{})}
	r := newRig(t, func(o *Options) { slow.Store = o.Store; o.Store = slow })
	c := r.wang()
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	start := time.Now()
	r.rings("call-1", "amy", c.ID)
	m := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil })
	if took := m.at.Sub(start); !m.Desk.Offer.Pop.Pending || took < popTime || took > popTime+2*time.Second {
		t.Errorf("after %v: pop %+v", took, m.Desk.Offer.Pop)
	}
	close(slow.open)
	p.desked("record", func(d *proto.Desk) bool { return d.Offer != nil && d.Offer.Pop.Customer != nil && !d.Offer.Pop.Pending })
}

func TestAnOfferThatIsWithdrawnWhileLookedUpIsNeverShown(t *testing.T) {
	slow := slowStore{open: make(chan struct{})}
	r := newRig(t, func(o *Options) { slow.Store = o.Store; o.Store = slow })
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", "")
	r.line.happened(call.OfferWithdrawn{Call: "call-1", Offer: "offer-call-1", Agent: "amy"},
		call.CallEnded{Call: "call-1", End: call.End{By: call.ByCaller, Cause: call.CauseAbandoned}},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusReady, Chosen: call.ChoseReady},
		call.AgentStateChosen{Agent: "amy", State: call.ChosePaused, Reason: "lunch"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusPaused, Reason: "lunch", Chosen: call.ChosePaused})
	p.until("pause", func(m message) bool {
		if m.Desk != nil && m.Desk.Offer != nil {
			t.Errorf("a call that was gone rang: %s", m.raw)
		}
		return m.Desk != nil && m.Desk.Agent.Status == "paused"
	})
	close(slow.open)
}

func TestACommandRepeatedIsAnsweredAndNotCarriedOutAgain(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	p := c.page()
	for range 3 {
		p.say(proto.CmdHold, "same", proto.CallRef{Call: "x"})
		if m := p.until("ack", func(m message) bool { return m.ID == "same" }); !m.OK {
			t.Errorf("%s", m.raw)
		}
	}
	again := c.page() // after a lost connection, too
	again.say(proto.CmdHold, "same", proto.CallRef{Call: "x"})
	again.until("ack", func(m message) bool { return m.ID == "same" && m.OK })
	if n := r.line.count("hold amy x"); n != 1 {
		t.Errorf("carried out %d times", n)
	}
	other := r.page("ben")
	other.say(proto.CmdHold, "same", proto.CallRef{Call: "x"})
	other.until("ack", func(m message) bool { return m.ID == "same" })
	if n := r.line.count("hold ben x"); n != 1 {
		t.Error("another user's command of the same id was not carried out")
	}
}

func TestAckIDsAreForgottenAfterAMinute(t *testing.T) {
	now := time.Now()
	a := newAcks(func() time.Time { return now })
	if _, repeated := a.begin("amy", "1"); repeated {
		t.Error("the first is a repetition")
	}
	now = now.Add(ackKept - time.Second)
	if _, repeated := a.begin("amy", "1"); !repeated {
		t.Error("within a minute it is no repetition")
	}
	now = now.Add(2 * time.Second)
	if _, repeated := a.begin("amy", "1"); repeated {
		t.Error("after a minute it still is one")
	}
	for i := range acksMax * 2 {
		a.begin("amy", fmt.Sprint("x", i))
	}
	if n := len(a.users["amy"].order); n > acksMax {
		t.Errorf("%d kept, want at most %d", n, acksMax)
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
		"too long":        text(`{"t":"ping","id":"` + strings.Repeat("x", messageBytes) + `"}`),
		"far too long":    text(strings.Repeat("x", 20*messageBytes)),
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

func TestOneDeskPerUser(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	first := c.page()
	first.desk()
	second := c.page()
	if !second.hello.DeskElsewhere {
		t.Error("the second page is not told that the desk is open elsewhere")
	}
	if ack := second.ask(proto.CmdSubscribe, proto.Subscribe{Ch: "desk"}); ack.code() != "desk_elsewhere" {
		t.Errorf("the second page got the desk: %s", ack.raw)
	}
	second.mustAsk(proto.CmdTakeOver, nil)
	if code := first.closed(); code != proto.CloseTakenOver {
		t.Errorf("the first page was closed with %d", code)
	}
	second.desk()
	if seen, lost := r.line.count("desk seen amy"), r.line.count("desk lost amy"); seen != 2 || lost != 1 {
		t.Errorf("seen %d times, lost %d times", seen, lost)
	}
	_ = second.conn.Close()
	eventually(t, "the switchboard learns that the desk is gone", func() bool { return r.line.count("desk lost amy") == 2 })
	if third := c.page(); third.hello.DeskElsewhere {
		t.Error("a desk that is closed counts as open")
	}
	if ack := r.page("sun").ask(proto.CmdSubscribe, proto.Subscribe{Ch: "desk"}); ack.code() != "no_agent" {
		t.Errorf("who is no agent has a desk: %s", ack.raw)
	}
}

// A page that is gone without a word does not keep its successor out.
func TestAReloadedPageDoesNotFindItsOwnGhost(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	d := *plainDialer
	var wire *stalled
	d.NetDialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		wire = &stalled{Conn: conn, stop: make(chan struct{})}
		return wire, err
	}
	ghost, resp, err := c.dial(&d)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	defer func() { wire.resume(); _ = ghost.Close() }()
	if err := ghost.WriteJSON(map[string]any{"t": "subscribe", "id": "1", "body": proto.Subscribe{Ch: "desk"}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first page has the desk", func() bool { return r.line.count("desk seen amy") == 1 })
	// From here on it neither reads nor answers pings.
	p := c.page()
	if p.hello.DeskElsewhere {
		t.Error("the ghost still holds the desk")
	}
	p.desk()
}

// stalled is a connection that its owner has forgotten.
type stalled struct {
	net.Conn
	stop chan struct{}
}

func (s *stalled) resume() {
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
}

func TestWhatWasMissedIsReplayed(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	c := r.as("amy")
	p := c.page()
	snap := p.desk()
	r.line.happened(call.AgentStateChosen{Agent: "amy", State: call.ChosePaused, Reason: "lunch"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusPaused, Reason: "lunch", Chosen: call.ChosePaused})
	last := p.desked("pause", func(d *proto.Desk) bool { return d.Agent.Status == "paused" })
	_ = p.conn.Close()
	eventually(t, "desk lost", func() bool { return r.line.count("desk lost amy") == 1 })
	r.line.happened(call.AgentStatusChanged{Agent: "amy", Status: call.StatusReady, Chosen: call.ChoseReady})

	next := c.page()
	next.say(proto.CmdSubscribe, "s", proto.Subscribe{Ch: "desk", Epoch: snap.Epoch, Seq: last.Seq})
	m := next.until("what was missed", func(m message) bool { return m.Ch == "desk" })
	if m.T != "d" || m.Seq != last.Seq+1 || m.Desk.Agent.Status != "ready" {
		t.Errorf("after %d came %s", last.Seq, m.raw)
	}
	stranger := c.page()
	stranger.mustAsk(proto.CmdTakeOver, nil)
	stranger.say(proto.CmdSubscribe, "s2", proto.Subscribe{Ch: "desk", Epoch: "another start", Seq: last.Seq})
	if m := stranger.until("snapshot", func(m message) bool { return m.Ch == "desk" }); m.T != "snap" {
		t.Errorf("of another start came %s", m.raw)
	}
}

func TestTheRingGivesWhatCameAfterOrNothing(t *testing.T) {
	var g ring
	at := time.Unix(1_800_000_000, 0)
	for i := range 2000 {
		g.add(frame{seq: uint64(i + 1), at: at})
	}
	if len(g.frames) != ringFrames {
		t.Errorf("%d frames kept, want %d", len(g.frames), ringFrames)
	}
	for _, row := range []struct {
		seq, last uint64
		n         int
		ok        bool
	}{{2000, 2000, 0, true}, {1999, 2000, 1, true}, {2000 - ringFrames, 2000, ringFrames, true}, {2000 - ringFrames - 1, 2000, 0, false}, {2001, 2000, 0, false}, {0, 2000, 0, false}} {
		got, ok := g.after(row.seq, row.last)
		if ok != row.ok || len(got) != row.n || ok && row.n > 0 && got[0].seq != row.seq+1 {
			t.Errorf("after %d: %d frames, %v; want %d, %v", row.seq, len(got), ok, row.n, row.ok)
		}
	}
	g.add(frame{seq: 2001, at: at.Add(ringAge + time.Second)})
	if len(g.frames) != 1 {
		t.Errorf("%d frames kept after a minute", len(g.frames))
	}
}

func TestTheWrapUpIsThereAfterAReload(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	c := r.as("amy")
	p := c.page()
	p.desk()
	r.rings("call-1", "amy", "")
	r.talks("call-1", "amy")
	p.desked("talk", func(d *proto.Desk) bool { return d.Call != nil })
	code := r.line.site.Dispositions[0].ID
	p.mustAsk(proto.CmdWrapUpSave, proto.WrapUp{Call: "call-1", Disposition: code, Notes: "half a sentence"})
	p.desked("own notes", func(d *proto.Desk) bool { return d.Call != nil && d.Call.Notes == "half a sentence" })
	_ = p.conn.Close()
	eventually(t, "desk lost", func() bool { return r.line.count("desk lost amy") == 1 })
	snap := c.page().desk()
	if snap.Desk.Call == nil || snap.Desk.Call.Notes != "half a sentence" || snap.Desk.Call.Disposition != code {
		t.Errorf("after the reload: %s", snap.raw)
	}
	other := r.page("ben")
	if ack := other.ask(proto.CmdWrapUpSave, proto.WrapUp{Call: "call-1", Notes: "mine"}); ack.code() != "not_your_call" {
		t.Errorf("ben wrote into amy's call: %s", ack.raw)
	}
}

func TestATicketFromTheDeskShowsAtOnce(t *testing.T) {
	r := newRig(t)
	cust := r.wang()
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", cust.ID)
	r.talks("call-1", "amy")
	p.desked("talk", func(d *proto.Desk) bool { return d.Call != nil })
	ack := p.mustAsk(proto.CmdTicket, proto.TicketDraft{Call: "call-1", Customer: string(cust.ID), Kind: r.line.site.TicketKinds[0].ID, Subject: "broken"})
	if !strings.Contains(string(ack.Result), `"ticket":"ticket-1"`) {
		t.Errorf("result %s", ack.Result)
	}
	p.desked("ticket", func(d *proto.Desk) bool {
		return d.Call != nil && len(d.Call.Tickets) == 1 && d.Call.Tickets[0].Subject == "broken"
	})
}

func TestTheBrowsersOfferIsAnsweredInTheAck(t *testing.T) {
	r := newRig(t)
	p := r.page("amy")
	if ack := p.ask(proto.CmdRTCOffer, proto.RTCOffer{SDP: "v=0", Gen: 3}); ack.code() != "no_desk" {
		t.Errorf("without a desk: %s", ack.raw)
	}
	p.desk()
	ack := p.mustAsk(proto.CmdRTCOffer, proto.RTCOffer{SDP: "v=0", Gen: 3})
	var got proto.RTCAnswer
	if err := json.Unmarshal(ack.Result, &got); err != nil || got.Gen != 3 || got.SDP != "answer to v=0" {
		t.Errorf("result %s, %v", ack.Result, err)
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
	if d := time.Since(start); d > recheckEvery/2 { // not left to the next check of the session
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

func TestABoardShowsWhatChangedAndNoMore(t *testing.T) {
	r := newRig(t)
	p := r.page("sun")
	snap := p.board()
	if len(snap.Board.Agents) != 20 || len(snap.Board.Queues) != 2 {
		t.Fatalf("%d agents, %d queues", len(snap.Board.Agents), len(snap.Board.Queues))
	}
	r.line.happened(call.CallArrived{Call: "1", Leg: "l", Direction: call.Inbound, To: call.Number{Raw: "4001"}}, call.CallQueued{Call: "1", Queue: "support"})
	d := p.until("change", func(m message) bool { return m.T == "d" })
	if d.Seq != snap.Seq+1 || len(d.Board.Queues) != 1 || d.Board.Queues[0].Waiting != 1 || d.Board.Queues[0].LongestSince == 0 || len(d.Board.Agents) != 0 {
		t.Errorf("delta %s", d.raw)
	}
	late := r.page("sun")
	late.say(proto.CmdSubscribe, "s", proto.Subscribe{Ch: "board", Epoch: snap.Epoch, Seq: snap.Seq})
	if m := late.until("missed", func(m message) bool { return m.Ch == "board" }); !bytes.Equal(m.raw, d.raw) {
		t.Errorf("replayed %s, want %s", m.raw, d.raw)
	}
}

func TestABoardChangesFourTimesASecondAtMost(t *testing.T) {
	r := newRig(t)
	p := r.page("sun")
	p.board()
	start := time.Now()
	go func() {
		for i := range 400 {
			id := call.ID(fmt.Sprint(i))
			r.line.happened(call.CallArrived{Call: id, Leg: "l", Direction: call.Inbound}, call.CallQueued{Call: id, Queue: "support"})
			if i%4 == 0 {
				<-time.After(10 * time.Millisecond)
			}
		}
	}()
	deltas := 0
	p.until("all waiting", func(m message) bool {
		if m.T == "d" {
			deltas++
		}
		return m.Board != nil && len(m.Board.Queues) > 0 && m.Board.Queues[0].Waiting == 400
	})
	if most := 2 + int(time.Since(start)/boardEvery); deltas > most {
		t.Errorf("%d deltas in %v, want at most %d", deltas, time.Since(start), most)
	}
}

func TestABoardShowsItsScopeOnly(t *testing.T) {
	r := newRig(t)
	own := r.page("amy").board()
	if len(own.Board.Agents) != 1 || own.Board.Agents[0].ID != "amy" || len(own.Board.Queues) != 2 {
		t.Errorf("amy sees %s", own.raw)
	}
	if r.boards.count() != 1 {
		t.Errorf("%d boards", r.boards.count())
	}
	for range 3 {
		r.page("sun").board()
		r.page("lena").board()
	}
	if n := r.boards.count(); n != 2 { // both see all, so both share one
		t.Errorf("%d boards for two scopes", n)
	}
}

func (b *boards) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

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
		m := ben.desked("change", func(d *proto.Desk) bool { return d.Agent.Status == string(status) })
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

func TestTooManyPagesOfOneUserAreRefused(t *testing.T) {
	ss := newSockets()
	for range socketsPerUserMax {
		if code := ss.reserve("amy"); code != "" {
			t.Fatal(code)
		}
	}
	if ss.reserve("amy") != "too_many_sockets" || ss.reserve("ben") != "" {
		t.Error("the bound is not per user")
	}
}

func FuzzCommand(f *testing.F) {
	for name := range commandTable {
		f.Add([]byte(`{"t":"` + name + `","id":"1","body":{"ch":"desk","call":"x","seq":1}}`))
	}
	f.Add([]byte(`{"t":"ping","id":"1"}{`))
	f.Add([]byte(`{"t":"rtc.offer","id":"é","body":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		cmd, err := decodeCommand(data)
		if err != nil {
			return
		}
		if _, known := commandTable[cmd.T]; !known || cmd.ID == "" {
			t.Errorf("%q was taken for a command", data)
		}
		for _, into := range []any{
			&proto.Subscribe{}, &proto.Station{}, &proto.State{}, &proto.RTCOffer{}, &proto.WrapUp{}, &proto.TicketDraft{}, &proto.LinkQuality{},
		} {
			_ = decodeStrict(cmd.Body, into)
		}
	})
}
