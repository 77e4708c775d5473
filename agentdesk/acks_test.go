package agentdesk

import (
	"testing"

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
