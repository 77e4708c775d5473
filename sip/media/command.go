package media

import "sync/atomic"

// maxWaiting is how many commands of one leg, or one bridge, may wait for the shard. A call gives a few at a time, so
// more are a call that has gone wild or a shard that stands still: the leg is lost ([Failed]), and a bridge's legs
// are. Nothing else is ever refused, nobody waits, and what all can have waiting is bounded by their number.
const maxWaiting = 1024

// command is work for the shard. leg or bridge is whose it is; neither: the shard's own.
type command struct {
	leg    *Leg
	bridge *Bridge
	inbox  *inbox // that it was counted in; nil: it was not
	run    func(*shard)
}

// inbox counts what waits for a shard on behalf of one leg or bridge.
type inbox struct {
	waiting atomic.Int32
	drowned atomic.Bool // it was too much, and nothing more is taken
}

// room takes the place of one command. first is true once: for who finds that there is none left.
func (b *inbox) room() (ok, first bool) {
	if b.drowned.Load() {
		return false, false
	}
	if b.waiting.Add(1) <= maxWaiting {
		return true, false
	}
	b.waiting.Add(-1)
	return false, b.drowned.CompareAndSwap(false, true)
}

// do gives the leg's shard something to do. It is false, and nothing will be done, when the shard has ended, or when
// too much waits for the leg, which is lost then.
func (l *Leg) do(run func(*shard)) bool {
	ok, first := l.inbox.room()
	if first {
		l.shard.Load().n.queueFull.Add(1)
		l.shard.Load().post(command{leg: l, run: func(s *shard) { s.lose(l, "too many commands wait for the leg") }})
	}
	return ok && l.shard.Load().post(command{leg: l, inbox: &l.inbox, run: run})
}

// do gives the bridge's shard something to do, as [Leg.do].
func (b *Bridge) do(run func(*shard)) {
	ok, first := b.inbox.room()
	home := b.home.Load()
	if first {
		home.n.queueFull.Add(1)
		home.post(command{bridge: b, run: func(s *shard) { s.loseBridge(b, "too many commands wait for the bridge") }})
	}
	if ok {
		home.post(command{bridge: b, inbox: &b.inbox, run: run})
	}
}

// post puts a command into the shard's queue. It never waits, and is false only when the shard has ended.
func (s *shard) post(c command) bool {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return false
	}
	s.queue = append(s.queue, c)
	s.mu.Unlock()
	s.rouse()
	return true
}

// do does one command. A panic in it costs the leg, or the bridge's legs, and nobody else.
func (s *shard) do(c command) {
	if c.leg != nil && c.leg.shard.Load() != s {
		c.leg.shard.Load().post(c) // it has moved meanwhile
		return
	}
	if c.inbox != nil {
		c.inbox.waiting.Add(-1)
	}
	switch {
	case c.leg == nil:
		defer s.containBridge(c.bridge)
	case c.leg.gone:
		return
	default:
		defer s.contain(c.leg)
	}
	c.run(s)
}
