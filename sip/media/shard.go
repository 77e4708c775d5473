package media

import (
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxInjected is how many browser packets may wait: more than a second for a desk on its own, 10 ms for
	// a hundred. More are dropped.
	maxInjected = 1024
	// houseTime is how often the legs are looked after: silence, RTCP, keep-alive.
	houseTime = 250 * time.Millisecond
)

// shard owns legs, their sockets, and the wheel. One goroutine does all of it: a packet is read, looked at and
// sent on without a switch to anything else.
type shard struct {
	engine *Engine
	index  int
	log    *slog.Logger
	net    sockets
	n      counters

	asleep atomic.Bool // in wait with nothing to do: who posts must wake it

	mu       sync.Mutex // over queue, injected, over
	queue    []command
	injected []injected
	over     bool // takes no more commands

	// owned by run
	now      time.Duration // of the present packet, command or tick
	wheel    wheel
	legs     []*Leg
	house    time.Duration // when the legs are looked after next
	spare    []command     // the other queue, emptied
	spareIn  []injected
	jitters  []*jitter // free ones
	out      [rtpHeader + frameSamples]byte
	report   [256]byte
	in       [frameSamples]byte
	mix      mixer
	mixing   *Leg // the member that a bridge's tick is at
	stopping bool
}

// injected is a packet that did not come by the shard's sockets.
type injected struct {
	from *browser
	b    *[maxPacket]byte
	n    int
	rtcp bool
}

var packetPool = sync.Pool{New: func() any { return new([maxPacket]byte) }}

func newShard(e *Engine, index int, net sockets) *shard {
	return &shard{engine: e, index: index, log: e.log, net: net, now: e.clock()}
}

// inject gives the shard a packet. b is from packetPool and goes back there.
func (s *shard) inject(in injected) {
	s.mu.Lock()
	if s.over || len(s.injected) >= maxInjected {
		s.mu.Unlock()
		s.n.queueFull.Add(1)
		packetPool.Put(in.b)
		return
	}
	s.injected = append(s.injected, in)
	s.mu.Unlock()
	s.rouse()
}

func (s *shard) rouse() {
	if s.asleep.CompareAndSwap(true, false) {
		s.net.wake()
	}
}

func (s *shard) stop() {
	s.post(command{run: func(s *shard) { s.stopping = true }})
}

// run is the shard's life.
func (s *shard) run() error {
	for !s.stopping {
		if !s.net.take(s) {
			if err := s.sleep(); err != nil {
				s.end()
				return err
			}
			s.net.take(s)
		}
		s.now = s.engine.clock()
		s.work()
		s.wheel.turn(s, s.now)
		s.keepHouse()
		s.n.ticking.Store(int64(s.wheel.count))
	}
	s.end()
	return nil
}

// sleep waits for a packet, a command, or until something is due.
func (s *shard) sleep() error {
	d := s.timeout()
	if d == 0 {
		return nil
	}
	s.net.arm(d)
	// Who posts from here on wakes us; who posted before is found by pending.
	s.asleep.Store(true)
	defer s.asleep.Store(false)
	if s.pending() {
		return nil
	}
	return s.net.wait()
}

func (s *shard) pending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) > 0 || len(s.injected) > 0
}

// timeout is how long nothing is due; below 0: for ever. A shard without legs never wakes by itself.
func (s *shard) timeout() time.Duration {
	if len(s.legs) == 0 {
		return -1
	}
	due := s.house
	if t, ok := s.wheel.next(); ok {
		due = min(due, t)
	}
	return max(due-s.engine.clock(), 0)
}

// work does what was posted.
func (s *shard) work() {
	s.mu.Lock()
	queue, in := s.queue, s.injected
	s.queue, s.injected = s.spare[:0], s.spareIn[:0]
	s.mu.Unlock()
	for i := range in {
		s.injectedIn(&in[i])
	}
	for _, c := range queue {
		s.do(c)
	}
	clear(queue)
	clear(in)
	if cap(queue) > 4096 {
		queue = nil // one burst is no reason to keep the room
	}
	s.spare, s.spareIn = queue[:0], in[:0]
}

