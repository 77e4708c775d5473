package sip

import (
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/wire"
)

// leastSession is the shortest session interval (RFC 4028, 4: 90 s and no less).
const leastSession = 90 * time.Second

// sessionTooShort says whether a Session-Expires is too short to be taken; then it gives the Min-SE line.
func sessionTooShort(m *wire.Message) (line string, bad bool) {
	if !m.Has(wire.SessionExpires) {
		return "", false
	}
	n, _, ok := sessionOf(m)
	if ok && n < leastSession {
		return "Min-SE: " + strconv.Itoa(int(leastSession/time.Second)), true
	}
	return "", false
}

func sessionOf(m *wire.Message) (interval time.Duration, refresher string, ok bool) {
	v := m.Get(wire.SessionExpires)
	n, params, _ := strings.Cut(v, ";")
	interval, ok = seconds(strings.TrimSpace(n))
	if params != "" {
		refresher, _ = wire.Param(";"+params, "refresher")
	}
	return interval, strings.ToLower(refresher), ok
}

// startSession takes the session timer of a request of theirs, or begins it anew (RFC 4028, 9).
func (l *Leg) startSession(m *wire.Message) {
	interval, refresher, ok := sessionOf(m)
	if !ok || interval < leastSession {
		l.refresh = 0
		l.w.clock.stop(&l.session)
		return
	}
	// Who asks for it refreshes, unless it wants us to; who doesn't know the timer can't.
	l.refresh, l.weRefresh = interval, refresher == "uas" || !l.timers
	l.armSession()
}

// sessionLine is the Session-Expires of our 2xx.
func (l *Leg) sessionLine() string {
	if l.refresh == 0 {
		return ""
	}
	line := "Session-Expires: " + strconv.Itoa(int(l.refresh/time.Second))
	if l.weRefresh {
		line += ";refresher=uas"
	} else {
		line += ";refresher=uac"
	}
	if l.timers {
		line += "\r\nRequire: timer"
	}
	return line
}

// sessionFrom takes the session timer of a 2xx to a request of ours (RFC 4028, 7.2).
func (l *Leg) sessionFrom(m *wire.Message) {
	interval, refresher, ok := sessionOf(m)
	if !ok || interval < leastSession {
		l.refresh = 0
		l.w.clock.stop(&l.session)
		return
	}
	l.refresh, l.weRefresh = interval, refresher != "uas"
	l.armSession()
}

func (l *Leg) armSession() {
	at := l.refresh / 2
	if !l.weRefresh { // RFC 4028, 10: a little before it runs out
		at = l.refresh - min(32*time.Second, l.refresh/3)
	}
	l.w.clock.set(&l.session, l, legSession, l.w.now+at)
}

// sessionDue refreshes the session, or ends it because the far end did not.
func (l *Leg) sessionDue() {
	if !l.up() {
		return
	}
	if l.weRefresh {
		l.change()
		l.armSession()
		return
	}
	l.e.count.add("session_expired")
	l.bye(nil)
	l.end(call.End{By: l.far, Cause: call.CauseLost})
}
