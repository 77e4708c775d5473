package media

const (
	jitterBytes = 4096 // a ring of 512 ms
	jitterMask  = jitterBytes - 1
	grain       = 8 // samples that are there or not together: 1 ms

	jitterStart = 2 * frameSamples  // 40 ms
	jitterLeast = 1 * frameSamples  // 20 ms
	jitterMost  = 10 * frameSamples // 200 ms

	// After so many frames in which the buffer never ran lower than a whole frame, one is taken out.
	jitterWindow  = 100
	jitterPatient = 25 // frames that it waits for a quiet one
	quietEnergy   = 300 * 300
)

// jitter puts one leg's sound back into an even flow of 20 ms frames, for whoever must have it at a fixed
// time: mixing, recording, echo. Relayed packets never pass here, the far ends have buffers of their own.
//
// It is a ring of coded bytes indexed by RTP timestamp, so packets of any length fit, in any order. Its
// delay follows what is needed: a packet that comes after its time makes it wait frames longer (at most
// 200 ms), and when for two seconds there was always a frame too many, one is dropped, a quiet one if any
// comes. It knows no clock: put and get are its time.
type jitter struct {
	codec Codec
	state jitterState
	play  uint32 // timestamp of the next sample to play
	head  uint32 // timestamp after the newest sample
	// frames to stand still, to make room for packets that come later than they used to
	owed   int
	held   int // frames stood still since the buffer ran empty
	filled int // frames waited while filling

	least   int32 // lowest depth in this window, in samples
	window  int
	patient int // > 0: waiting for a quiet frame to drop

	last      [frameSamples]byte // the last frame played, for concealment
	concealed int                // frames concealed in a row

	late, skipped, added uint64 // packets too late; frames taken out; frames put in

	valid [jitterBytes / grain / 64]uint64
	buf   [jitterBytes]byte
}

type jitterState uint8

const (
	jitterIdle    jitterState = iota // nothing heard, or nothing for long
	jitterFilling                    // gathering the first 40 ms
	jitterPlaying
)

func (j *jitter) reset(codec Codec) { *j = jitter{codec: codec} }

// put takes a packet's sound in.
func (j *jitter) put(ts uint32, payload []byte) {
	n := len(payload) &^ (grain - 1)
	if n == 0 || n > jitterMost {
		return
	}
	payload = payload[:n]
	if j.state == jitterIdle {
		j.begin(ts)
	}
	off := int32(ts - j.play)
	// Timestamps that step by something other than whole grains are rounded to ours.
	ts = j.play + uint32((off+grain/2)&^(grain-1))
	off = int32(ts - j.play)
	switch {
	case off > jitterBytes-jitterMost || off < -4*sampleRate:
		// The sender's clock jumped, or speech comes back after a pause.
		j.begin(ts)
		off = 0
	case off+int32(n) <= 0:
		j.late++
		j.wait(off + int32(n))
		return
	case off < 0: // its beginning was played over
		j.wait(off)
		payload = payload[-off:]
		ts, off = j.play, 0
	case j.held > 0 && off > 0:
		// The buffer ran empty, and what it waited for is lost: the wait was for nothing.
		j.play += uint32(min(int32(j.held)*frameSamples, off))
		off = int32(ts - j.play)
	}
	if j.state == jitterPlaying && off >= 0 {
		j.held = 0
	}
	j.store(ts, payload)
	if end := ts + uint32(len(payload)); int32(end-j.head) > 0 {
		j.head = end
	}
	if depth := int32(j.head - j.play); depth > jitterMost+2*frameSamples {
		skip := (depth - jitterMost/2) / frameSamples
		for range skip {
			j.clear(j.play)
			j.play += frameSamples
			j.skipped++
		}
	}
}

func (j *jitter) begin(ts uint32) {
	j.valid = [len(j.valid)]uint64{}
	j.play, j.head = ts, ts
	j.state, j.owed, j.held, j.filled = jitterFilling, 0, 0, 0
	j.least, j.window, j.patient = jitterMost, 0, 0
}

