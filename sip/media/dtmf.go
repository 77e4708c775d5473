package media

import (
	"encoding/binary"
	"math"
	"strings"
	"time"
)

const (
	dtmfKeys     = "0123456789*#ABCD" // RFC 4733, 3.2: events 0–15
	dtmfTone     = 5                  // frames that a key of ours is down: 100 ms
	dtmfGap      = 3                  // frames between two keys: 60 ms
	dtmfEndTimes = 3                  // RFC 4733, 2.5.1.4: the end is sent three times
	dtmfVolume   = 10                 // −10 dBm0
)

// telephoneEvent is the payload of RFC 4733, 2.3.
type telephoneEvent struct {
	event    uint8
	end      bool
	volume   uint8
	duration uint16 // in timestamp units
}

func parseTelephoneEvent(b []byte) (telephoneEvent, bool) {
	if len(b) < 4 {
		return telephoneEvent{}, false
	}
	return telephoneEvent{
		event: b[0], end: b[1]&0x80 != 0, volume: b[1] & 0x3F, duration: binary.BigEndian.Uint16(b[2:]),
	}, true
}

func (e telephoneEvent) put(b []byte) {
	b[0], b[1] = e.event, e.volume&0x3F
	if e.end {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], e.duration)
}

// dtmfReceiver tells each key once, at its first packet, whichever that is: every packet of a key carries
// the key and the timestamp of its beginning, so any one of them is enough.
type dtmfReceiver struct {
	ts       uint32
	seq      uint16 // of the key's newest packet
	duration uint16
	event    uint8
	ended    bool
	any      bool
}

// hear takes a packet and gives the key if it is a new one.
func (d *dtmfReceiver) hear(p *rtpPacket) (DTMF, bool) {
	e, ok := parseTelephoneEvent(p.payload)
	if !ok || int(e.event) >= len(dtmfKeys) {
		return DTMF{}, false
	}
	if d.any && !d.begins(p, e) {
		if int16(p.seq-d.seq) > 0 && p.ts == d.ts {
			d.seq, d.duration, d.ended = p.seq, e.duration, d.ended || e.end
		}
		return DTMF{}, false
	}
	*d = dtmfReceiver{ts: p.ts, seq: p.seq, duration: e.duration, event: e.event, ended: e.end, any: true}
	return DTMF{
		Digit:    rune(dtmfKeys[e.event]),
		Duration: time.Duration(e.duration) * time.Second / sampleRate,
	}, true
}

// begins says whether a packet is of another key than the last one.
func (d *dtmfReceiver) begins(p *rtpPacket, e telephoneEvent) bool {
	if int16(p.seq-d.seq) <= 0 {
		return false // late or double
	}
	if p.ts == d.ts {
		// Some senders keep the timestamp for the next key. A key that ended does not start again
		// by itself, so a marker on a shorter duration tells.
		return e.event != d.event || d.ended && p.marker && !e.end && e.duration < d.duration
	}
	step := p.ts - d.ts
	if int32(step) < 0 {
		return false
	}
	// RFC 4733, 2.5.1.3: a key held down for more than 8 s goes on in a new segment, whose timestamp
	// is the end of the last one, and which has no end bit before it and no marker.
	segment := !d.ended && !p.marker && e.event == d.event && step >= 0xFF00 && step <= 0xFFFF
	if segment {
		d.ts, d.seq, d.duration, d.ended = p.ts, p.seq, e.duration, e.end
	}
	return !segment
}

// dtmfSender sends keys, a frame of 20 ms at a time.
type dtmfSender struct {
	keys  []uint8 // events still to be sent; the first is on its way
	frame int     // of the first key: tone, then the two repeated ends and the gap
	ts    uint32  // when the present key began
}

const maxDTMFQueue = 64 // keys waiting on one leg; more are dropped

func (d *dtmfSender) add(digits string) {
	for _, r := range strings.ToUpper(digits) {
		if i := strings.IndexRune(dtmfKeys, r); i >= 0 && len(d.keys) < maxDTMFQueue {
			d.keys = append(d.keys, uint8(i))
		}
	}
}

// next gives the frame's event, if it has one, and whether the key begins with it. In a gap it is false and
// the frame is ordinary sound.
func (d *dtmfSender) next() (e telephoneEvent, begins, ok bool) {
	f := d.frame
	d.frame++
	e = telephoneEvent{event: d.keys[0], volume: dtmfVolume}
	switch {
	case f < dtmfTone-1:
		e.duration = uint16((f + 1) * frameSamples)
		return e, f == 0, true
	case f < dtmfTone-1+dtmfEndTimes:
		e.duration, e.end = dtmfTone*frameSamples, true
		return e, false, true
	}
	if f >= dtmfTone+dtmfGap+dtmfEndTimes-1 {
		d.keys = d.keys[1:]
		d.frame = 0
	}
	return telephoneEvent{}, false, false
}

func (d *dtmfSender) done() bool { return len(d.keys) == 0 }

// The two sines of a key (ITU-T Q.23), for far ends without telephone-event.
var (
	dtmfLow  = [4]float64{697, 770, 852, 941}
	dtmfHigh = [4]float64{1209, 1336, 1477, 1633}
)

// dtmfTones is the key as sound, for one frame of the tone.
func dtmfTones(dst []int16, event uint8, frame int) {
	row, col := dtmfPlace(event)
	low, high := dtmfLow[row], dtmfHigh[col]
	for i := range dst {
		t := 2 * math.Pi * float64(frame*frameSamples+i) / sampleRate
		dst[i] = int16(7000*math.Sin(low*t) + 8000*math.Sin(high*t))
	}
}

func dtmfPlace(event uint8) (row, col int) {
	i := strings.IndexByte("123A456B789C*0#D", dtmfKeys[event])
	return i / 4, i % 4
}
