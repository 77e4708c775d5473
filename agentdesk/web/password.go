package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// Argon2id parameters (RFC 9106) of passwords for the web: 19 MiB, two passes, one lane. About 25 ms.
const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16

	// passwordMax bounds what a stranger can make us hash.
	passwordMax = 256
)

// argonCost are the parameters that a stored hash was made with.
type argonCost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

var fullCost = argonCost{argonMemory, argonPasses, argonLanes}

// HashPassword gives what is stored of a password: a PHC string with its own salt and parameters.
func HashPassword(password string) string { return hashPassword(password, fullCost) }

// HashDemoPassword is [HashPassword] at a cost that lets a demo site have thousands of users. The first
// sign-in replaces it by a full one. It is for passwords that are published anyway.
func HashDemoPassword(password string) string { return hashPassword(password, argonCost{64, 1, 1}) }

func hashPassword(password string, c argonCost) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	key := argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

var errBadHash = errors.New("not an argon2id PHC string")

// parseHash takes a PHC string apart.
func parseHash(phc string) (c argonCost, salt, key []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, errBadHash
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return c, nil, nil, errBadHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil {
		return c, nil, nil, errBadHash
	}
	// A hash from elsewhere may not make us take any amount of memory or time.
	if c.memory > 1<<18 || c.passes == 0 || c.passes > 16 || c.lanes == 0 || c.lanes > 16 {
		return c, nil, nil, errBadHash
	}
	b64 := base64.RawStdEncoding.Strict()
	if salt, err = b64.DecodeString(parts[4]); err != nil {
		return c, nil, nil, errBadHash
	}
	if key, err = b64.DecodeString(parts[5]); err != nil || len(key) < 16 || len(key) > 64 {
		return c, nil, nil, errBadHash
	}
	return c, salt, key, nil
}

// passwords checks passwords, at most four at a time (4 × 19 MiB), so that a flood of sign-ins takes
// neither the memory nor all the processors.
type passwords struct {
	slots chan struct{} // held while hashing
	queue chan struct{} // held while waiting or hashing
	dummy string        // what an unknown user's password is compared with

	// hash is argon2.IDKey: a test counts what is spent.
	hash func(password, salt []byte, passes, memory uint32, lanes uint8, size uint32) []byte
}

func newPasswords() *passwords {
	return &passwords{
		slots: make(chan struct{}, 4),
		queue: make(chan struct{}, 256),
		dummy: HashPassword("no user has this password"),
		hash:  argon2.IDKey,
	}
}

// errBusy says that too many sign-ins are in hand.
var errBusy = errors.New("too many sign-ins at once")

// check tells whether the password fits the stored hash; "" stands for a user that there isn't. Every check
// costs one full hash, whatever is stored, so that its time does not tell users from strangers.
// weak says that the stored hash wants replacing.
func (p *passwords) check(ctx context.Context, stored, password string) (ok, weak bool, err error) {
	select {
	case p.queue <- struct{}{}:
		defer func() { <-p.queue }()
	default:
		return false, false, errBusy
	}
	timeout := time.NewTimer(10 * time.Second)
	defer timeout.Stop()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-timeout.C:
		return false, false, errBusy
	case <-ctx.Done():
		return false, false, ctx.Err()
	}
	if len(password) > passwordMax {
		password = password[:passwordMax+1] // fits no hash, costs the same
	}
	c, salt, key, err := parseHash(stored)
	known := err == nil
	if !known || c != fullCost {
		dc, ds, dk, _ := parseHash(p.dummy)
		_ = p.matches(password, dc, ds, dk)
	}
	if !known {
		return false, false, nil
	}
	return p.matches(password, c, salt, key), c != fullCost, nil
}

func (p *passwords) matches(password string, c argonCost, salt, key []byte) bool {
	got := p.hash([]byte(password), salt, c.passes, c.memory, c.lanes, uint32(len(key))) //nolint:gosec // 16…64
	return subtle.ConstantTimeCompare(got, key) == 1
}
