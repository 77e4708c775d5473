package agentdesk

import (
	"context"
	"maps"
	"regexp"
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/ticket"
)

// The customer's record, history and open tickets come in the message that makes the desk ring.
func TestAnOfferBringsTheCustomersRecord(t *testing.T) {
	r := newRig(t)
	c := r.wang()
	r.onShift("amy")
	p := r.page("amy")
	if snap := p.desk(); snap.Desk.Agent.Status != "ready" || snap.Desk.Link != "up" || len(snap.Desk.Queues) != 2 || snap.Desk.Offer != nil {
		t.Errorf("snapshot %s", snap.raw)
	}
	r.rings("call-1", "amy", c.ID)
	first := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil })
	o := first.Desk.Offer
	switch {
	case o.Pop == nil || o.Pop.Pending || o.Pop.Customer == nil:
		t.Fatalf("the first message of the offer has no record: %s", first.raw)
	case o.Pop.Customer.Name != "王芳" || o.Pop.Customer.Grade != "AAA" || len(o.Pop.Tickets) != 1 || len(o.Pop.Calls) != 1:
		t.Errorf("record %+v", o.Pop)
	case o.ID != "offer-call-1" || o.Queue != "support" || o.Path[0] != "main:2" || o.From.E164 != "+8613800000001" || o.Until <= o.Since:
		t.Errorf("offer %+v", o)
	}
	if l := nullList.FindString(string(first.raw)); l != "" { // the pages' types say that lists are never null
		t.Errorf("%s in %s", l, first.raw)
	}
	if first.Desk.Agent.Status != "offered" {
		t.Errorf("status %q", first.Desk.Agent.Status)
	}
	p.mustAsk(proto.CmdAnswer, proto.OfferRef{Offer: o.ID})
	if r.line.count("answer amy offer-call-1") != 1 {
		t.Errorf("asked %q", r.line.was())
	}
	r.talks("call-1", "amy")
	talk := p.desked("talk", func(d *proto.Desk) bool { return d.Call != nil && d.Call.State == "talking" })
	if talk.Desk.Offer != nil || talk.Desk.Call.Pop.Customer == nil || talk.Desk.Call.From.Name != "王芳" {
		t.Errorf("talking: %s", talk.raw)
	}
	r.line.happened(call.CallHeld{Call: "call-1", Agent: "amy", By: call.ByAgent})
	p.desked("hold", func(d *proto.Desk) bool { return d.Call != nil && d.Call.State == "held" && d.Call.HeldSince > 0 })
	r.line.happened(call.CallResumed{Call: "call-1", Agent: "amy", By: call.ByAgent}, call.AgentMuted{Call: "call-1", Agent: "amy", Muted: true})
	p.desked("muted", func(d *proto.Desk) bool { return d.Call != nil && d.Call.State == "talking" && d.Call.Muted })
	r.wrapsUp("call-1", "amy")
	wrap := p.desked("wrap-up", func(d *proto.Desk) bool { return d.Call != nil && d.Call.State == "wrap_up" })
	if wrap.Desk.Until == 0 {
		t.Errorf("no end of the wrap-up: %s", wrap.raw)
	}
}

// An agent on a phone is told to pick it up, and from then on that the customer is being called.
func TestTheDeskSaysWhoIsBeingCalled(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.line.happened(call.AgentStationChosen{Agent: "amy", Station: call.Station{Kind: call.StationSIP, Extension: "1001"}})
	p := r.page("amy")
	p.desk()
	stateIs := func(state string) {
		t.Helper()
		p.desked(state, func(d *proto.Desk) bool { return d.Call != nil && string(d.Call.State) == state })
	}
	places := func(id call.ID, d call.Direction) {
		r.line.happened(
			call.CallPlaced{Call: id, Agent: "amy", Extension: "1001", To: call.Number{Raw: "13800000001"}, Direction: d},
			call.AgentCallStarted{Agent: "amy", Call: id},
			call.AgentStatusChanged{Agent: "amy", Status: call.StatusBusy, Call: id, Chosen: call.ChoseReady})
	}
	places("call-1", call.Outbound)
	stateIs("calling_you")
	r.line.happened(call.NumberDialled{Call: "call-1", Leg: "far"})
	stateIs("calling_customer")
	r.line.happened(call.CallAnswered{Call: "call-1", Leg: "far"}, call.Bridged{Call: "call-1", Agent: "amy", Leg: "near"})
	stateIs("talking")
	r.line.happened(
		call.CallEnded{Call: "call-1", End: call.End{By: call.ByCaller, Cause: call.CauseHangup}},
		call.AgentCallEnded{Agent: "amy", Call: "call-1"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusReady, Chosen: call.ChoseReady})

	places("call-2", call.Internal)
	stateIs("calling_you")
	r.line.happened(call.NumberDialled{Call: "call-2", Leg: "far"})
	stateIs("calling_colleague")
	r.line.happened(call.LegEnded{Call: "call-2", Leg: "far", End: call.End{By: call.ByCaller, Cause: call.CauseBusy}})
	p.desked("busy", func(d *proto.Desk) bool {
		return d.Call != nil && d.Call.State == "unreached" && d.Call.EndCause == "busy"
	})
}

