package projection_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store"
)

// openJournal opens a journal and brings it to the disk until the test ends.
func openJournal(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Options{Dir: dir, Node: "node-1", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	running(t, j.Run)
	return j
}

// running runs something until stop is called, or the test ends, and waits for its end.
func running(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

type ctx = context.Context

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, j *journal.Journal, events ...call.Event) {
	t.Helper()
	for _, e := range events {
		if _, err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
}

// take has a call come to ben and end.
func take(t *testing.T, j *journal.Journal, id call.ID) {
	t.Helper()
	far, near, offer := call.LegID("far-"+id), call.LegID("ben-"+id), call.OfferID("o-"+id)
	end := call.End{By: call.ByCaller, Cause: call.CauseHangup}
	add(t, j,
		call.CallArrived{Call: id, Leg: far, Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "13800000001"}}, To: call.Number{Raw: "4001"}},
		call.CallAnswered{Call: id, Leg: far},
		call.CallQueued{Call: id, Queue: "support"},
		call.CallOffered{Call: id, Offer: offer, Queue: "support", Agent: "ben"},
		call.OfferAnswered{Call: id, Offer: offer, Agent: "ben", Leg: near},
		call.Bridged{Call: id, Offer: offer, Agent: "ben", Leg: near},
		call.TalkEnded{Call: id, Offer: offer, Agent: "ben", By: call.ByCaller},
		call.LegEnded{Call: id, Leg: near, Agent: "ben", End: end},
		call.LegEnded{Call: id, Leg: far, End: end},
		call.CallEnded{Call: id, End: end},
	)
}

// rowsOf reads the whole call log.
func rowsOf(t *testing.T, st store.Store) map[call.ID]store.Call {
	t.Helper()
	p, err := st.Calls(t.Context(), store.CallFilter{Limit: store.MaxLimit})
	ok(t, err)
	rows := map[call.ID]store.Call{}
	for _, c := range p.Items {
		rows[c.ID] = c
	}
	return rows
}

// line is a call's row as text.
func line(c store.Call) string {
	b, _ := json.Marshal(c)
	return string(b)
}
