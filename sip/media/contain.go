package media

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
)

// contain, deferred, ends a panic where it is: the leg it came about in is lost, all others go on.
func (s *shard) contain(l *Leg) {
	if r := recover(); r != nil {
		s.reportPanic(r)
		s.lose(l, fmt.Sprint("panic: ", r))
	}
}

// containBridge is contain for a bridge: of a mixing one the member is lost that it was at, else all are. nil: for
// work of the shard's own, which nobody is lost for.
func (s *shard) containBridge(b *Bridge) {
	r := recover()
	if r == nil {
		return
	}
	s.reportPanic(r)
	at := s.mixing
	s.mixing = nil
	switch why := fmt.Sprint("panic: ", r); {
	case b == nil:
	case at != nil:
		s.lose(at, why)
	default:
		s.loseBridge(b, why)
	}
}

func (s *shard) reportPanic(panicked any) {
	s.n.panics.Add(1)
	s.log.Error("panic in a media shard; the leg is lost", slog.Int("shard", s.index), slog.Any("panic", panicked),
		slog.String("stack", string(debug.Stack())))
}

// tickOne gives a tick.
func (s *shard) tickOne(t ticker, frames int) {
	switch t := t.(type) {
	case *Leg:
		defer s.contain(t)
	case *Bridge:
		defer s.containBridge(t)
	}
	t.tick(s, frames)
}

// lose ends a leg whose state can not be trusted any more. Its owner is told Failed, then Closed with the figures.
// Every step of the end is done, whatever goes wrong in the one before.
func (s *shard) lose(l *Leg, why string) {
	if !s.has(l) || l.gone {
		return
	}
	l.gone = true
	s.n.lost.Add(1)
	s.try(func() { l.tell(Failed{Why: why}) })
	for _, step := range closing {
		s.try(func() { step(s, l) })
	}
	if b := l.bridge; b != nil { // leaving it went wrong
		b.members = slices.DeleteFunc(b.members, func(m *Leg) bool { return m == l })
		l.bridge = nil
	}
	if l.index >= 0 { // as did counting it out
		s.part(l)
	}
}

// loseBridge loses all legs of a bridge.
func (s *shard) loseBridge(b *Bridge, why string) {
	for _, l := range slices.Clone(b.members) {
		s.lose(l, why)
	}
}

// try does a step of an end. A panic in it is noted and no more.
func (s *shard) try(step func()) {
	defer func() {
		if r := recover(); r != nil {
			s.reportPanic(r)
		}
	}()
	step()
}
