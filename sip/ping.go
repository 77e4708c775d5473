package sip

import (
	"log/slog"
	"strings"
	"time"

	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

const (
	trunkPingEvery = 10 * time.Second
	pingWait       = 4 * time.Second
)

// pingPhone asks a registered phone whether it is there.
func (e *Endpoint) pingPhone(t target, done func(answered bool)) {
	uri, _, _ := strings.Cut(t.uri, "?")
	e.options(uri, t.path, t.flow, func(m *wire.Message) { done(m != nil) })
}

// pingTrunks asks the trunks that are to be asked.
func (e *Endpoint) pingTrunks() {
	for id, l := range e.trunks.Load().by {
		to, ok := l.dest()
		if !l.Ping || !ok {
			continue
		}
		proto := transport.UDP
		if strings.EqualFold(l.Transport, "tcp") {
			proto = transport.TCP
		}
		e.options("sip:"+to.String(), nil, e.flowTo(to, proto), func(m *wire.Message) {
			was := l.up()
			if m != nil && m.Status != 503 {
				l.misses.Store(0)
			} else {
				l.misses.Add(1)
			}
			if l.up() != was {
				e.log.Warn("a trunk changed", slog.String("trunk", string(id)), slog.Bool("up", l.up()))
			}
		})
	}
}

// options sends OPTIONS out of any dialog. Told runs on a worker.
func (e *Endpoint) options(uri string, routes []string, flow transport.Flow, told func(*wire.Message)) {
	callID := token(16)
	w := e.workerOf(callID)
	w.do(nil, func() {
		o := outgoing{
			method: "OPTIONS", uri: uri, routes: routes, flow: flow, branch: cookie + token(8),
			from: "<sip:linedesk@" + e.local(flow).String() + ">;tag=" + token(8), to: "<" + uri + ">", callID: callID, cseq: 1,
		}
		b := e.begin(w.buf[:0], &o)
		b = e.appendContact(b, flow)
		w.buf = finish(b, nil)
		w.ask(flow, o.branch, "OPTIONS", w.buf, pingWait, told)
	})
}
