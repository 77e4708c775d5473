package sip

import (
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

const (
	defaultExpires = time.Hour     // RFC 3261, 10.2.1.1
	longestExpires = 2 * time.Hour // a phone that is gone is not believed in for longer
)

// register answers a REGISTER (RFC 3261, 10.3).
func (w *worker) register(m *wire.Message, flow transport.Flow) {
	// Step 5: the address of record must be one of ours. Any host is, as phones are set up with names
	// and addresses that we needn't know.
	if !m.To.URI.IsSIP() {
		w.refuse(m, flow, 400, "To Is No SIP Address")
		return
	}
	ext, ok := w.authenticate(m, flow)
	if !ok {
		return
	}
	if call.Extension(m.To.URI.UserText()) != ext {
		w.e.count.add("register_for_another")
		w.refuse(m, flow, 403, "")
		return
	}
	if conn, ok := flow.Via.(*transport.Conn); ok {
		conn.Trust()
	}
	tx := w.newServerTx(m, flow)
	all, changes, code := w.contacts(m)
	if code != 0 {
		var more []string
		if code == 423 {
			more = []string{"Min-Expires: " + strconv.Itoa(int(w.e.cfg.MinExpires/time.Second))}
		}
		tx.send(code, w.reply(m, code, "", more...))
		return
	}
	from := binding{flow: flow, callID: strings.Clone(m.CallID), cseq: m.CSeq.Number}
	for v := range m.Values(wire.Path) {
		from.path = append(from.path, strings.Clone(v))
	}
	now, ok := w.e.reg.update(ext, all, changes, from)
	if !ok { // step 6: an old request that came late
		tx.send(500, w.reply(m, 500, "Out Of Order"))
		return
	}
	w.e.count.add("register_ok")
	tx.send(200, w.registered(m, now))
}

// contacts reads what a REGISTER wants. Code is that of the refusal, 0 if it is all right.
func (w *worker) contacts(m *wire.Message) (all bool, changes []contactChange, code int) {
	header := defaultExpires
	if m.Has(wire.Expires) {
		if ttl, ok := seconds(m.Get(wire.Expires)); ok {
			header = ttl
		}
	}
	useless := false
	for v := range m.Values(wire.Contact) {
		if v == "*" { // step 6
			all = true
			continue
		}
		a, ok := wire.ParseAddress(v)
		if !ok || a.URI.Headers != "" && !strings.Contains(v, "<") || len(changes) == maxContacts {
			return false, nil, 400
		}
		if !a.URI.IsSIP() { // RFC 3261, 10.2.1, partly: a contact that is no SIP URI is left out
			useless = true
			continue
		}
		ttl := header
		if p, has := wire.Param(a.Params, "expires"); has {
			if t, ok := seconds(p); ok {
				ttl = t
			} else {
				ttl = defaultExpires
			}
		}
		// RFC 3261, 10.3, step 7: a time below our minimum may be refused with 423, but not one of an
		// hour or more; and zero is no time at all, it removes the binding.
		if 0 < ttl && ttl < min(w.e.cfg.MinExpires, time.Hour) {
			return false, nil, 423
		}
		changes = append(changes, contactChange{uri: strings.Clone(a.URI.Text), ttl: min(ttl, longestExpires)})
	}
	if useless && len(changes) == 0 { // the phone is not to believe that it can be called
		return false, nil, 400
	}
	if all && (len(changes) > 0 || header != 0 || !m.Has(wire.Expires)) {
		return false, nil, 400
	}
	return all, changes, 0
}

// seconds reads delta-seconds; what is too big for us is as long as we like.
func seconds(s string) (time.Duration, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return time.Duration(n) * time.Second, err == nil
}

// registered is the 200: all contacts that the extension has now, with what is left of their time.
func (w *worker) registered(m *wire.Message, now []binding) []byte {
	more := make([]string, 0, len(now)+1)
	for _, b := range now {
		left := max(0, (b.expires-w.now+time.Second/2)/time.Second)
		more = append(more, "Contact: <"+b.contact+">;expires="+strconv.Itoa(int(left)))
	}
	for v := range m.Values(wire.Path) { // RFC 3327, 5.3
		more = append(more, "Path: "+v)
	}
	return w.reply(m, 200, "", more...)
}
