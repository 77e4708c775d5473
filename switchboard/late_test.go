package switchboard

import (
	"testing"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// TestACommandThatRacesWithTheEndIsAnswered lets commands lie in the mailbox of a call that ends.
func TestACommandThatRacesWithTheEndIsAnswered(t *testing.T) {
	sb := rig(t)
	c := sb.newCall(call.Inbound)
	sb.router.post(callBegan{c})
	ends := happened{talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseHangup}}}
	if !c.post(ends) {
		t.Fatal("the mailbox is full")
	}
	const commands = 8
	answers := make(chan error, commands)
	for range commands {
		go func() {
			_, err := sb.Hold(t.Context(), "amy", c.id)
			answers <- err
		}()
	}
	eventually(t, "all commands are in the mailbox", func() bool { return len(c.mailbox) == commands+1 })
	c.run(talk.CustomerFound{Name: "somebody"})
	for range commands {
		if err := <-answers; refusal(err) != string(talk.CallIsOver) {
			t.Errorf("a command that came too late: %v, want %s", err, talk.CallIsOver)
		}
	}
	// And when the table has forgotten the call.
	if _, err := sb.Hold(t.Context(), "amy", c.id); refusal(err) != string(talk.NotYourCall) {
		t.Errorf("a command to a call that is gone: %v", err)
	}
}

// TestACommandWhoseStepPanicsIsAnswered plants a panic where a command is carried out.
func TestACommandWhoseStepPanicsIsAnswered(t *testing.T) {
	logtest.Expect(t, "panic in a call")
	sb := rig(t)
	c := sb.newCall(call.Inbound)
	c.state.Parties = []talk.Party{
		{ID: 1, Role: talk.RoleCustomer, State: talk.Talking, Line: talk.LineUp},
		{ID: 2, Role: talk.RoleAgent, State: talk.Talking, Line: talk.LineUp, Agent: "amy", Offer: "o1"},
	}
	c.legs[2] = &leg{party: 2} // without its sound, which is a defect
	sb.router.post(callBegan{c})
	go c.run(talk.CustomerFound{Name: "somebody"})
	if _, err := sb.Mute(t.Context(), "amy", c.id, true); refusal(err) != string(talk.CallIsOver) {
		t.Errorf("the command is answered with %v", err)
	}
	over(t, c)
}

// TestABrokenMachineFreesItsAgents plants a panic that comes again when the call is to be ended: the table forgets the
// call, and nobody stays busy with it.
func TestABrokenMachineFreesItsAgents(t *testing.T) {
	logtest.Expect(t, "panic in a call")
	sb := rig(t)
	if _, err := sb.router.ask(t.Context(), record{sb.Site().Routing()}); err != nil {
		t.Fatal(err)
	}
	amy := sb.Site().Agents[0].ID
	for _, e := range []call.Event{
		call.AgentSignedIn{Agent: amy, Station: call.Station{Kind: call.StationStatic}},
		call.StationUp{Agent: amy},
		call.AgentStateChosen{Agent: amy, State: call.ChoseReady},
	} {
		sb.router.record(e)
	}
	c := sb.newCall(call.Outbound)
	sb.router.post(callBegan{c})
	sb.router.post(occupy{agent: amy, call: c.id})
	l := &leg{party: 1, dialog: new(sip.Leg)} // a dialog of nobody's: to hang it up is a panic
	c.legs[1] = l
	c.state.Parties = []talk.Party{{ID: 1, Role: talk.RoleCustomer, State: talk.Waiting, Line: talk.LineUp}}
	go c.run(talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseHangup}})
	over(t, c)
	if list := ends(t, sb, c.id); len(list) != 1 || list[0].End.Cause != call.CauseFailed {
		t.Errorf("the call ended as %+v", list)
	}
	var status call.AgentStatus
	_ = sb.journal.Read(1, func(rec call.Record) error {
		if e, ok := rec.Event.(call.AgentStatusChanged); ok && e.Agent == amy {
			status = e.Status
		}
		return nil
	})
	if status != call.StatusReady || sb.Figures().LiveCalls != 0 {
		t.Errorf("the agent is %s, %d calls are in the table", status, sb.Figures().LiveCalls)
	}
}
