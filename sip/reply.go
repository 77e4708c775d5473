package sip

import (
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"

	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// allow is what we take. Towards a peer we use what it says it takes.
//
// RFC 3262, no: PRACK is answered 405, and Require: 100rel 420.
// RFC 3515, no: REFER is answered 405; calls are handed over at the desk and by the API.
const allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER"

// supported are the extensions that we know.
const supported = "timer, path"

// methodOptions is a method of SIP, whatever HTTP has by that name.
const methodOptions = "OPTIONS"

// methods tells the methods that we know of (else 501) and those we take out of a dialog (else 405).
var methods = map[string]struct{ known, outside bool }{
	"INVITE": {true, true}, "ACK": {true, true}, "CANCEL": {true, true}, methodOptions: {true, true},
	"REGISTER": {true, true}, "BYE": {true, true}, "INFO": {true, true}, "UPDATE": {true, true},
	"PRACK": {true, false}, "SUBSCRIBE": {true, false}, "NOTIFY": {true, false}, "PUBLISH": {true, false},
	"MESSAGE": {true, false}, "REFER": {true, false},
}

// statelessTag is a To-tag that comes out the same for each repetition of a request (RFC 3261, 8.2.7).
func (e *Endpoint) statelessTag(m *wire.Message) string {
	var h maphash.Hash
	h.SetSeed(e.seed)
	part(&h, m.CallID)
	part(&h, m.From.Tag())
	part(&h, m.Via.Branch)
	number(&h, m.CSeq.Number)
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], h.Sum64())
	return hex.EncodeToString(b[:])
}

// appendReply writes a whole response without a body. More are whole header lines.
func (e *Endpoint) appendReply(b []byte, m *wire.Message, code int, reason, tag string, more []string) []byte {
	b = wire.AppendEcho(wire.AppendStatus(b, code, reason), m, tag)
	return wire.AppendBody(appendLines(b, more), "", nil)
}

// appendLines writes whole header lines; empty ones, which would end the headers, are left out.
func appendLines(b []byte, lines []string) []byte {
	for _, line := range lines {
		if line != "" {
			b = append(append(b, line...), "\r\n"...)
		}
	}
	return b
}

// reply writes a response into the worker's scratch, good until the next one.
func (w *worker) reply(m *wire.Message, code int, reason string, more ...string) []byte {
	w.buf = w.e.appendReply(w.buf[:0], m, code, reason, w.e.statelessTag(m), more)
	return w.buf
}

// refuse answers a request without keeping anything of it: one packet, whatever becomes of it. The
// sender repeats its request until it gets it.
func (w *worker) refuse(m *wire.Message, flow transport.Flow, code int, reason string, more ...string) {
	if m.Method == "ACK" {
		return
	}
	w.e.countCode(code)
	w.e.send(w.e.replyFlow(m, flow), w.reply(m, code, reason, more...))
}

func (e *Endpoint) countCode(code int) {
	e.count.add(refusals[code])
}

// refusals names the counters of what is refused.
var refusals = func() map[int]string {
	m := map[int]string{}
	for code := 400; code < 700; code++ {
		m[code] = "refused_" + string([]byte{byte('0' + code/100), byte('0' + code/10%10), byte('0' + code%10)})
	}
	return m
}()

// most is how much longer than a request its stateless answer may be: by half, so that a spoofed
// source makes us no amplifier.
func most(m *wire.Message) int { return m.Size + m.Size/2 }

// malformed answers what is no good message, once and without keeping anything; or drops it: what is
// no request, an ACK, a request that names no Via, one of a stranger whom policy ignores.
func (e *Endpoint) malformed(m *wire.Message, from transport.Flow, known bool) {
	f := m.Fault
	if f.Code < 501 && m.IsRequest() && !methods[m.Method].known {
		f = wire.Fault{Code: 501, Why: "unknown_method"}
	}
	if f.Code == 0 {
		f = wire.Fault{Code: 400, Reason: "Message Too Long", Why: "stream_broken"}
	}
	e.count.add("malformed_" + f.Why)
	if !m.IsRequest() || m.Method == "ACK" || !m.Has(wire.Via) || !known && e.cfg.Strangers == StrangersSilent {
		e.count.add("malformed_dropped")
		return
	}
	var more []string
	if f.Code == 501 {
		more = []string{"Allow: " + allow}
	}
	b := e.appendReply(make([]byte, 0, 1024), m, f.Code, f.Reason, e.statelessTag(m), more)
	if len(b) > most(m) {
		b = e.appendReply(b[:0], m, f.Code, "", "", nil)
	}
	if len(b) > most(m) {
		e.count.add("malformed_dropped")
		return
	}
	e.count.add("malformed_answered")
	e.send(e.replyFlow(m, from), b)
}
