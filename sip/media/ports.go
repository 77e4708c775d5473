package media

import (
	"fmt"
	"sync"
	"time"
)

// ports lends pairs of UDP ports, an even one for RTP and the odd one above it for RTCP (RFC 3550, 11).
// The one closed longest ago is taken first, so each rests as long as the range allows; rest is only what
// Stats tells of, a call is never refused for it.
type ports struct {
	rest time.Duration

	mu   sync.Mutex
	free []freePort // a ring, longest closed first
	head int
	n    int
	used int
}

type freePort struct {
	port   uint16
	closed time.Duration // on the engine's clock; negative: never used
}

// newPorts lends the even ports of first…last whose odd one is in the range too.
func newPorts(first, last uint16, rest time.Duration) *ports {
	p := &ports{rest: rest}
	for port := int(first) + int(first)%2; port+1 <= int(last); port += 2 {
		p.free = append(p.free, freePort{port: uint16(port), closed: -1})
	}
	p.n = len(p.free)
	return p
}

// take tries the free pairs in turn until open, which binds one, succeeds. Those that another program
// has go to the end of the line.
func (p *ports) take(open func(port uint16) error, taken func(error) bool) (uint16, error) {
	p.mu.Lock()
	tries := p.n
	p.mu.Unlock()
	for range tries {
		port, ok := p.pop()
		if !ok {
			break
		}
		err := open(port.port)
		if err == nil {
			return port.port, nil
		}
		p.push(port)
		if !taken(err) {
			return 0, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return 0, fmt.Errorf("no RTP port is free: %d pairs of the range are in use by calls, %d by other programs; make the range of ports wider", p.used, p.n)
}

func (p *ports) pop() (freePort, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n == 0 {
		return freePort{}, false
	}
	f := p.free[p.head]
	p.head = (p.head + 1) % len(p.free)
	p.n--
	p.used++
	return f, true
}

func (p *ports) push(f freePort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free[(p.head+p.n)%len(p.free)] = f
	p.n++
	p.used--
}

// giveBack ends the use of a pair.
func (p *ports) giveBack(port uint16, now time.Duration) { p.push(freePort{port: port, closed: now}) }

// figures counts pairs in use, all of them, and those that still rest.
func (p *ports) figures(now time.Duration) (used, all, resting int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.n {
		f := p.free[(p.head+i)%len(p.free)]
		if f.closed >= 0 && now-f.closed < p.rest {
			resting++
		}
	}
	return p.used, len(p.free), resting
}
