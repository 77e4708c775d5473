package sip

import (
	"strings"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/sdp"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// request takes a well-formed request: a repetition, an ACK, a CANCEL, one within a dialog or a new one.
func (w *worker) request(m *wire.Message, flow transport.Flow) {
	if tx := w.served[w.e.serverKey(m, m.Method)]; tx != nil && (m.Method != "ACK" || tx.state != txAccepted) {
		if m.Method == "ACK" {
			tx.acked()
			return
		}
		w.e.count.add("request_repeated_by_peer")
		tx.again()
		return
	}
	switch {
	case m.Method == "ACK":
		if l := w.legOf(m); l != nil {
			l.acked(m)
		}
	case m.Method == "CANCEL":
		w.cancel(m, flow)
	case m.To.Tag() != "":
		w.within(m, flow)
	default:
		w.outside(m, flow)
	}
}

// legOf finds the leg whose dialog a request is in.
func (w *worker) legOf(m *wire.Message) *Leg {
	l := w.legs[m.To.Tag()]
	if l == nil || l.callID != m.CallID || l.remoteTag != "" && l.remoteTag != m.From.Tag() {
		return nil
	}
	return l
}

// cancel answers a CANCEL (RFC 3261, 9.2): 200 to itself, 487 to the INVITE if that has no answer yet.
func (w *worker) cancel(m *wire.Message, flow transport.Flow) {
	tx := w.served[w.e.serverKey(m, "INVITE")]
	if tx == nil {
		w.refuse(m, flow, 481, "")
		return
	}
	tag := w.e.statelessTag(m)
	if tx.leg != nil {
		tag = tx.leg.tag
	}
	w.buf = w.e.appendReply(w.buf[:0], m, 200, "", tag, nil)
	w.e.send(w.e.replyFlow(m, flow), w.buf)
	if l := tx.leg; l != nil && tx.state == txProceeding {
		l.cancelled(m)
	}
}

// within takes a request in a dialog to its leg.
func (w *worker) within(m *wire.Message, flow transport.Flow) {
	l := w.legOf(m)
	if l == nil {
		if !w.e.known(flow) && w.e.cfg.Strangers == StrangersSilent {
			w.e.count.add("drop_stranger")
			return
		}
		w.refuse(m, flow, 481, "")
		return
	}
	if tags := unsupported(m, "timer"); tags != "" {
		w.refuse(m, flow, 420, "", "Unsupported: "+tags)
		return
	}
	l.request(m, flow)
}

// outside takes a request that is in no dialog.
func (w *worker) outside(m *wire.Message, flow transport.Flow) {
	if m.Method != "REGISTER" && m.Method != "INVITE" && !w.e.known(flow) {
		if w.e.cfg.Strangers == StrangersForbidden {
			w.refuse(m, flow, 403, "")
		} else {
			w.e.count.add("drop_stranger")
		}
		return
	}
	switch {
	case !methods[m.Method].outside:
		w.refuse(m, flow, 405, "", "Allow: "+allow)
		return
	case !m.URI.IsSIP() && (m.URI.Scheme != "tel" || m.Method != "INVITE"):
		w.refuse(m, flow, 416, "")
		return
	}
	if tags := unsupported(m, "timer"); tags != "" { // RFC 3261, 8.2.2.3
		w.refuse(m, flow, 420, "", "Unsupported: "+tags)
		return
	}
	switch m.Method {
	case "REGISTER":
		w.register(m, flow)
	case "INVITE":
		w.invited(m, flow)
	case methodOptions:
		w.options(m, flow, w.e.statelessTag(m))
	default: // only within dialogs
		w.refuse(m, flow, 481, "")
	}
}

// options answers OPTIONS, in a dialog or not (RFC 3261, 11.2).
func (w *worker) options(m *wire.Message, flow transport.Flow, tag string) {
	w.buf = w.e.appendReply(w.buf[:0], m, 200, "", tag, []string{
		"Allow: " + allow, "Accept: " + sdp.ContentType, "Supported: " + supported,
	})
	w.e.send(w.e.replyFlow(m, flow), w.buf)
}

// unsupported lists the required extensions that are not among known.
func unsupported(m *wire.Message, known ...string) string {
	if !m.Has(wire.Require) {
		return ""
	}
	var tags []string
next:
	for v := range m.Values(wire.Require) {
		for _, k := range known {
			if strings.EqualFold(v, k) {
				continue next
			}
		}
		tags = append(tags, v)
	}
	return strings.Join(tags, ", ")
}

// caller finds out who sends an INVITE (design: who is calling). It gives false if that is answered.
//
// A source that is a live binding, or a From that is an extension, must prove to be it. Other callers
// belong to the trunk whose allow-list has their source. Whoever is left could only be a phone: it is
// challenged whatever its name, so that guessing tells nothing about who exists.
func (w *worker) caller(m *wire.Message, flow transport.Flow) (Source, *line, bool) {
	from := call.Extension(m.From.URI.UserText())
	_, isExtension := w.e.cfg.Extensions(from)
	_, isBound := w.e.reg.at(flow)
	trunk := w.e.trunks.Load().from(flow.Remote.Addr())
	if trunk != nil && !isExtension && !isBound {
		return Source{Trunk: trunk.ID}, trunk, true
	}
	ext, ok := w.authenticate(m, flow)
	if !ok {
		return Source{}, nil, false
	}
	if isExtension && from != ext {
		w.e.count.add("from_of_another")
		w.refuse(m, flow, 403, "")
		return Source{}, nil, false
	}
	return Source{Extension: ext}, nil, true
}

// authenticate checks a phone's password. It gives false if the request is answered: with a challenge,
// which looks the same whatever was wrong.
func (w *worker) authenticate(m *wire.Message, flow transport.Flow) (call.Extension, bool) {
	src := flow.Remote.Addr()
	ext, v := w.e.auth.check(m, src, w.e.known(flow), w.now)
	switch v {
	case proven:
		return ext, true
	case banned:
		w.e.count.add("drop_banned")
		return "", false
	case wrong:
		w.e.count.add("auth_wrong")
	case stale:
		w.e.count.add("auth_stale")
	case missing:
	}
	w.challenge(m, flow, v == stale)
	return "", false
}

func (w *worker) challenge(m *wire.Message, flow transport.Flow, isStale bool) {
	lines := w.e.auth.challenges(flow.Remote.Addr(), isStale, w.now)
	for i := range lines {
		lines[i] = "WWW-Authenticate: " + lines[i]
	}
	// However short the request is: a phone must not depend on its own wordiness for the challenge it can answer.
	// What that gives a spoofed source to send elsewhere is bounded by the rate of strangers.
	w.e.count.add("challenged")
	w.e.send(w.e.replyFlow(m, flow), w.reply(m, 401, "", lines...))
}

// offered reads the offer of an INVITE or UPDATE. Code is the refusal's, 0 if it is all right; without
// a body there is no offer.
func (e *Endpoint) offered(m *wire.Message) (d *sdp.Description, c sdp.Choice, code int, more string) {
	if m.Body == "" {
		return nil, c, 0, ""
	}
	if enc := m.Get(wire.ContentEncoding); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, c, 415, "Accept-Encoding: identity"
	}
	text, ok := sdp.FromBody(m.Get(wire.ContentType), m.Body)
	if !ok {
		return nil, c, 415, "Accept: " + sdp.ContentType
	}
	d, err := sdp.Parse(text)
	if err != nil {
		return nil, c, 400, "Warning: 399 linedesk " + wire.Quote(err.Error())
	}
	if c, ok = d.Choose(); !ok {
		return nil, c, 488, `Warning: 305 linedesk "no audio of PCMU or PCMA over RTP/AVP at an IP address"`
	}
	if a := c.Remote.Addr(); a.IsMulticast() || e.cfg.Sound.Is4() && !a.Unmap().Is4() || e.cfg.Sound.Is6() && a.Unmap().Is4() {
		return nil, c, 488, `Warning: 301 linedesk "sound cannot be sent to ` + a.String() + `"`
	}
	return d, c, 0, ""
}

// acceptsSDP says whether the sender takes session descriptions in answers (RFC 3261, 20.1).
func acceptsSDP(m *wire.Message) bool {
	if !m.Has(wire.Accept) {
		return true
	}
	for v := range m.Values(wire.Accept) {
		kind, _, _ := strings.Cut(v, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case sdp.ContentType, "application/*", "*/*":
			return true
		}
	}
	return false
}
