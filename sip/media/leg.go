package media

import (
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Leg is our end of one conversation: its line of sequence numbers and timestamps, its figures, what it
// plays and whom it is bridged with. It may outlive calls, bridges and transports.
//
// Methods return at once, the shard does the work; they may be called from anywhere, also from within
// observe. After [Leg.Close] they do nothing.
type Leg struct {
	engine  *Engine
	observe func(Event)
	shard   atomic.Pointer[shard]
	inbox   inbox
	marks   marks // of invariants

	mu     sync.Mutex // over local and closed
	local  netip.AddrPort
	closed bool

	// What follows is the shard's.

	index      int // in shard.legs; -1: on its way to the shard, or gone
	at         wheelPlace
	out        transport
	params     Params
	negotiated bool
	gone       bool

	// our line (RFC 3550, 5.1): the newest packet sent
	ssrc     uint32
	ts       uint32
	seq      uint16
	fresh    bool // the next packet begins something: marker, timestamp by the clock
	begun    bool // something was sent
	lastSent time.Duration
	sent     uint64 // packets
	octets   uint64 // of payload
	figured  uint64 // of sent: what earlier figures have counted

	// what comes in
	in          reception
	line        uint32 // the line of in that keys and onward know
	keys        dtmfReceiver
	lastHeard   time.Duration
	spoken      bool // something came, ever
	silences    int  // how often Silent was told of the present silence
	refusedTold bool
	quota       int16 // packets that may still come before lookAfter

	// RTCP
	rtcpDue     time.Duration
	sentAtSR    uint64
	heardSR     uint32 // middle of its NTP time
	heardSRAt   time.Duration
	rtt         time.Duration
	peer        *Leg // set while the bridge relays
	onward      relayMap
	bridge      *Bridge
	play        *player
	tones       *dtmfSender
	rec         *recording
	unwritten   int     // recordings that are not on disk yet
	last        *Closed // told when they are
	jitter      *jitter // nil while nobody needs an even flow
	quietFrames int     // silent ones sent in a row, by a browser's leg
	echo, muted bool

	// of a browser's leg
	next    *browser      // offered, not connected yet
	linked  bool          // its link works, or nobody was told otherwise yet
	lostDue time.Duration // > 0: when it counts as lost
}

// relayMap turns a source's sequence numbers and timestamps into those of the leg that they go out on.
type relayMap struct {
	on    bool
	ts    uint32 // to be added
	seq   uint16 // to be added
	first uint16 // older ones than this belong to before the switch
}

func newLeg(e *Engine, observe func(Event)) *Leg {
	// RFC 3550, 5.1: all three begin at random.
	return &Leg{
		engine: e, observe: observe, index: -1, fresh: true, quota: floodQuota,
		ssrc: rand.Uint32(), ts: rand.Uint32(), seq: uint16(rand.Uint32()),
	}
}

func (l *Leg) place() *wheelPlace { return &l.at }

func (l *Leg) tell(e Event) {
	if l.observe != nil {
		l.observe(e)
	}
}

// Negotiated says what offer and answer came to, after each of them. From now on the leg sends, silence if
// nothing else, as far as the direction lets it.
func (l *Leg) Negotiated(p Params) {
	l.do(func(s *shard) {
		t, ok := l.out.(*udpTransport)
		if !ok {
			return // a browser's leg is what Browser made it
		}
		if p.Codec != l.params.Codec && l.jitter != nil {
			l.jitter.reset(p.Codec)
		}
		if p != l.params || !l.negotiated {
			// A new agreement: silence and refusals count from here.
			l.lastHeard, l.silences, l.refusedTold = s.now, 0, false
		}
		l.params, l.negotiated = p, true
		t.negotiated(s, &p)
		l.fresh = true
		if l.rtcpDue == 0 {
			l.rtcpDue = s.now + rtcpEvery/2 + rand.N(rtcpEvery/2)
		}
		s.settle(l)
	})
}

// Echo sends back what the far end says, while the leg stands in no bridge.
func (l *Leg) Echo(on bool) {
	l.do(func(s *shard) {
		l.echo = on
		s.settle(l)
	})
}

// Mute keeps what the far end says from all others; a recording gets silence.
func (l *Leg) Mute(on bool) {
	l.do(func(s *shard) {
		l.muted = on
		s.settle(l)
	})
}

// SendDTMF presses keys (0–9, *, #, A–D; others are left out): as telephone-event (RFC 4733) where that was
// negotiated, else as tones. Each is 100 ms long, with 60 ms between two.
func (l *Leg) SendDTMF(digits string) {
	l.do(func(s *shard) { s.press(l, digits) })
}

// TakeFigures gives the leg's figures and counts anew from here, so that a leg which outlives calls has figures
// of each. give runs on the shard and must not block; nil: nobody wants what was until now.
func (l *Leg) TakeFigures(give func(call.Quality)) {
	l.do(func(*shard) {
		if give != nil {
			give(l.figures())
		}
		l.in = reception{line: l.in.line + 1} // what comes next is a new line to keys and onward, too
		l.figured, l.rtt = l.sent, 0
	})
}

// figures are the leg's since they were taken last.
func (l *Leg) figures() call.Quality {
	return l.in.quality(l.rtt, l.sent-l.figured, l.params.Codec)
}

// Close ends the leg: it leaves its bridge, its recording is closed, its ports are given back. Closed comes
// when the recording is on disk.
func (l *Leg) Close() {
	l.mu.Lock()
	was := l.closed
	l.closed = true
	l.mu.Unlock()
	if was {
		return
	}
	// However much waits for the leg: it comes once, so it needs no bound.
	if l.inbox.last(func(s *shard) { s.closeLeg(l) }) {
		l.shard.Load().post(command{leg: l, inbox: &l.inbox})
	}
}

// closing are the steps of a leg's end.
var closing = [...]func(*shard, *Leg){(*shard).leave, (*shard).sayBye, (*shard).cutOff, (*shard).account}

func (s *shard) closeLeg(l *Leg) {
	for _, step := range closing {
		step(s, l)
	}
}

// leave takes a leg out of its bridge and the wheel.
func (s *shard) leave(l *Leg) {
	s.wheel.disarm(l)
	if l.bridge != nil {
		l.bridge.drop(s, l)
	}
	if l.jitter != nil {
		s.returnJitter(l.jitter)
		l.jitter = nil
	}
}

func (s *shard) sayBye(l *Leg) {
	if l.out != nil && l.begun {
		s.sendBye(l)
	}
}

// cutOff gives the transport back.
func (s *shard) cutOff(l *Leg) {
	if l.isBrowser() {
		s.n.browserLegs.Add(-1)
	}
	out, next := l.out, l.next
	l.out, l.next = nil, nil
	if out != nil {
		out.close(s)
	}
	if next != nil {
		next.close(s)
	}
}

// account counts a leg out and tells its figures.
func (s *shard) account(l *Leg) {
	l.gone = true
	s.part(l)
	closed := Closed{Quality: l.figures()}
	l.play, l.tones, l.peer = nil, nil, nil
	if l.rec != nil {
		l.rec.finish()
		l.rec = nil
	}
	if l.unwritten > 0 { // also one that was stopped a moment ago
		l.last = &closed
		return
	}
	l.tell(closed)
}

func (s *shard) press(l *Leg, digits string) {
	if l.tones == nil {
		l.tones = &dtmfSender{}
	}
	l.tones.add(digits)
	if l.tones.done() {
		l.tones = nil
	}
	s.settle(l)
}

// maySend says whether packets may go to the far end.
func (l *Leg) maySend() bool {
	if !l.negotiated || !l.params.Direction.sends() || l.out == nil {
		return false
	}
	switch t := l.out.(type) {
	case *udpTransport:
		return t.to.addr.Port() != 0
	case *browser:
		return t.up
	}
	return false
}

// keyPT is the payload type for keys to the far end; 0: it gets tones. pion gives all packets of a track
// one payload type, and a browser has no use for keys.
func (l *Leg) keyPT() uint8 {
	if l.isBrowser() {
		return 0
	}
	return l.params.DTMFPT
}

func (l *Leg) mayHear() bool { return l.negotiated && l.params.Direction.receives() }

// busy says whether the leg has something going that needs ticks.
func (l *Leg) busy() bool {
	return l.play != nil || l.tones != nil || l.rec != nil
}

func (l *Leg) isBrowser() bool {
	_, ok := l.out.(*browser)
	return ok
}

// settle brings the leg's ways in line with what was asked of it: does it tick, does it need a jitter
// buffer, who gets what it says.
func (s *shard) settle(l *Leg) {
	if l.bridge != nil {
		l.bridge.settle(s)
		return
	}
	l.peer = nil
	s.hear(l, l.echo || l.rec != nil)
	ticks := l.negotiated && (l.busy() || l.echo || l.maySend())
	if l.isBrowser() {
		if l.busy() || l.echo {
			l.quietFrames = 0
		}
		ticks = ticks && l.quietFrames < browserQuiet
	}
	if !ticks {
		s.wheel.disarm(l)
		l.fresh = true
		return
	}
	s.wheel.arm(l, s.now)
}

// hear gives the leg a jitter buffer, or takes it away.
func (s *shard) hear(l *Leg, need bool) {
	switch {
	case need && l.jitter == nil:
		l.jitter = s.borrowJitter(l.params.Codec)
	case !need && l.jitter != nil:
		s.returnJitter(l.jitter)
		l.jitter = nil
	}
	if b, ok := l.out.(*browser); ok {
		wanted := need || l.peer != nil
		if !b.wanted.Swap(wanted) && wanted {
			l.in.finish() // what was dropped unheard, as on hold, is no loss
		}
	}
}

func errAttr(err error) slog.Attr { return slog.Any("err", err) }
