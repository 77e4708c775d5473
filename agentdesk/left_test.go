package agentdesk

import (
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// What somebody unknown left stands under the number: it is there when that number calls again, and at the customer
// who comes to have it.
func TestWhatAnUnknownCallerLeftIsThereAtTheNextCall(t *testing.T) {
	r := newRig(t)
	amy := r.as("amy")
	left := amy.do("POST", "/tickets", map[string]any{"kind": "callback", "subject": "回电", "number": "138-0000-0001"}).want(201)
	if left.str("phone") != "+8613800000001" || left.str("customer") != "" || left.str("due_at") == "" {
		t.Errorf("made %s", left.body)
	}
	amy.do("POST", "/tickets", map[string]any{"kind": "callback", "subject": "another's", "number": "13800000002"}).want(201)
	before := finished("before", "", 0)
	before.From, before.Agent = call.Number{Raw: "13800000001", E164: "+8613800000001"}, ""
	r.logged(before)

	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.rings("call-1", "amy", "")
	pop := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil && !d.Offer.Pop.Pending }).Desk.Offer.Pop
	if pop.Customer != nil || len(pop.Tickets) != 1 || pop.Tickets[0].Subject != "回电" || len(pop.Calls) != 1 || pop.Calls[0].ID != "before" {
		t.Errorf("popped %+v", pop)
	}

	c := r.customer(store.Customer{Name: "王芳", Phones: []store.Phone{{Kind: "mobile", Raw: "13800000001", E164: "+8613800000001"}}})
	for path, want := range map[string]string{
		"/tickets?customer=" + string(c.ID): left.str("id"), "/calls?customer=" + string(c.ID): "before",
	} {
		got := r.as("lena").get(path).want(200)
		if got.len("items") != 1 || got.str("items", 0, "id") != want {
			t.Errorf("%s: %s", path, got.body)
		}
	}
}

// "anonymous" is many people.
func TestWhoHidesTheNumberSeesNothingOfOthersWhoDo(t *testing.T) {
	r := newRig(t)
	before := finished("before", "", 0)
	before.From = call.Number{Raw: "anonymous"}
	r.logged(before)
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.line.happened(
		call.CallArrived{Call: "call-1", Leg: "far", Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "anonymous"}}, To: call.Number{Raw: "4000"}},
		call.CallQueued{Call: "call-1", Queue: "support"},
		call.CallOffered{Call: "call-1", Offer: "offer-1", Queue: "support", Agent: "amy", Until: time.Now().Add(15 * time.Second)},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusOffered, Call: "call-1", Queue: "support", Chosen: call.ChoseReady})
	pop := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil && !d.Offer.Pop.Pending }).Desk.Offer.Pop
	if len(pop.Calls)+len(pop.Tickets) != 0 {
		t.Errorf("popped %+v", pop)
	}
}

// A ticket keeps to its kind, whichever way it is made.
func TestATicketIsMadeAndMovedByTheRulesOfItsKind(t *testing.T) {
	r := newRig(t)
	amy := r.as("amy")
	done := amy.do("POST", "/tickets", map[string]any{"kind": "enquiry", "subject": "asked and answered", "state": "closed"}).want(201)
	if done.str("closed_at") == "" || done.str("urgency") != "normal" {
		t.Errorf("made %s", done.body)
	}
	amy.do("POST", "/tickets", map[string]any{"kind": "enquiry", "subject": "x", "state": "nowhere"}).code(422, "unknown_state")
	opened := amy.do("PATCH", "/tickets/"+done.str("id"), map[string]any{"state": "open", "version": 1}).want(200)
	if opened.str("closed_at") != "" {
		t.Errorf("opened again %s", opened.body)
	}
	amy.do("PATCH", "/tickets/"+done.str("id"), map[string]any{"state": "nowhere", "version": 2}).code(422, "unknown_state")
	if opened.str("state") != "open" {
		t.Errorf("stands at %s", opened.str("state"))
	}
}

// A field of a form that came from an address book: the numbers are told apart, and each finds the customer.
func TestNumbersOfAnAddressBookFindTheCustomer(t *testing.T) {
	r := newRig(t)
	amy := r.as("amy")
	made := amy.do("POST", "/customers", map[string]any{
		"name": "李强", "phones": []map[string]any{{"kind": "work", "raw": "010-62345678转8001/13900000002", "primary": true}},
	}).want(201)
	if made.len("phones") != 2 || made.str("phones", 0, "extension") != "8001" || made.str("phones", 1, "e164") != "+8613900000002" {
		t.Fatalf("made %s", made.body)
	}
	for _, phone := range []string{"01062345678", "%2B861062345678", "010-62345678", "13900000002", "17951 13900000002"} {
		found := amy.get("/customers?phone=" + strings.ReplaceAll(phone, " ", "%20")).want(200)
		if found.len("items") != 1 || found.str("items", 0, "id") != made.str("id") {
			t.Errorf("by %s: %s", phone, found.body)
		}
	}
	f, err := r.st.CustomersByPhone(t.Context(), store.Normalise("17911-010-62345678", "CN").E164)
	if err != nil || len(f) != 1 || string(f[0].ID) != made.str("id") {
		t.Errorf("a call finds %+v, %v", f, err)
	}
	again := amy.do("PATCH", "/customers/"+made.str("id"), map[string]any{"version": 1, "phones": made.at("phones")}).want(200)
	if again.len("phones") != 2 || again.str("phones", 0, "raw") != "010-62345678转8001" || again.str("phones", 0, "extension") != "8001" {
		t.Errorf("what was read is written as %s", again.body)
	}
}
