package siptest

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

func now() time.Time { return time.Now() }

// gotRequest takes a request from the wire.
func (p *Phone) gotRequest(req *sip.Request, from netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || req.CallID() == nil || req.CSeq() == nil || req.Via() == nil || req.From() == nil || req.To() == nil {
		return
	}
	method := string(req.Method)
	branch, _ := req.Via().Params.Get("branch")
	key := branch + " " + method
	if method != "ACK" {
		if was, ok := p.replies[key]; ok {
			if was.data != nil {
				_ = p.send(was.data, was.to)
			}
			return
		}
		p.remember(key, reply{nil, from})
		p.requests[method]++
	}
	c := p.calls[req.CallID().Value()]
	if c == nil && method == "INVITE" && !req.To().Params.Has("tag") {
		p.takeCall(req, from)
		return
	}
	if c == nil {
		p.takeStranger(req)
		return
	}
	switch method {
	case "ACK":
		c.takeAck(req)
	case "INVITE", "UPDATE":
		c.takeOffer(req)
	case "CANCEL":
		p.answer(req, 200, c.dialog.tag, nil, "")
		if !c.outgoing && !c.replied {
			c.refuse(487)
			reason, q850 := reasonOf(req)
			c.finish(Ended{ByPeer: true, Code: 487, Reason: reason, Q850: q850})
		}
	case "BYE":
		p.answer(req, 200, c.dialog.tag, nil, "")
		reason, q850 := reasonOf(req)
		c.finish(Ended{ByPeer: true, Reason: reason, Q850: q850})
	case "INFO":
		if k, ok := infoKey(req.Body()); ok {
			if m := c.sound(); m != nil {
				m.mu.Lock()
				m.digits = append(m.digits, k)
				m.changedNow()
				m.mu.Unlock()
			}
		}
		p.answer(req, 200, c.dialog.tag, nil, "")
	default:
		p.answer(req, 200, c.dialog.tag, nil, "")
	}
}

// takeStranger answers a request that belongs to no call. Under mu.
func (p *Phone) takeStranger(req *sip.Request) {
	known := !req.To().Params.Has("tag") || p.o.Forgetful && req.Method == sip.OPTIONS
	switch req.Method {
	case sip.ACK:
	case sip.OPTIONS, sip.NOTIFY, sip.MESSAGE:
		if known {
			p.answer(req, 200, newTag(), nil, "")
			return
		}
		fallthrough
	default:
		p.answer(req, 481, newTag(), nil, "")
	}
}

// remember keeps what was answered to a request. Under mu.
func (p *Phone) remember(key string, r reply) {
	if _, known := p.replies[key]; !known {
		p.replied = append(p.replied, key)
		if len(p.replied) > repliesMax {
			delete(p.replies, p.replied[0])
			p.replied = p.replied[1:]
		}
	}
	p.replies[key] = r
}

// answer answers a request, back to where it came from (RFC 3581). Under mu.
func (p *Phone) answer(req *sip.Request, code int, tag string, headers []string, sdp string) {
	branch, _ := req.Via().Params.Get("branch")
	key := branch + " " + string(req.Method)
	to := p.replies[key].to
	if !to.IsValid() {
		return
	}
	data := respond(req, code, phrase(code), tag, headers, sdp)
	p.remember(key, reply{data, to})
	_ = p.send(data, to)
}

// takeCall takes a new call. Under mu.
func (p *Phone) takeCall(req *sip.Request, from netip.AddrPort) {
	c := newCall(p, req.CallID().Value(), false)
	c.invite, c.acked = req, make(chan struct{})
	c.dialog.local = fmt.Sprintf("%s;tag=%s", req.To().Value(), c.dialog.tag)
	c.dialog.remote = req.From().Value()
	c.dialog.to = from
	c.dialog.target = req.From().Address.String()
	c.learn(req, req.Contact())
	p.calls[c.id] = c
	p.answer(req, 100, "", nil, "")
	if p.onInvite != nil {
		f := p.onInvite
		p.spawn(func() { f(c) })
		return
	}
	select {
	case p.incoming <- c:
	default:
		c.refuse(486)
		c.finish(Ended{Code: 486, Reason: "too many calls"})
	}
}

// Ring says 180.
func (c *Call) Ring() { c.say(180, "") }

// Progress says any provisional code, without sound.
func (c *Call) Progress(code int) { c.say(code, "") }

