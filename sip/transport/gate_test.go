package transport

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

var (
	home   = netip.MustParseAddr("192.0.2.1")
	midday = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
)

func TestGateLetsABurstPassAndThenTheRate(t *testing.T) {
	g := NewGate(20, 40)
	passed := 0
	for range 100 {
		if g.Pass(home, midday) {
			passed++
		}
	}
	if passed != 40 {
		t.Errorf("%d at once, want 40", passed)
	}
	for range 100 {
		if g.Pass(home, midday.Add(time.Second)) {
			passed++
		}
	}
	if passed != 60 {
		t.Errorf("%d after a second, want 60", passed)
	}
	if !g.Pass(netip.MustParseAddr("192.0.2.2"), midday) {
		t.Error("a neighbour was held back")
	}
}

func TestGateTakesAnIPv6NetworkForOneSource(t *testing.T) {
	g := NewGate(1, 1)
	if !g.Pass(netip.MustParseAddr("2001:db8::1"), midday) || g.Pass(netip.MustParseAddr("2001:db8::2"), midday) {
		t.Error("addresses of one /64 are two sources")
	}
	if !g.Pass(netip.MustParseAddr("2001:db8:0:1::1"), midday) {
		t.Error("another /64 was held back")
	}
}

func TestFiveWrongPasswordsBanThePairForTenMinutesAndThenLonger(t *testing.T) {
	g := NewGate(20, 40)
	at := midday
	for round, length := range []time.Duration{10 * time.Minute, 20 * time.Minute, 40 * time.Minute} {
		for i := range 5 {
			if g.Banned(home, "amy", at) {
				t.Fatalf("round %d: banned after %d", round, i)
			}
			if made := g.Failed(home, "amy", at); made != (i == 4) {
				t.Fatalf("round %d: ban made after %d: %v", round, i+1, made)
			}
		}
		if !g.Banned(home, "amy", at.Add(length-time.Second)) {
			t.Errorf("round %d: not banned for %v", round, length)
		}
		if g.Banned(home, "ben", at) || g.Banned(netip.MustParseAddr("192.0.2.9"), "amy", at) {
			t.Errorf("round %d: somebody else is banned", round)
		}
		at = at.Add(length)
	}
	g.Succeeded(home, "amy")
	if g.Banned(home, "amy", at) {
		t.Error("still banned after a right password")
	}
}

func TestGuessingManyAccountsBansTheAddress(t *testing.T) {
	g := NewGate(20, 40)
	for i := range failsAddress {
		g.Failed(home, fmt.Sprint("user", i), midday)
	}
	if !g.Banned(home, "new", midday) || g.Pass(home, midday) {
		t.Error("the address is not banned")
	}
}

func TestGateTablesAreBounded(t *testing.T) {
	g := NewGate(20, 40)
	for i := range maxBuckets + 5000 {
		g.Pass(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), midday)
	}
	if n := len(g.buckets); n > maxBuckets {
		t.Errorf("%d sources kept, want at most %d", n, maxBuckets)
	}
}
