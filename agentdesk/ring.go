package agentdesk

import (
	"time"

	"github.com/gorilla/websocket"
)

const (
	ringFrames = 1024
	ringAge    = 60 * time.Second
)

// frame is one encoded message of a channel.
type frame struct {
	seq  uint64
	at   time.Time
	data []byte
	// prepared is set for the board: the same bytes go to many pages, and are compressed once.
	prepared *websocket.PreparedMessage
}

// ring remembers a channel's last deltas: 1,024 of them or those of 60 s, whichever is less. Sequence
// numbers have no gaps.
type ring struct{ frames []frame }

func (r *ring) add(f frame) {
	drop := 0
	for drop < len(r.frames) && (len(r.frames)-drop >= ringFrames || f.at.Sub(r.frames[drop].at) > ringAge) {
		drop++
	}
	if drop > 0 { // copied, so that what was dropped is freed
		r.frames = append(make([]frame, 0, len(r.frames)-drop+1), r.frames[drop:]...)
	}
	r.frames = append(r.frames, f)
}

// after gives what came after seq; false if that is no longer all here. Last is the channel's newest.
func (r *ring) after(seq, last uint64) ([]frame, bool) {
	switch {
	case seq == last:
		return nil, true
	case seq > last || len(r.frames) == 0 || seq+1 < r.frames[0].seq:
		return nil, false
	}
	return r.frames[seq+1-r.frames[0].seq:], true
}
