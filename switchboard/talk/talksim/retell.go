package talksim

import (
	"fmt"
	"strings"

	"github.com/linedesk/linedesk/switchboard/talk"
)

// stage is where a story is played: one call, its cast, and the commands given so far.
type stage struct {
	cast
	step     func(*talk.State, talk.Input) []talk.Effect
	state    talk.State
	commands []talk.Command // by ID − 1
}

func newStage(step func(*talk.State, talk.Input) []talk.Effect) *stage {
	return &stage{step: step, state: talk.State{Call: theCall}}
}

// take steps the machine and tells what it did.
func (s *stage) take(in talk.Input) string {
	if c, ok := in.(talk.Command); ok {
		s.commands = append(s.commands, c)
	}
	effects := s.step(&s.state, in)
	s.come(in, s.state.LastParty)
	if len(effects) == 0 {
		return "nothing\n"
	}
	var told strings.Builder
	for _, e := range effects {
		told.WriteString(s.effect(e) + "\n")
	}
	return told.String()
}

// Retell plays a script and gives it back with what the machine does now in the place of the answers. A script is
// blocks of inputs, a line of four dashes, and the answers; "new call" begins anew. The words are explained in
// switchboard/talk/testdata/README.md.
func Retell(script string) (string, error) {
	return retell(script, talk.Step)
}

func retell(script string, step func(*talk.State, talk.Input) []talk.Effect) (string, error) {
	var out, told strings.Builder
	s := newStage(step)
	answers := false // within the answers of the block before, which are made anew
	for n, line := range strings.Split(strings.TrimRight(script, "\n"), "\n") {
		switch {
		case line == "----":
			answers = true
			out.WriteString("----\n" + told.String())
			told.Reset()
		case strings.TrimSpace(line) == "":
			answers = false
			out.WriteString("\n")
		case answers:
		case line == "new call":
			s = newStage(step)
			out.WriteString(line + "\n")
		default:
			out.WriteString(line + "\n")
			if strings.HasPrefix(line, "#") {
				continue
			}
			in, err := s.read(line)
			if err != nil {
				return "", fmt.Errorf("line %d: %q: %w", n+1, line, err)
			}
			told.WriteString(s.take(in))
		}
	}
	return out.String(), nil
}
