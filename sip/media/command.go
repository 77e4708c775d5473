package media

import "sync"

// maxWaiting is how many commands of one leg, or one bridge, may wait for the shard. A call gives a few at a time, so
// more are a call that has gone wild or a shard that stands still: the leg is lost ([Failed]), and a bridge's legs
// are. Nothing else is ever refused, nobody waits, and what all can have waiting is bounded by their number.
const maxWaiting = 1024

// inbox holds the commands of one leg or bridge, in their order, while it goes from shard to shard. The shard's own
// queue holds the inbox once, however many wait in it.
type inbox struct {
	mu      sync.Mutex
	waiting []func(*shard)
	head    int  // of waiting: those before it are done
	queued  bool // a shard knows of it
	drowned bool // too much waited, and nothing more is taken
}

// put adds a command. queue says that a shard must be told; drowned that it was the one too many.
func (b *inbox) put(run func(*shard), most int) (taken, queue, drowned bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drowned {
		return false, false, false
	}
	if len(b.waiting)-b.head >= most {
		b.drowned = true
		return false, false, true
	}
	queue = !b.queued
	b.waiting, b.queued = append(b.waiting, run), true
	return true, queue, false
}

// last adds a command that comes at most once, whatever waits before it.
func (b *inbox) last(run func(*shard)) (queue bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	queue = !b.queued
	b.waiting, b.queued = append(b.waiting, run), true
	return queue
}

// next takes the oldest command; nil: there is none, and the shard need not know of the inbox any more.
func (b *inbox) next() func(*shard) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.head == len(b.waiting) {
		b.waiting, b.head, b.queued = b.waiting[:0], 0, false
		if cap(b.waiting) > 32 {
			b.waiting = nil // one burst is no reason to keep the room
		}
		return nil
	}
	run := b.waiting[b.head]
	b.waiting[b.head] = nil
	b.head++
	return run
}

// command is what a shard's queue holds: the inbox of a leg or a bridge, or something to do at once.
type command struct {
	leg    *Leg // whose it is; neither: the shard's own
	bridge *Bridge
	inbox  *inbox
	run    func(*shard) // in place of an inbox
}

// do gives the leg's shard something to do. It is false, and nothing will be done, when the shard has ended, or when
// too much waits for the leg, which is lost then.
func (l *Leg) do(run func(*shard)) bool {
	taken, queue, drowned := l.inbox.put(run, maxWaiting)
	if drowned {
		l.shard.Load().n.queueFull.Add(1)
		queue = l.inbox.last(func(s *shard) { s.lose(l, "too many commands wait for the leg") })
	}
	if queue && !l.shard.Load().post(command{leg: l, inbox: &l.inbox}) {
		return false
	}
	return taken
}

// do gives the bridge's shard something to do, as [Leg.do].
func (b *Bridge) do(run func(*shard)) {
	_, queue, drowned := b.inbox.put(run, maxWaiting)
	if drowned {
		b.home.Load().n.queueFull.Add(1)
		queue = b.inbox.last(func(s *shard) { s.loseBridge(b, "too many commands wait for the bridge") })
	}
	if queue {
		b.home.Load().post(command{bridge: b, inbox: &b.inbox})
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

// do does what one place in the queue stands for.
func (s *shard) do(c command) {
	if c.inbox == nil {
		s.carryOut(c, c.run)
		return
	}
	for {
		if c.leg != nil && !s.has(c.leg) {
			c.leg.shard.Load().post(c) // it moves; on its new shard this comes behind its arrival
			return
		}
		run := c.inbox.next()
		if run == nil {
			return
		}
		if c.leg == nil || !c.leg.gone {
			s.carryOut(c, run)
		}
	}
}

// has says whether the leg is the shard's to touch: it has arrived here, or was closed here.
func (s *shard) has(l *Leg) bool { return l.shard.Load() == s && (l.index >= 0 || l.gone) }

// carryOut does one command. A panic in it costs the leg, or the bridge's legs, and nobody else.
func (s *shard) carryOut(c command, run func(*shard)) {
	if c.leg != nil {
		defer s.contain(c.leg)
	} else {
		defer s.containBridge(c.bridge)
	}
	run(s)
}