// end closes everything. Every leg gets its Closed.
func (s *shard) end() {
	s.now = s.engine.clock()
	s.work() // what was posted before the stop still counts
	for len(s.legs) > 0 {
		s.stopLeg(s.legs[len(s.legs)-1])
	}
	s.trimWarm(true)
	s.mu.Lock()
	s.over = true
	s.queue, s.injected = nil, nil
	s.mu.Unlock()
	s.net.shut()
}

// stopLeg closes a leg because the server stops.
func (s *shard) stopLeg(l *Leg) {
	defer s.contain(l)
	rec := l.rec
	l.rec, l.unwritten = nil, 0
	if rec != nil {
		rec.abandon(s)
	}
	s.closeLeg(l)
}

// join makes a leg one of the shard's.
func (s *shard) join(l *Leg) {
	if len(s.legs) == 0 {
		s.house = s.now + houseTime
	}
	l.index = len(s.legs)
	s.legs = append(s.legs, l)
	s.n.legs.Add(1)
}

func (s *shard) part(l *Leg) {
	last := len(s.legs) - 1
	s.legs[l.index] = s.legs[last]
	s.legs[l.index].index = l.index
	s.legs[last] = nil
	s.legs = s.legs[:last]
	l.index = -1
	s.n.legs.Add(-1)
}

// move gives a leg to another shard. One that stands in a bridge stays.
func (s *shard) move(l *Leg, to *shard) {
	if to == s || l.bridge != nil {
		return
	}
	// The lock makes one step of it: who finds the leg on its new shard posts behind its arrival.
	to.mu.Lock()
	defer to.mu.Unlock()
	if to.over {
		return
	}
	s.wheel.disarm(l)
	if l.out != nil {
		l.out.detach(s)
	}
	s.part(l)
	l.shard.Store(to)
	to.queue = append(to.queue, command{leg: l, run: func(s *shard) {
		s.join(l)
		if l.out != nil {
			l.out.attach(s, l)
		}
		s.settle(l)
	}})
	to.rouse()
}

// keepHouse looks after each leg four times a second.
func (s *shard) keepHouse() {
	if len(s.legs) == 0 || s.now < s.house {
		return
	}
	s.house = s.now + houseTime
	for i := 0; i < len(s.legs); i++ {
		s.visit(s.legs[i])
	}
}

func (s *shard) visit(l *Leg) {
	defer s.contain(l)
	s.checkLeg(l)
	s.lookAfter(l)
}

// received takes a packet from the leg's own socket.
func (s *shard) received(sock *socket, b []byte, from netip.AddrPort) {
	l := sock.leg
	if l == nil || l.gone {
		return
	}
	defer s.contain(l)
	s.now = s.engine.clock()
	t, ok := l.out.(*udpTransport)
	if !ok {
		return
	}
	switch {
	case sock.rtcp:
		if t.trustsRTCP(from) {
			s.rtcpIn(l, b)
		}
	case isRTCP(b): // RFC 5761, though nobody asked for it; the address is checked as RTP's is
		if sock.connected {
			s.rtcpIn(l, b)
		}
	default:
		s.rtpIn(l, t, b, from)
	}
}

// refused says that the far end's host has nobody on that port. What has not spoken yet may just be starting.
func (s *shard) refused(sock *socket) {
	l := sock.leg
	if l == nil || l.gone || sock.rtcp || !l.spoken || l.refusedTold {
		return
	}
	defer s.contain(l)
	l.refusedTold = true
	l.tell(Refused{})
}

// injectedIn takes a packet from a browser.
func (s *shard) injectedIn(in *injected) {
	l := in.from.leg
	defer packetPool.Put(in.b)
	if l == nil || !s.has(l) || l.gone || l.out != transport(in.from) {
		return
	}
	defer s.contain(l)
	s.now = s.engine.clock()
	if in.rtcp {
		s.rtcpIn(l, in.b[:in.n])
	} else {
		s.rtpIn(l, nil, in.b[:in.n], netip.AddrPort{})
	}
}

// borrowJitter gives a fresh buffer.
func (s *shard) borrowJitter(c Codec) *jitter {
	if n := len(s.jitters); n > 0 {
		j := s.jitters[n-1]
		s.jitters = s.jitters[:n-1]
		j.reset(c)
		return j
	}
	return &jitter{codec: c}
}

func (s *shard) returnJitter(j *jitter) {
	if len(s.jitters) < 256 {
		s.jitters = append(s.jitters, j)
	}
}
