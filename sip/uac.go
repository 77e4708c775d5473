package sip

import (
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// dialing is an INVITE of ours until it is answered: one branch per phone that rings.
type dialing struct {
	branches []*branch
	from     string // From without the tag
	offer    []byte
	rang     bool
	early    bool
	given    bool     // given up: what is answered now is hung up
	best     call.End // of the branches that have failed
}

// firstAnswer is how long we wait for any answer to an INVITE (RFC 3261, 17.1.1.2, partly: timer B would be
// 32 s, longer than a caller likes to hear nothing while another agent or trunk is free).
const firstAnswer = 6 * time.Second

// Dial rings somebody. Everything that happens is told to observe, a failure too; observe runs on a
// worker and must not block.
func (e *Endpoint) Dial(d DialRequest, observe func(LegEvent)) *Leg {
	callID := token(16)
	w := e.workerOf(callID)
	l := e.newLeg(w, callID)
	l.observe, l.media, l.far, l.ext = observe, d.Media, call.ByAgent, d.Extension
	if d.Trunk != "" {
		l.far = call.ByCaller
	}
	e.legs.Add(1)
	if !w.do(l, func() { l.dial(d) }) {
		e.legs.Add(-1)
		observe(LegEnded{End: call.End{By: call.BySystem, Cause: call.CauseServerStopped}})
	}
	return l
}

// dial sends the INVITEs.
func (l *Leg) dial(d DialRequest) {
	if l.over { // hung up before it began
		return
	}
	if d.Media == nil {
		l.end(call.End{By: call.BySystem, Cause: call.CauseFailed})
		return
	}
	targets, end := l.targets(&d)
	if len(targets) == 0 {
		l.end(end)
		return
	}
	l.e.count.add("legs_out")
	l.enlist()
	l.cseq = 1
	l.dialing = &dialing{}
	ring := d.RingTimeout
	if ring <= 0 {
		ring = longestRing
	}
	l.w.clock.set(&l.limit, l, legRangOut, l.w.now+ring)
	l.flow = targets[0].flow
	l.dialing.offer = exact(l.offerTo())
	host := l.fromHost(targets[0].flow)
	l.dialing.from = fromOf(d.From, host)
	for _, t := range targets {
		br := &branch{l: l, target: t, uri: t.uri, cseq: l.cseq}
		l.dialing.branches = append(l.dialing.branches, br)
	}
	for _, br := range l.dialing.branches {
		br.invite("")
	}
}

// fromHost is the host of our From: the trunk's domain, or our own address.
func (l *Leg) fromHost(f transport.Flow) string {
	if l.trunk != nil && l.trunk.Domain != "" {
		return l.trunk.Domain
	}
	a := l.e.local(f)
	return a.String()
}

func fromOf(p call.Party, host string) string {
	user := wire.EscapeUser(wire.Clean(p.Number.Raw, 128))
	if user == "" {
		user = "anonymous"
	}
	name := wire.Clean(p.Name, 128)
	if name == "" {
		return "<sip:" + user + "@" + host + ">"
	}
	return wire.Quote(name) + " <sip:" + user + "@" + host + ">"
}

// targets finds where to send the INVITEs; without any, the end that this is.
func (l *Leg) targets(d *DialRequest) ([]target, call.End) {
	unreachable := call.End{By: l.far, Cause: call.CauseUnreachable, SIP: 480}
	switch {
	case d.Extension != "":
		all := l.e.reg.targets(d.Extension)
		l.symmetric = true
		for i := range all {
			all[i].uri, _, _ = strings.Cut(all[i].uri, "?") // RFC 4475, 3.3.14: never to be followed
		}
		return all, unreachable
	case d.Trunk != "":
		unreachable.By, unreachable.SIP = call.ByTrunk, 503
		t, ok := l.trunkTarget(d)
		if !ok {
			return nil, unreachable
		}
		return []target{t}, unreachable
	}
	u, ok := wire.ParseURI(d.URI)
	to, proto, isAddr := addressOf(d.URI)
	if !ok || !isAddr {
		unreachable.SIP = 404
		return nil, unreachable
	}
	uri, _, _ := strings.Cut(u.Text, "?")
	flow := l.e.flowTo(to, proto)
	return []target{{uri: uri, flow: flow}}, unreachable
}

func (l *Leg) trunkTarget(d *DialRequest) (target, bool) {
	line := l.e.trunks.Load().by[d.Trunk]
	if line == nil || !line.up() {
		return target{}, false
	}
	to, ok := line.dest()
	if !ok {
		return target{}, false
	}
	l.trunk = line
	proto, param := transport.UDP, ""
	if strings.EqualFold(line.Transport, "tcp") {
		proto, param = transport.TCP, ";transport=tcp"
	}
	host := line.Domain
	if host == "" {
		host = to.String()
	}
	user := wire.EscapeUser(wire.Clean(line.number(d.Number, d.E164), 128))
	if user == "" {
		return target{}, false
	}
	return target{uri: "sip:" + user + "@" + host + param, flow: l.e.flowTo(to, proto)}, true
}

// rangOut gives up ringing.
func (l *Leg) rangOut() {
	switch {
	case l.dialing != nil:
		l.giveUp()
		l.end(call.End{By: l.far, Cause: call.CauseNoAnswer, SIP: 408})
	case l.unanswered(): // nobody here took the call
		l.reject(480, "")
		l.end(call.End{By: call.BySystem, Cause: call.CauseNoAnswer, SIP: 480})
	}
}

// giveUp cancels all branches that have not ended.
func (l *Leg) giveUp() {
	if l.dialing == nil {
		return
	}
	l.dialing.given = true
	for _, br := range l.dialing.branches {
		br.cancel()
	}
}

// branchFailed takes the failure of a branch, which is done: the leg's own if it was the last.
func (l *Leg) branchFailed(end call.End) {
	d := l.dialing
	if d == nil {
		return
	}
	if d.best.Cause == "" || worse(d.best.SIP) >= worse(end.SIP) {
		d.best = end
	}
	open := false
	for _, b := range d.branches {
		open = open || !b.done
	}
	if end.SIP >= 600 && open { // RFC 3261, 16.7, step 5: a 6xx is everybody's answer
		for _, b := range d.branches {
			b.cancel()
		}
	}
	if open && end.SIP < 600 {
		return
	}
	if !open {
		l.dialing = nil
		l.forget()
	}
	l.end(d.best)
}

// worse ranks refusals of forked INVITEs (RFC 3261, 16.7, step 6): a 6xx tells most, then those who know
// the person, then those who failed.
func worse(code int) int {
	switch {
	case code >= 600:
		return 0
	case code == 486:
		return 1
	case code == 408, code >= 500:
		return 3
	}
	return 2
}
