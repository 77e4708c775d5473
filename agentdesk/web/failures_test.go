package web

import (
	"net/netip"
	"testing"
	"time"
)

func TestFailuresAreForgottenWithTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	f := newFailures(func() time.Time { return now })
	here, there := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for range pairFailures {
		f.failed(here, "amy")
	}
	if f.wait(here, "amy") == 0 {
		t.Error("after five failures the next try is let through")
	}
	if f.wait(there, "amy") != 0 {
		t.Error("failures from one place lock the user out elsewhere")
	}
	now = now.Add(pairRefill)
	if d := f.wait(here, "amy"); d != 0 {
		t.Errorf("after %v still %v to wait", pairRefill, d)
	}
}

func TestGuessingOnePasswordOnManyAccountsIsLimited(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	f := newFailures(func() time.Time { return now })
	here := netip.MustParseAddr("2001:db8::1")
	f.succeeded(here, "lena")
	for i := range sourceFailures {
		f.failed(netip.MustParseAddr("2001:db8::"+string(rune('1'+i%9))), "user"+string(rune('a'+i%26)))
	}
	if f.wait(here, "someone") == 0 {
		t.Error("a source that guesses on many accounts is let through")
	}
	if f.wait(here, "lena") != 0 {
		t.Error("who signed in here before is locked out by a neighbour's guesses")
	}
}

func TestFailuresAreBounded(t *testing.T) {
	f := newFailures(time.Now)
	for i := range failuresKept * 2 {
		f.failed(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), "amy")
	}
	if len(f.buckets) > failuresKept || f.order.Len() != len(f.buckets) {
		t.Errorf("%d buckets kept, %d in order, want at most %d", len(f.buckets), f.order.Len(), failuresKept)
	}
}
