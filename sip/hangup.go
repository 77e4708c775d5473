package sip

import (
	"strconv"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/wire"
)

// stop ends the leg as its state wants.
func (l *Leg) stop(end call.End) {
	if l.over {
		return
	}
	switch {
	case l.unanswered():
		code := refusalCode(end)
		l.reject(code, "", reasonLine(end)...)
	case l.dialing != nil:
		l.giveUp()
	case l.target == "": // dialled, and hung up before the worker came to it
	case l.answering != nil && l.answering.final != nil && !l.answering.again:
		// RFC 3261, 15: who was called may not hang up before the ACK is here, or is given up on.
		l.hangUp, l.reason = true, reasonLine(end)
		repeat, limit := l.repeat.at, l.limit.at
		l.end(end)
		l.w.clock.set(&l.repeat, l, legRepeats, repeat)
		l.w.clock.set(&l.limit, l, legUnacknowledged, limit)
		return
	default:
		l.bye(reasonLine(end))
	}
	l.end(end)
}

func reasonLine(end call.End) []string {
	if end.Q850 <= 0 || end.Q850 > 127 {
		return nil
	}
	return []string{"Reason: Q.850;cause=" + strconv.Itoa(end.Q850)}
}

// bye sends BYE. The leg stays known until it is answered, so that what crosses it finds its dialog.
func (l *Leg) bye(more []string) {
	l.hangUp = false
	l.w.clock.stop(&l.repeat)
	l.w.clock.stop(&l.limit)
	l.answering = nil
	if l.changing != nil {
		l.changing = nil // its 2xx gets its ACK all the same, see changed
	}
	l.askProven("BYE", more, func(*wire.Message) { l.forget() })
}
