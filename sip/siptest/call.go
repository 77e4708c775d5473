package siptest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Call is one call of a phone. All methods are safe for concurrent use.
type Call struct {
	phone    *Phone
	outgoing bool
	began    time.Time
	voice    atomic.Pointer[media]
	done     chan struct{} // closed at the end

	// Under the phone's mu.
	id         string
	changed    chan struct{} // closed and made anew when anything below changes
	dialog     dialog
	invite     *sip.Request  // incoming: the INVITE that is not finally answered, or was last
	last       *sip.Response // outgoing: the newest answer to INVITE
	codes      []int         // outgoing: all answers' codes
	acks       map[uint32]reply
	branch     string // outgoing: of the INVITE
	cseqINVITE uint32
	giveUp     bool          // outgoing: to be cancelled
	cancelled  bool          // outgoing: the CANCEL is on its way
	proceeding bool          // outgoing: a provisional answer has come
	replied    bool          // incoming: finally
	acked      chan struct{} // incoming: closed by the ACK
	ringingAt  time.Time
	answeredAt time.Time
	endedAt    time.Time
	end        Ended
	own, peer  session
	version    int // of our session description
	ownDir     direction
	offering   bool // our answer to INVITE carried the offer
}

// dialog is what both sides keep of a call (RFC 3261, 12).
type dialog struct {
	local, remote string // From and To of our requests, tags included
	tag           string // ours
	cseq          uint32
	target        string // the peer's Contact
	routes        []string
	to            netip.AddrPort
}

// Ended says how a call ended.
type Ended struct {
	ByPeer bool
	Code   int    // of the answer that refused it, 487 for one that was cancelled, 0 after an answered call
	Reason string // the Reason header, or the answer's phrase
	Q850   int    // the cause that a Reason header gave
}

func newCall(p *Phone, id string, outgoing bool) *Call {
	return &Call{
		phone: p, id: id, outgoing: outgoing, began: time.Now(), done: make(chan struct{}), changed: make(chan struct{}),
		acks: map[uint32]reply{}, ownDir: sendRecv, dialog: dialog{tag: newTag()},
	}
}

func (c *Call) String() string {
	way := "call to"
	if c.outgoing {
		way = "call by"
	}
	return fmt.Sprintf("%s %s (%s)", way, c.phone.o.User, c.id)
}

// sound is the call's media, nil before there is any.
func (c *Call) sound() *media { return c.voice.Load() }

// changedNow wakes who waits for the call. Under mu.
func (c *Call) changedNow() {
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Call) hasEnded() bool { return !c.endedAt.IsZero() }

// finish ends the call. Under mu; the sound is closed aside.
func (c *Call) finish(e Ended) {
	if c.hasEnded() {
		return
	}
	c.end, c.endedAt = e, time.Now()
	close(c.done)
	c.changedNow()
	if m := c.sound(); m != nil {
		c.phone.spawn(m.close) // or it is Kill that closes it
	}
}

// await waits until a condition holds, asked under mu.
func (c *Call) await(ctx context.Context, what string, holds func() (bool, error)) error {
	for {
		c.phone.mu.Lock()
		ok, err := holds()
		changed, codes := c.changed, fmt.Sprint(c.codes)
		c.phone.mu.Unlock()
		if ok {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: wanted %s: %w", c, what, err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s: wanted %s, after answers %s: %w", c, what, codes, context.Cause(ctx))
		case <-c.phone.ctx.Done():
			return fmt.Errorf("%s: wanted %s: %w", c, what, ErrGone)
		}
	}
}

// endedEarly is the error of a call that ended while something else was waited for. Under mu.
func (c *Call) endedEarly() error {
	if !c.hasEnded() {
		return nil
	}
	if c.end.Code != 0 {
		return &RefusedError{Code: c.end.Code, Reason: c.end.Reason}
	}
	return errors.New("the call has ended")
}

// WaitRinging waits until the far end rings (180 or 183).
func (c *Call) WaitRinging(ctx context.Context) error {
	return c.await(ctx, "ringing", func() (bool, error) { return !c.ringingAt.IsZero(), c.endedEarly() })
}

// WaitAnswered waits until the call is answered, by whichever side was called. A refusal is a RefusedError.
func (c *Call) WaitAnswered(ctx context.Context) error {
	return c.await(ctx, "an answer", func() (bool, error) { return !c.answeredAt.IsZero(), c.endedEarly() })
}

