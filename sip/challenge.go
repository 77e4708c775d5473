package sip

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// verdict is what became of credentials.
type verdict uint8

const (
	proven  verdict = iota
	missing         // none that we could use: challenge
	stale           // right password, but the nonce has served its time: challenge, and say so
	wrong           // challenge; the answer looks the same as for missing
	banned          // too many wrong ones: no answer
)

// authority checks who phones say they are.
type authority struct {
	nonces *nonces
	gate   *transport.Gate
	realm  string
	// offered are the algorithms of our challenges, the preferred first.
	offered []algorithm
	// nobody stands in for the password of names that don't exist, so that they take as long.
	nobody    string
	passwords func(call.Extension) (string, bool)
	log       *slog.Logger
}

// check looks for credentials on a request. Exempt sources are never banned (trunks, phones in use).
func (a *authority) check(m *wire.Message, src netip.Addr, exempt bool, now time.Duration) (call.Extension, verdict) {
	var d digest
	alg, found := algorithm{}, false
	for line := range m.Lines(wire.Authorization) {
		one, ok := parseDigest(line)
		if !ok || one.response == "" || one.user == "" || !strings.EqualFold(one.qop, "auth") {
			continue
		}
		if _, ok = one.count(); !ok || one.cnonce == "" {
			continue
		}
		if alg, found = a.offers(one.algorithm); found {
			d = one
			break
		}
	}
	if !found {
		return "", missing
	}
	wall := time.Now()
	if !exempt && a.gate.Banned(src, d.user, wall) {
		return "", banned
	}
	ext := call.Extension(d.user)
	password, known := a.passwords(ext)
	if !known {
		password = a.nobody
	}
	right := d.proves(alg, password, m.Method) && known
	switch {
	case !right: // whatever its nonce: else an old one would let guess for nothing
		a.failed(src, d.user, exempt, wall)
		return "", wrong
	case !a.nonces.fresh(d.nonce, src, now):
		return "", stale
	}
	if count, _ := d.count(); !a.nonces.take(d.nonce, count, now) {
		return "", stale
	}
	a.gate.Succeeded(src, d.user)
	return ext, proven
}

// offers gives an algorithm if it is one that we challenge with.
func (a *authority) offers(name string) (algorithm, bool) {
	alg, ok := algorithmOf(name)
	for _, o := range a.offered {
		if ok && o.name == alg.name {
			return alg, true
		}
	}
	return algorithm{}, false
}

func (a *authority) failed(src netip.Addr, user string, exempt bool, now time.Time) {
	ban := a.gate.Failed(src, user, now)
	a.log.Warn("wrong SIP password", slog.String("source", src.String()), slog.String("user", wire.Clean(user, 64)),
		slog.Bool("banned", ban && !exempt))
}

// challenges writes one WWW-Authenticate header per algorithm (RFC 8760, 2.4), with one nonce, which
// even a client that mixes them up then gets right.
func (a *authority) challenges(src netip.Addr, isStale bool, now time.Duration) (all []string) {
	nonce := a.nonces.make(src, now)
	for _, alg := range a.offered {
		v := `Digest realm="` + a.realm + `", nonce="` + nonce + `", algorithm=` + alg.name + `, qop="auth"`
		if isStale {
			v += ", stale=true"
		}
		all = append(all, v)
	}
	return all
}
