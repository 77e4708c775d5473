package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/call"
)

const (
	messageBytes   = 128 << 10 // of a command, unpacked: call.MaxText characters of four bytes fit, and the rest of a form
	pingEvery      = 5 * time.Second
	deadAfter      = call.LinkLost // without a pong or a message
	writeTimeout   = 10 * time.Second
	closeTimeout   = 2 * time.Second // for the last words to a page
	commandTimeout = 10 * time.Second
	commandsQueued = 32
	commandRate    = 20 // per second and page; faster ones wait
	commandBurst   = 100
	recheckEvery   = 15 * time.Second // is the session still good, the scope the same
)

// upgrader makes websockets of requests whose origin was checked.
var upgrader = websocket.Upgrader{
	HandshakeTimeout:  5 * time.Second,
	ReadBufferSize:    2048,
	WriteBufferPool:   &sync.Pool{},
	WriteBufferSize:   4096,
	Subprotocols:      []string{proto.Subprotocol},
	EnableCompression: true, // used for frames only
	CheckOrigin:       func(*http.Request) bool { return true },
	Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		WriteProblem(w, NewProblem(status, proto.CodeBadHandshake, reason.Error()))
	},
}

// Socket is one page's connection. Three goroutines serve it: one reads, one writes, one carries out
// commands, so that neither a slow page nor a slow command holds up anything else.
type Socket struct {
	s       *Server
	conn    *websocket.Conn
	out     *outbox
	log     *slog.Logger
	user    call.UserID
	session string // hash of its token
	page    string // tells one opening of a page from the next
	current atomic.Pointer[session]
	limit   *rate.Limiter

	commands chan proto.Command
	done     chan struct{} // closed when the connection is to end
	once     sync.Once
	code     int // of the close; set before done is closed
	reason   string
	pongs    chan struct{} // capacity 1: somebody asked whether the page is alive
	unread   chan struct{} // closed when the reader has ended
}

// serveSocket is the handshake.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	who := PrincipalOf(r.Context())
	// A token in a header cannot be sent by a foreign page, so programs need no Origin.
	if _, bearer := tokenOf(r); (!bearer || r.Header.Get("Origin") != "") && !s.origins.Load().same(r) {
		WriteProblem(w, NewProblem(http.StatusForbidden, proto.CodeForeignOrigin, "a page from elsewhere may not do this"))
		return
	}
	if !slices.Contains(websocket.Subprotocols(r), proto.Subprotocol) {
		WriteProblem(w, NewProblem(http.StatusBadRequest, proto.CodeBadSubprotocol, "ask for subprotocol "+proto.Subprotocol))
		return
	}
	if code := s.sockets.reserve(who.User.ID); code != "" {
		WriteProblem(w, NewProblem(http.StatusServiceUnavailable, code, "no more websockets now"))
		return
	}
	defer s.sockets.release(who.User.ID)
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	k := &Socket{
		s: s, conn: conn, out: newOutbox(), user: who.User.ID, session: who.session.hash, page: uuid.NewString(),
		log:      s.log.With(slog.String("user", string(who.User.ID))),
		limit:    rate.NewLimiter(commandRate, commandBurst),
		commands: make(chan proto.Command, commandsQueued), done: make(chan struct{}), pongs: make(chan struct{}, 1),
		unread: make(chan struct{}),
	}
	k.current.Store(who.session)
	k.serve(who, r.URL.Query().Get("epoch"))
}

// serve runs the connection until it is over.
func (k *Socket) serve(who *Principal, epoch string) {
	s := k.s
	s.sockets.add(k)
	defer s.sockets.remove(k)
	defer func() {
		for _, ch := range s.channels {
			ch.Unsubscribe(k)
		}
		k.out.close()
		_ = k.conn.Close()
		s.metrics.closes.WithLabelValues(strconv.Itoa(k.code)).Inc()
	}()
	var wg sync.WaitGroup
	wg.Go(func() { k.contain(k.write) })
	wg.Go(func() { k.contain(k.work) })
	hello := proto.Hello{
		T: "hello", Proto: proto.Subprotocol, Epoch: s.epoch, ServerNow: view.EpochMS(s.now()), Build: s.pages.build, User: who.me(),
		Resumed: epoch == s.epoch,
	}
	for _, ch := range s.channels {
		if ch.Greet != nil {
			ch.Greet(k, who, &hello)
		}
	}
	k.Send(hello)
	k.contain(k.read)
	close(k.unread)
	k.Close(websocket.CloseNormalClosure, "")
	wg.Wait()
}

