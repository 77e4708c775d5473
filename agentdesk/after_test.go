package agentdesk

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

// A client sees its own writing: the answer names the journal's number, and a reading request waits for it.
func TestAReadingRequestWaitsForWhatWasWritten(t *testing.T) {
	rows := make(chan uint64, 8)
	r := newRig(t, func(o *Options) {
		o.Rows = func(_ context.Context, seq uint64) error { rows <- seq; return nil }
	})
	amy := r.as("amy")
	seq, ok := amy.do("PUT", "/me/state", map[string]string{"state": "ready"}).want(200).at("seq").(float64)
	if !ok || uint64(seq) != r.Seq() {
		t.Errorf("seq %v, want %d", seq, r.Seq())
	}
	next := r.Seq() + 1
	answered := make(chan answered, 1)
	go func() { answered <- amy.get(fmt.Sprint("/agents?after=", next)) }()
	r.line.happened(call.AgentStatusChanged{Agent: "amy", Status: call.StatusPaused, Chosen: call.ChosePaused})
	if got := (<-answered).want(200); !strings.Contains(string(got.body), `"status":"paused"`) {
		t.Errorf("agents %s", got.body)
	}
	if len(rows) != 0 {
		t.Error("a live view waited for the database")
	}
	amy.get(fmt.Sprint("/calls?limit=1&after=", next)).want(200)
	if got := <-rows; got != next {
		t.Errorf("the call log waited for %d, want %d", got, next)
	}
	amy.get(fmt.Sprint("/agents?after=", next+1)).code(504, "not_yet")
	amy.get("/agents?after=x").code(422, "bad_value")
	amy.get("/agents?before=1").code(422, "unknown_parameter")
	got := amy.do("POST", "/tickets", map[string]any{"kind": r.line.site.TicketKinds[0].ID, "subject": "x"}).want(201)
	if got.at("seq") != float64(next) {
		t.Errorf("a ticket of its own: %s", got.body)
	}
}

// A page learns that its desk shows what its command did, though nothing of it can be seen.
func TestTheDeskSaysThatACommandShows(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	ack := p.mustAsk(proto.CmdState, proto.State{State: "ready"})
	if ack.Seq != r.Seq() {
		t.Errorf("the answer has %d, want %d", ack.Seq, r.Seq())
	}
	if p.last.Journal < ack.Seq {
		p.until("the number", func(m message) bool { return m.T == "d" && m.Journal >= ack.Seq })
	}
}
