package media

import "sync/atomic"

// Bridge lets legs hear each other.
//
// Two legs with nothing else going on are relayed: each packet goes on as it comes, with a new header, and
// from µ-law to A-law or back where the two differ. Anything else is mixed every 20 ms: each leg's sound comes
// out of its jitter buffer, and each listener gets the sum of the others by its row of the gain matrix.
// The bridge goes from one way to the other by itself; the far ends see one line of packets throughout.
//
// A leg stands in one bridge at most: adding it to another takes it out of the first. A held leg is one that
// was removed and plays music.
type Bridge struct {
	engine *Engine
	home   atomic.Pointer[shard]
	inbox  inbox

	// What follows is the shard's.
	at      wheelPlace
	members []*Leg
	gains   map[gainKey]float32 // what differs from 1
	matrix  []float32           // by listener, source; nil: everyone hears all others as they are
	mode    bridgeMode
	closed  bool
}

type gainKey struct{ listener, source *Leg }

type bridgeMode uint8

const (
	bridgeIdle bridgeMode = iota // nobody there
	bridgeRelay
	bridgeMix
)

// Bridge connects two legs; either may be nil, to be added later.
func (e *Engine) Bridge(a, b *Leg) *Bridge {
	br := &Bridge{engine: e}
	home := e.shards[0]
	if a != nil {
		home = a.shard.Load()
	} else if b != nil {
		home = b.shard.Load()
	}
	br.home.Store(home)
	br.do(func(s *shard) { s.n.bridges.Add(1) })
	for _, l := range []*Leg{a, b} {
		if l != nil {
			br.Add(l)
		}
	}
	return br
}

// Add lets a leg take part. It leaves the bridge it stood in. One that is on another shard is brought here.
func (b *Bridge) Add(l *Leg) {
	l.do(func(s *shard) {
		if home := b.home.Load(); s != home {
			if l.bridge != nil {
				l.bridge.drop(s, l)
			}
			s.move(l, home)
			l.shard.Load().post(command{leg: l, run: func(s *shard) { b.add(s, l) }})
			return
		}
		b.add(s, l)
	})
}

func (b *Bridge) add(s *shard, l *Leg) {
	if b.closed || l.gone || l.bridge == b {
		return
	}
	if l.bridge != nil {
		l.bridge.drop(s, l)
	}
	s.wheel.disarm(l)
	l.bridge = b
	l.onward.on = false
	b.members = append(b.members, l)
	b.rebuild()
	b.settle(s)
}

// Remove takes a leg out. It sends silence, or what it plays, from then on.
func (b *Bridge) Remove(l *Leg) {
	l.do(func(s *shard) {
		if l.bridge == b {
			b.drop(s, l)
			s.settle(l)
		}
	})
}

// SetGain says how loud listener hears source: 1 as it is, 0 not at all. It holds while both are in the bridge.
// Listening, whispering and barging are made of this.
func (b *Bridge) SetGain(listener, source *Leg, gain float32) {
	gain = min(max(gain, 0), 4)
	b.do(func(s *shard) {
		if b.closed {
			return
		}
		if b.gains == nil {
			b.gains = map[gainKey]float32{}
		}
		if gain == 1 {
			delete(b.gains, gainKey{listener, source})
		} else {
			b.gains[gainKey{listener, source}] = gain
		}
		b.rebuild()
		b.settle(s)
	})
}

// Close lets all legs go. Each sends silence, or what it plays, from then on.
func (b *Bridge) Close() {
	b.do(func(s *shard) {
		if b.closed {
			return
		}
		members := append([]*Leg(nil), b.members...)
		for _, l := range members {
			b.drop(s, l)
		}
		for _, l := range members {
			s.settle(l)
		}
		b.closed, b.gains = true, nil
		b.setMode(s, bridgeIdle)
		s.n.bridges.Add(-1)
	})
}

// drop takes a member out and leaves it to the caller to settle it.
func (b *Bridge) drop(s *shard, l *Leg) {
	for i, m := range b.members {
		if m == l {
			b.members = append(b.members[:i], b.members[i+1:]...)
			break
		}
	}
	for k := range b.gains {
		if k.listener == l || k.source == l {
			delete(b.gains, k)
		}
	}
	l.bridge, l.peer = nil, nil
	l.onward.on, l.fresh = false, true
	b.rebuild()
	b.settle(s)
}

// rebuild makes the matrix anew.
func (b *Bridge) rebuild() {
	b.matrix = nil
	if len(b.gains) == 0 {
		return
	}
	n := len(b.members)
	b.matrix = make([]float32, n*n)
	for i, listener := range b.members {
		for j, source := range b.members {
			if i == j {
				continue
			}
			g, ok := b.gains[gainKey{listener, source}]
			if !ok {
				g = 1
			}
			b.matrix[i*n+j] = g
		}
	}
}

// relays says whether packets can simply be passed on.
func (b *Bridge) relays() bool {
	if len(b.members) != 2 || b.matrix != nil {
		return false
	}
	for _, l := range b.members {
		if l.busy() || l.muted || !l.negotiated {
			return false
		}
	}
	return true
}

// settle chooses the way and tells the members.
func (b *Bridge) settle(s *shard) {
	b.checkBridge(s)
	switch {
	case len(b.members) == 0:
		b.setMode(s, bridgeIdle)
	case b.relays():
		b.setMode(s, bridgeRelay)
		for i, l := range b.members {
			if other := b.members[1-i]; l.peer != other {
				l.peer, l.onward.on, l.fresh = other, false, true
			}
			s.hear(l, false)
		}
	default:
		b.setMode(s, bridgeMix)
		for _, l := range b.members {
			l.peer, l.onward.on = nil, false
			s.hear(l, l.negotiated)
		}
	}
}

func (b *Bridge) setMode(s *shard, mode bridgeMode) {
	if mode == b.mode {
		return
	}
	if n := s.n.bridgesIn(b.mode); n != nil {
		n.Add(-1)
	}
	if n := s.n.bridgesIn(mode); n != nil {
		n.Add(1)
	}
	b.mode = mode
	if mode == bridgeMix {
		for _, l := range b.members {
			l.fresh = true
		}
		s.wheel.arm(b, s.now)
	} else {
		s.wheel.disarm(b)
	}
}

// passKey presses a key on the legs that hear the one it came from, while the bridge mixes.
func (b *Bridge) passKey(s *shard, from *Leg, key string) {
	for i, l := range b.members {
		if l != from && b.gain(i, from) > 0 {
			s.press(l, key)
		}
	}
}

func (b *Bridge) gain(listener int, source *Leg) float32 {
	if b.matrix == nil {
		return 1
	}
	for j, m := range b.members {
		if m == source {
			return b.matrix[listener*len(b.members)+j]
		}
	}
	return 0
}

func (b *Bridge) place() *wheelPlace { return &b.at }
