package agentdesk

import (
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

func TestACommandRepeatedIsAnsweredAndNotCarriedOutAgain(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	p := c.page()
	for range 3 {
		p.say(proto.CmdHold, "same", proto.CallRef{Call: "x"})
		if m := p.until("ack", func(m message) bool { return m.ID == "same" }); !m.OK {
			t.Errorf("%s", m.raw)
		}
	}
	again := c.page() // after a lost connection, too
	again.say(proto.CmdHold, "same", proto.CallRef{Call: "x"})
	again.until("ack", func(m message) bool { return m.ID == "same" && m.OK })
	if n := r.line.count("hold amy x"); n != 1 {
		t.Errorf("carried out %d times", n)
	}
	other := r.page("ben")
	other.say(proto.CmdHold, "same", proto.CallRef{Call: "x"})
	other.until("ack", func(m message) bool { return m.ID == "same" })
	if n := r.line.count("hold ben x"); n != 1 {
		t.Error("another user's command of the same id was not carried out")
	}
}

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
