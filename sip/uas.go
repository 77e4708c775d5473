package sip

import (
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/sdp"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// answering is an INVITE of theirs until our 2xx is acknowledged. Of the message it keeps the lines that
// responses repeat.
type answering struct {
	tx       *serverTx
	echo     []byte
	cseq     uint32
	offer    *sdp.Description // nil: our 2xx carries the offer
	choice   sdp.Choice
	final    []byte // the 2xx as sent
	interval time.Duration
	again    bool // a re-INVITE
}

// invited takes an INVITE that begins a call: all checks, then the handler.
func (w *worker) invited(m *wire.Message, flow transport.Flow) {
	if w.served[w.e.mergedKey(m)] != nil { // RFC 3261, 8.2.2.2
		w.refuse(m, flow, 482, "")
		return
	}
	source, trunk, ok := w.caller(m, flow)
	if !ok {
		return
	}
	contact, ok := onlyContact(m)
	if !ok {
		w.refuse(m, flow, 400, "Bad Contact Header")
		return
	}
	if !acceptsSDP(m) {
		w.refuse(m, flow, 406, "")
		return
	}
	offer, choice, code, more := w.e.offered(m)
	if code != 0 {
		w.refuse(m, flow, code, "", more)
		return
	}
	if least, bad := sessionTooShort(m); bad {
		w.refuse(m, flow, 422, "", least)
		return
	}
	number := m.URI.UserText()
	if w.e.legs.Load() >= int64(w.e.cfg.MaxLegs) {
		w.refuse(m, flow, 503, "", "Retry-After: 5")
		return
	}
	l := w.arrive(m, flow, source, trunk, contact)
	l.answering = w.answerable(m, flow, l, offer, choice)
	l.startSession(m)
	w.clock.set(&l.trying, l, legTrying, w.now+tryingAfter)
	w.clock.set(&l.limit, l, legRangOut, w.now+longestRing)
	if conn, ok := flow.Via.(*transport.Conn); ok {
		conn.Trust()
	}
	w.e.handler.Incoming(&Incoming{
		Leg: l, Source: source, From: partyOf(m, source), Dialled: strings.Clone(number), SIPCallID: l.callID,
		HasOffer: offer != nil,
	})
}

// arrive makes the leg of an INVITE (RFC 3261, 12.1.1).
func (w *worker) arrive(m *wire.Message, flow transport.Flow, source Source, trunk *line, contact string) *Leg {
	l := w.e.newLeg(w, strings.Clone(m.CallID))
	l.source, l.trunk, l.ext, l.far = source, trunk, source.Extension, call.ByCaller
	l.dialog = dialog{
		local: withoutTag(m.Get(wire.To), &m.To), remote: withoutTag(m.Get(wire.From), &m.From),
		remoteTag: strings.Clone(m.From.Tag()), target: strings.Clone(contact), flow: flow,
		symmetric: source.Extension != "" || behindNAT(contact, flow), theirs: m.CSeq.Number,
	}
	for v := range m.Values(wire.RecordRoute) {
		l.routes = append(l.routes, strings.Clone(v))
	}
	l.learn(m, flow)
	l.watch(flow.Remote.Addr())
	l.enlist()
	w.e.legs.Add(1)
	w.e.count.add("legs_in")
	return l
}

// answerable begins the transaction of an INVITE of theirs.
func (w *worker) answerable(m *wire.Message, flow transport.Flow, l *Leg, offer *sdp.Description, c sdp.Choice) *answering {
	a := &answering{tx: w.newServerTx(m, flow), cseq: m.CSeq.Number, offer: offer, choice: c}
	a.tx.leg = l
	a.echo = exact(wire.AppendRecordRoutes(wire.AppendEcho(w.buf[:0], m, l.tag), m))
	return a
}

// onlyContact gives the one contact that an INVITE must have (RFC 3261, 8.1.1.8).
func onlyContact(m *wire.Message) (string, bool) {
	n, uri := 0, ""
	for v := range m.Values(wire.Contact) {
		a, ok := wire.ParseAddress(v)
		if !ok || !a.URI.IsSIP() {
			return "", false
		}
		n++
		uri, _, _ = strings.Cut(a.URI.Text, "?")
	}
	return uri, n == 1
}

// behindNAT says whether a contact can't be where its sender is: a name, or a private address that
// came from another one.
func behindNAT(contact string, flow transport.Flow) bool {
	to, _, ok := addressOf(contact)
	return !ok || to.Addr().IsPrivate() && to.Addr() != flow.Remote.Addr()
}

// withoutTag gives an address header's value as text to be sent on, without its tag.
func withoutTag(value string, a *wire.Address) string {
	if a.Params == "" {
		return strings.Clone(value)
	}
	if a.Display == "" {
		return "<" + a.URI.Text + ">"
	}
	return a.Display + " <" + a.URI.Text + ">"
}

// partyOf tells who calls: what the trunk asserts (RFC 3325) if it does, else what From says.
func partyOf(m *wire.Message, source Source) call.Party {
	from := &m.From
	if source.Trunk != "" {
		for v := range m.Values(wire.PAssertedIdentity) {
			if a, ok := wire.ParseAddress(v); ok && a.URI.UserText() != "" {
				from = &a
			}
			break
		}
	}
	name := from.Name()
	if name == "" {
		name = m.From.Name()
	}
	number := from.URI.UserText()
	if strings.EqualFold(number, "anonymous") || strings.EqualFold(from.URI.Host, "anonymous.invalid") {
		number = ""
	}
	return call.Party{Number: call.Number{Raw: strings.Clone(number)}, Name: strings.Clone(name)}
}

// respond writes a response to the INVITE being answered.
func (l *Leg) respond(code int, reason string, body []byte, more ...string) []byte {
	b := append(wire.AppendStatus(l.w.buf[:0], code, reason), l.answering.echo...)
	if code > 100 && code < 300 {
		b = l.e.appendContact(b, l.answering.tx.flow)
		b = append(b, "Allow: "+allow+"\r\nSupported: "+supported+"\r\n"...)
	}
	l.w.buf = finish(appendLines(b, more), body)
	return l.w.buf
}

// provisional answers 100 or 180.
func (l *Leg) provisional(code int) {
	if !l.unanswered() {
		return
	}
	l.w.clock.stop(&l.trying)
	l.answering.tx.send(code, l.respond(code, "", nil))
}

// accept answers 200: with the answer to their offer, or with an offer.
func (l *Leg) accept(m Media) {
	if !l.unanswered() {
		return
	}
	if m == nil {
		l.stop(call.End{By: call.BySystem, Cause: call.CauseFailed})
		return
	}
	l.media = m
	l.w.clock.stop(&l.trying)
	l.w.clock.stop(&l.limit)
	l.accepted()
	if l.refresh > 0 {
		l.armSession()
	}
	if l.answering.offer == nil {
		return // the answer comes with the ACK
	}
	l.settle(l.answering.choice)
	l.tell(LegAnswered{})
	l.noteHold()
}

// accepted sends the 2xx to an INVITE or re-INVITE, and repeats it until it is acknowledged (RFC 3261,
// 13.3.1.4).
func (l *Leg) accepted() {
	a := l.answering
	var body []byte
	if a.offer != nil {
		body = l.answerTo(a.offer, &a.choice)
	} else {
		body = l.offerTo()
	}
	a.final = exact(l.respond(200, "", body, l.sessionLine()))
	a.tx.send(200, a.final)
	a.interval = t1
	l.w.clock.set(&l.repeat, l, legRepeats, l.w.now+t1)
	l.w.clock.set(&l.limit, l, legUnacknowledged, l.w.now+timeout)
}

func (l *Leg) repeatAnswer() {
	a := l.answering
	if a == nil || a.final == nil {
		return
	}
	l.e.count.add("answer_repeated")
	l.e.send(a.tx.flow, a.final)
	a.interval = min(2*a.interval, t2)
	l.w.clock.set(&l.repeat, l, legRepeats, l.w.now+a.interval)
}

// acked takes the ACK to our 2xx.
func (l *Leg) acked(m *wire.Message) {
	a := l.answering
	if a == nil || a.final == nil || m.CSeq.Number != a.cseq {
		return
	}
	l.w.clock.stop(&l.repeat)
	l.w.clock.stop(&l.limit)
	l.answering = nil
	if l.hangUp {
		l.bye(l.reason)
		return
	}
	if a.offer == nil && !l.over {
		l.lateAnswer(m, a.again)
	}
	if l.again && !l.over {
		l.change()
	}
}

// lateAnswer takes the answer to an offer that our 2xx carried.
func (l *Leg) lateAnswer(m *wire.Message, again bool) {
	d, c, code, _ := l.e.offered(m)
	if code != 0 || d == nil {
		l.e.count.add("late_answer_bad")
		if again { // what was agreed on before still holds
			return
		}
		l.bye(nil)
		l.end(call.End{By: call.BySystem, Cause: call.CauseFailed, SIP: 488})
		return
	}
	l.settle(c)
	if !again {
		l.tell(LegAnswered{})
	}
	l.noteHold()
}

// unacknowledged gives up waiting for the ACK: RFC 3261, 13.3.1.4 wants a BYE.
func (l *Leg) unacknowledged() {
	l.e.count.add("answer_unacknowledged")
	l.w.clock.stop(&l.repeat)
	l.answering = nil
	l.bye(l.reason)
	l.end(call.End{By: l.far, Cause: call.CauseLost, SIP: 408})
}

// reject refuses the INVITE.
func (l *Leg) reject(code int, reason string, more ...string) {
	if code < 400 || code > 699 {
		code = 480
	}
	if code == 503 {
		more = append(more, "Retry-After: "+strconv.Itoa(5))
	}
	l.answering.tx.send(code, l.respond(code, reason, nil, more...))
	l.answering = nil
	l.forget()
}

// cancelled takes a CANCEL of the INVITE (RFC 3261, 9.2).
func (l *Leg) cancelled(m *wire.Message) {
	if !l.unanswered() {
		return
	}
	l.reject(487, "")
	l.end(call.End{By: call.ByCaller, Cause: call.CauseAbandoned, Q850: q850(m)})
}
