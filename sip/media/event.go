package media

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Event is something that happened on a leg. The set is closed.
type Event interface{ mediaEvent() }

// DTMF is a key that the far end pressed, told once, when its first packet is here.
type DTMF struct {
	Digit    rune          // 0–9, *, #, A–D
	Duration time.Duration // as far as known when told; the key may still be down
}

// PlayDone says that a [Leg.Play] came to its end by itself. What is replaced or stopped gives none.
type PlayDone struct{ ID uint64 }

// FirstPacket says that the far end has spoken for the first time.
type FirstPacket struct{}

// Silent says that nothing came on the wire for so long, though the far end had spoken and may speak. Told
// twice per silence: after 5 s and, if it lasts, after 10 s, or a little more.
type Silent struct{ For time.Duration }

// Heard ends a Silent or a Refused.
type Heard struct{}

// Refused says that the far end's host refuses our packets (ICMP), after it had spoken. Told once
// until it is heard again.
type Refused struct{}

// RecordDone says that a recording is closed and on disk, or why it is not.
type RecordDone struct {
	File     string
	Duration time.Duration
	Spoken   time.Duration // of it: what was louder than a quiet room
	Err      error         // nil, or why it ended early; what was written until then is kept
}

// TransportLost says that the browser's link has been gone for 5 s, or was closed.
type TransportLost struct{}

// TransportBack says that the browser's link works: the first time, after a page reload, after a loss.
type TransportBack struct{}

// Failed says that the leg is lost by our own fault: something went wrong in it that its state does not survive.
// It sends and hears nothing any more; Closed follows with its figures, and all other legs go on.
type Failed struct{ Why string }

// Closed is the last event of a leg.
type Closed struct{ Quality call.Quality }

func (DTMF) mediaEvent()          {}
func (PlayDone) mediaEvent()      {}
func (FirstPacket) mediaEvent()   {}
func (Silent) mediaEvent()        {}
func (Heard) mediaEvent()         {}
func (Refused) mediaEvent()       {}
func (RecordDone) mediaEvent()    {}
func (TransportLost) mediaEvent() {}
func (TransportBack) mediaEvent() {}
func (Failed) mediaEvent()        {}
func (Closed) mediaEvent()        {}