// contain keeps a panic to this connection.
func (k *Socket) contain(f func()) {
	defer func() {
		if p := recover(); p != nil {
			k.log.Error("panic in a websocket", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			k.Close(websocket.CloseInternalServerErr, "the server made a mistake")
		}
	}()
	f()
}

// Close ends the connection with a code; the first one counts. It does not wait. A page that does not
// read gets two more seconds, then the connection is cut.
func (k *Socket) Close(code int, reason string) {
	k.once.Do(func() {
		k.code, k.reason = code, reason
		_ = k.conn.NetConn().SetWriteDeadline(time.Now().Add(closeTimeout))
		close(k.done)
	})
}

func (k *Socket) closing() bool {
	select {
	case <-k.done:
		return true
	default:
		return false
	}
}

// Send queues a message for the page; one that does not read is closed.
func (k *Socket) Send(msg any) {
	data, err := json.Marshal(msg)
	if err != nil {
		k.log.Error("message not encoded", slog.Any("error", err))
		return
	}
	k.SendRaw(data)
}

// SendRaw queues a message that is encoded already.
func (k *Socket) SendRaw(data []byte) {
	if !k.out.send(data) {
		k.Close(proto.CloseTooSlow, "the page does not read")
	}
}

// SendFrame queues a message of a channel that can be sent anew: when the page does not keep up it is dropped with all
// that wait like it, and [Channel.Again] follows when the page reads again.
func (k *Socket) SendFrame(f Frame) { k.out.sendFrame(f) }

// Fresh lets frames in again, beginning with a snapshot; those that still wait are dropped.
func (k *Socket) Fresh() { k.out.fresh() }

// Page tells one opening of a page from the next.
func (k *Socket) Page() string { return k.page }

// SameBrowser tells whether another page has the same session.
func (k *Socket) SameBrowser(other *Socket) bool { return k.session == other.session }

// write is the only one that writes to the connection.
func (k *Socket) write() {
	defer func() { _ = k.conn.Close() }() // ends the reader
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for !k.closing() {
		m, ok, stale := k.out.next()
		if ok {
			if err := k.put(m); err != nil {
				k.Close(websocket.CloseAbnormalClosure, "")
			}
			continue
		}
		if stale {
			k.s.again(k)
			continue
		}
		select {
		case <-k.out.wake:
		case <-ping.C:
			if err := k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)); err != nil {
				k.Close(websocket.CloseAbnormalClosure, "")
			}
		case <-k.done:
		}
	}
	if k.code == websocket.CloseAbnormalClosure {
		return
	}
	msg := websocket.FormatCloseMessage(k.code, k.reason)
	if err := k.conn.WriteControl(websocket.CloseMessage, msg, time.Now().Add(closeTimeout)); err == nil {
		// RFC 6455, 7.1.1: the page should close first. Give it a moment, or a reset may overtake our code.
		select {
		case <-k.unread:
		case <-time.After(time.Second):
		}
	}
}

func (k *Socket) put(m outgoing) error {
	if err := k.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if m.frame != nil {
		k.conn.EnableWriteCompression(true)
		return k.conn.WritePreparedMessage(m.frame)
	}
	k.conn.EnableWriteCompression(false)
	return k.conn.WriteMessage(websocket.TextMessage, m.data)
}

var (
	errTooLong = errors.New("message too long")
	errNotText = errors.New("not a text message")
)

