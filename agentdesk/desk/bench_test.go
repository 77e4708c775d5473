package desk

import (
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs/demosite"
	"github.com/linedesk/linedesk/switchboard/live"
)

// One look for 2,999 open desks, all in calls, when one agent changed.
func BenchmarkDeskLook(b *testing.B) {
	site, _, err := demosite.Site(demosite.Options{Agents: 2999})
	if err != nil {
		b.Fatal(err)
	}
	l := live.New(site.Location)
	seq := uint64(0)
	happened := func(events ...call.Event) {
		for _, e := range events {
			seq++
			l.Apply(call.Record{Seq: seq, At: time.Now().UTC(), Event: e})
		}
	}
	happened(call.NodeStarted{Node: "bench"}, site.Routing())
	r := New(nil, l, nil)
	for i := range site.Agents {
		a := site.Agents[i].ID
		r.desks.open[a] = newDesk(r, a, "", 0)
		id := call.ID(fmt.Sprint(i))
		happened(
			call.CallArrived{Call: id, Leg: "l", Direction: call.Inbound}, call.CallQueued{Call: id, Queue: "support"},
			call.CallOffered{Call: id, Offer: call.OfferID("o" + id), Queue: "support", Agent: a},
			call.Bridged{Call: id, Offer: call.OfferID("o" + id), Agent: a, Leg: "n"},
			call.AgentStatusChanged{Agent: a, Status: call.StatusTalking, Call: id, Chosen: call.ChoseReady})
	}
	watch := l.Watch()
	defer watch.Close()
	for i := 0; b.Loop(); i++ {
		happened(call.AgentMuted{Call: call.ID(fmt.Sprint(i % 2999)), Agent: site.Agents[i%2999].ID, Muted: i%2 == 0})
		r.desks.look(watch.Take())
	}
}