var nullList = regexp.MustCompile(`"(queues|recent|unfinished|calls|tickets|others|tags|phones|path|name)":null`)

func TestACallerIsKnownByNumberAlone(t *testing.T) {
	r := newRig(t)
	r.wang()
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", "")
	o := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil }).Desk.Offer
	if o.Pop == nil || o.Pop.Customer == nil || o.Pop.Customer.Name != "王芳" {
		t.Errorf("pop %+v", o.Pop)
	}
}

// slowStore takes its time with customers.
type slowStore struct {
	store.Store
	open chan struct{}
}

func (s slowStore) CustomersByPhone(ctx context.Context, number string) ([]store.Customer, error) {
	select {
	case <-s.open:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.Store.CustomersByPhone(ctx, number)
}

func TestAnOfferDoesNotWaitLongForASlowDatabase(t *testing.T) {
	slow := slowStore{open: make(chan struct{})}
	r := newRig(t, func(o *Options) { slow.Store = o.Store; o.Store = slow })
	c := r.wang()
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	start := time.Now()
	r.rings("call-1", "amy", c.ID)
	m := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil })
	if took := m.at.Sub(start); !m.Desk.Offer.Pop.Pending || took < call.LookUpTime { // the database has not answered yet
		t.Errorf("after %v: pop %+v", took, m.Desk.Offer.Pop)
	}
	close(slow.open)
	p.desked("record", func(d *proto.Desk) bool { return d.Offer != nil && d.Offer.Pop.Customer != nil && !d.Offer.Pop.Pending })
}

func TestAnOfferThatIsWithdrawnWhileLookedUpIsNeverShown(t *testing.T) {
	slow := slowStore{open: make(chan struct{})}
	r := newRig(t, func(o *Options) { slow.Store = o.Store; o.Store = slow })
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", "")
	r.line.happened(call.OfferWithdrawn{Call: "call-1", Offer: "offer-call-1", Agent: "amy"},
		call.CallEnded{Call: "call-1", End: call.End{By: call.ByCaller, Cause: call.CauseAbandoned}},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusReady, Chosen: call.ChoseReady},
		call.AgentStateChosen{Agent: "amy", State: call.ChosePaused, Reason: "lunch"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusPaused, Reason: "lunch", Chosen: call.ChosePaused})
	p.until("pause", func(m message) bool {
		if m.Desk != nil && m.Desk.Offer != nil {
			t.Errorf("a call that was gone rang: %s", m.raw)
		}
		return m.Desk != nil && m.Desk.Agent.Status == "paused"
	})
	close(slow.open)
}

// A message left in a queue can be heard from the desk by those who serve the queue.
func TestAnOfferBringsTheCallersMessages(t *testing.T) {
	r := newRig(t)
	c := r.wang()
	for _, queue := range []call.QueueID{"support", "elsewhere"} {
		_, err := r.st.CreateTicket(t.Context(), store.NewTicket{
			Ticket: store.Ticket{
				Kind: ticket.Voicemail, Subject: string(queue), State: ticket.Open, Customer: c.ID, Queue: queue,
				Call: call.ID("left-in-" + queue), Recording: "m.wav",
			}, Series: "V-1",
		}, "admin")
		if err != nil {
			t.Fatal(err)
		}
	}
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", c.ID)
	first := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil && !d.Offer.Pop.Pending })
	got := map[string]string{}
	for _, ticket := range first.Desk.Offer.Pop.Tickets {
		got[ticket.Subject] = ticket.Recording
	}
	want := map[string]string{"late": "", "support": "/api/v1/calls/left-in-support/recording", "elsewhere": ""}
	if !maps.Equal(got, want) {
		t.Errorf("recordings %v, want %v", got, want)
	}
}
