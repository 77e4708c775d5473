package web

import (
	"time"

	"github.com/gorilla/websocket"
)

const (
	ringFrames = 1024
	// RingAge is how long a channel remembers what it sent, and a page may be away without missing anything.
	RingAge = 60 * time.Second
)

// Frame is one encoded message of a channel.
type Frame struct {
	Seq  uint64
	At   time.Time
	Data []byte
	// Prepared is for [Socket.SendFrame]: the same bytes go to many pages, and are compressed once.
	Prepared *websocket.PreparedMessage
}

// Ring remembers a channel's last deltas: 1,024 of them or those of 60 s, whichever is less. Sequence
// numbers have no gaps.
type Ring struct{ frames []Frame }

// Add remembers a frame; its number is the one after the last.
func (r *Ring) Add(f Frame) {
	drop := 0
	for drop < len(r.frames) && (len(r.frames)-drop >= ringFrames || f.At.Sub(r.frames[drop].At) > RingAge) {
		drop++
	}
	if drop > 0 { // copied, so that what was dropped is freed
		r.frames = append(make([]Frame, 0, len(r.frames)-drop+1), r.frames[drop:]...)
	}
	r.frames = append(r.frames, f)
}

// After gives what came after seq; false if that is no longer all here. Last is the channel's newest.
func (r *Ring) After(seq, last uint64) ([]Frame, bool) {
	switch {
	case seq == last:
		return nil, true
	case seq > last || len(r.frames) == 0 || seq+1 < r.frames[0].Seq:
		return nil, false
	}
	return r.frames[seq+1-r.frames[0].Seq:], true
}
