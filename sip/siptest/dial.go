package siptest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// DialOptions say more about a call than its number.
type DialOptions struct {
	From    string // calling number, the phone's User unless set
	Name    string // display name, the phone's unless set; may be anything, no matter what a header allows
	URI     string // request URI, made of the number and the server unless set
	Headers []string
	Quiet   bool // as in Options, for this call
}

// Dial calls a number and returns as soon as the INVITE is on its way. The context bounds nothing but
// that; what comes of the call is waited for by its methods.
func (p *Phone) Dial(ctx context.Context, number string) (*Call, error) {
	return p.DialWith(ctx, number, DialOptions{})
}

// DialWith is Dial with options.
func (p *Phone) DialWith(ctx context.Context, number string, o DialOptions) (*Call, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if o.From == "" {
		o.From = p.o.User
	}
	if o.Name == "" {
		o.Name = p.o.DisplayName
	}
	if o.Name != "" {
		o.Name = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(o.Name) + `" ` // RFC 3261, 25.1: quoted-string
	}
	if o.URI == "" {
		o.URI = fmt.Sprintf("sip:%s@%s", number, p.o.Server)
	}
	c := newCall(p, rand.Text(), true)
	c.dialog.local = fmt.Sprintf("%s<sip:%s@%s>;tag=%s", o.Name, o.From, p.o.Domain, c.dialog.tag)
	c.dialog.remote = fmt.Sprintf("<sip:%s@%s>", number, p.o.Domain)
	c.dialog.target, c.dialog.to = o.URI, p.o.Server
	p.mu.Lock()
	defer p.mu.Unlock()
	m, err := c.openSound()
	if err != nil {
		return nil, err
	}
	if o.Quiet {
		m.quiet = true
	}
	p.calls[c.id] = c
	p.spawn(func() { c.call(o.Headers) })
	return c, nil
}

// call carries out the INVITE of an outgoing call.
func (c *Call) call(headers []string) {
	p := c.phone
	headers = append([]string{c.contact()}, headers...)
	for tries := 0; ; tries++ {
		p.mu.Lock()
		var offer session
		sdp := ""
		if !p.o.LateOffer {
			offer = p.o.offered(c.sound().addr(), sendRecv)
			sdp = offer.describe(c.version)
		}
		c.own = offer
		r := c.within("INVITE", headers, sdp)
		c.branch, c.cseqINVITE, c.proceeding = r.branch, r.cseq, false
		to := c.dialog.to
		p.mu.Unlock()

		res, err := p.transact(p.ctx, r, to, c.progress)
		p.mu.Lock()
		if err != nil {
			c.finish(Ended{Code: 408, Reason: err.Error()})
			p.mu.Unlock()
			return
		}
		c.last = res
		c.codes = append(c.codes, res.StatusCode)
		if (res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired) && tries == 0 && p.o.Password != "" && !c.giveUp {
			c.ackFor(r, res, "")
			ch, err := challengeOf(res, p.o.Digest)
			if err == nil {
				headers = append(headers, ch.answer(p.o.User, p.o.Password, "INVITE", r.uri))
				p.mu.Unlock()
				continue
			}
			c.finish(Ended{ByPeer: true, Code: res.StatusCode, Reason: err.Error()})
			p.mu.Unlock()
			return
		}
		c.decided(r, res, offer)
		p.mu.Unlock()
		return
	}
}

// progress takes a provisional answer.
func (c *Call) progress(res *sip.Response) {
	p := c.phone
	p.mu.Lock()
	defer p.mu.Unlock()
	c.last = res
	c.codes = append(c.codes, res.StatusCode)
	if res.StatusCode > 100 && c.ringingAt.IsZero() {
		c.ringingAt = now()
	}
	if len(res.Body()) > 0 && !p.o.LateOffer { // early media
		if answer, err := parseSession(res.Body()); err == nil {
			c.settle(c.own, answer)
		}
	}
	c.changedNow()
	c.proceeding = true
	c.tryCancel()
}

// decided takes the final answer. Under mu.
func (c *Call) decided(r request, res *sip.Response, offer session) {
	p := c.phone
	if res.StatusCode >= 300 {
		c.ackFor(r, res, "")
		reason, q850 := reasonOf(res)
		if reason == "" {
			reason = res.Reason
		}
		c.finish(Ended{ByPeer: true, Code: res.StatusCode, Reason: reason, Q850: q850})
		return
	}
	c.dialog.remote = res.To().Value()
	c.learn(res, res.Contact())
	peer, err := parseSession(res.Body())
	own, sdp := offer, ""
	if err == nil && p.o.LateOffer {
		if own, err = p.o.answered(peer, c.sound().addr(), sendRecv); err == nil {
			sdp = own.describe(c.version)
		}
	}
	c.ackFor(r, res, sdp)
	if err != nil || c.giveUp {
		bye := c.within("BYE", nil, "")
		e := Ended{Code: 487, Reason: "answered after it was given up"}
		if err != nil {
			e = Ended{Code: 488, Reason: err.Error()}
		}
		c.finish(e)
		to := c.dialog.to
		p.spawn(func() { _, _ = p.transact(p.ctx, bye, to, nil) })
		return
	}
	c.answeredAt = now()
	if c.ringingAt.IsZero() {
		c.ringingAt = c.answeredAt
	}
	c.settle(own, peer)
}

// ackFor acknowledges a final answer to an INVITE, and again whenever it comes again. Under mu.
func (c *Call) ackFor(r request, res *sip.Response, sdp string) {
	ack := request{
		method: "ACK", uri: r.uri, from: r.from, callID: r.callID, cseq: r.cseq, branch: r.branch, routes: r.routes, sdp: sdp,
	}
	if to := res.To(); to != nil {
		ack.to = to.Value()
	}
	to := c.dialog.to
	if res.StatusCode < 300 { // its own transaction (RFC 3261, 13.2.2.4)
		ack.branch, ack.uri, ack.routes = newBranch(), c.dialog.target, c.dialog.routes
	}
	data := ack.bytes(c.phone)
	c.acks[r.cseq] = reply{data, to}
	_ = c.phone.send(data, to)
}

// cancelRequest is the CANCEL of the INVITE (RFC 3261, 9.1). Under mu.
func (c *Call) cancelRequest() request {
	return request{
		method: "CANCEL", uri: c.dialog.target, from: c.dialog.local, to: c.dialog.remote, callID: c.id,
		cseq: c.cseqINVITE, branch: c.branch,
	}
}

// cancel gives an outgoing call up: at once if the far end has reacted, else when it does.
func (c *Call) cancel() {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	c.giveUp = true // and a 200 that crosses it is answered by BYE
	c.tryCancel()
}

// tryCancel sends CANCEL when there is something to cancel. Under mu.
func (c *Call) tryCancel() {
	if !c.giveUp || !c.proceeding || c.cancelled || c.hasEnded() {
		return
	}
	c.cancelled = true
	p, r, to := c.phone, c.cancelRequest(), c.dialog.to
	p.spawn(func() { _, _ = p.transact(p.ctx, r, to, nil) })
}
