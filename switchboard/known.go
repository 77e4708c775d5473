package switchboard

import (
	"sync"
	"time"
)

// Bounds of what is remembered between calls.
const (
	knownMax = 8192            // entries; a full memory is emptied
	knownFor = 5 * time.Second // a customer's record may change
)

// known remembers what was found for a key a moment ago: busy lines bring the same numbers again and again.
type known[V any] struct {
	keep time.Duration // 0: for as long as there is room

	mu sync.Mutex // guards m
	m  map[string]remembered[V]
}

type remembered[V any] struct {
	value V
	at    time.Time
}

func newKnown[V any](keep time.Duration) *known[V] {
	return &known[V]{keep: keep, m: make(map[string]remembered[V])}
}

func (k *known[V]) get(key string, now time.Time) (V, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.m[key]
	if ok && k.keep > 0 && now.Sub(r.at) > k.keep {
		delete(k.m, key)
		ok = false
	}
	return r.value, ok
}

func (k *known[V]) put(key string, v V, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.m) >= knownMax {
		clear(k.m)
	}
	k.m[key] = remembered[V]{value: v, at: now}
}
