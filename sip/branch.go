package sip

import (
	"bytes"
	"strings"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// branch is one INVITE of a leg that dials: to one phone, or one trunk.
type branch struct {
	l          *Leg
	tx         *clientTx
	target     target
	uri        string
	name       string // the Via branch
	cseq       uint32
	heard      bool // a provisional answer came: only now may it be cancelled
	wantCancel bool
	cancelSent bool
	done       bool
	proofs     int               // challenges answered
	forks      map[string][]byte // the ACKs of answers that we hung up, by their tags
}

// invite sends the INVITE. Authorization is a whole header line, or "".
func (br *branch) invite(authorization string) {
	l := br.l
	br.name = cookie + token(8)
	b := l.e.begin(l.w.buf[:0], &outgoing{
		method: "INVITE", uri: br.uri, routes: br.target.path, flow: br.target.flow, branch: br.name,
		from: l.dialing.from + ";tag=" + l.tag, to: "<" + br.uri + ">", callID: l.callID, cseq: br.cseq,
	})
	b = l.e.appendContact(b, br.target.flow)
	b = append(append(b, "Allow: "+allow+"\r\nSupported: timer\r\nUser-Agent: "...), l.e.cfg.UserAgent...)
	b = append(b, "\r\n"...)
	b = appendLines(b, []string{authorization})
	b = finish(b, l.dialing.offer)
	l.w.buf = b
	if !br.target.flow.Reliable() {
		l.watch(br.target.flow.Remote.Addr())
	}
	br.tx = l.w.ask(br.target.flow, br.name, "INVITE", b, firstAnswer, br.told)
}

// told takes an answer to the INVITE; nil if none came.
func (br *branch) told(m *wire.Message) {
	switch {
	case m == nil:
		br.failed(call.End{By: br.blame(), Cause: call.CauseUnreachable, SIP: 408})
	case m.Status < 200:
		br.rings(m)
	case m.Status < 300:
		br.answered(m)
	default:
		br.refused(m)
	}
}

// blame says whose failure it is if an INVITE comes to nothing.
func (br *branch) blame() call.Side {
	if br.l.trunk != nil {
		return call.ByTrunk
	}
	return br.l.far
}

func (br *branch) rings(m *wire.Message) {
	br.heard = true
	if br.wantCancel {
		br.cancel()
		return
	}
	d := br.l.dialing
	if d == nil || m.Status == 100 || d.given {
		return
	}
	early := br.early(m)
	if early && !d.early || !d.rang {
		d.rang, d.early = true, d.early || early
		br.l.tell(LegRinging{Early: early})
	}
}

// early takes the sound that comes before the answer, if there is some and only one phone rings.
func (br *branch) early(m *wire.Message) bool {
	l := br.l
	if m.Body == "" || len(l.dialing.branches) > 1 {
		return false
	}
	desc, c, code, _ := br.l.e.offered(m)
	if desc == nil || code != 0 {
		return false
	}
	l.settle(c)
	return true
}

// answered takes a 2xx: the first makes the dialog, its repetitions get the ACK again, and those of
// other forks are taken and hung up (RFC 3261, 13.2.2.4).
func (br *branch) answered(m *wire.Message) {
	l := br.l
	br.done, br.heard = true, true
	tag := m.To.Tag()
	if l.dialing == nil && !l.over && l.remoteTag == tag || br.tx.ack != nil && l.remoteTag == tag {
		l.e.send(br.tx.flow, br.tx.ack)
		return
	}
	if l.dialing == nil || l.over || l.dialing.given {
		br.unwanted(m)
		return
	}
	br.adopt(m)
	desc, c, code, _ := br.l.e.offered(m)
	br.tx.ack = l.ackOf(br.cseq)
	l.e.send(br.tx.flow, br.tx.ack)
	if desc == nil || code != 0 {
		l.e.count.add("answer_bad")
		l.bye(nil)
		l.end(call.End{By: br.blame(), Cause: call.CauseFailed, SIP: 488})
		return
	}
	l.settle(c)
	l.sessionFrom(m)
	l.tell(LegAnswered{})
	l.noteHold()
}

// adopt makes the dialog of the first 2xx the leg's (RFC 3261, 12.1.2), and cancels the other branches.
func (br *branch) adopt(m *wire.Message) {
	l := br.l
	d := l.dialing
	l.dialing = nil
	l.w.clock.stop(&l.limit)
	l.local = d.from
	l.remote = "<" + br.uri + ">"
	l.remoteTag = strings.Clone(m.To.Tag())
	l.target, l.flow = br.uri, br.target.flow
	l.routes = routesOf(m)
	l.learn(m, transport.Flow{})
	if !l.symmetric {
		l.symmetric = behindNAT(l.target, l.flow)
	}
	for _, other := range d.branches {
		if other != br {
			other.cancel()
		}
	}
	br.tx.flow = l.hop() // the ACK to a 2xx goes the dialog's way
}

// routesOf is the route set of a dialog that we began: Record-Route backwards (RFC 3261, 12.1.2).
func routesOf(m *wire.Message) (routes []string) {
	for v := range m.Values(wire.RecordRoute) {
		routes = append([]string{strings.Clone(v)}, routes...)
	}
	return routes
}

// ackOf writes the ACK to a 2xx.
func (l *Leg) ackOf(cseq uint32) []byte {
	b, _ := l.compose("ACK", cseq, l.hop())
	l.w.buf = finish(b, nil)
	return exact(l.w.buf)
}

// unwanted takes a 2xx that came too late or from another fork, and hangs it up.
func (br *branch) unwanted(m *wire.Message) {
	l := br.l
	tag := m.To.Tag()
	if ack := br.forks[tag]; ack != nil {
		l.e.send(br.tx.flow, ack)
		return
	}
	l.e.count.add("fork_hung_up")
	fork := &Leg{e: l.e, w: l.w, callID: l.callID, tag: l.tag, over: true, dialog: dialog{
		local: m.Get(wire.From), remote: "<" + br.uri + ">", remoteTag: strings.Clone(tag),
		target: br.uri, flow: br.target.flow, symmetric: l.symmetric, cseq: br.cseq, routes: routesOf(m),
	}}
	fork.local = withoutTag(fork.local, &m.From)
	fork.learn(m, transport.Flow{})
	ack := fork.ackOf(br.cseq)
	if br.forks == nil {
		br.forks = map[string][]byte{}
	}
	br.forks[fork.remoteTag] = ack
	l.e.send(fork.hop(), ack)
	fork.ask("BYE", nil, func(*wire.Message) {})
	if l.dialing != nil {
		l.branchFailed(call.End{By: l.far, Cause: call.CauseNoAnswer, SIP: 487})
	}
}

// refused takes a refusal: shows the trunk our password if that is what it wants, else fails.
func (br *branch) refused(m *wire.Message) {
	if (m.Status == 401 || m.Status == 407) && !br.wantCancel && br.l.dialing != nil && !br.l.dialing.given && br.proofs < 2 {
		br.proofs++
		if line, ok := br.l.credentials(m, "INVITE", br.uri); ok {
			br.l.cseq++
			br.cseq = br.l.cseq
			br.heard = false
			br.invite(line)
			return
		}
	}
	end := call.End{By: br.l.far, Cause: refusedCause(m.Status), SIP: m.Status, Q850: q850(m)}
	if end.Cause == call.CauseUnreachable || end.Cause == call.CauseRejected && br.l.trunk != nil && m.Status < 600 {
		end.By = br.blame()
	}
	br.failed(end)
}

func (br *branch) failed(end call.End) {
	br.done = true
	br.l.branchFailed(end)
}

// cancel takes the INVITE back: at once if it was heard of, else as soon as it is (RFC 3261, 9.1).
func (br *branch) cancel() {
	br.wantCancel = true
	if br.done || br.cancelSent || !br.heard || br.tx.head == nil {
		return
	}
	br.cancelSent = true
	l := br.l
	b := cancelOf(br.tx.head)
	l.w.ask(br.target.flow, br.name, "CANCEL", b, timeout, func(*wire.Message) {})
	// RFC 3261, 9.1: who does not answer the INVITE for 64·T1 after this never will.
	l.w.clock.set(&br.tx.end, br.tx, clientEnds, l.w.now+timeout)
}

// cancelOf makes a CANCEL out of the INVITE's own lines.
func cancelOf(invite []byte) []byte {
	b := make([]byte, 0, 512)
	for line := range bytes.SplitSeq(invite, []byte("\r\n")) {
		switch {
		case bytes.HasPrefix(line, []byte("INVITE ")):
			b = append(append(b, "CANCEL "...), line[len("INVITE "):]...)
		case bytes.HasPrefix(line, []byte("CSeq: ")):
			b = append(bytes.TrimSuffix(append(b, line...), []byte("INVITE")), "CANCEL"...)
		case hasAnyPrefix(line, "Via: ", "Route: ", "From: ", "To: ", "Call-ID: ", "Max-Forwards: "):
			b = append(b, line...)
		default:
			continue
		}
		b = append(b, "\r\n"...)
	}
	return append(b, "Content-Length: 0\r\n\r\n"...)
}
