package agentdesk

import (
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/demosite"
	"github.com/linedesk/linedesk/switchboard/live"
)

// benchServer stands over a site of 1,000 agents, without a listener.
func benchServer(b *testing.B) (*Server, *ledger) {
	b.Helper()
	site, _, err := demosite.Site(demosite.Options{Agents: 1000})
	if err != nil {
		b.Fatal(err)
	}
	line := &ledger{site: site, live: live.New(site.Location), at: time.Now()}
	line.happened(call.NodeStarted{Node: "bench"}, site.Routing())
	s := &Server{calls: line, live: line.live, now: time.Now, epoch: "bench"}
	s.boards, s.desks = newBoards(s), newDesks(s)
	return s, line
}

// One tick of a board: 1,000 agents, 50 of whom changed; encoded once, however many pages look.
func BenchmarkBoardTick(b *testing.B) {
	s, line := benchServer(b)
	bd := &board{view: view{scope: configs.ScopeAll}, pages: map[*socket]struct{}{}}
	s.boards.update(bd, s.boards.source())
	bytes := 0
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		for n := range 50 {
			st := call.StatusReady
			if i%2 == 0 {
				st = call.StatusPaused
			}
			line.happened(call.AgentStatusChanged{Agent: line.site.Agents[n].ID, Status: st, Chosen: call.ChoseReady})
		}
		b.StartTimer()
		f, changed := s.boards.update(bd, s.boards.source())
		if !changed {
			b.Fatal("nothing changed")
		}
		bytes = len(f.data)
	}
	b.ReportMetric(float64(bytes), "B/message")
}

// One look at 1,000 open desks when one agent changed.
func BenchmarkDeskSweep(b *testing.B) {
	s, line := benchServer(b)
	for i := range line.site.Agents {
		a := line.site.Agents[i].ID
		s.desks.open[a] = newDesk(s, a, "", 0)
		id := call.ID(fmt.Sprint(i))
		line.happened(
			call.CallArrived{Call: id, Leg: "l", Direction: call.Inbound}, call.CallQueued{Call: id, Queue: "support"},
			call.CallOffered{Call: id, Offer: call.OfferID("o" + id), Queue: "support", Agent: a},
			call.Bridged{Call: id, Offer: call.OfferID("o" + id), Agent: a, Leg: "n"},
			call.AgentStatusChanged{Agent: a, Status: call.StatusTalking, Call: id, Chosen: call.ChoseReady})
	}
	s.desks.sweep()
	for b.Loop() {
		s.desks.sweep()
	}
}

// What a sign-in costs on purpose.
func BenchmarkPassword(b *testing.B) {
	p := newPasswords()
	hash := HashPassword("right")
	for b.Loop() {
		if ok, _, err := p.check(b.Context(), hash, "right"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
