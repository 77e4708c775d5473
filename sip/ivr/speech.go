package ivr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/linedesk/linedesk/sip/media"
)

// Speech renders texts by a command.
type Speech struct {
	// Command prints a WAV file (16 bit PCM, 8 to 48 kHz) of the text that it gets as its last
	// argument. {voice} in it stands for the voice of the language.
	Command []string
	Voices  map[string]string // language tag → voice
}

// Bounds of one run of the speech command.
const (
	renderTimeout  = 30 * time.Second
	maxRendered    = 32 << 20
	shortestSpeech = 100 * time.Millisecond
)

// Render speaks a text. It gives the sound and the µ-law WAV file of it.
func (s Speech) Render(ctx context.Context, language, text string) (media.Sound, []byte, error) {
	voice, ok := s.Voices[language]
	if !ok {
		return media.Sound{}, nil, fmt.Errorf("no voice speaks %s: add it to the voices (there are: %s), or commit a sound",
			language, strings.Join(slices.Sorted(maps.Keys(s.Voices)), ", "))
	}
	if len(s.Command) == 0 {
		return media.Sound{}, nil, errors.New("there is no speech command: name one, such as espeak-ng, or commit a sound")
	}
	spoken, err := s.run(ctx, voice, text)
	if err != nil {
		return media.Sound{}, nil, err
	}
	sound, err := media.LoadWAV(bytes.NewReader(spoken))
	if err != nil {
		return media.Sound{}, nil, fmt.Errorf("what %s printed: %w", s.Command[0], err)
	}
	var wav bytes.Buffer
	if err := sound.WriteWAV(&wav); err != nil {
		return media.Sound{}, nil, err
	}
	if sound.Duration() < shortestSpeech || !audible(wav.Bytes()) {
		return media.Sound{}, nil, fmt.Errorf("%s made no sound of the text: does the voice %q speak %s?", s.Command[0], voice, language)
	}
	return sound, wav.Bytes(), nil
}

// run runs the command. It gets no more than its time and memory, and no shell is involved.
func (s Speech) run(ctx context.Context, voice, text string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, renderTimeout)
	defer cancel()
	args := make([]string, 0, len(s.Command))
	for _, a := range s.Command[1:] {
		args = append(args, strings.ReplaceAll(a, "{voice}", voice))
	}
	cmd := exec.CommandContext(ctx, s.Command[0], append(args, text)...)
	var out, complaint capped
	out.limit, complaint.limit = maxRendered, 1000
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.WaitDelay = time.Second
	switch err := cmd.Run(); {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("the speech command %s is not installed: install it (Debian: apt-get install espeak-ng) or name another", s.Command[0])
	case ctx.Err() != nil:
		return nil, fmt.Errorf("the speech command %s: %w", s.Command[0], ctx.Err())
	case err != nil:
		return nil, fmt.Errorf("the speech command %s: %w: %s", s.Command[0], err, strings.TrimSpace(complaint.String()))
	case out.cut:
		return nil, fmt.Errorf("the speech command %s printed more than %d MB", s.Command[0], maxRendered>>20)
	}
	return out.Bytes(), nil
}

// capped keeps the first bytes that are written to it.
type capped struct {
	bytes.Buffer
	limit int
	cut   bool
}

func (c *capped) Write(b []byte) (int, error) {
	room := c.limit - c.Len()
	if len(b) > room {
		c.cut = true
		c.Buffer.Write(b[:room])
		return len(b), nil
	}
	return c.Buffer.Write(b)
}

// audible says whether a µ-law WAV file has anything but silence in it. In µ-law the loudest samples have
// the lowest codes (G.711, table 2a); 0xFF and 0x7F are zero.
func audible(wav []byte) bool {
	const header, loud = 58, 0x50 // about 25 dB below full scale
	if len(wav) < header {
		return false
	}
	return slices.ContainsFunc(wav[header:], func(b byte) bool { return b&0x7f < loud })
}
