package siptest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Timers of RFC 3261, table 4.
const (
	t1      = 500 * time.Millisecond
	t2      = 4 * time.Second
	timeout = 64 * t1
)

// Phone is a SIP telephone with any number of lines. All methods are safe for concurrent use.
type Phone struct {
	o       Options
	trace   func(format string, args ...any)
	wire    wire
	ctx     context.Context // ends with the phone
	stop    context.CancelCauseFunc
	running sync.WaitGroup

	mu       sync.Mutex // guards all below and the state of all calls
	calls    map[string]*Call
	clients  map[string]chan *sip.Response // by branch and method: a CANCEL has its INVITE's branch
	replies  map[string]reply              // by branch and method
	replied  []string                      // keys of replies, oldest first
	onInvite func(*Call)
	requests map[string]int // that came, by method
	gone     bool

	incoming chan *Call // without OnInvite
}

// spawn starts a goroutine that the phone's end waits for. Under mu.
func (p *Phone) spawn(f func()) {
	if !p.gone {
		p.running.Go(f)
	}
}

// reply is what was answered to a request, for when it comes again.
type reply struct {
	data []byte
	to   netip.AddrPort
}

const (
	incomingMax = 64
	repliesMax  = 8192 // of 32 s: a trunk may have hundreds of calls at once
)

// ErrGone is the cause of whatever ends because the phone was closed or killed.
var ErrGone = errors.New("the phone is gone")

var errOver = errors.New("it is answered or over")

// Open makes a phone outside a test. The caller closes it.
func Open(o Options) (*Phone, error) {
	o = o.withDefaults()
	p := &Phone{
		o:        o,
		calls:    map[string]*Call{},
		clients:  map[string]chan *sip.Response{},
		replies:  map[string]reply{},
		requests: map[string]int{},
		incoming: make(chan *Call, incomingMax),
		trace:    o.trace,
	}
	p.ctx, p.stop = context.WithCancelCause(context.Background())
	ready := make(chan struct{})
	got := func(data []byte, from netip.AddrPort) { <-ready; p.got(data, from) }
	var err error
	if o.Transport == "tcp" {
		p.wire, err = openTCP(o.Bind, got)
	} else {
		p.wire, err = openUDP(o.Bind, got)
	}
	if err != nil {
		return nil, fmt.Errorf("open a phone: %w", err)
	}
	close(ready)
	return p, nil
}

// Addr is where the phone takes messages.
func (p *Phone) Addr() netip.AddrPort { return p.wire.local() }

// URI is the phone's contact.
func (p *Phone) URI() string {
	uri := fmt.Sprintf("sip:%s@%s", p.o.User, p.Addr())
	if p.o.Transport == "tcp" {
		uri += ";transport=tcp"
	}
	return uri
}

// OnInvite has a function take each call that comes, in a goroutine of its own. Without one, calls
// wait for [Phone.Incoming].
func (p *Phone) OnInvite(f func(*Call)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onInvite = f
}

// AutoAnswer has the phone ring for so long and then answer each call, unless it ends before.
func (p *Phone) AutoAnswer(ring time.Duration) {
	p.OnInvite(func(c *Call) {
		if ring > 0 {
			c.Ring()
			t := time.NewTimer(ring)
			defer t.Stop()
			select {
			case <-t.C:
			case <-c.Done():
				return
			case <-p.ctx.Done():
				return
			}
		}
		_ = c.Answer()
	})
}

// Incoming waits for the next call. The phone has said 100 to it and no more.
func (p *Phone) Incoming(ctx context.Context) (*Call, error) {
	select {
	case c := <-p.incoming:
		return c, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("phone %s: no call came: %w", p.o.User, context.Cause(ctx))
	case <-p.ctx.Done():
		return nil, ErrGone
	}
}

// Calls are the phone's calls that have not ended.
func (p *Phone) Calls() []*Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	var calls []*Call
	for _, c := range p.calls {
		if !c.hasEnded() {
			calls = append(calls, c)
		}
	}
	return calls
}

// Requests is how many requests of a method have come, repetitions not counted.
func (p *Phone) Requests(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests[method]
}

// Kill closes all sockets at once and says nothing to anybody, as a phone whose plug is pulled.
func (p *Phone) Kill() {
	p.mu.Lock()
	if p.gone {
		p.mu.Unlock()
		return
	}
	p.gone = true
	var sounds []*media
	for _, c := range p.calls {
		if m := c.sound(); m != nil {
			sounds = append(sounds, m)
		}
	}
	p.mu.Unlock()
	p.stop(ErrGone)
	p.wire.close()
	for _, m := range sounds {
		m.close()
	}
	p.running.Wait()
}

// Close hangs up what there is, without waiting for answers, and ends the phone.
func (p *Phone) Close() {
	for _, c := range p.Calls() {
		c.drop()
	}
	p.Kill()
}

// got takes a message from the wire.
func (p *Phone) got(data []byte, from netip.AddrPort) {
	if len(strings.TrimSpace(string(data))) == 0 {
		return // keep-alive
	}
	p.note("<-", from, data)
	msg, err := sip.ParseMessage(data)
	if err != nil {
		p.note("can't be read: "+err.Error(), from, nil)
		return
	}
	switch m := msg.(type) {
	case *sip.Response:
		p.gotResponse(m)
	case *sip.Request:
		p.gotRequest(m, from)
	}
}

func (p *Phone) send(data []byte, to netip.AddrPort) error {
	p.note("->", to, data)
	return p.wire.send(data, to)
}

func (p *Phone) note(way string, peer netip.AddrPort, data []byte) {
	if p.trace != nil && p.ctx.Err() == nil {
		p.trace("%s %s %s %s\n%s", time.Now().Format("15:04:05.000"), p.o.User, way, peer, data)
	}
}

