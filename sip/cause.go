package sip

import (
	"strconv"
	"strings"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/wire"
)

// refusedCause tells what a refusal of our INVITE means for the call.
func refusedCause(code int) call.Cause {
	switch code {
	case 486, 600:
		return call.CauseBusy
	case 408, 480:
		return call.CauseNoAnswer
	case 401, 403, 407, 433, 603, 607, 608:
		return call.CauseRejected
	case 487:
		return call.CauseCancelled
	}
	return call.CauseUnreachable
}

// refusalCode is the status by which we hang up on an INVITE that we haven't answered.
func refusalCode(end call.End) int {
	if end.SIP >= 400 && end.SIP < 700 {
		return end.SIP
	}
	switch end.Cause {
	case call.CauseBusy:
		return 486
	case call.CauseRejected:
		return 603
	case call.CauseUnreachable:
		return 404
	case call.CauseFailed:
		return 500
	case call.CauseServerStopped:
		return 503
	default:
		return 480
	}
}

// q850 reads the cause of a Reason header (RFC 3326, 2); 0 if there is none.
func q850(m *wire.Message) int {
	for v := range m.Values(wire.Reason) {
		kind, _, _ := strings.Cut(v, ";")
		if !strings.EqualFold(strings.TrimSpace(kind), "Q.850") {
			continue
		}
		if p, ok := wire.Param(v[len(kind):], "cause"); ok {
			if n, err := strconv.Atoi(p); err == nil && n > 0 && n < 128 {
				return n
			}
		}
	}
	return 0
}
