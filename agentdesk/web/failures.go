package web

import (
	"container/list"
	"net/netip"
	"sync"
	"time"
)

// Limits of failed sign-ins. Only failures are counted: right passwords may come as often as they like.
const (
	pairFailures   = 5                // of one user from one address, then
	pairRefill     = 12 * time.Second // one more for each such time
	sourceFailures = 30               // of one address, whatever the users
	sourceRefill   = 2 * time.Second
	failuresKept   = 20_000 // entries; the one longest unused goes first
)

// failures counts failed sign-ins in token buckets: by user and address, so that nobody can lock others out
// of their accounts from afar, and by address, so that nobody can try one password on all accounts.
// The name counts as typed, whether there is such a user or not.
type failures struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]*list.Element
	order   *list.List // front: used last
	good    map[string]time.Time
}

type bucket struct {
	key  string
	left float64
	at   time.Time
}

func newFailures(now func() time.Time) *failures {
	return &failures{now: now, buckets: map[string]*list.Element{}, order: list.New(), good: map[string]time.Time{}}
}

// sourceKey is the address as it is counted: IPv4 whole, IPv6 by its /64 (RFC 6177: one customer has at
// least that).
func sourceKey(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// wait tells how long to wait before the next try, 0: try now.
func (f *failures) wait(source netip.Addr, user string) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	src := sourceKey(source)
	pair := src + " " + user
	if d := f.missing(pair, pairFailures, pairRefill); d > 0 {
		return d
	}
	// Who signed in here today is let through, though a neighbour behind the same address guesses.
	if at, ok := f.good[pair]; ok && f.now().Sub(at) < sessionLife {
		return 0
	}
	return f.missing(src, sourceFailures, sourceRefill)
}

// failed counts one.
func (f *failures) failed(source netip.Addr, user string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	src := sourceKey(source)
	f.take(src+" "+user, pairFailures, pairRefill)
	f.take(src, sourceFailures, sourceRefill)
}

// succeeded remembers a pair and forgives its failures.
func (f *failures) succeeded(source netip.Addr, user string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	pair := sourceKey(source) + " " + user
	if e, ok := f.buckets[pair]; ok {
		f.order.Remove(e)
		delete(f.buckets, pair)
	}
	if len(f.good) >= failuresKept {
		clear(f.good)
	}
	f.good[pair] = f.now()
}

func (f *failures) missing(key string, size float64, refill time.Duration) time.Duration {
	e, ok := f.buckets[key]
	if !ok {
		return 0
	}
	b := e.Value.(*bucket)
	left := min(size, b.left+f.now().Sub(b.at).Seconds()/refill.Seconds())
	if left >= 1 {
		return 0
	}
	return time.Duration((1 - left) * float64(refill))
}

func (f *failures) take(key string, size float64, refill time.Duration) {
	now := f.now()
	e, ok := f.buckets[key]
	if !ok {
		if f.order.Len() >= failuresKept {
			oldest := f.order.Back()
			f.order.Remove(oldest)
			delete(f.buckets, oldest.Value.(*bucket).key)
		}
		e = f.order.PushFront(&bucket{key: key, left: size, at: now})
		f.buckets[key] = e
	}
	f.order.MoveToFront(e)
	b := e.Value.(*bucket)
	b.left = max(0, min(size, b.left+now.Sub(b.at).Seconds()/refill.Seconds())-1)
	b.at = now
}
