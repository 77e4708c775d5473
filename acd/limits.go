package acd

import "time"

// Every stage of an offer and of a call has its end inside the machine. These are the ends that a site
// does not set; ring time-out and wrap-up are rules of the queue.
const (
	// SetupLimit is how long a station may take to say that it rings. A phone that has not answered five
	// transmissions of an INVITE (RFC 3261, 17.1.1.2: after 0, 0.5, 1.5, 3.5 and 7.5 s) is gone, and the
	// caller should not wait out the ring time-out for it. A station behind a trunk has the whole ring
	// time-out, for mobile networks take longer than this to begin ringing.
	SetupLimit = 8 * time.Second

	// BridgeLimit is how long the stretch from answer to bridge may take. It takes milliseconds.
	BridgeLimit = 10 * time.Second

	// MaxUnbridged is how often in a row a call may fail between answer and bridge. Such a call has no
	// caller any more, whatever we were told, and must not ring one agent after the other.
	MaxUnbridged = 3

	// MaxCall is the longest time that a call may wait, and the longest that it may talk.
	MaxCall = 4 * time.Hour

	// EndLimit is how long the end of a call may take after EndCall asked for it.
	EndLimit = 30 * time.Second
)

// After an offer that came to nothing the agent rests: no offers for a while, so that one who declines
// everything, or a phone that refuses at once, does not turn a waiting call into a storm of ringing.
const (
	// RestAfterMiss follows a call that rang out or was declined. The agent stays ready for all to see.
	RestAfterMiss = 5 * time.Second

	// RestAfterFault follows a phone that is busy or can't be reached. It doubles with every such offer in
	// a row up to LongestRest; the agent shows as unreachable meanwhile.
	RestAfterFault = 5 * time.Second
	LongestRest    = time.Minute

	// RestAfterLoss follows a leg lost in mid-call while the station counts as up.
	RestAfterLoss = 10 * time.Second
)
