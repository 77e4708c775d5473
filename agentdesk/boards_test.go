package agentdesk

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

func TestABoardShowsWhatChangedAndNoMore(t *testing.T) {
	r := newRig(t)
	p := r.page("sun")
	snap := p.board()
	if len(snap.Board.Agents) != 20 || len(snap.Board.Queues) != 2 {
		t.Fatalf("%d agents, %d queues", len(snap.Board.Agents), len(snap.Board.Queues))
	}
	r.line.happened(call.CallArrived{Call: "1", Leg: "l", Direction: call.Inbound, To: call.Number{Raw: "4001"}}, call.CallQueued{Call: "1", Queue: "support"})
	d := p.until("change", func(m message) bool { return m.T == "d" })
	if d.Seq != snap.Seq+1 || len(d.Board.Queues) != 1 || d.Board.Queues[0].Waiting != 1 || d.Board.Queues[0].LongestSince == 0 || len(d.Board.Agents) != 0 {
		t.Errorf("delta %s", d.raw)
	}
	late := r.page("sun")
	late.say(proto.CmdSubscribe, "s", proto.Subscribe{Ch: "board", Epoch: snap.Epoch, Seq: snap.Seq})
	if m := late.until("missed", func(m message) bool { return m.Ch == "board" }); !bytes.Equal(m.raw, d.raw) {
		t.Errorf("replayed %s, want %s", m.raw, d.raw)
	}
}

func TestABoardChangesFourTimesASecondAtMost(t *testing.T) {
	r := newRig(t)
	p := r.page("sun")
	p.board()
	start := time.Now()
	go func() {
		for i := range 400 {
			id := call.ID(fmt.Sprint(i))
			r.line.happened(call.CallArrived{Call: id, Leg: "l", Direction: call.Inbound}, call.CallQueued{Call: id, Queue: "support"})
			if i%4 == 0 {
				<-time.After(10 * time.Millisecond)
			}
		}
	}()
	deltas := 0
	p.until("all waiting", func(m message) bool {
		if m.T == "d" {
			deltas++
		}
		return m.Board != nil && len(m.Board.Queues) > 0 && m.Board.Queues[0].Waiting == 400
	})
	if most := 2 + int(time.Since(start)/(250*time.Millisecond)); deltas > most {
		t.Errorf("%d deltas in %v, want at most %d", deltas, time.Since(start), most)
	}
}

func TestABoardShowsItsScopeOnly(t *testing.T) {
	r := newRig(t)
	own := r.page("amy").board()
	if len(own.Board.Agents) != 1 || own.Board.Agents[0].ID != "amy" || len(own.Board.Queues) != 2 {
		t.Errorf("amy sees %s", own.raw)
	}
	if all := r.page("lena").board(); len(all.Board.Agents) != 20 {
		t.Errorf("lena sees %d agents", len(all.Board.Agents))
	}
}

// The service level of a board is of all the calls of its queues, not the mean of the queues' levels.
func TestABoardHasTheServiceLevelOfAllItsCalls(t *testing.T) {
	r := newRig(t)
	p := r.page("sun")
	if level := p.board().Board.Totals.ServiceLevel; level != nil {
		t.Errorf("before the first call %v", *level)
	}
	r.onShift("amy")
	at := func(id call.ID, queue call.QueueID, answered bool) {
		r.line.happened(call.CallArrived{Call: id, Leg: "l", Direction: call.Inbound}, call.CallQueued{Call: id, Queue: queue})
		if answered {
			offer := call.OfferID("offer of " + id)
			r.line.happened(call.CallOffered{Call: id, Offer: offer, Agent: "amy", Queue: queue},
				call.Bridged{Call: id, Agent: "amy", Offer: offer}, call.CallEnded{Call: id, End: call.End{Cause: call.CauseHangup}})
		}
	}
	at("1", "sales", true)
	at("2", "support", true)
	at("3", "support", false)
	at("4", "support", false)
	p.until("half", func(m message) bool {
		return m.T == "d" && m.Board != nil && m.Board.Totals != nil && m.Board.Totals.ServiceLevel != nil && *m.Board.Totals.ServiceLevel == 0.5
	})
}
