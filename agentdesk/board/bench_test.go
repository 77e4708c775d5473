package board

import (
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/demosite"
	"github.com/linedesk/linedesk/switchboard/live"
)

// One tick of a board: 1,000 agents, 50 of whom changed; encoded once, however many pages look.
func BenchmarkBoardTick(b *testing.B) {
	site, _, err := demosite.Site(demosite.Options{Agents: 1000})
	if err != nil {
		b.Fatal(err)
	}
	l := live.New(site.Location)
	seq := uint64(0)
	happened := func(e call.Event) {
		seq++
		l.Apply(call.Record{Seq: seq, At: time.Now().UTC(), Event: e})
	}
	happened(call.NodeStarted{Node: "bench"})
	happened(site.Routing())
	r := New(l, func() *configs.Site { return site })
	bd := &board{sight: sight{scope: configs.ScopeAll}, pages: map[*web.Socket]struct{}{}}
	src := func() boardSource { return boardSource{view.Site{Site: site}, l.Queues(), l.Agents(), l.Version()} }
	r.boards.update(bd, src(), time.Now())
	bytes := 0
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		for n := range 50 {
			st := call.StatusReady
			if i%2 == 0 {
				st = call.StatusPaused
			}
			happened(call.AgentStatusChanged{Agent: site.Agents[n].ID, Status: st, Chosen: call.ChoseReady})
		}
		b.StartTimer()
		f, changed := r.boards.update(bd, src(), time.Now())
		if !changed {
			b.Fatal("nothing changed")
		}
		bytes = len(f.Data)
	}
	b.ReportMetric(float64(bytes), "B/message")
}