func (c *Call) say(code int, sdp string) {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	if c.outgoing || c.replied || c.hasEnded() {
		return
	}
	if c.ringingAt.IsZero() {
		c.ringingAt = now()
	}
	c.phone.answer(c.invite, code, c.dialog.tag, []string{c.contact()}, sdp)
	c.changedNow()
}

// Reject refuses the call with a code from 300 on.
func (c *Call) Reject(code int) {
	c.phone.mu.Lock()
	defer c.phone.mu.Unlock()
	if c.outgoing || c.replied || c.hasEnded() {
		return
	}
	c.refuse(code)
	c.finish(Ended{Code: code, Reason: phrase(code)})
}

// refuse answers the INVITE finally with a refusal. Under mu.
func (c *Call) refuse(code int) {
	c.replied = true
	c.phone.answer(c.invite, code, c.dialog.tag, nil, "")
	c.insist(code)
}

// Answer takes the call. A call that has ended meanwhile gives an error.
func (c *Call) Answer() error {
	p := c.phone
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.outgoing || c.replied || c.hasEnded() {
		return fmt.Errorf("%s: nothing to answer: %w", c, errOver)
	}
	m, err := c.openSound()
	if err != nil {
		return err
	}
	own := p.o.offered(m.addr(), sendRecv)
	var peer session
	if len(c.invite.Body()) > 0 {
		if peer, err = parseSession(c.invite.Body()); err == nil {
			own, err = p.o.answered(peer, m.addr(), c.ownDir)
		}
		if err != nil {
			c.refuse(488)
			c.finish(Ended{Code: 488, Reason: err.Error()})
			return fmt.Errorf("%s: answer: %w", c, err)
		}
		c.settle(own, peer)
	} else {
		c.offering, c.own = true, own
	}
	c.replied = true
	c.answeredAt = now()
	if c.ringingAt.IsZero() {
		c.ringingAt = c.answeredAt
	}
	p.answer(c.invite, 200, c.dialog.tag, []string{c.contact()}, own.describe(c.version))
	c.changedNow()
	c.insist(200)
	return nil
}

// insist repeats a final answer to INVITE until its ACK comes (RFC 3261, 13.3.1.4 and 17.2.1). Under mu.
func (c *Call) insist(code int) {
	p := c.phone
	if !p.unreliable() && code >= 300 {
		return
	}
	branch, _ := c.invite.Via().Params.Get("branch")
	r := p.replies[branch+" INVITE"]
	acked := c.acked
	p.spawn(func() {
		wait := t1
		end := time.NewTimer(timeout)
		defer end.Stop()
		for {
			repeat := time.NewTimer(wait)
			select {
			case <-acked:
				repeat.Stop()
				return
			case <-p.ctx.Done():
				repeat.Stop()
				return
			case <-end.C:
				repeat.Stop()
				return
			case <-repeat.C:
				_ = p.send(r.data, r.to)
				wait = min(2*wait, t2)
			}
		}
	})
}

// takeAck ends the repeating. Under mu.
func (c *Call) takeAck(req *sip.Request) {
	if c.acked == nil {
		return
	}
	select {
	case <-c.acked:
		return
	default:
		close(c.acked)
	}
	if c.offering && len(req.Body()) > 0 {
		if answer, err := parseSession(req.Body()); err == nil {
			c.settle(c.own, answer)
		}
	}
	c.offering = false
	c.changedNow()
}

// takeOffer takes a re-INVITE or an UPDATE. Under mu.
func (c *Call) takeOffer(req *sip.Request) {
	p := c.phone
	m := c.sound()
	if c.hasEnded() || m == nil {
		p.answer(req, 481, c.dialog.tag, nil, "")
		return
	}
	c.learn(req, req.Contact())
	if req.Method == sip.INVITE {
		c.invite, c.acked = req, make(chan struct{})
	}
	headers, sdp := []string{c.contact()}, ""
	c.version++
	switch {
	case len(req.Body()) > 0:
		peer, err := parseSession(req.Body())
		if err == nil {
			var own session
			if own, err = p.o.answered(peer, m.addr(), c.ownDir); err == nil {
				c.settle(own, peer)
				sdp = own.describe(c.version)
			}
		}
		if err != nil {
			p.answer(req, 488, c.dialog.tag, nil, "")
			if req.Method == sip.INVITE {
				c.insist(488)
			}
			return
		}
	case req.Method == sip.INVITE:
		c.own = p.o.offered(m.addr(), c.ownDir)
		c.offering, sdp = true, c.own.describe(c.version)
	}
	p.answer(req, 200, c.dialog.tag, headers, sdp)
	if req.Method == sip.INVITE {
		c.insist(200)
	}
}
