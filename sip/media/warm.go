package media

import (
	"sync"
	"time"
)

// Opening a leg's two sockets and closing them takes twenty system calls, a tenth of what a short call costs. So a pair
// whose leg is over stays open for a while, unheard, and serves another leg later. It is left alone long enough for
// the far end of its former call to have fallen silent; what that one sends all the same is never taken for the new
// far end (see udpTransport.former).
const (
	warmRest      = 5 * time.Second // a pair is left alone for
	warmRestLeast = time.Second     // … when more than half of those are kept that may be: many calls come and go
	warmKept      = 10 * time.Second
	warmLook      = 5 * time.Second // the least time between two looks for old ones
	warmMost      = 2048            // pairs
)

// warmPair is an open pair of ports that no leg has.
type warmPair struct {
	rtp, rtcp *socket
	former    source // whom they heard for the last leg; addr is not valid: nobody
	since     time.Duration
}

// warmPairs are the pairs, the one that was given back first in front.
type warmPairs struct {
	most            int
	rest, restLeast time.Duration

	mu       sync.Mutex
	pairs    []warmPair
	trimming bool // a look for old ones is due
}

// keep takes a pair in, if there is room, and tells whether the caller has to see to the next look.
func (w *warmPairs) keep(p warmPair) (kept, look bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pairs) >= w.most {
		return false, false
	}
	w.pairs = append(w.pairs, p)
	look, w.trimming = !w.trimming, true
	return true, look
}

// take gives the pair that has rested longest, if it has rested enough. In need any will do.
func (w *warmPairs) take(now time.Duration, need bool) (p warmPair, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pairs) == 0 {
		return p, false
	}
	rest := w.rest
	if len(w.pairs) > w.most/2 {
		rest = w.restLeast
	}
	p = w.pairs[0]
	if now-p.since < rest && !need {
		return warmPair{}, false
	}
	w.pairs[0] = warmPair{}
	w.pairs = w.pairs[1:]
	return p, true
}

// old gives the pairs that nobody has wanted for a while, all of them with all, and tells when to look again; 0: there
// is nothing left to look for.
func (w *warmPairs) old(now time.Duration, all bool) (old []warmPair, again time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for n < len(w.pairs) && (all || now-w.pairs[n].since >= warmKept) {
		n++
	}
	old = append(old, w.pairs[:n]...)
	w.pairs = append([]warmPair(nil), w.pairs[n:]...)
	w.trimming = len(w.pairs) > 0
	if w.trimming {
		again = max(warmLook, w.pairs[0].since+warmKept-now)
	}
	return old, again
}

func (w *warmPairs) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.pairs)
}

func (p *warmPair) transport() *udpTransport {
	return &udpTransport{rtp: p.rtp, rtcp: p.rtcp, former: p.former, formerEnd: p.since}
}

// keepWarm keeps a pair open whose leg is over. Sockets are a shard's own, and a pair could be wanted by another: with
// more than one shard none are kept.
func (s *shard) keepWarm(t *udpTransport) bool {
	e := s.engine
	if s.stopping || len(e.shards) > 1 || !t.rtp.attached || !t.rtcp.attached {
		return false
	}
	former := t.lastHeard()
	if t.rtp.connected && s.net.disconnect(t.rtp) != nil {
		return false
	}
	for _, sock := range []*socket{t.rtp, t.rtcp} {
		sock.leg, sock.unsure = nil, 0
	}
	kept, look := e.warm.keep(warmPair{t.rtp, t.rtcp, former, e.clock()})
	if look {
		s.trimLater(warmKept)
	}
	return kept
}

func (s *shard) trimLater(after time.Duration) {
	time.AfterFunc(after, func() { s.post(command{run: func(s *shard) { s.trimWarm(false) }}) })
}

// trimWarm closes pairs that nobody has wanted for a while.
func (s *shard) trimWarm(all bool) {
	old, again := s.engine.warm.old(s.engine.clock(), all)
	for _, p := range old {
		p.transport().shut(s)
	}
	if again > 0 {
		s.trimLater(again)
	}
}
