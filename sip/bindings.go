package sip

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/transport"
)

// registrar remembers where each extension's phones can be reached (RFC 3261, 10). Its methods may be
// called from anywhere; changes are told to the handler by run, in order.
type registrar struct {
	e     *Endpoint
	tell  func(ext call.Extension, up bool, contact string)
	ping  func(t target, done func(answered bool))
	every time.Duration // between pings of one phone; negative: never
	wake  chan struct{}

	mu      sync.RWMutex
	by      map[call.Extension][]*binding
	flows   map[transport.Flow]flowUse
	changes []change // not told yet; as many as there were changes since run last looked
}

// flowUse says how many bindings came by a flow, and the last of their extensions.
type flowUse struct {
	n   int
	ext call.Extension
}

type change struct {
	ext     call.Extension
	up      bool
	contact string
}

func newRegistrar(e *Endpoint) *registrar {
	return &registrar{
		e: e, every: e.cfg.KeepAlive, wake: make(chan struct{}, 1),
		by: map[call.Extension][]*binding{}, flows: map[transport.Flow]flowUse{},
	}
}

// targets gives where an extension can be rung.
func (r *registrar) targets(ext call.Extension) (all []target) {
	now := r.e.since()
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, b := range r.by[ext] {
		if b.expires > now && b.flow.Alive() {
			all = append(all, b.target())
		}
	}
	return all
}

// at gives an extension that is registered from a source, if there is one.
func (r *registrar) at(flow transport.Flow) (call.Extension, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	use, ok := r.flows[flow]
	return use.ext, ok
}

// contactChange is one contact of a REGISTER, checked.
type contactChange struct {
	uri string
	ttl time.Duration // 0 removes it
}

// update carries a REGISTER out, as a whole or not at all (RFC 3261, 10.3, steps 6 and 7), and gives the
// extension's contacts as they are then. It gives false if the request is older than what is known.
func (r *registrar) update(ext call.Extension, all bool, changes []contactChange, from binding) (now []binding, ok bool) {
	at := r.e.since()
	r.mu.Lock()
	defer r.mu.Unlock()
	olds := r.by[ext]
	for _, b := range olds {
		if b.callID == from.callID && from.cseq <= b.cseq && (all || concerns(changes, b.contact)) {
			return nil, false
		}
	}
	if all {
		for len(r.by[ext]) > 0 {
			r.remove(r.by[ext][0])
		}
	}
	for _, c := range changes {
		old := r.find(ext, c.uri)
		switch {
		case c.ttl == 0 && old != nil:
			r.remove(old)
		case c.ttl == 0:
		default:
			b := from
			b.ext, b.contact, b.expires = ext, c.uri, at+c.ttl
			// Phones that came all at once need not all be asked at once.
			b.pinged = at - rand.N(max(r.every/4, 1))
			r.put(old, &b)
		}
	}
	for _, b := range r.by[ext] {
		now = append(now, *b)
	}
	r.poke()
	return now, true
}

func concerns(changes []contactChange, uri string) bool {
	return slices.ContainsFunc(changes, func(c contactChange) bool { return c.uri == uri })
}

func (r *registrar) find(ext call.Extension, uri string) *binding {
	for _, b := range r.by[ext] {
		if b.contact == uri {
			return b
		}
	}
	return nil
}

// put adds a binding, or puts it in an old one's place. Called with mu held.
func (r *registrar) put(old, b *binding) {
	r.flows[b.flow] = flowUse{n: r.flows[b.flow].n + 1, ext: b.ext}
	if old != nil {
		r.unflow(old)
		answered := old.answered
		*old = *b
		old.answered = answered
		return
	}
	if bs := r.by[b.ext]; len(bs) >= maxContacts { // the one that runs out first makes room
		first := slices.MinFunc(bs, func(x, y *binding) int { return int(x.expires - y.expires) })
		r.remove(first)
	}
	r.by[b.ext] = append(r.by[b.ext], b)
	r.changes = append(r.changes, change{b.ext, true, b.contact})
}

// remove takes a binding out. Called with mu held.
func (r *registrar) remove(b *binding) {
	bs := r.by[b.ext]
	i := slices.Index(bs, b)
	if i < 0 {
		return
	}
	r.unflow(b)
	if bs = slices.Delete(bs, i, i+1); len(bs) > 0 {
		r.by[b.ext] = bs
		return
	}
	delete(r.by, b.ext)
	r.changes = append(r.changes, change{b.ext, false, b.contact})
}

func (r *registrar) unflow(b *binding) {
	use := r.flows[b.flow]
	if use.n--; use.n <= 0 {
		delete(r.flows, b.flow)
		return
	}
	r.flows[b.flow] = use
}

// closed drops what was registered by a connection that is gone.
func (r *registrar) closed(flow transport.Flow) {
	if _, ok := r.at(flow); !ok {
		return
	}
	r.dropIf(func(b *binding) bool { return b.flow == flow })
}

func (r *registrar) dropIf(gone func(*binding) bool) {
	r.mu.Lock()
	var out []*binding
	for _, bs := range r.by {
		for _, b := range bs {
			if gone(b) {
				out = append(out, b)
			}
		}
	}
	for _, b := range out {
		r.remove(b)
	}
	r.mu.Unlock()
	if len(out) > 0 {
		r.poke()
	}
}

func (r *registrar) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run tells changes, lets bindings expire and asks phones whether they are there, until ctx ends.
func (r *registrar) run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-tick.C:
			now := r.e.since()
			r.dropIf(func(b *binding) bool { return b.expires <= now })
			r.pingDue(now)
		}
		r.mu.Lock()
		changes := r.changes
		r.changes = nil
		r.mu.Unlock()
		for _, c := range changes {
			r.tell(c.ext, c.up, c.contact)
		}
	}
}

// missesAllowed is how many pings may go without an answer.
const missesAllowed = 3

// pingDue sends OPTIONS to the phones whose turn it is.
func (r *registrar) pingDue(now time.Duration) {
	if r.every < 0 {
		return
	}
	var due []target
	r.mu.Lock()
	for _, bs := range r.by {
		for _, b := range bs {
			every := r.every
			if b.misses > 0 {
				every /= 5 // find out soon
			}
			if now-b.pinged >= every {
				b.pinged = now
				due = append(due, b.target())
			}
		}
	}
	r.mu.Unlock()
	for _, t := range due {
		r.ping(t, func(answered bool) { r.pinged(t, answered) })
	}
}

// suspect has an extension's phones asked at once: one of them went silent in a call.
func (r *registrar) suspect(ext call.Extension) {
	if ext == "" {
		return
	}
	r.mu.Lock()
	for _, b := range r.by[ext] {
		b.misses = max(b.misses, 1)
		b.pinged = 0
	}
	r.mu.Unlock()
}

// pinged notes what came of a ping. A phone that never answered one may just not know how to; one
// that did and does no more is gone.
func (r *registrar) pinged(t target, answered bool) {
	r.mu.Lock()
	b := r.find(t.ext, t.uri)
	if b == nil || b.flow != t.flow {
		r.mu.Unlock()
		return
	}
	if answered {
		b.answered, b.misses = true, 0
	} else {
		b.misses++
	}
	if b.answered && b.misses >= missesAllowed {
		r.e.count.add("binding_unanswering")
		r.remove(b)
	}
	r.mu.Unlock()
	r.poke()
}
