package sip

import (
	"maps"
	"sync"
	"sync/atomic"
)

// counters counts by name. The names are few and made by us, never by a peer.
type counters struct {
	mu sync.RWMutex
	by map[string]*atomic.Uint64
}

func (c *counters) add(name string) {
	c.mu.RLock()
	n := c.by[name]
	c.mu.RUnlock()
	if n == nil {
		c.mu.Lock()
		if n = c.by[name]; n == nil {
			if c.by == nil {
				c.by = map[string]*atomic.Uint64{}
			}
			n = new(atomic.Uint64)
			c.by[name] = n
		}
		c.mu.Unlock()
	}
	n.Add(1)
}

func (c *counters) all() map[string]uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make(map[string]uint64, len(c.by))
	for name, n := range maps.All(c.by) {
		out[name] = n.Load()
	}
	return out
}
