package web

import (
	"fmt"
	"testing"
	"time"
)

func TestAckIDsAreForgottenAfterAMinute(t *testing.T) {
	now := time.Now()
	a := newAcks(func() time.Time { return now })
	if _, repeated := a.begin("amy", "1"); repeated {
		t.Error("the first is a repetition")
	}
	now = now.Add(ackKept - time.Second)
	if _, repeated := a.begin("amy", "1"); !repeated {
		t.Error("within a minute it is no repetition")
	}
	now = now.Add(2 * time.Second)
	if _, repeated := a.begin("amy", "1"); repeated {
		t.Error("after a minute it still is one")
	}
	for i := range acksMax * 2 {
		a.begin("amy", fmt.Sprint("x", i))
	}
	if n := len(a.users["amy"].order); n > acksMax {
		t.Errorf("%d kept, want at most %d", n, acksMax)
	}
}