// WaitEnded waits until the call is over and says how.
func (c *Call) WaitEnded(ctx context.Context) (Ended, error) {
	err := c.await(ctx, "the end", func() (bool, error) { return c.hasEnded(), nil })
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	return c.end, err
}

// Done is closed when the call is over.
func (c *Call) Done() <-chan struct{} { return c.done }

// Times are the moments of a call; zero: it did not come to that.
type Times struct {
	Began, Ringing, Answered, Ended time.Time
}

// Times gives the call's moments.
func (c *Call) Times() Times {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	return Times{Began: c.began, Ringing: c.ringingAt, Answered: c.answeredAt, Ended: c.endedAt}
}

// CallID is the call's SIP Call-ID.
func (c *Call) CallID() string { return c.id }

// Invite is the INVITE that brought an incoming call, nil for others.
func (c *Call) Invite() *sip.Request {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	return c.invite
}

// Answered is the newest answer to an outgoing call's INVITE, nil if none has come.
func (c *Call) Answered() *sip.Response {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	return c.last
}

// Header is a header of what the far end sent first: of the INVITE, or of the newest answer to ours.
func (c *Call) Header(name string) string {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	var m sip.Message
	switch {
	case c.invite != nil:
		m = c.invite
	case c.last != nil:
		m = c.last
	default:
		return ""
	}
	if hs := m.GetHeaders(name); len(hs) > 0 {
		return hs[0].Value()
	}
	return ""
}

// Dialled is the number of an incoming call's request URI.
func (c *Call) Dialled() string {
	if r := c.Invite(); r != nil {
		return r.Recipient.User
	}
	return ""
}

// From is the calling number of an incoming call.
func (c *Call) From() string {
	if r := c.Invite(); r != nil && r.From() != nil {
		return r.From().Address.User
	}
	return ""
}

// HeldByPeer tells whether the far end has us on hold, by its session description.
func (c *Call) HeldByPeer() bool {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	return !c.answeredAt.IsZero() && (c.peer.dir == sendOnly || c.peer.dir == inactive)
}

// WaitHeldByPeer waits until the far end has us on hold, or no longer.
func (c *Call) WaitHeldByPeer(ctx context.Context, held bool) error {
	return c.await(ctx, fmt.Sprintf("held by the far end: %t", held), func() (bool, error) {
		return (c.peer.dir == sendOnly || c.peer.dir == inactive) == held, c.endedEarly()
	})
}

// openSound gives the call its RTP port. Under mu.
func (c *Call) openSound() (*media, error) {
	if m := c.sound(); m != nil {
		return m, nil
	}
	if c.phone.gone {
		return nil, ErrGone
	}
	m, err := openMedia(c.phone.Addr().Addr(), c.phone.o.Keep, c.phone.o.Quiet)
	if err == nil {
		c.voice.Store(m)
	}
	return m, err
}

// settle takes both sides' words once they are complete. Under mu.
func (c *Call) settle(own, peer session) {
	c.own, c.peer = own, peer
	if m := c.sound(); m != nil {
		m.agree(own, peer)
	}
	c.changedNow()
}

// contact is our Contact header.
func (c *Call) contact() string { return fmt.Sprintf("Contact: <%s>", c.phone.URI()) }

// within makes a request of the dialog. Under mu.
func (c *Call) within(method string, headers []string, sdp string) request {
	c.dialog.cseq++
	return request{
		method: method, uri: c.dialog.target, from: c.dialog.local, to: c.dialog.remote, callID: c.id, cseq: c.dialog.cseq,
		branch: newBranch(), routes: c.dialog.routes, headers: headers, sdp: sdp,
	}
}

// learn takes the far end's side of the dialog from a message of it. Under mu.
func (c *Call) learn(m sip.Message, contact *sip.ContactHeader) {
	if contact == nil {
		return
	}
	c.dialog.target = contact.Address.String()
	if c.phone.unreliable() {
		c.dialog.to = reach(contact.Address, c.dialog.to)
	}
	if len(c.dialog.routes) > 0 {
		return
	}
	for _, h := range m.GetHeaders("Record-Route") {
		if c.outgoing { // in reverse (RFC 3261, 12.1.2)
			c.dialog.routes = append([]string{h.Value()}, c.dialog.routes...)
		} else {
			c.dialog.routes = append(c.dialog.routes, h.Value())
		}
	}
}

