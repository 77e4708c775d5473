package media

import "time"

// Music is one stream of sound that any number of legs hear at once: who joins comes in where it is.
type Music struct {
	sound Sound
	start time.Time
}

// MusicOnHold makes a stream of a sound, which begins now and repeats for ever.
func MusicOnHold(sound Sound) *Music { return &Music{sound: sound, start: time.Now()} }

// frameAt is where the stream is at a moment.
func (m *Music) frameAt(t time.Time) int {
	n := m.sound.frames()
	if n == 0 {
		return 0
	}
	return int(max(t.Sub(m.start), 0)/frame) % n
}

// player is what a leg plays: sounds one after the other, or music.
type player struct {
	id     uint64
	sounds []Sound
	loop   bool
	music  bool
	sound  int // of sounds
	frame  int // of that sound
}

// next gives 20 ms. It is false when all has been played.
func (p *player) next(c Codec) ([]byte, bool) {
	for empty := 0; ; {
		if p.sound >= len(p.sounds) {
			// A loop over nothing at all would go round for ever.
			if !p.loop || empty >= len(p.sounds) {
				return nil, false
			}
			p.sound = 0
		}
		if s := p.sounds[p.sound]; p.frame < s.frames() {
			p.frame++
			return s.frame(c, p.frame-1), true
		}
		if p.sounds[p.sound].frames() == 0 {
			empty++
		}
		p.sound++
		p.frame = 0
	}
}

// last says whether the frame given was the last one.
func (p *player) last() bool {
	if p.loop {
		return false
	}
	for i := p.sound; i < len(p.sounds); i++ {
		left := p.sounds[i].frames()
		if i == p.sound {
			left -= p.frame
		}
		if left > 0 {
			return false
		}
	}
	return true
}

// Play plays sounds one after the other, over and over if loop is set, in place of what plays. It begins when
// the leg is negotiated. PlayDone{id} comes when the last frame has been sent.
func (l *Leg) Play(id uint64, sounds []Sound, loop bool) {
	sounds = append([]Sound(nil), sounds...)
	l.do(func(s *shard) {
		l.play = &player{id: id, sounds: sounds, loop: loop}
		s.settle(l)
	})
}

// PlayMusic lets the leg hear the stream, in place of what plays.
func (l *Leg) PlayMusic(m *Music) {
	l.do(func(s *shard) {
		if m == nil || m.sound.frames() == 0 {
			l.play = nil
		} else {
			l.play = &player{
				sounds: []Sound{m.sound}, loop: true, music: true, frame: m.frameAt(s.engine.wall(s.now)),
			}
		}
		s.settle(l)
	})
}

// StopPlay ends what plays, without PlayDone.
func (l *Leg) StopPlay() {
	l.do(func(s *shard) {
		l.play = nil
		s.settle(l)
	})
}

// playFrame gives the next 20 ms of what the leg plays, nil: nothing.
func (l *Leg) playFrame() []byte {
	if l.play == nil {
		return nil
	}
	b, ok := l.play.next(l.params.Codec)
	if !ok {
		return nil
	}
	return b
}

// playEnd tells when what plays has come to its end. It is called when the frame has been sent.
func (s *shard) playEnd(l *Leg) {
	p := l.play
	if p == nil || p.music || !p.last() {
		return
	}
	l.play = nil
	l.tell(PlayDone{ID: p.id})
	s.settle(l)
}

// tick sends the 20 ms of a leg that stands in no bridge.
func (l *Leg) tick(s *shard, frames int) {
	heard := false
	if l.jitter != nil {
		heard = l.jitter.get(&s.in)
		if l.muted || !l.mayHear() {
			s.in, heard = silentFrame[l.params.Codec], false
		}
	}
	if l.rec != nil {
		s.record(l, &s.in, heard)
	}
	out := l.playFrame()
	if out == nil && l.echo && heard {
		out = s.in[:]
	}
	s.speak(l, out, frames)
	s.playEnd(l)
	if l.isBrowser() && !l.busy() && !l.echo {
		if l.quietFrames++; l.quietFrames >= browserQuiet {
			s.settle(l)
		}
	}
}

// speak sends a frame, silence if nil, or the key that is being pressed in its place.
func (s *shard) speak(l *Leg, sound []byte, frames int) {
	if sound == nil {
		sound = silentFrame[l.params.Codec][:]
	}
	if l.tones == nil {
		s.sendFrame(l, sound, frames)
		return
	}
	step := l.tones.frame
	e, begins, ok := l.tones.next()
	switch {
	case ok && l.keyPT() != 0:
		s.sendEvent(l, e, begins, frames)
	case ok && step < dtmfTone: // the far end knows no telephone-event
		var pcm [frameSamples]int16
		var coded [frameSamples]byte
		dtmfTones(pcm[:], e.event, step)
		encodeFrame(l.params.Codec, coded[:], pcm[:])
		s.sendFrame(l, coded[:], frames)
	default:
		s.sendFrame(l, sound, frames)
	}
	if l.tones.done() {
		l.tones = nil
		s.settle(l)
	}
}
