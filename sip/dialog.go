package sip

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/linedesk/linedesk/call/invariant"
	"github.com/linedesk/linedesk/sip/sdp"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// dialog is the state of RFC 3261, 12.
type dialog struct {
	local     string // From of our requests, without the tag
	remote    string // To of our requests, without the tag
	remoteTag string
	target    string   // the remote target: where the far end wants its requests
	routes    []string // as Route values, in order
	flow      transport.Flow
	// symmetric says to send to where the far end's messages come from rather than where it says:
	// phones, which mostly are behind some NAT.
	symmetric bool
	cseq      uint32 // of our last request
	theirs    uint32 // of their last request
	allowed   string // their Allow, "" if they didn't say
	timers    bool   // they know session timers
	watched   netip.Addr
}

// watch takes the far end's host for known as long as the leg lives.
func (l *Leg) watch(a netip.Addr) {
	if !l.watched.IsValid() && a.IsValid() {
		l.watched = a
		l.e.peer(a, 1)
	}
}

// allows says whether the far end takes a method: if it says what it takes, it must be among it.
func (d *dialog) allows(method string) bool {
	if d.allowed == "" {
		return method == "OPTIONS" || method == "INFO"
	}
	for list := d.allowed; list != ""; {
		var v string
		if v, list = wire.NextValue(list); v == method {
			return true
		}
	}
	return false
}

// learn takes from a message what may change in mid-dialog: the remote target (RFC 3261, 12.2.1.2 and
// 12.2.2), what the far end allows, and where a phone is now.
func (d *dialog) learn(m *wire.Message, flow transport.Flow) {
	for v := range m.Values(wire.Contact) {
		if a, ok := wire.ParseAddress(v); ok && a.URI.IsSIP() && a.URI.Headers == "" {
			if a.URI.Text != d.target {
				d.target = strings.Clone(a.URI.Text)
			}
		}
		break
	}
	if m.Has(wire.Allow) {
		var b strings.Builder
		for v := range m.Values(wire.Allow) {
			b.WriteString(v)
			b.WriteByte(',')
		}
		if d.allowed != b.String() {
			d.allowed = intern(b.String())
		}
	}
	for v := range m.Values(wire.Supported) {
		d.timers = d.timers || strings.EqualFold(v, "timer")
	}
	if flow.Via != nil && d.symmetric {
		d.flow = flow
	}
}

// hop finds where the next request of the dialog goes (RFC 3261, 8.1.2 and 12.2.1.1): the first route,
// else the target; but to phones, and where a name stands for which nobody here asks DNS, to where the
// far end's messages come from.
func (l *Leg) hop() transport.Flow {
	if l.flow.Reliable() && l.flow.Alive() {
		return l.flow
	}
	next := l.target
	if len(l.routes) > 0 {
		if a, ok := wire.ParseAddress(l.routes[0]); ok {
			next = a.URI.Text
		}
	}
	if l.symmetric && l.flow.Alive() {
		return l.flow
	}
	if to, proto, ok := addressOf(next); ok {
		if f := l.e.flowTo(to, proto); f.Via != nil {
			return f
		}
	}
	return l.flow // a name, or a transport that we are not set up for
}

// addressOf reads a URI's address, if its host is one.
func addressOf(uri string) (netip.AddrPort, transport.Proto, bool) {
	u, ok := wire.ParseURI(uri)
	if !ok || !u.IsSIP() {
		return netip.AddrPort{}, 0, false
	}
	host, ok := u.Addr()
	if !ok || host.IsUnspecified() {
		return netip.AddrPort{}, 0, false
	}
	port := u.Port
	if port == 0 {
		port = defaultPort
	}
	proto := transport.UDP
	if t, _ := wire.Param(u.Params, "transport"); strings.EqualFold(t, "tcp") {
		proto = transport.TCP
	}
	return netip.AddrPortFrom(host, port), proto, true
}

// outgoing is a request that is being written.
type outgoing struct {
	method string
	uri    string
	routes []string
	flow   transport.Flow
	branch string
	from   string // with the tag
	to     string
	callID string
	cseq   uint32
}

// begin writes a request up to CSeq.
func (e *Endpoint) begin(b []byte, o *outgoing) []byte {
	uri, routes := o.uri, o.routes
	// RFC 3261, 12.2.1.1: a first route without lr is a strict router. It gets the request in its name,
	// and the target comes last.
	if len(routes) > 0 {
		if a, ok := wire.ParseAddress(routes[0]); ok {
			if _, loose := wire.Param(a.URI.Params, "lr"); !loose {
				uri, routes = a.URI.Text, append(append([]string(nil), routes[1:]...), "<"+uri+">")
			}
		}
	}
	b = append(append(b, o.method...), ' ')
	b = append(append(b, uri...), " SIP/2.0\r\nVia: SIP/2.0/"...)
	b = append(append(b, o.flow.Proto().String()...), ' ')
	b = wire.AppendAddrPort(b, e.local(o.flow))
	b = append(append(append(b, ";branch="...), o.branch...), ";rport\r\nMax-Forwards: 70\r\n"...)
	for _, r := range routes {
		b = append(append(append(b, "Route: "...), r...), "\r\n"...)
	}
	b = append(append(b, "From: "...), o.from...)
	b = append(append(b, "\r\nTo: "...), o.to...)
	b = append(append(b, "\r\nCall-ID: "...), o.callID...)
	b = strconv.AppendUint(append(b, "\r\nCSeq: "...), uint64(o.cseq), 10)
	return append(append(append(b, ' '), o.method...), "\r\n"...)
}

// finish ends a request with a description or without a body.
func finish(b, description []byte) []byte { return wire.AppendBody(b, sdp.ContentType, description) }

// appendContact writes our Contact for a flow.
func (e *Endpoint) appendContact(b []byte, f transport.Flow) []byte {
	b = wire.AppendAddrPort(append(b, "Contact: <sip:linedesk@"...), e.local(f))
	if f.Reliable() {
		b = append(b, ";transport=tcp"...)
	}
	return append(b, ">\r\n"...)
}

// compose writes the beginning of a request within the dialog.
func (l *Leg) compose(method string, cseq uint32, flow transport.Flow) (b []byte, branch string) {
	invariant.Check(l.target != "", "a request within a dialog has a target")
	invariant.Check(cseq <= l.cseq, "no request is numbered beyond the dialog's last")
	branch = cookie + token(8)
	to := l.remote
	if l.remoteTag != "" {
		to += ";tag=" + l.remoteTag
	}
	return l.e.begin(l.w.buf[:0], &outgoing{
		method: method, uri: l.target, routes: l.routes, flow: flow, branch: branch,
		from: l.local + ";tag=" + l.tag, to: to, callID: l.callID, cseq: cseq,
	}), branch
}

// ask sends a request within the dialog that has no body, and tells its final answer; nil if none came.
func (l *Leg) ask(method string, more []string, told func(*wire.Message)) {
	l.cseq++
	flow := l.hop()
	b, branch := l.compose(method, l.cseq, flow)
	b = finish(appendLines(b, more), nil)
	l.w.buf = b
	l.w.ask(flow, branch, method, b, timeout, told)
}

// askProven is ask for a trunk that may want to be shown the password once more.
func (l *Leg) askProven(method string, more []string, told func(*wire.Message)) {
	l.ask(method, more, func(m *wire.Message) {
		if m != nil && (m.Status == 401 || m.Status == 407) {
			if line, ok := l.credentials(m, method, l.target); ok {
				l.ask(method, append(more, line), told)
				return
			}
		}
		told(m)
	})
}
