package web

import (
	"testing"
)

func TestTooManyPagesOfOneUserAreRefused(t *testing.T) {
	ss := newSockets()
	for range socketsPerUserMax {
		if code := ss.reserve("amy"); code != "" {
			t.Fatal(code)
		}
	}
	if ss.reserve("amy") != "too_many_sockets" || ss.reserve("ben") != "" {
		t.Error("the bound is not per user")
	}
}
