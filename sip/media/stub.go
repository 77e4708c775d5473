package media

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"time"
)

var errThin = errors.New("media: not built yet")

// Config is the engine's settings.
type Config struct {
	// Addr is the address that RTP is bound to and that SDP announces.
	Addr netip.Addr
	// PortMin and PortMax are the range of UDP ports. The first is for browsers (all of them); every
	// other leg takes an even port for RTP and the odd one above it for RTCP. Both 0: any free ports.
	PortMin, PortMax uint16
	// Rest is how long a closed port is left alone while others are free; 0: 30 s.
	Rest time.Duration
	// Shards is how many threads share the legs; 0: one.
	Shards int
	Log    *slog.Logger
}

// Engine carries all legs.
type Engine struct{}

// Stats are the engine's figures for /metrics.
type Stats struct{}

// Leg is our end of one conversation.
type Leg struct{}

// Bridge lets legs hear each other.
type Bridge struct{}

// Sound is a piece of sound in memory.
type Sound struct{}

// Music is one shared stream.
type Music struct{}

func New(c Config) (*Engine, error)               { return &Engine{}, nil }
func (e *Engine) Run(ctx context.Context) error   { <-ctx.Done(); return nil }
func (e *Engine) Stats() Stats                    { return Stats{} }
func (e *Engine) NewLeg(observe func(Event)) *Leg { return &Leg{} }
func (e *Engine) Move(l *Leg, shard int)          {}
func (e *Engine) Bridge(a, b *Leg) *Bridge        { return &Bridge{} }
func (e *Engine) Browser(offerSDP string, l *Leg) (answerSDP string, err error) {
	return "", errThin
}
func (l *Leg) OpenUDP() (netip.AddrPort, error)                                { return netip.AddrPort{}, errThin }
func (l *Leg) LocalAddr() netip.AddrPort                                       { return netip.AddrPort{} }
func (l *Leg) Negotiated(p Params)                                             {}
func (l *Leg) Play(id uint64, sounds []Sound, loop bool)                       {}
func (l *Leg) PlayMusic(m *Music)                                              {}
func (l *Leg) StopPlay()                                                       {}
func (l *Leg) SendDTMF(digits string)                                          {}
func (l *Leg) Echo(on bool)                                                    {}
func (l *Leg) Mute(on bool)                                                    {}
func (l *Leg) Record(file string, max time.Duration, endSilence time.Duration) {}
func (l *Leg) StopRecord()                                                     {}
func (l *Leg) Close()                                                          {}
func (b *Bridge) Add(l *Leg)                                                   {}
func (b *Bridge) Remove(l *Leg)                                                {}
func (b *Bridge) SetGain(listener, source *Leg, gain float32)                  {}
func (b *Bridge) Close()                                                       {}

// LoadWAV reads a sound.
func LoadWAV(r io.Reader) (Sound, error) { return Sound{}, errThin }

// Tone is a sine.
func Tone(hz float64, d time.Duration) Sound { return Sound{} }

// Silence is no sound for a while.
func Silence(d time.Duration) Sound { return Sound{} }

// Duration is how long the sound plays.
func (s Sound) Duration() time.Duration { return 0 }

// WriteWAV writes the sound as a µ-law WAV file.
func (s Sound) WriteWAV(w io.Writer) error { return errThin }

// MusicOnHold makes one stream of a sound, shared by all who hear it.
func MusicOnHold(s Sound) *Music { return &Music{} }
