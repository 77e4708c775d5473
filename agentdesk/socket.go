package agentdesk

import (
	"bytes"
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
	EnableCompression: true, // used for the board only
	CheckOrigin:       func(*http.Request) bool { return true },
	Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		writeProblem(w, problem(status, proto.CodeBadHandshake, reason.Error()))
	},
}

// socket is one page's connection. Three goroutines serve it: one reads, one writes, one carries out
// commands, so that neither a slow page nor a slow command holds up anything else.
type socket struct {
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

	mu    sync.Mutex // guards what follows
	desk  *desk      // held by this page
	board *board     // subscribed
}

// serveSocket is the handshake.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	c := callerOf(r.Context())
	// A token in a header cannot be sent by a foreign page, so programs need no Origin.
	if _, bearer := tokenOf(r); (!bearer || r.Header.Get("Origin") != "") && !s.origins.Load().same(r) {
		writeProblem(w, problem(http.StatusForbidden, proto.CodeForeignOrigin, "a page from elsewhere may not do this"))
		return
	}
	if !slices.Contains(websocket.Subprotocols(r), proto.Subprotocol) {
		writeProblem(w, problem(http.StatusBadRequest, proto.CodeBadSubprotocol, "ask for subprotocol "+proto.Subprotocol))
		return
	}
	if code := s.sockets.reserve(c.user.ID); code != "" {
		writeProblem(w, problem(http.StatusServiceUnavailable, code, "no more websockets now"))
		return
	}
	defer s.sockets.release(c.user.ID)
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	k := &socket{
		s: s, conn: conn, out: newOutbox(), user: c.user.ID, session: c.session.hash, page: uuid.NewString(),
		log:      s.log.With(slog.String("user", string(c.user.ID))),
		limit:    rate.NewLimiter(commandRate, commandBurst),
		commands: make(chan proto.Command, commandsQueued), done: make(chan struct{}), pongs: make(chan struct{}, 1),
		unread: make(chan struct{}),
	}
	k.current.Store(c.session)
	k.serve(c, r.URL.Query().Get("epoch"))
}

// serve runs the connection until it is over.
func (k *socket) serve(c *caller, epoch string) {
	s := k.s
	s.sockets.add(k)
	defer s.sockets.remove(k)
	defer func() {
		s.boards.unsubscribe(k)
		s.desks.release(k)
		k.out.close()
		_ = k.conn.Close()
		s.metrics.closes.WithLabelValues(strconv.Itoa(k.code)).Inc()
	}()
	var wg sync.WaitGroup
	wg.Go(func() { k.contain(k.write) })
	wg.Go(func() { k.contain(k.work) })
	k.send(proto.Hello{
		T: "hello", Proto: proto.Subprotocol, Epoch: s.epoch, ServerNow: epochMS(s.now()), Build: s.pages.build, User: c.me(),
		DeskElsewhere: s.desks.elsewhere(k, c.agentID()), Resumed: epoch == s.epoch,
	})
	k.contain(k.read)
	close(k.unread)
	k.close(websocket.CloseNormalClosure, "")
	wg.Wait()
}

