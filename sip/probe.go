package sip

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/wire"
)

const (
	probeTries = 2
	probeWait  = time.Second // for the answer to each
)

// startProbe asks the far end whether it is there: OPTIONS within the dialog, twice within two seconds.
// A far end that says it doesn't take OPTIONS is asked by a re-INVITE that changes nothing.
func (l *Leg) startProbe() {
	if !l.up() || l.probing > 0 || !l.agreed {
		return
	}
	l.e.count.add("probes")
	l.probeOnce()
}

func (l *Leg) probeOnce() {
	l.probing++
	l.w.clock.set(&l.probe, l, legProbes, l.w.now+probeWait)
	if !l.allows("OPTIONS") {
		if l.probing == 1 {
			l.change()
		}
		return
	}
	try := l.probing
	l.ask("OPTIONS", []string{"Accept: application/sdp"}, func(m *wire.Message) {
		if m != nil && l.probing >= try {
			l.probed(m.Status)
		}
	})
}

// probed takes an answer: any shows that somebody is there, but for those that say that the dialog is
// not (RFC 3261, 12.2.1.2).
func (l *Leg) probed(status int) {
	l.probing = 0
	l.w.clock.stop(&l.probe)
	if status == 481 || status == 408 {
		l.lost(status)
	}
}

// probeDue tries again, or gives the far end up for lost.
func (l *Leg) probeDue() {
	switch {
	case !l.allows("OPTIONS") && l.changing == nil: // the re-INVITE was answered
		l.probing = 0
	case l.probing < probeTries:
		l.probeOnce()
	default:
		l.lost(408)
	}
}

// lost ends a leg whose far end is gone. A BYE goes out all the same, in case it is not.
func (l *Leg) lost(status int) {
	if l.over {
		return
	}
	l.e.count.add("legs_lost")
	l.e.reg.suspect(l.ext)
	l.bye(nil)
	l.end(call.End{By: l.far, Cause: call.CauseLost, SIP: status})
}
