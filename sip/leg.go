package sip

import (
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/invariant"
	"github.com/linedesk/linedesk/sip/media"
)

// Media is the sound of a leg, as far as a dialog needs to know it. *[media.Leg] is one, once it has
// a port.
type Media interface {
	// LocalAddr is where RTP is received; RTCP is on the port above.
	LocalAddr() netip.AddrPort
	// Negotiated is told what each offer and answer came to. It runs on a worker and must not block.
	Negotiated(media.Params)
}

// Source says who sent a request: a trunk or an extension, never both.
type Source struct {
	Trunk     call.TrunkID
	Extension call.Extension
}

// Incoming is an INVITE that passed every check.
type Incoming struct {
	Leg       *Leg
	Source    Source
	From      call.Party // as it came; E164 is not filled in here
	Dialled   string     // the user part of the request URI, unescaped
	SIPCallID string
	HasOffer  bool // false: our answer will carry the offer (RFC 3261, 13.2.1)
}

// DialRequest says whom to ring. Exactly one of Extension, Trunk and URI is set.
type DialRequest struct {
	// Extension rings all its registered contacts; the first to answer has the call.
	Extension call.Extension
	// Trunk and Number leave through a trunk; E164, if known, is what the trunk's DialFormat may want.
	Trunk  call.TrunkID
	Number string
	E164   string
	// URI is a fixed address with an IP address as its host, such as "sip:1001@192.0.2.7:5060;transport=tcp".
	URI string

	From        call.Party
	Media       Media
	RingTimeout time.Duration // 0: three minutes
}

// Leg is our end of one dialog. All methods may be called from anywhere, return at once and are
// carried out in order by the leg's worker; on a leg that has ended they do nothing.
type Leg struct {
	e  *Endpoint
	w  *worker
	id call.LegID

	callID string
	tag    string // ours
	far    call.Side
	source Source // of a leg that came in
	trunk  *line  // whose line it is, if a trunk's
	ext    call.Extension

	// The rest belongs to the worker.
	observe func(LegEvent)
	over    bool // LegEnded was told
	dialog
	negotiation
	answering *answering // an INVITE of theirs that is not acknowledged yet
	dialing   *dialing   // an INVITE of ours that is not answered yet
	changing  *clientTx  // a re-INVITE or UPDATE of ours that is not answered yet
	again     bool       // another one is wanted when that is done
	probing   int        // tries of a probe so far; 0: none
	hangUp    bool       // BYE is to follow their ACK
	reason    []string   // header lines of that BYE

	refresh     time.Duration // RFC 4028: interval of the session timer; 0: none
	weRefresh   bool
	repeat      alarm // our 2xx is repeated until it is acknowledged
	limit       alarm // of what is going on: ringing, waiting for the ACK
	trying      alarm // 100 is due
	session     alarm
	probe       alarm
	changeAgain alarm // after 491
}

// What a leg's alarms are for.
const (
	legRepeats uint8 = iota
	legUnacknowledged
	legRangOut
	legTrying
	legSession
	legProbes
	legChanges
	legStops // the server does
)

const (
	longestRing = 3 * time.Minute
	// tryingAfter is when 100 is sent if nothing better was (RFC 3261, 17.2.1: within 200 ms).
	tryingAfter = 120 * time.Millisecond
)

// newLeg makes a leg and puts it among the worker's.
func (e *Endpoint) newLeg(w *worker, callID string) *Leg {
	return &Leg{
		e: e, w: w, id: call.LegID(uuid.Must(uuid.NewV7()).String()), callID: callID, tag: token(8),
	}
}

// enlist puts a leg among its worker's. Called by the worker.
func (l *Leg) enlist() {
	invariant.Check(l.tag != "" && l.w.legs[l.tag] == nil, "a leg has a tag of its own")
	invariant.Check(l.e.workerOf(l.callID) == l.w, "a leg is on the worker of its Call-ID")
	l.w.legs[l.tag] = l
}

// ID names the leg.
func (l *Leg) ID() call.LegID { return l.id }