// contain keeps a panic to this connection.
func (k *socket) contain(f func()) {
	defer func() {
		if p := recover(); p != nil {
			k.log.Error("panic in a websocket", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			k.close(websocket.CloseInternalServerErr, "the server made a mistake")
		}
	}()
	f()
}

// close ends the connection with a code; the first one counts. It does not wait. A page that does not
// read gets two more seconds, then the connection is cut.
func (k *socket) close(code int, reason string) {
	k.once.Do(func() {
		k.code, k.reason = code, reason
		_ = k.conn.NetConn().SetWriteDeadline(time.Now().Add(closeTimeout))
		close(k.done)
	})
}

func (k *socket) closing() bool {
	select {
	case <-k.done:
		return true
	default:
		return false
	}
}

// send queues a message for the page; one that does not read is closed.
func (k *socket) send(msg any) {
	data, err := json.Marshal(msg)
	if err != nil {
		k.log.Error("message not encoded", slog.Any("error", err))
		return
	}
	k.sendRaw(data)
}

func (k *socket) sendRaw(data []byte) {
	if !k.out.send(data) {
		k.close(proto.CloseTooSlow, "the page does not read")
	}
}

// write is the only one that writes to the connection.
func (k *socket) write() {
	defer func() { _ = k.conn.Close() }() // ends the reader
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for !k.closing() {
		m, ok, stale := k.out.next()
		if ok {
			if err := k.put(m); err != nil {
				k.close(websocket.CloseAbnormalClosure, "")
			}
			continue
		}
		if stale {
			k.s.boards.again(k)
			continue
		}
		select {
		case <-k.out.wake:
		case <-ping.C:
			if err := k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)); err != nil {
				k.close(websocket.CloseAbnormalClosure, "")
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

func (k *socket) put(m outgoing) error {
	if err := k.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if m.board != nil {
		k.conn.EnableWriteCompression(true)
		return k.conn.WritePreparedMessage(m.board)
	}
	k.conn.EnableWriteCompression(false)
	return k.conn.WriteMessage(websocket.TextMessage, m.data)
}

var (
	errTooLong = errors.New("message too long")
	errNotText = errors.New("not a text message")
)

// read takes commands until the connection ends or the page sends rubbish.
func (k *socket) read() {
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
			k.close(proto.CloseBadMessage, err.Error())
			continue // the rest of it is skipped, so that our close frame is not lost in a reset
		case err != nil:
			return
		}
		if k.closing() {
			continue // until the page's own close frame
		}
		alive()
		cmd, err := decodeCommand(data)
		if err != nil {
			k.close(proto.CloseBadMessage, "not a command")
			continue
		}
		k.accept(cmd)
	}
}

// message reads one, never more than the limit: a small compressed one may unpack to a large one, which
// the connection's own limit does not see.
func (k *socket) message() ([]byte, error) {
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
func (k *socket) accept(cmd proto.Command) {
	if cmd.T == proto.CmdPing {
		k.ack(cmd.ID, nil, nil)
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
		k.ack(cmd.ID, nil, problem(http.StatusTooManyRequests, proto.CodeTooManyCommands, "wait for the answers to those sent before"))
	}
}

// work carries commands out, one after the other, and looks now and then whether the session still holds.
func (k *socket) work() {
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
func (k *socket) recheck() {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	sess, err := k.s.sessions.byHash(ctx, k.session)
	if errors.Is(err, errNoSession) {
		k.close(proto.CloseSignedOut, "signed out")
		return
	}
	if err == nil {
		k.current.Store(sess)
	}
	k.s.boards.review(k, k.caller())
}

// caller is who holds this page, with the rights of this moment.
func (k *socket) caller() *caller { return k.s.caller(k.current.Load()) }

func (k *socket) ack(id string, result any, err error) {
	k.sendRaw(k.encodeAck(id, result, err))
}

func (k *socket) encodeAck(id string, result any, err error) []byte {
	a := proto.Ack{T: "ack", ID: id, OK: err == nil, Now: epochMS(k.s.now())}
	if err != nil {
		a.Err = k.s.asProblem(context.Background(), err).wire()
	} else if result != nil {
		raw, encErr := json.Marshal(result)
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

// alive asks the page for a sign of life and tells whether one came in time.
func (k *socket) alive(within time.Duration) bool {
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

// decodeCommand reads a command's frame. Its body is read by whoever carries it out.
func decodeCommand(data []byte) (proto.Command, error) {
	var cmd proto.Command
	if err := decodeStrict(data, &cmd); err != nil {
		return cmd, err
	}
	if n := len([]rune(cmd.ID)); n < 1 || n > 64 {
		return cmd, errors.New("a command's id has 1 to 64 characters")
	}
	if _, ok := commandTable[cmd.T]; !ok {
		return cmd, errors.New("no such command")
	}
	return cmd, nil
}

// decodeStrict refuses fields that there are not, and anything after the value.
func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after the value")
	}
	return nil
}
