package sip

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// LegEvent is something that happened on a leg. The set is closed.
type LegEvent interface{ legEvent() }

// LegRinging says that the far end rings (180, 183). Early: it sends sound already, and the media has
// been told where from. Told at most twice: without and then with early sound.
type LegRinging struct{ Early bool }

// LegAnswered says that the leg is answered and offer and answer agree; the media has been told.
type LegAnswered struct{}

// LegHeld says that the far end put us on hold.
type LegHeld struct{}

// LegResumed ends a LegHeld.
type LegResumed struct{}

// LegDTMF is a key that came by SIP INFO.
type LegDTMF struct {
	Digit    rune // 0–9, *, #, A–D
	Duration time.Duration
}

// LegEnded is the last event of a leg, told exactly once, as soon as the end is decided or known.
// End.By is BySystem for what [Leg.HangUp] or [Leg.Reject] asked; ByCaller for the far party (who
// called in, or whom we called through a trunk); ByAgent for a station that we rang; ByTrunk for what
// a trunk refused or failed.
type LegEnded struct{ End call.End }

func (LegRinging) legEvent()  {}
func (LegAnswered) legEvent() {}
func (LegHeld) legEvent()     {}
func (LegResumed) legEvent()  {}
func (LegDTMF) legEvent()     {}
func (LegEnded) legEvent()    {}
