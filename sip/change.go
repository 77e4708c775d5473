package sip

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/sdp"
	"github.com/linedesk/linedesk/sip/wire"
)

// hold changes which way we want sound to go, and says so by a re-INVITE.
func (l *Leg) hold(on bool) {
	want := sdp.SendRecv
	if on {
		want = sdp.SendOnly // music on hold still goes to them
	}
	if l.over || want == l.want {
		return
	}
	l.want = want
	if l.up() && l.agreed {
		l.change()
	}
}

// change sends a re-INVITE with our present wishes: hold, or nothing new (a session refresh). If
// another exchange is going on, it comes after that.
func (l *Leg) change() {
	if !l.up() {
		return
	}
	if l.changing != nil || l.answering != nil {
		l.again = true
		return
	}
	l.again = false
	l.sendChange("")
}

func (l *Leg) sendChange(authorization string) {
	l.cseq++
	flow := l.hop()
	b, branch := l.compose("INVITE", l.cseq, flow)
	b = l.e.appendContact(b, flow)
	b = append(b, "Allow: "+allow+"\r\nSupported: timer\r\n"...)
	b = finish(appendLines(b, []string{l.refreshLine(), authorization}), l.offerTo())
	l.w.buf = b
	cseq := l.cseq
	l.changing = l.w.ask(flow, branch, "INVITE", b, timeout, nil)
	tx := l.changing
	tx.told = func(m *wire.Message) { l.changed(tx, cseq, authorization != "", m) }
}

// refreshLine is the Session-Expires of a request of ours.
func (l *Leg) refreshLine() string {
	if l.refresh == 0 {
		return ""
	}
	who := ";refresher=uas"
	if l.weRefresh {
		who = ";refresher=uac"
	}
	return "Session-Expires: " + strconv.Itoa(int(l.refresh/time.Second)) + who
}

// changed takes an answer to our re-INVITE (RFC 3261, 14.1).
func (l *Leg) changed(tx *clientTx, cseq uint32, proved bool, m *wire.Message) {
	if m != nil && m.Status < 200 {
		return
	}
	if m != nil && m.Status < 300 {
		if tx.ack == nil {
			l.learn(m, l.flow)
			tx.ack, tx.flow = l.ackOf(cseq), l.hop()
		}
		l.e.send(tx.flow, tx.ack)
	}
	if l.changing != tx { // a repetition, or the leg is over
		return
	}
	l.changing = nil
	switch {
	case m == nil || m.Status == 408 || m.Status == 481:
		// RFC 3261, 14.1: then the dialog is over.
		l.bye(nil)
		l.end(call.End{By: l.far, Cause: call.CauseLost, SIP: statusOf(m)})
		return
	case m.Status < 300:
		if d, c, code, _ := l.e.offered(m); d != nil && code == 0 {
			l.settle(c)
			l.noteHold()
		}
		l.sessionFrom(m)
	case (m.Status == 401 || m.Status == 407) && !proved:
		if line, ok := l.credentials(m, "INVITE", l.target); ok {
			l.sendChange(line)
			return
		}
	case m.Status == 491:
		l.e.count.add("glare")
		l.w.clock.set(&l.changeAgain, l, legChanges, l.w.now+l.glare())
		return
	}
	if l.again {
		l.change()
	}
}

func statusOf(m *wire.Message) int {
	if m == nil {
		return 408
	}
	return m.Status
}

// glare is how long to wait after 491: who began the dialog waits longer (RFC 3261, 14.1).
func (l *Leg) glare() time.Duration {
	if l.source == (Source{}) {
		return 2100*time.Millisecond + time.Duration(rand.N(190))*10*time.Millisecond
	}
	return time.Duration(rand.N(200)) * 10 * time.Millisecond
}
