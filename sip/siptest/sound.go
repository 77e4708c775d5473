package siptest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
)

// stretch is how much sound a measurement needs.
const stretch = 200 * time.Millisecond

// Tone has the phone send a sine of so many Hz at −15 dBov, from now on.
func (c *Call) Tone(hz float64) { c.play(hz, false) }

// Silence has the phone send silence, as a microphone in a quiet room does.
func (c *Call) Silence() { c.play(0, false) }

// StopSending has the phone send no RTP at all.
func (c *Call) StopSending() { c.play(0, true) }

func (c *Call) play(hz float64, quiet bool) {
	m := c.sound()
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.freq, m.quiet = hz, quiet
}

// Heard waits until the phone hears a tone of so many Hz: for 200 ms at least 60 % of the energy lies
// there and it is louder than −45 dBov. Only what comes from now on counts.
func (c *Call) Heard(ctx context.Context, hz float64) error {
	return c.listen(ctx, fmt.Sprintf("a tone of %g Hz", hz), func(pcm []int16) bool {
		return level(pcm) > -45 && purity(pcm, hz) > 0.6
	})
}

// HeardSound waits until the phone hears anything louder than a level in dBov, −45 being a faint voice,
// for 200 ms. Only what comes from now on counts.
func (c *Call) HeardSound(ctx context.Context, above float64) error {
	return c.listen(ctx, fmt.Sprintf("sound above %g dBov", above), func(pcm []int16) bool { return level(pcm) > above })
}

// HeardSilence waits until the phone gets sound that is none: below −60 dBov for 200 ms.
func (c *Call) HeardSilence(ctx context.Context) error {
	return c.listen(ctx, "silence", func(pcm []int16) bool { return level(pcm) < -60 })
}

// HeardNothing waits until no RTP at all has come for so long.
func (c *Call) HeardNothing(ctx context.Context, long time.Duration) error {
	for {
		c.sound().mu.Lock()
		last := c.began
		if n := len(c.sound().heard); n > 0 {
			last = c.sound().heard[n-1].at
		}
		c.sound().mu.Unlock()
		rest := long - time.Since(last)
		if rest <= 0 {
			return nil
		}
		t := time.NewTimer(rest)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return fmt.Errorf("%s: sound still comes: %w", c, context.Cause(ctx))
		}
	}
}

func (c *Call) listen(ctx context.Context, what string, is func([]int16) bool) error {
	m := c.sound()
	if m == nil {
		return fmt.Errorf("%s: wanted to hear %s, but the call has no sound", c, what)
	}
	began := time.Now()
	err := m.await(ctx, func() bool {
		pcm := m.since(began, stretch)
		return len(pcm) >= int(stretch*sampleRate/time.Second) && is(pcm)
	})
	if err == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	pcm := m.since(began, time.Second)
	return fmt.Errorf("%s: wanted to hear %s; in the last second %d ms of sound came, %.0f dBov, strongest at %.0f Hz (%d packets in all): %w",
		c, what, len(pcm)*1000/sampleRate, levelOr(pcm), pitch(pcm), m.received, err)
}

func levelOr(pcm []int16) float64 {
	if len(pcm) == 0 {
		return Silent
	}
	return level(pcm)
}

// Energy is the level in dBov of what came within the last so long, [Silent] if nothing did.
func (c *Call) Energy(window time.Duration) float64 { return levelOr(c.Sound(window)) }

// Frequency is where the sound of the last so long is strongest, in Hz; 0: there was none.
func (c *Call) Frequency(window time.Duration) float64 {
	return math.Round(pitch(c.Sound(window))*10) / 10
}

// Purity is the part of the energy of the last so long, 0…1, that lies at one frequency.
func (c *Call) Purity(hz float64, window time.Duration) float64 { return purity(c.Sound(window), hz) }

// Sound is what came within the last so long, 8000 samples a second.
func (c *Call) Sound(window time.Duration) []int16 {
	if c.sound() == nil {
		return nil
	}
	c.sound().mu.Lock()
	defer c.sound().mu.Unlock()
	return c.sound().since(time.Now().Add(-window), window)
}

// SendDTMF presses keys, as RFC 4733 events of 100 ms each, and waits until they are sent.
func (c *Call) SendDTMF(ctx context.Context, keys string) error {
	m := c.sound()
	if m == nil {
		return fmt.Errorf("%s: keys need an answered call", c)
	}
	m.mu.Lock()
	if m.dtmfPT == 0 {
		m.mu.Unlock()
		return fmt.Errorf("%s: the other side takes no telephone-event", c)
	}
	for _, r := range strings.ToUpper(keys) {
		event := strings.IndexRune(keyNames, r)
		if event < 0 {
			m.mu.Unlock()
			return fmt.Errorf("%q is no key", r)
		}
		m.keys = append(m.keys, key{event: byte(event)})
	}
	m.mu.Unlock()
	if err := m.await(ctx, func() bool { return len(m.keys) == 0 }); err != nil {
		return fmt.Errorf("%s: send keys %s: %w", c, keys, err)
	}
	return nil
}

// Digits are the keys that came so far, as RFC 4733 events or SIP INFO.
func (c *Call) Digits() string {
	if c.sound() == nil {
		return ""
	}
	c.sound().mu.Lock()
	defer c.sound().mu.Unlock()
	return string(c.sound().digits)
}

// WaitDigits waits until the keys that came are these.
func (c *Call) WaitDigits(ctx context.Context, keys string) error {
	if c.sound() == nil {
		return fmt.Errorf("%s: keys need an answered call", c)
	}
	if err := c.sound().await(ctx, func() bool { return string(c.sound().digits) == keys }); err != nil {
		return fmt.Errorf("%s: wanted keys %q, got %q: %w", c, keys, c.Digits(), err)
	}
	return nil
}

// Stats are figures of a call's RTP.
type Stats struct {
	Sent     uint64
	Received uint64 // of the present source
	Lost     uint64 // by sequence numbers
	Strange  uint64 // packets that were not of the agreement
	Reports  uint64 // RTCP packets that came
	FirstAt  time.Time
	Codec    Codec
}

// Stats gives the call's figures.
func (c *Call) Stats() Stats {
	m := c.sound()
	if m == nil {
		return Stats{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	st := Stats{Sent: m.sent, Received: m.received, Strange: m.strange, Reports: m.reports, FirstAt: m.firstAt, Codec: m.codec}
	if m.received > 0 {
		st.Lost = uint64(max(0, m.lastSeq-m.firstSeq+1-int64(m.received)))
	}
	return st
}
