package siptest

import (
	"sync"
	"time"
)

// pacer ticks the sound of all calls in the process from one goroutine, which ends with the last call.
type pacer struct {
	mu      sync.Mutex
	calls   map[*media]struct{}
	running bool
}

var pace = pacer{calls: map[*media]struct{}{}}

func (p *pacer) add(m *media) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[m] = struct{}{}
	if !p.running {
		p.running = true
		go p.run()
	}
}

func (p *pacer) remove(m *media) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, m)
}

// catchUp bounds the frames that are sent at once after this process got no time.
const catchUp = 5

func (p *pacer) run() {
	ticker := time.NewTicker(frameTime)
	defer ticker.Stop()
	next := time.Now()
	for now := range ticker.C {
		p.mu.Lock()
		if len(p.calls) == 0 {
			p.running = false
			p.mu.Unlock()
			return
		}
		calls := make([]*media, 0, len(p.calls))
		for m := range p.calls {
			calls = append(calls, m)
		}
		p.mu.Unlock()
		n := 0
		for ; !next.After(now) && n < catchUp; n++ {
			for _, m := range calls {
				m.tick()
			}
			next = next.Add(frameTime)
		}
		if n == catchUp {
			next = now.Add(frameTime)
		}
		for _, m := range calls {
			m.report(now)
		}
	}
}
