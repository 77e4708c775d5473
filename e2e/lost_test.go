package e2e

import (
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
)

// An agent's phone is started anew in mid-call, says 200 to OPTIONS and knows nothing of the call. The caller
// is not left in silence.
func TestAgentsPhoneIsStartedAnewInMidCall(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	ben := s.phone(t, "1002")
	victim, _ := s.talk(t, ben, "13912340033")
	ben.Kill()
	siptest.NewPhone(t, siptest.Options{Server: s.sipAddr(), User: "1002", Bind: ben.Addr(), Forgetful: true})
	ok(t, heardPrompt(soon(t, 20*time.Second), victim, "zh-CN/agent_lost"))
	ok(t, victim.HangUp(soon(t, aMoment)))
}

// The plug of an agent's phone is pulled in mid-call. The caller is told so (within 10 s on an idle machine), goes before all who
// wait, and comes to the next agent.
func TestAgentsPhoneIsKilledInMidCall(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	lena := s.signIn("lena")
	ben := s.phone(t, "1002")
	victim, _ := s.talk(t, ben, "13912340031")
	other := dial(t, s.caller(t, "13912340032"), "4001") // waits
	ok(t, heardPrompt(soon(t, aMoment), other, "hold"))

	killed := time.Now()
	ben.Kill()
	ok(t, heardPrompt(soon(t, 3*aMoment), victim, "zh-CN/agent_lost"))
	t.Logf("the caller hears what happened after %v", time.Since(killed).Round(10*time.Millisecond))
	lena.liveCall("13912340031", "waiting")

	amy := s.phone(t, "1001")
	press(t, amy, "*45")
	in := answered(t, amy)
	if in.From() != "13912340031" {
		t.Fatalf("amy gets %s, and the caller whose agent was lost goes first", in.From())
	}
	ok(t, tonesPass(soon(t, aMoment), victim, in))
	ok(t, victim.HangUp(soon(t, aMoment)))
	ok(t, other.HangUp(soon(t, aMoment)))

	r := lena.logged("13912340031")
	if *r.End != (ending{By: "caller", Cause: "hangup"}) || r.Agent != "amy" || r.Queue != "support" {
		t.Errorf("logged is %+v, end %+v", r, *r.End)
	}
	d := lena.detail(r.ID)
	inOrder(t, d.Timeline, "bridged agent=ben", "agent_leg_lost agent=ben", "call_offered agent=amy", "bridged agent=amy", "call_ended")
	if len(d.Segments) != 2 || d.Segments[0].End != "lost" || d.Segments[1].End != "caller" ||
		d.Segments[0].TalkMS+d.Segments[1].TalkMS != r.TalkMS {
		t.Errorf("talk is %d ms, segments are %+v", r.TalkMS, d.Segments)
	}
}

// A server that is killed while nothing happens but talk knows to the second how long the talk was.
func TestAKilledServerKnowsHowLongWasTalked(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	lena := s.signIn("lena")
	began := time.Now()
	s.talk(t, s.phone(t, "1002"), "13912340034")
	<-time.After(4 * time.Second)
	s.kill()
	s.launch()
	r := lena.logged("13912340034")
	if talked := time.Since(began).Milliseconds(); r.End.Cause != "server restarted" || r.TalkMS < 2500 || r.TalkMS > talked {
		t.Errorf("talked %d ms of %d, end %+v", r.TalkMS, talked, *r.End)
	}
}
