package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
)

// A colleague calls an agent who talks with a customer: that call stays the agent's, on the desk too, whatever
// becomes of the colleague's.
func TestAColleagueCallsAnAgentInMidTalk(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	lena, amyDesk, benDesk := s.signIn("lena"), s.signIn("amy"), s.signIn("ben")
	ben := s.phone(t, "1002")
	customer, talk := s.talk(t, ben, "13912340071")
	id := lena.liveCall("13912340071", "talking").ID

	amy := s.phone(t, "1001")
	amyDesk.ready(map[string]string{"kind": "sip", "extension": "1001"})
	amyDesk.place("1002")
	own := answered(t, amy)
	second := rung(t, ben)
	if second.From() != "1001" {
		t.Errorf("ben's phone shows %q, want amy's extension", second.From())
	}
	benDesk.must(http.MethodPost, "/calls/"+id+"/hold", nil, nil)
	ok(t, heardPrompt(soon(t, aMoment), customer, "hold"))
	second.Reject(486)
	gone(t, own)
	lena.waitAgent("amy", "ready", "")
	lena.waitAgent("ben", "talking", "")
	benDesk.must(http.MethodPost, "/calls/"+id+"/resume", nil, nil)
	ok(t, tonesPass(soon(t, aMoment), customer, talk))

	amyDesk.place("1002")
	own = answered(t, amy)
	second = answered(t, ben)
	ok(t, tonesPass(soon(t, aMoment), second, own))
	ok(t, own.HangUp(soon(t, aMoment)))
	gone(t, second)
	lena.waitAgent("ben", "talking", "")
	benDesk.must(http.MethodPost, "/calls/"+id+"/hangup", nil, nil)
	gone(t, customer)
	lena.waitAgent("ben", "wrap_up", "")
}

// What an agent wishes in mid-call counts afterwards, and until then another wish may take its place.
func TestTheEndOfAShiftCanBeTakenBack(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	lena, amy := s.signIn("lena"), s.signIn("amy")
	phone := s.phone(t, "1001")
	amy.ready(map[string]string{"kind": "sip", "extension": "1001"})
	customer := dial(t, s.caller(t, "13912340072"), "4001")
	talk := answered(t, phone)
	ok(t, tonesPass(soon(t, aMoment), customer, talk))
	choose := func(state string) { amy.must(http.MethodPut, "/me/state", map[string]string{"state": state}, nil) }
	choose("off")
	choose("ready")
	ok(t, customer.HangUp(soon(t, aMoment)))
	lena.waitAgent("amy", "wrap_up", "")
	choose("off")
	r := lena.logged("13912340072")
	amy.must(http.MethodPut, "/calls/"+r.ID+"/wrapup", map[string]any{"done": true}, nil)
	lena.waitAgent("amy", "off", "")
	if err := amy.do(http.MethodPut, "/me/state", map[string]string{"state": "ready"}, nil); err == nil {
		t.Error("who has gone home is ready")
	}
}

// A lead puts a call of somebody else's on hold and ends it.
func TestASupervisorControlsACall(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	sun, amy := s.signIn("sun"), s.signIn("amy")
	ben := s.phone(t, "1002")
	press(t, ben, "*45")
	customer := dial(t, siptest.NewPhone(t, siptest.Options{Server: s.sipAddr(), User: "13912340073"}), "4001")
	rings := rung(t, ben)
	<-time.After(200 * time.Millisecond)
	ok(t, rings.Answer())
	ok(t, tonesPass(soon(t, aMoment), customer, rings))
	live := sun.liveCall("13912340073", "talking")
	if live.Extension != "1002" || live.RingMS < 200 {
		t.Errorf("the live row has extension %q and %d ms of ringing, want ben's and 200", live.Extension, live.RingMS)
	}
	if err := amy.do(http.MethodPost, "/calls/"+live.ID+"/hold", nil, nil); err == nil {
		t.Error("an agent puts a colleague's call on hold")
	}
	sun.must(http.MethodPost, "/calls/"+live.ID+"/hold", nil, nil)
	ok(t, heardPrompt(soon(t, aMoment), customer, "hold"))
	sun.must(http.MethodPost, "/calls/"+live.ID+"/hangup", nil, nil)
	gone(t, customer)
}
