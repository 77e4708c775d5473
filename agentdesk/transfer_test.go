package agentdesk

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard"
)

// A call is handed over by REST and by the desk alike; who may control others' calls does so as the agent who is on it.
func TestACallIsHandedOver(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.rings("c1", "amy", "")
	to := map[string]any{"to": "queue:sales", "keep_wait": true}
	r.as("sun").do("POST", "/calls/c1/transfer", to).code(409, "not_your_call") // it would be amy's miss
	r.talks("c1", "amy")
	got := r.as("amy").do("POST", "/calls/c1/transfer", to).want(200)
	if got.at("seq") == 0.0 {
		t.Errorf("no seq: %s", got.body)
	}
	r.as("sun").do("POST", "/calls/c1/transfer", map[string]any{"to": "agent:ben"}).want(200)
	r.page("amy").mustAsk(proto.CmdTransfer, proto.Transfer{Call: "c1", To: "13900000009"})
	r.as("ben").do("POST", "/calls/c1/transfer", to).code(409, "not_your_call")
	r.as("carl").do("POST", "/calls/c1/transfer", to).code(403, "forbidden")
	r.as("amy").do("POST", "/calls/none/transfer", to).want(200) // the switchboard would know
	want := []string{
		"transfer amy c1 to queue:sales true", "transfer amy c1 to agent:ben false",
		"transfer amy c1 to 13900000009 false",
	}
	if asked := r.line.was(); !slices.Equal(asked[:min(len(asked), 3)], want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

// What the switchboard says no to reaches the client as it is, and nothing of the call is different.
func TestATransferThatIsRefused(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.rings("c1", "amy", "")
	r.talks("c1", "amy")
	c, p := r.as("amy"), r.page("amy")
	for _, refused := range []switchboard.RefusedError{
		{Code: "unknown_target", Params: map[string]string{"target": "queue:none"}, Status: 422},
		{Code: "bad_target", Params: map[string]string{"target": "flow:main", "why": "keep_wait"}, Status: 422},
		{Code: "bad_number", Params: map[string]string{"number": "12"}, Status: 422},
		{Code: "target_off", Params: map[string]string{"target": "agent:chen"}, Status: 409},
		{Code: "target_busy", Params: map[string]string{"target": "agent:ben", "status": "talking"}, Status: 409},
		{Code: "queue_full", Params: map[string]string{"target": "queue:sales"}, Status: 409},
		{Code: "no_outbound_trunk", Status: 409},
		{Code: "not_talking", Params: map[string]string{"call": "c1"}, Status: 409},
		{Code: "call_over", Params: map[string]string{"call": "c1"}, Status: 409},
	} {
		r.line.fail = &refused
		got := c.do("POST", "/calls/c1/transfer", map[string]any{"to": "agent:ben"}).code(refused.Status, refused.Code)
		for name, value := range refused.Params {
			if got.str("params", name) != value {
				t.Errorf("%s: %s is %q, want %q", refused.Code, name, got.str("params", name), value)
			}
		}
		if m := p.ask(proto.CmdTransfer, proto.Transfer{Call: "c1", To: "agent:ben"}); m.Err == nil || string(m.Err.Code) != refused.Code {
			t.Errorf("the desk is told %s", m.raw)
		}
	}
	n := len(r.line.was())
	c.do("POST", "/calls/c1/transfer", map[string]any{}).code(422, "missing_field")
	c.do("POST", "/calls/c1/transfer", map[string]any{"to": ""}).want(422)
	c.do("POST", "/calls/c1/transfer", map[string]any{"to": "1", "wait": true}).code(422, "unknown_field")
	if len(r.line.was()) != n {
		t.Errorf("asked %q", r.line.was())
	}
}

// The directory names everybody to whom a call can be handed over, and what they do at this moment.
func TestTheDirectory(t *testing.T) {
	r := newRig(t)
	var d struct {
		Agents []struct {
			ID, Extension, Status string
			Name                  map[string]string
		}
		Queues []struct {
			ID             string
			Names          map[string]string
			Waiting, Ready int
		}
		Numbers []struct {
			Number string
			Names  map[string]string
		}
	}
	r.onShift("amy")
	r.onShift("ben")
	r.rings("c1", "amy", "")
	r.talks("c1", "amy")
	r.line.happened(
		call.CallArrived{Call: "c2", Leg: "far2", Direction: call.Inbound}, call.CallQueued{Call: "c2", Queue: "sales"})
	if err := json.Unmarshal(r.as("amy").get("/directory").want(200).body, &d); err != nil {
		t.Fatal(err)
	}
	site := r.line.site
	if len(d.Agents) != len(site.Agents) || len(d.Queues) != len(site.Queues) || len(d.Numbers) != len(site.Numbers) {
		t.Fatalf("%d agents, %d queues, %d numbers", len(d.Agents), len(d.Queues), len(d.Numbers))
	}
	status := map[string]string{}
	for i, a := range d.Agents {
		status[a.ID] = a.Status
		if own := site.Agents[i]; a.ID != string(own.ID) || a.Extension != string(own.Extension) || a.Name["en"] != own.Names["en"] {
			t.Errorf("agent %+v, in the site %+v", a, own)
		}
	}
	if status["amy"] != "talking" || status["ben"] != "ready" || status["chen"] != "off" {
		t.Errorf("they are %v", status)
	}
	for i, q := range d.Queues {
		own := site.Queues[i]
		ready := 0
		if slices.Contains(site.Agent("ben").Queues, own.ID) {
			ready = 1
		}
		waiting := map[string]int{"sales": 1}[q.ID]
		if q.ID != string(own.ID) || q.Names["zh-CN"] != own.Names["zh-CN"] || q.Waiting != waiting || q.Ready != ready {
			t.Errorf("queue %+v, want %d waiting, %d ready", q, waiting, ready)
		}
	}
	for i, n := range d.Numbers {
		if n.Number != site.Numbers[i].Dialled || n.Names["en"] != site.Numbers[i].Names["en"] {
			t.Errorf("number %+v", n)
		}
	}
	r.as("carl").get("/directory").want(map[bool]int{true: 200, false: 403}[mayAny(site, "carl", "use:desk")])
}

// GET /calls/{id} and the calls in progress name who takes part; each agent's part says how it began, how long it was,
// and where it went.
func TestACallTellsWhoTakesPartAndWhereItWent(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.rings("c1", "amy", "")
	r.talks("c1", "amy")
	amy := r.as("amy")
	r.line.happened(call.AgentMuted{Call: "c1", Agent: "amy", Muted: true})
	one := amy.get("/calls/c1").want(200)
	if one.len("parties") != 2 || one.str("parties", 0, "role") != "customer" || one.str("parties", 0, "number", "e164") != "+8613800000001" ||
		one.str("parties", 1, "agent") != "amy" || one.str("parties", 1, "extension") != "1001" || one.str("parties", 1, "id") != "near" ||
		one.str("parties", 1, "state") != "joined" || one.at("parties", 1, "muted") != true || one.str("parties", 1, "since_at") == "" {
		t.Errorf("talking: %s", one.body)
	}
	r.line.happened(
		call.Transferred{Call: "c1", Agent: "amy", Kind: call.TransferBlind, To: "13900000009"},
		call.TalkEnded{Call: "c1", Agent: "amy", Offer: "offer-c1", By: call.ByAgent},
		call.PartyInvited{Call: "c1", Leg: "guest", Agent: "amy", Number: call.Number{Raw: "13900000009"}, Trunk: "demo"})
	list := r.as("sun").get("/calls?live=true").want(200)
	if list.str("items", 0, "state") != "transferring" || list.len("items", 0, "parties") != 2 || list.str("items", 0, "parties", 1, "role") != "outside" ||
		list.str("items", 0, "parties", 1, "number", "raw") != "13900000009" || list.str("items", 0, "parties", 1, "state") != "ringing" {
		t.Errorf("on its way: %s", list.body)
	}
	part := r.as("sun").get("/calls/c1").want(200)
	if part.len("segments") != 1 || part.str("segments", 0, "kind") != "offer" || part.str("segments", 0, "end") != "transferred" ||
		part.str("segments", 0, "transferred_to") != "13900000009" {
		t.Errorf("amy's part: %s", part.body)
	}
	row := finished("c2", "amy", 0)
	first := row.Segments[0]
	answered := first.OfferedAt.Add(3 * time.Second)
	first.Kind, first.End, first.TransferredTo, first.AnsweredAt = store.KindOffer, store.SegmentTransferred, "agent:ben", &answered
	second := first
	second.Agent, second.Kind, second.End, second.TransferredTo, second.Queue = "ben", store.KindTransfer, store.SegmentCaller, "", ""
	old, called := first, first
	old.Kind, called.Offer, called.Kind = "", "", store.KindCalled
	row.Segments = []store.Segment{first, second, old, called}
	r.logged(row)
	got := amy.get("/calls/c2").want(200)
	for i, kind := range []string{"offer", "transfer", "offer", "placed"} {
		if got.str("segments", i, "kind") != kind || got.at("segments", i, "ring_ms") != 3000.0 {
			t.Errorf("part %d: %s", i, got.body)
		}
	}
	if got.len("parties") != 0 || got.str("segments", 0, "transferred_to") != "agent:ben" {
		t.Errorf("ended: %s", got.body)
	}
}

// Who has handed a call over wraps up the own part, whatever the others do meanwhile.
func TestTheDeskOfWhoHandedACallOverShowsTheOwnPart(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.onShift("ben")
	r.rings("c1", "amy", "")
	r.talks("c1", "amy")
	p := r.page("amy")
	talk := p.desk().Desk.Call
	until := time.Now().Add(30 * time.Second)
	r.line.happened(
		call.Transferred{Call: "c1", Agent: "amy", Kind: call.TransferBlind, To: "agent:ben"},
		call.TalkEnded{Call: "c1", Agent: "amy", Offer: "offer-c1", By: call.ByAgent},
		call.WrapUpStarted{Call: "c1", Agent: "amy", Until: until},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusWrapUp, Call: "c1", Queue: "support", Chosen: call.ChoseReady, Until: &until},
		call.CallDirected{Call: "c1", Agent: "ben"}, call.CallOffered{Call: "c1", Offer: "o2", Agent: "ben", Why: "transferred"},
		call.AgentStatusChanged{Agent: "ben", Status: call.StatusOffered, Call: "c1", Chosen: call.ChoseReady},
		call.OfferAnswered{Call: "c1", Offer: "o2", Agent: "ben", Leg: "l2"}, call.Bridged{Call: "c1", Offer: "o2", Agent: "ben", Leg: "l2"},
		call.AgentStatusChanged{Agent: "ben", Status: call.StatusTalking, Call: "c1", Chosen: call.ChoseReady},
		call.CallHeld{Call: "c1", Agent: "ben", By: call.ByAgent})
	p.desked("wrap-up", func(d *proto.Desk) bool {
		return d.Call != nil && d.Call.State == "wrap_up" && d.Call.TransferredTo == "agent:ben" && d.Call.EndCause == call.CauseTransferred &&
			d.Call.BridgedAt == talk.BridgedAt && d.Call.HeldSince == 0 && d.Call.HoldMS == 0
	})
	ben := r.page("ben").desk()
	if c := ben.Desk.Call; c == nil || c.State != "held" || c.TransferredTo != "" || c.HeldSince == 0 {
		t.Errorf("ben's desk: %s", ben.raw)
	}
}

// A call that an agent placed has no queue: whom it is handed over to still sees who is called, and for how long it rings.
func TestTheOfferOfAPlacedCallThatWasHandedOver(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.onShift("ben")
	p := r.page("ben")
	p.desk()
	r.line.happened(
		call.CallPlaced{
			Call: "c1", Agent: "amy", Extension: "1001", Direction: call.Outbound,
			To: call.Number{Raw: "13800000001", E164: "+8613800000001"},
		},
		call.AgentCallStarted{Call: "c1", Agent: "amy"},
		call.NumberDialled{Call: "c1"}, call.CallAnswered{Call: "c1"}, call.Bridged{Call: "c1", Agent: "amy"},
		call.Transferred{Call: "c1", Agent: "amy", Kind: call.TransferBlind, To: "agent:ben"},
		call.CallDirected{Call: "c1", Agent: "ben"},
		call.CallOffered{Call: "c1", Offer: "o2", Agent: "ben", Why: "transferred", Until: time.Now().Add(call.DefaultRing)},
		call.AgentStatusChanged{Agent: "ben", Status: call.StatusOffered, Call: "c1", Chosen: call.ChoseReady})
	o := p.desked("offer", func(d *proto.Desk) bool { return d.Offer != nil }).Desk.Offer
	if o.From.E164 != "+8613800000001" || o.Until-o.Since != call.DefaultRing.Milliseconds() || o.Why != proto.WhyTransferred || o.By != "amy" {
		t.Errorf("offer %+v", o)
	}
}
