package web

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

// The time of an answer must not tell who exists: each check costs one hash of full cost, whatever is stored. A demo
// site's cheap hash comes on top, a thousandth of it.
func TestUnknownUsersCostAsMuchAsKnownOnes(t *testing.T) {
	p := newPasswords()
	var spent []argonCost
	p.hash = func(password, salt []byte, passes, memory uint32, lanes uint8, size uint32) []byte {
		spent = append(spent, argonCost{memory, passes, lanes})
		return argon2.IDKey(password, salt, passes, memory, lanes, size)
	}
	cheap := argonCost{64, 1, 1}
	for _, row := range []struct {
		what, stored string
		want         []argonCost
	}{
		{"known", HashPassword("right"), []argonCost{fullCost}},
		{"unknown", "", []argonCost{fullCost}},
		{"one with a spoilt hash", "$argon2id$", []argonCost{fullCost}},
		{"demo", HashDemoPassword("right"), []argonCost{fullCost, cheap}},
	} {
		for _, password := range []string{"wrong", "", strings.Repeat("x", 10*passwordMax)} {
			spent = nil
			if ok, _, err := p.check(t.Context(), row.stored, password); ok || err != nil {
				t.Fatal(ok, err)
			}
			if !slices.Equal(spent, row.want) {
				t.Errorf("users that are %s cost %+v, want %+v", row.what, spent, row.want)
			}
		}
	}
}

func TestAHostileHashIsNotComputed(t *testing.T) {
	for _, phc := range []string{
		"", "$argon2id$", "$argon2id$v=19$m=4294967295,t=1,p=1$YWFhYWFhYWE$YWFhYWFhYWFhYWFhYWFhYQ",
		"$argon2id$v=19$m=64,t=4000000000,p=1$YWFhYWFhYWE$YWFhYWFhYWFhYWFhYWFhYQ", "$2y$10$abc", "$argon2id$v=18$m=64,t=1,p=1$YQ$YQ",
		"$argon2id$v=19$m=64,t=0,p=1$YWFhYWFhYWE$YWFhYWFhYWFhYWFhYWFhYQ", "$argon2id$v=19$m=64,t=1,p=1$YWFhYWFhYWE$",
	} {
		if _, _, _, err := parseHash(phc); err == nil {
			t.Errorf("%q was taken for a hash", phc)
		}
	}
}

func FuzzPasswordHash(f *testing.F) {
	f.Add(HashDemoPassword("x"))
	f.Add("$argon2id$v=19$m=64,t=1,p=1$YQ$YQ")
	f.Fuzz(func(t *testing.T, phc string) {
		c, _, key, err := parseHash(phc)
		if err == nil && (c.memory > 1<<18 || c.passes == 0 || c.lanes == 0 || len(key) < 16) {
			t.Errorf("%q taken with cost %+v", phc, c)
		}
	})
}

// What a sign-in costs on purpose.
func BenchmarkPassword(b *testing.B) {
	p := newPasswords()
	hash := HashPassword("right")
	for b.Loop() {
		if ok, _, err := p.check(b.Context(), hash, "right"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
