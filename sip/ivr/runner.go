package ivr

import (
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/sip/media"
)

// Leg is what a flow is heard on: *media.Leg.
type Leg interface {
	Play(id uint64, sounds []media.Sound, loop bool)
	PlayMusic(m *media.Music)
	StopPlay()
	Echo(on bool)
	Record(file string, longest time.Duration, endSilence time.Duration)
	StopRecord()
}

var _ Leg = (*media.Leg)(nil)

// Sounds is where prompts are found: *Prompts.
type Sounds interface {
	Get(name, language string) (media.Sound, error)
	Music(name string) (*media.Music, error)
}

// RunnerConfig is what a Runner needs of its call.
type RunnerConfig struct {
	Flow   *flow.Flow
	Env    flow.Env
	Sounds Sounds
	Leg    Leg
	// Out gets the effects that are not sound, in their order: SetTimer, Enqueue, LeaveVoicemail,
	// Report, HangUp. It may call the runner again.
	Out func(flow.Effect)
	// RecordFile names the file of the next recording.
	RecordFile func() string
	// QueueMusic names the music of a queue.
	QueueMusic func(call.QueueID) string
	Log        *slog.Logger
}

// Runner drives one flow on one leg. It belongs to the call's goroutine, which alone calls it and
// feeds it what happens: keys, ends of plays and recordings, time-outs, the queue's news.
type Runner struct {
	config  RunnerConfig
	state   flow.State
	pending []flow.Input
	busy    bool
}

// NewRunner makes a runner. Nothing is heard before Start.
func NewRunner(c RunnerConfig) *Runner {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Runner{config: c}
}

// Start enters the flow.
func (r *Runner) Start() {
	r.busy = true
	state, effects := flow.Start(r.config.Flow, r.config.Env)
	r.state = state
	r.carryOut(effects)
	r.drain()
}

// Step takes one input. An input that comes while effects of another are carried out waits for its turn.
func (r *Runner) Step(in flow.Input) {
	r.pending = append(r.pending, in)
	if r.busy {
		return
	}
	r.busy = true
	r.drain()
}

func (r *Runner) drain() {
	for len(r.pending) > 0 {
		in := r.pending[0]
		r.pending = r.pending[1:]
		state, effects := flow.Step(r.config.Flow, r.state, in)
		r.state = state
		r.carryOut(effects)
	}
	r.pending = nil
	r.busy = false
}

// State is where the call stands.
func (r *Runner) State() flow.State { return r.state }

// Node is the node that the call is in.
func (r *Runner) Node() string { return r.state.Node }

// Ended says that the flow does nothing any more.
func (r *Runner) Ended() bool { return r.state.Phase == flow.PhaseEnded }

// Digit feeds a key.
func (r *Runner) Digit(key rune) { r.Step(flow.Digit{Key: key}) }

// PlayDone feeds the end of a play. IDs that are not the flow's do no harm.
func (r *Runner) PlayDone(id uint64) { r.Step(flow.PlayDone{ID: id}) }

// Timeout feeds the end of a timer.
func (r *Runner) Timeout(id uint64) { r.Step(flow.Timeout{ID: id}) }

func (r *Runner) carryOut(effects []flow.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case flow.Play:
			r.config.Leg.Play(e.ID, r.sounds(e.Prompts), false)
		case flow.StopPlay:
			r.config.Leg.StopPlay()
		case flow.Music:
			r.music(e)
		case flow.EchoBack:
			r.config.Leg.Echo(e.On)
		case flow.Record:
			r.config.Leg.Record(r.config.RecordFile(), e.MaxDuration, e.SilenceEnd)
		case flow.StopRecord:
			r.config.Leg.StopRecord()
		default:
			r.config.Out(e)
		}
	}
}

// sounds finds the prompts' sounds. A site is not taken on before all are there; should one be missing
// all the same, the caller hears a tone in its place, and the log says so.
func (r *Runner) sounds(prompts []flow.Prompt) []media.Sound {
	list := make([]media.Sound, 0, len(prompts))
	for _, p := range prompts {
		sound, err := r.config.Sounds.Get(p.Name, p.Language)
		if err != nil {
			r.config.Log.Error("a prompt has no sound", slog.String("prompt", p.Name), slog.String("language", p.Language), slog.Any("error", err))
			sound = missing
		}
		list = append(list, sound)
	}
	return list
}

// missing is heard in place of a sound that is not there: the special information tone's first step
// (ITU-T E.180/Q.35, 7).
var missing = media.Tone(950, 330*time.Millisecond)

func (r *Runner) music(e flow.Music) {
	name := e.Name
	if name == "" && r.config.QueueMusic != nil {
		name = r.config.QueueMusic(e.Queue)
	}
	m, err := r.config.Sounds.Music(name)
	if err != nil {
		r.config.Log.Error("music has no sound", slog.String("music", name), slog.Any("error", err))
		r.config.Leg.Play(0, []media.Sound{missing, media.Silence(4 * time.Second)}, true)
		return
	}
	r.config.Leg.PlayMusic(m)
}
