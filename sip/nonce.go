package sip

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"
)

const (
	// nonceLife is how long a nonce is good. After it a phone gets a fresh one with stale=true and
	// needs nobody to type a password.
	nonceLife = time.Minute
	// maxNonces bounds those whose use is counted: only nonces that a right password came with.
	maxNonces = 32_768
)

// nonces makes and checks nonces. One is a time, some chance, and a keyed hash of both with the address
// of whom it was given to: nothing is kept for it until it has served.
type nonces struct {
	key [32]byte

	mu   sync.Mutex
	used map[string]use
	old  map[string]use // the generation before; both are looked in, one is added to
	turn time.Duration  // when they change places
}

type use struct{ last uint32 }

func newNonces() *nonces {
	n := &nonces{used: map[string]use{}, old: map[string]use{}}
	_, _ = rand.Read(n.key[:]) // never fails
	return n
}

const (
	nonceChance = 5  // bytes
	nonceMAC    = 12 // bytes
	nonceLen    = 4 + nonceChance + nonceMAC
)

// make makes a nonce for an address. Now is the time since the endpoint's start.
func (n *nonces) make(to netip.Addr, now time.Duration) string {
	var b [nonceLen]byte
	binary.BigEndian.PutUint32(b[:], uint32(now/time.Second))
	_, _ = rand.Read(b[4 : 4+nonceChance])
	n.sign(b[:], to)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (n *nonces) sign(b []byte, to netip.Addr) {
	h := hmac.New(sha256.New, n.key[:])
	_, _ = h.Write(b[:4+nonceChance])
	a := to.As16()
	_, _ = h.Write(a[:])
	copy(b[4+nonceChance:], h.Sum(nil)[:nonceMAC])
}

// fresh says whether a nonce is one of ours for this address, and still good.
func (n *nonces) fresh(nonce string, from netip.Addr, now time.Duration) bool {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != nonceLen {
		return false
	}
	given := [nonceMAC]byte(b[4+nonceChance:])
	n.sign(b, from)
	age := now/time.Second - time.Duration(binary.BigEndian.Uint32(b))
	return hmac.Equal(given[:], b[4+nonceChance:]) && age >= 0 && age <= nonceLife/time.Second
}

// take counts a use of a nonce with a right password. It gives false for a count that was seen
// already, which is a replay.
func (n *nonces) take(nonce string, count uint32, now time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now >= n.turn || len(n.used) >= maxNonces {
		n.used, n.old = map[string]use{}, n.used
		n.turn = now + nonceLife + time.Second
	}
	u, ok := n.used[nonce]
	if !ok {
		u = n.old[nonce]
	}
	if count <= u.last {
		return false
	}
	n.used[nonce] = use{last: count}
	return true
}
