package agentdesk

import (
	"testing"
	"time"

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

func TestTheRingGivesWhatCameAfterOrNothing(t *testing.T) {
	var g ring
	at := time.Unix(1_800_000_000, 0)
	for i := range 2000 {
		g.add(frame{seq: uint64(i + 1), at: at})
	}
	if len(g.frames) != ringFrames {
		t.Errorf("%d frames kept, want %d", len(g.frames), ringFrames)
	}
	for _, row := range []struct {
		seq, last uint64
		n         int
		ok        bool
	}{{2000, 2000, 0, true}, {1999, 2000, 1, true}, {2000 - ringFrames, 2000, ringFrames, true}, {2000 - ringFrames - 1, 2000, 0, false}, {2001, 2000, 0, false}, {0, 2000, 0, false}} {
		got, ok := g.after(row.seq, row.last)
		if ok != row.ok || len(got) != row.n || ok && row.n > 0 && got[0].seq != row.seq+1 {
			t.Errorf("after %d: %d frames, %v; want %d, %v", row.seq, len(got), ok, row.n, row.ok)
		}
	}
	g.add(frame{seq: 2001, at: at.Add(ringAge + time.Second)})
	if len(g.frames) != 1 {
		t.Errorf("%d frames kept after a minute", len(g.frames))
	}
}
