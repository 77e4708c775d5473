package agentdesk

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard"
)

// Somebody is asked beside the call, by REST and by the desk alike.
func TestSomebodyIsAskedBesideTheCall(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.rings("c1", "amy", "")
	r.talks("c1", "amy")
	amy, page := r.as("amy"), r.page("amy")
	if got := amy.do("POST", "/calls/c1/consult", map[string]any{"to": "agent:ben"}).want(200); got.at("seq") == 0.0 {
		t.Errorf("no seq: %s", got.body)
	}
	for _, verb := range []string{"swap", "complete", "cancel"} {
		amy.do("POST", "/calls/c1/"+verb, nil).want(200)
		r.as("ben").do("POST", "/calls/c1/"+verb, nil).code(409, "not_your_call")
		r.as("carl").do("POST", "/calls/c1/"+verb, nil).code(403, "forbidden")
	}
	page.mustAsk(proto.CmdConsult, proto.Consult{Call: "c1", To: "13900000009"})
	for _, command := range []string{proto.CmdSwap, proto.CmdComplete, proto.CmdCancel} {
		page.mustAsk(command, proto.CallRef{Call: "c1"})
	}
	want := []string{
		"consult amy c1 with agent:ben", "swap amy c1", "complete amy c1", "cancel amy c1",
		"consult amy c1 with 13900000009", "swap amy c1", "complete amy c1", "cancel amy c1",
	}
	if asked := r.line.was(); !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	for _, code := range []string{"consulting", "not_consulting", "not_talking"} {
		r.line.fail = &switchboard.RefusedError{Code: code, Params: map[string]string{"call": "c1"}, Status: 409}
		amy.do("POST", "/calls/c1/consult", map[string]any{"to": "agent:ben"}).code(409, code)
		amy.do("POST", "/calls/c1/swap", nil).code(409, code)
	}
}

// A call is put down in a slot, shows there with whose it is, and is taken up by anybody.
func TestACallIsParked(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	r.rings("c1", "amy", "")
	r.talks("c1", "amy")
	amy := r.as("amy")
	if got := amy.get("/parked").want(200); len(got.at("items").([]any)) != 0 {
		t.Errorf("nothing is parked: %s", got.body)
	}
	got := amy.do("POST", "/calls/c1/park", nil).want(200)
	if got.at("slot") != 1.0 || got.at("seq") == 0.0 {
		t.Errorf("parked as %s", got.body)
	}
	if m := r.page("amy").mustAsk(proto.CmdPark, proto.CallRef{Call: "c1"}); !strings.Contains(string(m.raw), `"slot":1`) {
		t.Errorf("the desk parks it as %s", m.raw)
	}
	until := time.Now().Add(time.Minute).UTC().Truncate(time.Microsecond)
	r.line.happened(call.CallParked{Call: "c1", Agent: "amy", Slot: 1, Until: until})
	var parked struct {
		Items []struct {
			Slot     int
			Call, By string
			UntilAt  time.Time `json:"until_at"`
			From     struct{ Number string }
		}
	}
	if err := json.Unmarshal(r.as("ben").get("/parked").want(200).body, &parked); err != nil {
		t.Fatal(err)
	}
	if len(parked.Items) != 1 || parked.Items[0].Slot != 1 || parked.Items[0].Call != "c1" || parked.Items[0].By != "amy" ||
		!parked.Items[0].UntilAt.Equal(until) || parked.Items[0].From.Number == "" {
		t.Errorf("parked are %+v", parked.Items)
	}
	r.as("ben").do("POST", "/parked/1/take", nil).want(200)
	r.page("ben").mustAsk(proto.CmdTakeParked, proto.Slot{Slot: 1})
	r.as("ben").do("POST", "/parked/0/take", nil).want(422)
	r.as("ben").do("POST", "/parked/100/take", nil).want(422)
	want := []string{"park amy c1", "park amy c1", "take up ben 1", "take up ben 1"}
	if asked := r.line.was(); !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	for _, refused := range []switchboard.RefusedError{
		{Code: "not_parked", Params: map[string]string{"slot": "1"}, Status: 409},
		{Code: "target_busy", Params: map[string]string{"target": "agent:ben", "status": "talking"}, Status: 409},
		{Code: "target_off", Params: map[string]string{"target": "agent:ben"}, Status: 409},
	} {
		r.line.fail = &refused
		r.as("ben").do("POST", "/parked/1/take", nil).code(409, refused.Code)
	}
	r.line.fail = nil
	r.line.happened(call.CallDirected{Call: "c1", Agent: "ben"})
	if err := json.Unmarshal(amy.get("/parked").want(200).body, &parked); err != nil || len(parked.Items) != 0 {
		t.Errorf("somebody has taken it: %+v %v", parked.Items, err)
	}
}
