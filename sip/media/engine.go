package media

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Config is the engine's settings.
type Config struct {
	// Addr is the address that RTP is bound to and that SDP announces: a real one, not 0.0.0.0.
	Addr netip.Addr
	// PortMin and PortMax are the range of UDP ports, both included. The first is for browsers, all of
	// them; every other leg takes an even port for RTP and the odd one above it for RTCP. Both 0: any
	// free ports, for tests.
	PortMin, PortMax uint16
	// Rest is how long a closed port is left alone while others are free; 0: 30 s.
	Rest time.Duration
	// Shards is how many threads share the legs; 0: one, which carries a thousand calls.
	Shards int
	Log    *slog.Logger
}

// Engine carries all legs. [Engine.Run] does the work; until it runs, commands wait.
type Engine struct {
	config  Config
	log     *slog.Logger
	start   time.Time // of the engine's clock
	ports   *ports    // nil: any free ports
	warm    warmPairs // open, and no leg's
	shards  []*shard
	writers *writers
	desks   *browsers
	nextLeg atomic.Uint32 // deals the legs out to the shards
	cname   string        // ours in RTCP
}

// New makes an engine and takes the browsers' port. Its errors say what to change.
func New(c Config) (*Engine, error) { return newEngine(c, newSockets) }

func newEngine(c Config, open func() (sockets, error)) (*Engine, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	if c.Rest == 0 {
		c.Rest = 30 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	e := &Engine{config: c, log: c.Log, start: time.Now(), cname: "linedesk@" + c.Addr.String()}
	e.warm.most = min(warmMost, openFiles()/8) // of two files each
	e.warm.rest, e.warm.restLeast = warmRest, warmRestLeast
	if c.PortMin > 0 {
		e.ports = newPorts(c.PortMin+1, c.PortMax, c.Rest)
		if e.ports.n == 0 {
			return nil, fmt.Errorf("media: the RTP ports %d–%d hold no pair: give at least four", c.PortMin, c.PortMax)
		}
	}
	var err error
	if e.desks, err = newBrowsers(c, e.log); err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	for i := range max(c.Shards, 1) {
		net, err := open()
		if err != nil {
			for _, s := range e.shards {
				s.net.shut()
			}
			e.desks.close()
			return nil, fmt.Errorf("media: %w", err)
		}
		e.shards = append(e.shards, newShard(e, i, net))
	}
	e.writers = newWriters(e.log)
	return e, nil
}

func (c Config) check() error {
	switch {
	case !c.Addr.IsValid() || c.Addr.IsUnspecified():
		return errors.New("the RTP address must be one that phones can send to, such as 127.0.0.1")
	case (c.PortMin == 0) != (c.PortMax == 0):
		return errors.New("give both ends of the RTP port range, or none")
	case c.PortMax < c.PortMin:
		return fmt.Errorf("the RTP ports %d–%d run backwards", c.PortMin, c.PortMax)
	case c.Shards < 0 || c.Shards > 64:
		return fmt.Errorf("%d shards: 1 to 64 are possible", c.Shards)
	}
	return nil
}

// Run works until ctx ends, then closes all legs, finishes the recordings and gives everything back. It can run
// once only.
func (e *Engine) Run(ctx context.Context) error {
	var writing, running sync.WaitGroup
	writing.Go(e.writers.run)
	errs := make([]error, len(e.shards))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for i, s := range e.shards {
		running.Go(func() {
			if errs[i] = s.run(); errs[i] != nil {
				cancel(errs[i]) // without its sockets the engine is nothing
			}
		})
	}
	<-ctx.Done()
	for _, s := range e.shards {
		s.stop()
	}
	running.Wait()
	e.desks.close()
	e.writers.close()
	writing.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("media: %w", err)
	}
	return nil
}

// clock is the time since the engine was made. It never runs backwards.
func (e *Engine) clock() time.Duration { return time.Since(e.start) }

// wall is a moment of the clock as the time of day.
func (e *Engine) wall(at time.Duration) time.Time { return e.start.Add(at) }

// NewLeg makes a leg without a transport. observe is told what happens on it, on the shard's goroutine: it
// must not block. Closed is its last event.
func (e *Engine) NewLeg(observe func(Event)) *Leg {
	s := e.shards[int(e.nextLeg.Add(1)-1)%len(e.shards)]
	l := newLeg(e, observe)
	l.shard.Store(s)
	s.post(command{leg: l, run: func(s *shard) { s.join(l) }})
	return l
}

// Move brings a leg that stands in no bridge to another shard.
func (e *Engine) Move(l *Leg, to int) {
	if to < 0 || to >= len(e.shards) {
		return
	}
	l.do(func(s *shard) { s.move(l, e.shards[to]) })
}