// read takes commands until the connection ends or the page sends rubbish.
func (k *Socket) read() {
	alive := func() { _ = k.conn.SetReadDeadline(time.Now().Add(deadAfter)) }
	k.conn.SetPongHandler(func(string) error {
		alive()
		select {
		case k.pongs <- struct{}{}:
		default:
		}
		return nil
	})
	alive()
	for {
		data, err := k.message()
		switch {
		case errors.Is(err, errTooLong), errors.Is(err, errNotText):
			k.Close(proto.CloseBadMessage, err.Error())
			continue // the rest of it is skipped, so that our close frame is not lost in a reset
		case err != nil:
			return
		}
		if k.closing() {
			continue // until the page's own close frame
		}
		alive()
		cmd, err := k.s.decodeCommand(data)
		if err != nil {
			k.Close(proto.CloseBadMessage, "not a command")
			continue
		}
		k.accept(cmd)
	}
}

// message reads one, never more than the limit: a small compressed one may unpack to a large one, which
// the connection's own limit does not see.
func (k *Socket) message() ([]byte, error) {
	kind, r, err := k.conn.NextReader()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, errNotText
	}
	data, err := io.ReadAll(io.LimitReader(r, messageBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > messageBytes {
		return nil, errTooLong
	}
	return data, nil
}

// accept answers pings at once and queues everything else.
func (k *Socket) accept(cmd proto.Command) {
	if cmd.T == proto.CmdPing {
		k.ack(cmd.ID, Done{}, nil)
		return
	}
	if d := k.limit.Reserve().Delay(); d > 0 {
		wait := time.NewTimer(min(d, time.Second))
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-k.done:
			return
		}
	}
	select {
	case k.commands <- cmd:
	default:
		k.ack(cmd.ID, Done{}, NewProblem(http.StatusTooManyRequests, proto.CodeTooManyCommands, "wait for the answers to those sent before"))
	}
}

// work carries commands out, one after the other, and looks now and then whether the session still holds.
func (k *Socket) work() {
	recheck := time.NewTicker(recheckEvery)
	defer recheck.Stop()
	for {
		select {
		case <-k.done:
			return
		case cmd := <-k.commands:
			k.carryOut(cmd)
		case <-recheck.C:
			k.recheck()
		}
	}
}

// recheck closes the page of a session that ended, and renews the board's scope.
func (k *Socket) recheck() {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	sess, err := k.s.sessions.byHash(ctx, k.session)
	if errors.Is(err, errNoSession) {
		k.Close(proto.CloseSignedOut, "signed out")
		return
	}
	if err == nil {
		k.current.Store(sess)
	}
	for _, ch := range k.s.channels {
		if ch.Review != nil {
			ch.Review(k, k.Principal())
		}
	}
}

// Principal is who holds this page, with the rights of this moment.
func (k *Socket) Principal() *Principal { return k.s.principal(k.current.Load()) }

func (k *Socket) ack(id string, done Done, err error) {
	k.SendRaw(k.encodeAck(id, done, err))
}

func (k *Socket) encodeAck(id string, done Done, err error) []byte {
	a := proto.Ack{T: "ack", ID: id, OK: err == nil, Now: view.EpochMS(k.s.now()), Seq: done.Seq}
	if err != nil {
		a.Err = k.s.AsProblem(context.Background(), err).wire()
	} else if done.Result != nil {
		raw, encErr := json.Marshal(done.Result)
		if encErr != nil {
			k.log.Error("result not encoded", slog.Any("error", encErr))
		}
		a.Result = raw
	}
	data, encErr := json.Marshal(a)
	if encErr != nil {
		k.log.Error("answer not encoded", slog.Any("error", encErr))
	}
	return data
}

// Alive asks the page for a sign of life and tells whether one came in time.
func (k *Socket) Alive(within time.Duration) bool {
	select {
	case <-k.pongs:
	default:
	}
	if err := k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(within)); err != nil {
		return false
	}
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	select {
	case <-k.pongs:
		return true
	case <-k.done:
		return false
	case <-timeout.C:
		return false
	}
}