// wait makes the delay so much longer that a packet which came behind samples after its time would have
// been in time.
func (j *jitter) wait(behind int32) {
	need := int(-behind)/frameSamples + 1
	room := (jitterMost - max(int(int32(j.head-j.play)), 0)) / frameSamples
	j.owed = max(j.owed, min(need, room))
}

func (j *jitter) store(ts uint32, payload []byte) {
	for i := 0; i < len(payload); i += grain {
		at := (ts + uint32(i)) & jitterMask &^ (grain - 1)
		copy(j.buf[at:at+grain], payload[i:i+grain])
		j.valid[at/grain/64] |= 1 << (at / grain % 64)
	}
}

// clear forgets a frame.
func (j *jitter) clear(ts uint32) {
	for i := uint32(0); i < frameSamples; i += grain {
		at := (ts + i) & jitterMask &^ (grain - 1)
		j.valid[at/grain/64] &^= 1 << (at / grain % 64)
	}
}

// get gives the next 20 ms. It is false when there is nothing to hear, not even concealment; dst then
// holds silence.
func (j *jitter) get(dst *[frameSamples]byte) bool {
	switch j.state {
	case jitterIdle:
		*dst = silentFrame[j.codec]
		return false
	case jitterFilling:
		if int32(j.head-j.play) < jitterStart && j.filled < jitterStart/frameSamples {
			j.filled++
			*dst = silentFrame[j.codec]
			return false
		}
		j.state = jitterPlaying
	case jitterPlaying:
	}
	if j.owed > 0 {
		j.owed--
		j.added++
		return j.conceal(dst)
	}
	depth := int32(j.head - j.play)
	if depth <= 0 {
		j.held++
		if j.held > jitterMost/frameSamples {
			j.state = jitterIdle
		}
		return j.conceal(dst)
	}
	heard := j.take(dst)
	j.adapt(dst)
	return heard
}

// take reads the frame at play and moves on.
func (j *jitter) take(dst *[frameSamples]byte) bool {
	missing := 0
	for i := uint32(0); i < frameSamples; i += grain {
		at := (j.play + i) & jitterMask &^ (grain - 1)
		bit := uint64(1) << (at / grain % 64)
		if j.valid[at/grain/64]&bit == 0 {
			missing++
			fade(j.codec, dst[i:i+grain], j.last[i:i+grain])
			continue
		}
		j.valid[at/grain/64] &^= bit
		copy(dst[i:i+grain], j.buf[at:at+grain])
	}
	j.play += frameSamples
	if missing == frameSamples/grain {
		return j.conceal(dst)
	}
	j.concealed = 0
	j.last = *dst
	return true
}

// conceal repeats the last frame, each time at half the amplitude, three times.
func (j *jitter) conceal(dst *[frameSamples]byte) bool {
	j.concealed++
	if j.concealed > 3 {
		*dst = silentFrame[j.codec]
		return false
	}
	fade(j.codec, j.last[:], j.last[:])
	*dst = j.last
	return true
}

func fade(c Codec, dst, src []byte) {
	t := &halfTable[c]
	for i, b := range src {
		dst[i] = t[b]
	}
}

// adapt watches the depth and takes a frame out when there was always one too many.
func (j *jitter) adapt(frame *[frameSamples]byte) {
	depth := int32(j.head - j.play)
	j.least = min(j.least, depth)
	j.window++
	if j.patient > 0 {
		j.patient--
		if depth >= frameSamples && (j.patient == 0 || energy(j.codec, frame[:]) < quietEnergy) {
			j.clear(j.play)
			j.play += frameSamples
			j.skipped++
			j.patient, j.window, j.least = 0, 0, jitterMost
		}
		return
	}
	if j.window < jitterWindow {
		return
	}
	if j.least > jitterLeast {
		j.patient = jitterPatient
	}
	j.window, j.least = 0, jitterMost
}