// SIPCallID is the dialog's Call-ID.
func (l *Leg) SIPCallID() string { return l.callID }

// Observe sets who is told of the leg's events. Call it before Incoming returns.
func (l *Leg) Observe(f func(LegEvent)) { l.observe = f }

// Ring answers 180.
func (l *Leg) Ring() { l.w.do(l, func() { l.provisional(180) }) }

// Answer answers 200 with m's address.
func (l *Leg) Answer(m Media) { l.w.do(l, func() { l.accept(m) }) }

// Reject refuses the INVITE with a status code of 400–699; "" takes the code's usual reason.
func (l *Leg) Reject(code int, reason string) {
	l.w.do(l, func() {
		if l.unanswered() {
			l.reject(code, reason)
			l.end(call.End{By: call.BySystem, Cause: refusedCause(code), SIP: code})
		}
	})
}

// Hold puts the far end on hold by a re-INVITE of ours, or takes it back.
func (l *Leg) Hold(on bool) { l.w.do(l, func() { l.hold(on) }) }

// HangUp ends the leg as its state wants: BYE, CANCEL or a refusal. The end is what LegEnded will say.
func (l *Leg) HangUp(end call.End) { l.w.do(l, func() { l.stop(end) }) }

// Probe asks the far end whether it is still there: LegEnded with the cause lost follows within 2 s if not.
// That somebody answers is no proof that the dialog is known there, see [Leg.Confirm].
func (l *Leg) Probe() { l.w.do(l, l.startProbe) }

// Confirm asks the far end for the dialog, by a re-INVITE that changes nothing. A telephone that was started
// anew in mid-call may answer OPTIONS with 200; to this it says 481, and LegEnded with the cause lost follows.
func (l *Leg) Confirm() { l.w.do(l, l.change) }

func (l *Leg) ofCall() string { return l.callID }

// ring is what the leg's alarms wake.
func (l *Leg) ring(kind uint8) {
	switch kind {
	case legRepeats:
		l.repeatAnswer()
	case legUnacknowledged:
		l.unacknowledged()
	case legRangOut:
		l.rangOut()
	case legTrying:
		l.provisional(100)
	case legSession:
		l.sessionDue()
	case legProbes:
		l.probeDue()
	case legChanges:
		l.change()
	case legStops:
		l.stop(call.End{By: call.BySystem, Cause: call.CauseServerStopped})
	}
}

// tell tells an event, until the last was told.
func (l *Leg) tell(e LegEvent) {
	if !l.over && l.observe != nil {
		l.observe(e)
	}
}

// end tells the end, once, and lets go of what only a living leg needs.
func (l *Leg) end(end call.End) {
	if l.over {
		return
	}
	if end.By == "" {
		end.By = call.BySystem
	}
	for _, a := range [...]*alarm{&l.repeat, &l.limit, &l.trying, &l.session, &l.probe, &l.changeAgain} {
		l.w.clock.stop(a)
	}
	l.e.legs.Add(-1)
	if l.watched.IsValid() {
		l.e.peer(l.watched, -1)
	}
	observe := l.observe
	l.over, l.observe, l.media = true, nil, nil
	if observe != nil {
		observe(LegEnded{End: end})
	}
}

// forget takes the leg off the worker's list: what still comes for it gets 481.
func (l *Leg) forget() {
	if l.w.legs[l.tag] == l {
		delete(l.w.legs, l.tag)
	}
}

// fail ends a leg after a panic: the far end is told if it can be.
func (l *Leg) fail() {
	up := l.up() && l.answering == nil
	if l.answering != nil {
		l.answering.tx.over()
		l.answering = nil
	}
	l.forget()
	l.end(call.End{By: call.BySystem, Cause: call.CauseFailed})
	if up {
		l.bye(nil)
	}
}

// unanswered says whether it is an INVITE of theirs that waits for our decision.
func (l *Leg) unanswered() bool {
	return !l.over && l.answering != nil && l.answering.final == nil && !l.answering.again
}

// up says whether the dialog is confirmed.
func (l *Leg) up() bool { return !l.over && l.dialing == nil && l.target != "" && !l.unanswered() }