// HangUp ends the call, by BYE, CANCEL or 486, whichever its state wants, and waits until it is over.
func (c *Call) HangUp(ctx context.Context) error {
	c.phone.mu.Lock()
	answered, ended := !c.answeredAt.IsZero(), c.hasEnded()
	c.phone.mu.Unlock()
	switch {
	case ended:
		return nil
	case answered:
		return c.bye(ctx)
	case c.outgoing:
		c.cancel()
	default:
		c.Reject(486)
	}
	_, err := c.WaitEnded(ctx)
	return err
}

// bye hangs up an answered call. A far end that has forgotten the call is over, too.
func (c *Call) bye(ctx context.Context) error {
	p := c.phone
	p.mu.Lock()
	r, to := c.within("BYE", nil, ""), c.dialog.to
	c.finish(Ended{})
	p.mu.Unlock()
	res, err := p.transact(ctx, r, to, nil)
	if err != nil {
		return fmt.Errorf("%s: hang up: %w", c, err)
	}
	if res.StatusCode != sip.StatusOK && res.StatusCode != sip.StatusCallTransactionDoesNotExists {
		return fmt.Errorf("%s: hang up: %w", c, &RefusedError{Code: res.StatusCode, Reason: res.Reason})
	}
	return nil
}

// drop hangs up without waiting for anything.
func (c *Call) drop() {
	p := c.phone
	p.mu.Lock()
	var data []byte
	to := c.dialog.to
	switch {
	case c.hasEnded():
	case !c.answeredAt.IsZero():
		data = c.within("BYE", nil, "").bytes(p)
	case c.outgoing && c.proceeding && !c.cancelled:
		data = c.cancelRequest().bytes(p)
	}
	c.finish(Ended{})
	p.mu.Unlock()
	if data != nil {
		_ = p.send(data, to)
	}
}

// Hold puts the far end on hold by a re-INVITE with sendonly, and sends nothing until Resume.
func (c *Call) Hold(ctx context.Context) error { return c.direct(ctx, sendOnly) }

// Resume takes the far end back.
func (c *Call) Resume(ctx context.Context) error { return c.direct(ctx, sendRecv) }

func (c *Call) direct(ctx context.Context, dir direction) error {
	p := c.phone
	p.mu.Lock()
	m := c.sound()
	if m == nil || c.hasEnded() {
		p.mu.Unlock()
		return fmt.Errorf("%s: hold and resume need an answered call", c)
	}
	c.ownDir = dir
	c.version++
	offer := p.o.offered(m.addr(), dir)
	r, to := c.within("INVITE", []string{c.contact()}, offer.describe(c.version)), c.dialog.to
	p.mu.Unlock()
	res, err := p.transact(ctx, r, to, nil)
	if err != nil {
		return fmt.Errorf("%s: re-INVITE: %w", c, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c.ackFor(r, res, "")
	if res.StatusCode != sip.StatusOK {
		return fmt.Errorf("%s: re-INVITE: %w", c, &RefusedError{Code: res.StatusCode, Reason: res.Reason})
	}
	answer, err := parseSession(res.Body())
	if err != nil {
		return fmt.Errorf("%s: re-INVITE: %w", c, err)
	}
	c.settle(offer, answer)
	return nil
}

// SendInfoDTMF sends a key as SIP INFO with application/dtmf-relay.
func (c *Call) SendInfoDTMF(ctx context.Context, key rune) error {
	p := c.phone
	relay := fmt.Sprintf("Signal=%c\r\nDuration=160\r\n", key)
	p.mu.Lock()
	r, to := c.within("INFO", []string{"Content-Type: application/dtmf-relay"}, relay), c.dialog.to
	p.mu.Unlock()
	res, err := p.transact(ctx, r, to, nil)
	if err != nil {
		return fmt.Errorf("%s: INFO: %w", c, err)
	}
	if res.StatusCode != sip.StatusOK {
		return fmt.Errorf("%s: INFO: %w", c, &RefusedError{Code: res.StatusCode, Reason: res.Reason})
	}
	return nil
}

// infoKey reads the key of an INFO, if it carries one.
func infoKey(body []byte) (byte, bool) {
	text := strings.TrimSpace(string(body))
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, "=")
		if ok && strings.EqualFold(strings.TrimSpace(name), "Signal") {
			text = strings.TrimSpace(value)
		}
	}
	if len(text) == 1 && strings.Contains(keyNames, strings.ToUpper(text)) {
		return strings.ToUpper(text)[0], true
	}
	return 0, false
}
