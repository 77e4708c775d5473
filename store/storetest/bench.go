package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// Benchmarks runs what is dear on a busy server: writing the call log, and the look-ups of an offer.
func Benchmarks(b *testing.B, open func(b *testing.B) store.Store) {
	b.Helper()
	for _, size := range []int{1, 60, 300} {
		b.Run(fmt.Sprintf("apply/%d", size), func(b *testing.B) { benchApply(b, open(b), size) })
	}
	b.Run("look-up", func(b *testing.B) { benchLookUp(b, open(b)) })
}

// timelineOfACall is how many entries a call has that waited in a queue and was answered.
const timelineOfACall = 17

// benchApply writes batches of new calls, and reports the time of each call.
func benchApply(b *testing.B, st store.Store, size int) {
	b.Helper()
	var pos store.Position
	calls := 0
	b.ReportAllocs()
	for b.Loop() {
		batch := store.Batch{From: pos.Applied}
		for range size {
			calls++
			c := FullCall(call.ID(uuid.Must(uuid.NewV7()).String()), day.Add(time.Duration(calls)*time.Millisecond))
			c.From.E164 = fmt.Sprintf("+86138%08d", calls%50000)
			c.Agent = call.AgentID(fmt.Sprint("agent-", calls%900))
			c.Unfinished = false
			for len(c.Timeline) < timelineOfACall {
				c.Timeline = append(c.Timeline, c.Timeline[len(c.Timeline)-1])
			}
			batch.Calls = append(batch.Calls, c)
		}
		pos = store.Position{Applied: pos.Applied + 1, Safe: pos.Applied + 2, At: day}
		batch.Position = pos
		if err := st.Apply(b.Context(), node, store.ProjectionCalls, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(calls), "µs/call")
}

// benchLookUp asks what an offer shows: customer, last calls, open tickets.
func benchLookUp(b *testing.B, st store.Store) {
	b.Helper()
	Fill(b, st, 2000)
	for i := 0; b.Loop(); i++ {
		number := fmt.Sprintf("+86138%08d", i%2000)
		cs, err := st.CustomersByPhone(b.Context(), number)
		if err != nil || len(cs) != 1 {
			b.Fatalf("%d customers, %v", len(cs), err)
		}
		if _, err := st.Calls(b.Context(), store.CallFilter{Number: number, Limit: 10}); err != nil {
			b.Fatal(err)
		}
		if _, err := st.Tickets(b.Context(), store.TicketFilter{Customer: cs[0].ID, Open: true, Limit: 10}); err != nil {
			b.Fatal(err)
		}
	}
}
