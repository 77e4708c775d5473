package e2e

import (
	"errors"
	"net/http"
	"testing"

	"github.com/linedesk/linedesk/sip/siptest"
)

// An agent on a phone clicks a number: the phone rings first, then the customer's, by the trunk.
func TestAgentCallsACustomer(t *testing.T) {
	t.Parallel()
	trunk := siptest.NewPhone(t, siptest.Options{})
	s := start(t, options{trunk: trunk.Addr().String()})
	lena, amy := s.signIn("lena"), s.signIn("amy")
	phone := s.phone(t, "1001")
	amy.ready(map[string]string{"kind": "sip", "extension": "1001"})

	t.Run("talk and hold", func(t *testing.T) {
		lena, amy := lena.in(t), amy.in(t)
		id := amy.place("13800000001")
		agent := rung(t, phone)
		if trunk.Requests("INVITE") > 0 {
			t.Error("the customer's phone rang before the agent was there")
		}
		ok(t, agent.Answer())
		customer := rung(t, trunk)
		if customer.Dialled() != "13800000001" {
			t.Errorf("the trunk is asked for %q", customer.Dialled())
		}
		ok(t, agent.HeardSound(soon(t, aMoment), -45)) // ring-back
		ok(t, customer.Answer())
		ok(t, tonesPass(soon(t, aMoment), customer, agent))

		amy.must(http.MethodPost, "/calls/"+id+"/hold", nil, nil)
		ok(t, heardPrompt(soon(t, aMoment), customer, "hold"))
		amy.must(http.MethodPost, "/calls/"+id+"/resume", nil, nil)
		ok(t, tonesPass(soon(t, aMoment), customer, agent))
		amy.must(http.MethodPost, "/calls/"+id+"/hangup", nil, nil)
		gone(t, customer)
		gone(t, agent)

		r := lena.loggedAs(id)
		ok(t, timesAddUp(r))
		if r.Direction != "outbound" || r.CustomerName != "王芳" || r.Agent != "amy" || r.Trunk != "demo" || r.To.E164 != "+8613800000001" ||
			*r.End != (ending{By: "agent", Cause: "hangup"}) || r.HoldMS == 0 || r.TalkMS == 0 || r.Queue != "" {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
		inOrder(t, lena.detail(id).Timeline, "call_placed agent=amy", "number_dialled", "bridged", "call_held", "call_resumed", "call_ended")
	})

	t.Run("busy", func(t *testing.T) {
		lena, amy := lena.in(t), amy.in(t)
		id := amy.place("13912340051")
		agent := answered(t, phone)
		rung(t, trunk).Reject(486)
		ok(t, agent.Heard(soon(t, aMoment), 450)) // the busy tone
		gone(t, agent)
		lena.waitAgent("amy", "wrap_up", "") // in which the disposition is chosen
		r := lena.loggedAs(id)
		if r.End.Cause != "busy" || r.End.SIP != 486 || r.BridgedAt != nil || r.TalkMS != 0 {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	})

	t.Run("the customer hangs up", func(t *testing.T) {
		lena, amy := lena.in(t), amy.in(t)
		id := amy.place("13912340052")
		agent := answered(t, phone)
		customer := answered(t, trunk)
		ok(t, tonesPass(soon(t, aMoment), customer, agent))
		ok(t, customer.HangUp(soon(t, aMoment)))
		gone(t, agent)
		if r := lena.loggedAs(id); *r.End != (ending{By: "caller", Cause: "hangup"}) || r.Customer != "" {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	})

	t.Run("the agent's phone declines", func(t *testing.T) {
		lena, amy := lena.in(t), amy.in(t)
		id := amy.place("13912340053")
		before := trunk.Requests("INVITE")
		rung(t, phone).Reject(603)
		if r := lena.loggedAs(id); r.End.Cause != "agent_no_answer" {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
		if trunk.Requests("INVITE") > before {
			t.Error("the customer's phone rang all the same")
		}
	})

	t.Run("the agent gives up", func(t *testing.T) {
		lena, amy := lena.in(t), amy.in(t)
		id := amy.place("13912340054")
		agent := answered(t, phone)
		customer := rung(t, trunk)
		ok(t, agent.HangUp(soon(t, aMoment)))
		if end := gone(t, customer); end.Code != 487 {
			t.Errorf("the customer's phone was told %+v instead of a CANCEL", end)
		}
		if r := lena.loggedAs(id); r.End.Cause != "cancelled" || r.End.By != "agent" {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	})

	t.Run("dialled on the phone", func(t *testing.T) {
		lena := lena.in(t)
		agent, err := phone.Dial(t.Context(), "13912340055")
		ok(t, err)
		customer := rung(t, trunk)
		ok(t, agent.WaitRinging(soon(t, aMoment)))
		lena.waitAgent("amy", "busy", "")
		ok(t, customer.Answer())
		ok(t, agent.WaitAnswered(soon(t, aMoment)))
		ok(t, tonesPass(soon(t, aMoment), customer, agent))
		ok(t, agent.HangUp(soon(t, aMoment)))
		gone(t, customer)
		r := lena.logged("13912340055")
		ok(t, timesAddUp(r))
		if r.Direction != "outbound" || r.Agent != "amy" || *r.End != (ending{By: "agent", Cause: "hangup"}) {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	})

	t.Run("dialled on the phone and given up", func(t *testing.T) {
		lena := lena.in(t)
		agent, err := phone.Dial(t.Context(), "13912340056")
		ok(t, err)
		customer := rung(t, trunk)
		ok(t, agent.WaitRinging(soon(t, aMoment)))
		ok(t, agent.HangUp(soon(t, aMoment)))
		if end := gone(t, customer); end.Code != 487 {
			t.Errorf("the customer's phone was told %+v instead of a CANCEL", end)
		}
		if r := lena.logged("13912340056"); *r.End != (ending{By: "agent", Cause: "cancelled"}) {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	})

	t.Run("a bad number", func(t *testing.T) {
		var refused *statusError
		if err := amy.do(http.MethodPost, "/calls", map[string]string{"to": "call me"}, nil); !errors.As(err, &refused) || refused.Code != 422 {
			t.Errorf("it is answered %v", err)
		}
	})
}

// place clicks a number and gives the call's ID.
func (c *client) place(number string) string {
	c.t.Helper()
	var placed struct{ ID string }
	c.must(http.MethodPost, "/calls", map[string]string{"to": number}, &placed)
	return placed.ID
}

// A customer who does not answer is rung as long as the site says, and the agent hears that nobody did.
func TestACustomerWhoDoesNotAnswer(t *testing.T) {
	t.Parallel()
	trunk := siptest.NewPhone(t, siptest.Options{})
	s := start(t, options{trunk: trunk.Addr().String(), site: []edit{{"outbound.yaml", "ring_timeout: 45s", "ring_timeout: 5s"}}})
	lena, amy := s.signIn("lena"), s.signIn("amy")
	phone := s.phone(t, "1001")
	amy.ready(map[string]string{"kind": "sip", "extension": "1001"})
	id := amy.place("13912340057")
	agent := answered(t, phone)
	if end := gone(t, rung(t, trunk)); end.Code != 487 {
		t.Errorf("the customer's phone was told %+v instead of a CANCEL", end)
	}
	gone(t, agent)
	if r := lena.loggedAs(id); r.End.Cause != "no_answer" || r.TalkMS != 0 {
		t.Errorf("logged is %+v, end %+v", r, *r.End)
	}
}
