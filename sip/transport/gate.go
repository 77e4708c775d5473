package transport

import (
	"net/netip"
	"sync"
	"time"
)

// Gate limits what sources that nobody vouches for may ask of us, and bans those that guess passwords.
// Its tables are bounded: when one is full, something old or arbitrary makes room.
type Gate struct {
	rate  float64 // requests a second
	burst float64

	mu      sync.Mutex
	buckets map[netip.Prefix]*bucket
	bans    map[banKey]*ban
}

const (
	maxBuckets = 65_536
	maxBans    = 100_000

	// Five wrong passwords in a minute for one account from one address shut that pair out for ten
	// minutes, then twice as long each time, up to a day. Twenty for any accounts shut out the address.
	failWindow   = time.Minute
	failsAccount = 5
	failsAddress = 20
	firstBan     = 10 * time.Minute
	longestBan   = 24 * time.Hour
)

type bucket struct {
	tokens float64
	at     time.Time
}

// banKey is an address and an account; the account "" is for the address as such.
type banKey struct {
	from    netip.Prefix
	account string
}

type ban struct {
	fails int
	since time.Time     // of the first of the fails
	until time.Time     // zero: not banned
	last  time.Duration // how long the last ban was
}

// NewGate makes a gate that lets so many requests a second pass per source, and so many at once.
func NewGate(rate, burst float64) *Gate {
	return &Gate{rate: rate, burst: burst, buckets: map[netip.Prefix]*bucket{}, bans: map[banKey]*ban{}}
}

// source is what counts as one source: an IPv4 address, or an IPv6 network of /64.
func source(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the length fits the family: no error
	return p
}

// Pass says whether a source may be heard now.
func (g *Gate) Pass(a netip.Addr, now time.Time) bool {
	src := source(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	if b := g.bans[banKey{from: src}]; b != nil && now.Before(b.until) {
		return false
	}
	b := g.buckets[src]
	if b == nil {
		if len(g.buckets) >= maxBuckets {
			evict(g.buckets, func(b *bucket) bool { return now.Sub(b.at).Seconds()*g.rate >= g.burst })
		}
		b = &bucket{tokens: g.burst, at: now}
		g.buckets[src] = b
	}
	b.tokens = min(g.burst, b.tokens+max(0, now.Sub(b.at).Seconds())*g.rate)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// Banned says whether a source may not try an account's password now.
func (g *Gate) Banned(a netip.Addr, account string, now time.Time) bool {
	src := source(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range [...]banKey{{src, account}, {src, ""}} {
		if b := g.bans[k]; b != nil && now.Before(b.until) {
			return true
		}
	}
	return false
}

// Failed notes a wrong password. It tells whether that made a ban.
func (g *Gate) Failed(a netip.Addr, account string, now time.Time) bool {
	src := source(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	byAccount := g.fail(banKey{src, account}, failsAccount, now)
	return g.fail(banKey{src, ""}, failsAddress, now) || byAccount
}

func (g *Gate) fail(k banKey, limit int, now time.Time) bool {
	b := g.bans[k]
	if b == nil {
		if len(g.bans) >= maxBans {
			evict(g.bans, func(b *ban) bool { return now.After(b.until) && now.Sub(b.since) > failWindow })
		}
		b = &ban{since: now}
		g.bans[k] = b
	}
	if now.Sub(b.since) > failWindow {
		b.fails, b.since = 0, now
	}
	if b.fails++; b.fails < limit {
		return false
	}
	b.last = min(max(2*b.last, firstBan), longestBan)
	b.fails, b.until = 0, now.Add(b.last)
	return true
}

// Succeeded forgets the wrong passwords of a source for an account.
func (g *Gate) Succeeded(a netip.Addr, account string) {
	g.mu.Lock()
	delete(g.bans, banKey{source(a), account})
	g.mu.Unlock()
}

// evict looks at a few entries in the map's own arbitrary order: it takes out those that are idle, or
// else the first it sees. A flood of made-up sources so costs room that it takes itself.
func evict[K comparable, V any](m map[K]V, idle func(V) bool) {
	looked, out := 0, 0
	var first K
	for k, v := range m {
		if looked == 0 {
			first = k
		}
		if idle(v) {
			delete(m, k)
			out++
		}
		if looked++; looked == 64 {
			break
		}
	}
	if out == 0 {
		delete(m, first)
	}
}
