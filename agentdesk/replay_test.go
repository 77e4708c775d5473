package agentdesk

import (
	"testing"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

func TestWhatWasMissedIsReplayed(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	c := r.as("amy")
	p := c.page()
	snap := p.desk()
	r.line.happened(call.AgentStateChosen{Agent: "amy", State: call.ChosePaused, Reason: "lunch"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusPaused, Reason: "lunch", Chosen: call.ChosePaused})
	last := p.desked("pause", func(d *proto.Desk) bool { return d.Agent.Status == "paused" })
	_ = p.conn.Close()
	eventually(t, "desk lost", func() bool { return r.line.count("desk lost amy") == 1 })
	r.line.happened(call.AgentStatusChanged{Agent: "amy", Status: call.StatusReady, Chosen: call.ChoseReady})

	next := c.page()
	next.say(proto.CmdSubscribe, "s", proto.Subscribe{Ch: "desk", Epoch: snap.Epoch, Seq: last.Seq})
	m := next.until("what was missed", func(m message) bool { return m.Ch == "desk" })
	if m.T != "d" || m.Seq != last.Seq+1 || m.Desk.Agent.Status != "ready" {
		t.Errorf("after %d came %s", last.Seq, m.raw)
	}
	stranger := c.page()
	stranger.mustAsk(proto.CmdTakeOver, nil)
	stranger.say(proto.CmdSubscribe, "s2", proto.Subscribe{Ch: "desk", Epoch: "another start", Seq: last.Seq})
	if m := stranger.until("snapshot", func(m message) bool { return m.Ch == "desk" }); m.T != "snap" {
		t.Errorf("of another start came %s", m.raw)
	}
}
