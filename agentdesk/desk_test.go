package agentdesk

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/store"
)

func TestOneDeskPerUser(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	first := c.page()
	first.desk()
	second := c.page()
	if !second.hello.DeskElsewhere {
		t.Error("the second page is not told that the desk is open elsewhere")
	}
	if ack := second.ask(proto.CmdSubscribe, proto.Subscribe{Ch: "desk"}); ack.code() != "desk_elsewhere" {
		t.Errorf("the second page got the desk: %s", ack.raw)
	}
	second.mustAsk(proto.CmdTakeOver, nil)
	if code := first.closed(); code != proto.CloseTakenOver {
		t.Errorf("the first page was closed with %d", code)
	}
	second.desk()
	if seen, lost := r.line.count("desk seen amy"), r.line.count("desk lost amy"); seen != 2 || lost != 1 {
		t.Errorf("seen %d times, lost %d times", seen, lost)
	}
	_ = second.conn.Close()
	eventually(t, "the switchboard learns that the desk is gone", func() bool { return r.line.count("desk lost amy") == 2 })
	if third := c.page(); third.hello.DeskElsewhere {
		t.Error("a desk that is closed counts as open")
	}
	if ack := r.page("sun").ask(proto.CmdSubscribe, proto.Subscribe{Ch: "desk"}); ack.code() != "no_agent" {
		t.Errorf("who is no agent has a desk: %s", ack.raw)
	}
}

// A page that is gone without a word does not keep its successor out.
func TestAReloadedPageDoesNotFindItsOwnGhost(t *testing.T) {
	r := newRig(t)
	c := r.as("amy")
	ghost, resp, err := c.dial(plainDialer)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	defer func() { _ = ghost.Close() }()
	if err := ghost.WriteJSON(map[string]any{"t": "subscribe", "id": "1", "body": proto.Subscribe{Ch: "desk"}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first page has the desk", func() bool { return r.line.count("desk seen amy") == 1 })
	// From here on it neither reads nor answers pings.
	p := c.page()
	if p.hello.DeskElsewhere {
		t.Error("the ghost still holds the desk")
	}
	p.desk()
}

func TestTheWrapUpIsThereAfterAReload(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	c := r.as("amy")
	p := c.page()
	p.desk()
	r.rings("call-1", "amy", "")
	r.talks("call-1", "amy")
	p.desked("talk", func(d *proto.Desk) bool { return d.Call != nil })
	code := r.line.site.Dispositions[0].ID
	p.mustAsk(proto.CmdWrapUpSave, proto.WrapUp{Call: "call-1", Disposition: code, Notes: "half a sentence"})
	p.desked("own notes", func(d *proto.Desk) bool { return d.Call != nil && d.Call.Notes == "half a sentence" })
	_ = p.conn.Close()
	eventually(t, "desk lost", func() bool { return r.line.count("desk lost amy") == 1 })
	snap := c.page().desk()
	if snap.Desk.Call == nil || snap.Desk.Call.Notes != "half a sentence" || snap.Desk.Call.Disposition != code {
		t.Errorf("after the reload: %s", snap.raw)
	}
	other := r.page("ben")
	if ack := other.ask(proto.CmdWrapUpSave, proto.WrapUp{Call: "call-1", Notes: "mine"}); ack.code() != "not_your_call" {
		t.Errorf("ben wrote into amy's call: %s", ack.raw)
	}
}

func TestATicketFromTheDeskShowsAtOnce(t *testing.T) {
	r := newRig(t)
	cust := r.wang()
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", cust.ID)
	r.talks("call-1", "amy")
	p.desked("talk", func(d *proto.Desk) bool { return d.Call != nil })
	ack := p.mustAsk(proto.CmdTicket, proto.TicketDraft{Call: "call-1", Kind: r.line.site.TicketKinds[0].ID, Subject: "broken"})
	if !strings.Contains(string(ack.Result), `"ticket":"ticket-1"`) {
		t.Errorf("result %s", ack.Result)
	}
	p.desked("ticket", func(d *proto.Desk) bool {
		return d.Call != nil && len(d.Call.Tickets) == 1 && d.Call.Tickets[0].Subject == "broken"
	})
	if r.line.count("ticket call-1") != 1 || !strings.Contains(strings.Join(r.line.was(), "\n"), "of "+string(cust.ID)) {
		t.Errorf("asked for %q, want a ticket of customer %s", r.line.was(), cust.ID)
	}
}

// Where a number is several people's, the agent says who it is: the record changes, and tickets are theirs.
func TestTheAgentSaysWhoIsCalling(t *testing.T) {
	r := newRig(t)
	cust, other := r.wang(), r.customer(store.Customer{Name: "李小明"})
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", cust.ID)
	r.talks("call-1", "amy")
	p.desked("talk", func(d *proto.Desk) bool { return d.Call != nil && d.Call.Pop != nil && d.Call.Pop.Customer != nil })
	p.mustAsk(proto.CmdIdentify, proto.Identify{Call: "call-1", Customer: string(other.ID)})
	p.desked("the other", func(d *proto.Desk) bool {
		return d.Call != nil && d.Call.Pop.Customer != nil && d.Call.Pop.Customer.Name == "李小明"
	})
	p.mustAsk(proto.CmdTicket, proto.TicketDraft{Call: "call-1", Kind: r.line.site.TicketKinds[0].ID, Subject: "broken"})
	if !strings.Contains(strings.Join(r.line.was(), "\n"), "of "+string(other.ID)) {
		t.Errorf("asked for %q, want a ticket of customer %s", r.line.was(), other.ID)
	}
	if ack := p.ask(proto.CmdIdentify, proto.Identify{Call: "call-1", Customer: "nobody"}); ack.code() != "not_found" {
		t.Errorf("nobody is calling: %s", ack.raw)
	}
	if ack := r.page("ben").ask(proto.CmdIdentify, proto.Identify{Call: "call-1", Customer: string(cust.ID)}); ack.code() != "not_your_call" {
		t.Errorf("ben says who calls amy: %s", ack.raw)
	}
}

func TestTheBrowsersOfferIsAnsweredInTheAck(t *testing.T) {
	r := newRig(t)
	p := r.page("amy")
	if ack := p.ask(proto.CmdRTCOffer, proto.RTCOffer{SDP: "v=0", Gen: 3}); ack.code() != "no_desk" {
		t.Errorf("without a desk: %s", ack.raw)
	}
	p.desk()
	ack := p.mustAsk(proto.CmdRTCOffer, proto.RTCOffer{SDP: "v=0", Gen: 3})
	var got proto.RTCAnswer
	if err := json.Unmarshal(ack.Result, &got); err != nil || got.Gen != 3 || got.SDP != "answer to v=0" {
		t.Errorf("result %s, %v", ack.Result, err)
	}
}
