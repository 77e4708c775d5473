package switchboard

import (
	"time"

	"github.com/linedesk/linedesk/sip/media"
)

// IDs of what plays on a leg outside a flow; a flow's own are small numbers.
const (
	ringbackID = 1<<62 + iota
	busyID
	noticeID
)

// tones are the call-progress tones of the site's country: China's, 450 Hz (ITU-T E.180 supplement 2).
type tones struct {
	ringback []media.Sound // 1 s on, 4 s off
	busy     []media.Sound // 0.35 s on, 0.35 s off, for 3 s
	done     media.Sound   // confirms what a feature code did, where the site has no words for it
}

func newTones() tones {
	const hz = 450
	t := tones{
		ringback: []media.Sound{media.Tone(hz, time.Second), media.Silence(4 * time.Second)},
		done:     media.Tone(2*hz, 400*time.Millisecond),
	}
	for range 4 {
		t.busy = append(t.busy, media.Tone(hz, 350*time.Millisecond), media.Silence(350*time.Millisecond))
	}
	return t
}