// unreliable tells whether messages may get lost on the way, so that they are repeated.
func (p *Phone) unreliable() bool { return p.o.Transport != "tcp" }

// transact sends a request and waits for its final answer, repeating it as RFC 3261, 17.1 has it.
// Provisional answers go to ringing.
func (p *Phone) transact(ctx context.Context, r request, to netip.AddrPort, ringing func(*sip.Response)) (*sip.Response, error) {
	answers := make(chan *sip.Response, 16)
	p.mu.Lock()
	p.clients[r.branch+" "+r.method] = answers
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.clients, r.branch+" "+r.method)
	}()
	data := r.bytes(p)
	if err := p.send(data, to); err != nil {
		return nil, fmt.Errorf("send %s: %w", r.method, err)
	}
	wait, proceeding := t1, false
	repeat := time.NewTimer(wait)
	defer repeat.Stop()
	end := time.NewTimer(timeout)
	defer end.Stop()
	for {
		select {
		case res := <-answers:
			if res.StatusCode >= 200 {
				return res, nil
			}
			proceeding = true
			if r.method == "INVITE" {
				end.Stop()
			}
			if ringing != nil {
				ringing(res)
			}
		case <-repeat.C:
			if !p.unreliable() || proceeding && r.method == "INVITE" {
				continue
			}
			if err := p.send(data, to); err != nil {
				return nil, fmt.Errorf("send %s: %w", r.method, err)
			}
			if wait *= 2; r.method != "INVITE" {
				wait = min(wait, t2)
			}
			repeat.Reset(wait)
		case <-end.C:
			return nil, fmt.Errorf("no answer to %s from %s in %v", r.method, to, timeout)
		case <-ctx.Done():
			return nil, fmt.Errorf("no answer to %s from %s: %w", r.method, to, context.Cause(ctx))
		case <-p.ctx.Done():
			return nil, ErrGone
		}
	}
}

func (p *Phone) gotResponse(res *sip.Response) {
	branch := ""
	if via := res.Via(); via != nil {
		branch, _ = via.Params.Get("branch")
	}
	if res.CSeq() == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if answers, ok := p.clients[branch+" "+string(res.CSeq().MethodName)]; ok {
		select {
		case answers <- res:
		default: // nobody sends sixteen at once
		}
		return
	}
	// A final answer to INVITE that comes again wants its ACK again (RFC 3261, 13.2.2.4 and 17.1.1.2).
	if res.CallID() == nil || res.CSeq().MethodName != sip.INVITE || res.StatusCode < 200 {
		return
	}
	if c := p.calls[res.CallID().Value()]; c != nil {
		if ack, ok := c.acks[res.CSeq().SeqNo]; ok {
			_ = p.send(ack.data, ack.to)
		}
	}
}

// newBranch makes a transaction's name (RFC 3261, 8.1.1.7).
func newBranch() string { return "z9hG4bK" + rand.Text()[:16] }

// newTag makes a dialog's tag.
func newTag() string { return rand.Text()[:12] }

// Register tells the server where the phone is, for an hour.
func (p *Phone) Register(ctx context.Context) error { return p.RegisterFor(ctx, time.Hour) }

// Unregister takes the registration back.
func (p *Phone) Unregister(ctx context.Context) error { return p.RegisterFor(ctx, 0) }

// RegisterFor registers for a time, to the second; 0 takes the registration back.
func (p *Phone) RegisterFor(ctx context.Context, long time.Duration) error {
	aor := fmt.Sprintf("<sip:%s@%s>", p.o.User, p.o.Domain)
	r := request{
		method: "REGISTER", uri: "sip:" + p.o.Domain, from: aor + ";tag=" + newTag(), to: aor, callID: rand.Text(),
		headers: []string{fmt.Sprintf("Contact: <%s>", p.URI()), fmt.Sprintf("Expires: %d", int(long.Seconds()))},
	}
	res, err := p.challenged(ctx, r, p.o.Server)
	if err != nil {
		return fmt.Errorf("phone %s: register: %w", p.o.User, err)
	}
	if res.StatusCode != sip.StatusOK {
		return fmt.Errorf("phone %s: register: %w", p.o.User, &RefusedError{Code: res.StatusCode, Reason: res.Reason})
	}
	return nil
}

// RefusedError says that a request got an answer other than wanted.
type RefusedError struct {
	Code   int
	Reason string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("%d %s", e.Code, e.Reason) }

// challenged carries out a request other than INVITE and answers a challenge once.
func (p *Phone) challenged(ctx context.Context, r request, to netip.AddrPort) (*sip.Response, error) {
	for r.cseq = 1; ; r.cseq++ {
		r.branch = newBranch()
		res, err := p.transact(ctx, r, to, nil)
		if err != nil || r.cseq > 1 || p.o.Password == "" || res.StatusCode != sip.StatusUnauthorized && res.StatusCode != sip.StatusProxyAuthRequired {
			return res, err
		}
		c, err := challengeOf(res, p.o.Digest)
		if err != nil {
			return nil, err
		}
		r.headers = append(r.headers, c.answer(p.o.User, p.o.Password, r.method, r.uri))
	}
}

// Options asks the server whether it is there and gives the status code.
func (p *Phone) Options(ctx context.Context) (int, error) {
	uri := "sip:" + p.o.Domain
	r := request{method: "OPTIONS", uri: uri, from: fmt.Sprintf("<sip:%s@%s>;tag=%s", p.o.User, p.o.Domain, newTag()), to: "<" + uri + ">", callID: rand.Text()}
	res, err := p.challenged(ctx, r, p.o.Server)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, nil
}

// SendRaw sends any bytes to the server, for what no phone should say.
func (p *Phone) SendRaw(data []byte) error { return p.send(data, p.o.Server) }
