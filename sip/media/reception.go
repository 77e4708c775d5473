package media

import (
	"math"
	"time"

	"github.com/linedesk/linedesk/call"
)

// RFC 3550, A.1: sequence numbers that step further than this belong to a sender that began anew.
const (
	maxDropout  = 3000
	maxMisorder = 100
)

// reception counts what is heard from one leg, after RFC 3550, appendices A.1, A.3 and A.8. A change of
// SSRC, a jump, or a time in which nobody listened begins a new line of sequence numbers; the sums go on.
type reception struct {
	received uint64 // of the present SSRC
	base     uint32 // first extended sequence number
	max      uint32 // highest extended sequence number
	ssrc     uint32
	transit  uint32
	jitter   uint32 // ×16, in timestamp units
	line     uint32 // counts the lines
	heard    bool   // there is a present SSRC

	// of SSRCs before the present one
	sumReceived, sumExpected uint64
	worstJitter              uint32 // ×16

	priorExpected, priorReceived uint64 // at the last report

	// a new line is believed when two of its packets follow each other (A.1: MIN_SEQUENTIAL)
	candidate    uint32
	candidateSeq uint16
}

// admit says whether a packet belongs to the line that we hear, or truly begins a new one.
func (r *reception) admit(p *rtpPacket) bool {
	if !r.heard {
		return true
	}
	if step := int16(p.seq - uint16(r.max)); p.ssrc == r.ssrc && step < maxDropout && step > -maxMisorder {
		return true
	}
	if p.ssrc != r.candidate || p.seq != r.candidateSeq+1 {
		r.candidate, r.candidateSeq = p.ssrc, p.seq
		return false
	}
	r.finish()
	return true
}

// finish adds the present SSRC's counts to the sums.
func (r *reception) finish() {
	if !r.heard {
		return
	}
	r.sumReceived += r.received
	r.sumExpected += r.expected()
	r.worstJitter = max(r.worstJitter, r.jitter)
	r.line++
	r.received, r.jitter, r.heard = 0, 0, false
	r.priorExpected, r.priorReceived = 0, 0
}

func (r *reception) expected() uint64 {
	if !r.heard {
		return 0
	}
	return uint64(r.max-r.base) + 1
}

// count takes in a packet that was admitted. now is in timestamp units (1/8000 s). Telephone-event keeps
// one timestamp for many packets, so timed is false for it and jitter leaves it out.
func (r *reception) count(p *rtpPacket, now uint32, timed bool) {
	if !r.heard {
		r.heard, r.ssrc = true, p.ssrc
		r.base = 1<<16 | uint32(p.seq) // one cycle up, so that a late packet of before can not go below zero
		r.max = r.base
		r.received = 1
		r.transit = now - p.ts
		return
	}
	r.received++
	if step := int16(p.seq - uint16(r.max)); step > 0 {
		r.max += uint32(step)
	} else if ext := r.max + uint32(int32(step)); ext < r.base {
		r.base = ext
	}
	if !timed {
		return
	}
	transit := now - p.ts
	d := int32(transit - r.transit)
	r.transit = transit
	if d < 0 {
		d = -d
	}
	if d > sampleRate { // the sender's timestamps jumped: a new base, not a second's jitter
		return
	}
	r.jitter += uint32(d) - (r.jitter+8)>>4 // A.8
}

// block makes the report of the last interval (A.3).
func (r *reception) block() reportBlock {
	expected := r.expected()
	b := reportBlock{ssrc: r.ssrc, highest: r.max - 1<<16, jitter: r.jitter >> 4}
	b.lost = int32(min(max(int64(expected)-int64(r.received), -1<<23), 1<<23-1))
	expectedNow, receivedNow := expected-r.priorExpected, r.received-r.priorReceived
	r.priorExpected, r.priorReceived = expected, r.received
	if lost := int64(expectedNow) - int64(receivedNow); expectedNow > 0 && lost > 0 {
		b.fractionLost = uint8(min(lost<<8/int64(expectedNow), 255))
	}
	return b
}

// quality is the leg's figures so far.
func (r *reception) quality(rtt time.Duration, out uint64, codec Codec) call.Quality {
	received := r.sumReceived + r.received
	expected := r.sumExpected + r.expected()
	q := call.Quality{PacketsIn: received, PacketsOut: out, Codec: codec.String()}
	if expected > received {
		q.Lost = expected - received
		q.LossPct = math.Round(10000*float64(q.Lost)/float64(expected)) / 100
	}
	jitter := max(r.worstJitter, r.jitter)
	q.JitterMS = math.Round(float64(jitter)/16/sampleRate*1e6) / 1000
	q.RTTMS = math.Round(float64(rtt)/float64(time.Millisecond)*1000) / 1000
	if received > 0 {
		q.MOS = estimateMOS(q.LossPct, q.JitterMS, q.RTTMS)
	}
	return q
}

// estimateMOS follows the E-model (ITU-T G.107) with its defaults for G.711 and packet loss concealment
// (G.113: Ie 0, Bpl 25.1). The delay is half the round trip, packetisation, and a buffer of twice the jitter.
func estimateMOS(lossPct, jitterMS, rttMS float64) float64 {
	d := rttMS/2 + 20 + max(40, 2*jitterMS)
	id := 0.024 * d
	if d > 177.3 {
		id += 0.11 * (d - 177.3)
	}
	r := 93.2 - id - 95*lossPct/(lossPct+25.1)
	if r <= 0 {
		return 1
	}
	mos := 1 + 0.035*r + 7e-6*r*(r-60)*(100-r)
	return math.Round(100*min(max(mos, 1), 4.5)) / 100
}
