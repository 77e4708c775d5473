package switchboard

import (
	"strconv"
	"testing"
	"time"
)

func TestWhatIsKnownIsForgottenInTime(t *testing.T) {
	k := newKnown[int](knownFor)
	now := time.Unix(0, 0)
	k.put("a", 1, now)
	if v, ok := k.get("a", now.Add(knownFor)); !ok || v != 1 {
		t.Errorf("got %d, %t within the time, want 1, true", v, ok)
	}
	if _, ok := k.get("a", now.Add(knownFor+time.Microsecond)); ok {
		t.Error("still known when the time is over")
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	k := newKnown[int](0)
	for i := range 3 * knownMax {
		k.put(strconv.Itoa(i), i, time.Unix(int64(i), 0))
		if len(k.m) > knownMax {
			t.Fatalf("%d entries after %d, want at most %d", len(k.m), i, knownMax)
		}
	}
}
