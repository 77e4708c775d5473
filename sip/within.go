package sip

import (
	"unique"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// intern keeps one copy of what thousands of legs say alike.
func intern(s string) string { return unique.Make(s).Value() }

// request takes a request within the dialog (RFC 3261, 12.2.2).
func (l *Leg) request(m *wire.Message, flow transport.Flow) {
	if m.CSeq.Number < l.theirs {
		l.w.refuse(m, flow, 500, "CSeq Out Of Order")
		return
	}
	l.theirs = m.CSeq.Number
	switch m.Method {
	case "BYE":
		l.byeFromThem(m, flow)
	case methodOptions:
		l.w.options(m, flow, l.tag)
	case "INFO":
		l.info(m, flow)
	case "INVITE":
		l.reinvited(m, flow)
	case "UPDATE":
		l.updated(m, flow)
	default:
		l.w.refuse(m, flow, 405, "", "Allow: "+allow)
	}
}

// serve answers a request within the dialog so that its repetitions get the same.
func (l *Leg) serve(m *wire.Message, flow transport.Flow, code int, body []byte, more ...string) {
	tx := l.w.newServerTx(m, flow)
	b := wire.AppendEcho(wire.AppendStatus(l.w.buf[:0], code, ""), m, l.tag)
	if m.Method == "UPDATE" && code < 300 {
		b = l.e.appendContact(b, tx.flow)
	}
	l.w.buf = finish(appendLines(b, more), body)
	tx.send(code, l.w.buf)
}

// byeFromThem ends the dialog at their wish (RFC 3261, 15.1.2).
func (l *Leg) byeFromThem(m *wire.Message, flow transport.Flow) {
	if l.dialing != nil && !l.over { // a callee may not, before it has answered
		l.w.refuse(m, flow, 481, "")
		return
	}
	l.serve(m, flow, 200, nil)
	if l.unanswered() {
		l.reject(487, "")
	}
	l.answering, l.hangUp = nil, false
	l.w.clock.stop(&l.repeat)
	l.w.clock.stop(&l.limit)
	l.forget()
	l.end(call.End{By: l.far, Cause: call.CauseHangup, Q850: q850(m)})
}

// info takes a key (application/dtmf-relay, application/dtmf); an empty INFO asks whether we are there.
func (l *Leg) info(m *wire.Message, flow transport.Flow) {
	if m.Body == "" {
		l.serve(m, flow, 200, nil)
		return
	}
	digit, length, supports, ok := infoDigit(m.Get(wire.ContentType), m.Body)
	switch {
	case !supports:
		l.w.refuse(m, flow, 415, "", "Accept: application/dtmf-relay, application/dtmf")
	case !ok:
		l.w.refuse(m, flow, 400, "Bad DTMF Body")
	default:
		l.serve(m, flow, 200, nil)
		l.tell(LegDTMF{Digit: digit, Duration: length})
	}
}

// mayChange says whether an offer of theirs fits in now; if not, the request is answered (RFC 3261, 14.2).
func (l *Leg) mayChange(m *wire.Message, flow transport.Flow) bool {
	switch {
	case l.over:
		l.w.refuse(m, flow, 481, "")
	case l.unanswered() || l.dialing != nil:
		l.w.refuse(m, flow, 500, "", "Retry-After: 1")
	case l.changing != nil || l.answering != nil:
		l.e.count.add("glare")
		l.w.refuse(m, flow, 491, "")
	default:
		return true
	}
	return false
}

// reinvited takes a re-INVITE: hold in kind, another address, a refresh, a question for our offer.
func (l *Leg) reinvited(m *wire.Message, flow transport.Flow) {
	if !l.mayChange(m, flow) {
		return
	}
	offer, choice, code, more := l.e.offered(m)
	if code != 0 {
		l.w.refuse(m, flow, code, "", more)
		return
	}
	if least, bad := sessionTooShort(m); bad {
		l.w.refuse(m, flow, 422, "", least)
		return
	}
	l.learn(m, flow)
	l.answering = l.w.answerable(m, flow, l, offer, choice)
	l.answering.again = true
	l.startSession(m)
	l.accepted()
	if offer != nil {
		l.settle(choice)
		l.noteHold()
	}
}

// updated takes an UPDATE (RFC 3311): a re-INVITE without the ceremony.
func (l *Leg) updated(m *wire.Message, flow transport.Flow) {
	if !l.mayChange(m, flow) {
		return
	}
	offer, choice, code, more := l.e.offered(m)
	if code != 0 {
		l.w.refuse(m, flow, code, "", more)
		return
	}
	if least, bad := sessionTooShort(m); bad {
		l.w.refuse(m, flow, 422, "", least)
		return
	}
	l.learn(m, flow)
	l.startSession(m)
	if offer == nil {
		l.serve(m, flow, 200, nil, l.sessionLine())
		return
	}
	l.serve(m, flow, 200, l.answerTo(offer, &choice), l.sessionLine())
	l.settle(choice)
	l.noteHold()
}
