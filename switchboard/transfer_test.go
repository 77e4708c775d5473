package switchboard

import (
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/siptest"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// twoAgents brings a caller and amy together; ben is ready beside her, but for queues of his own.
func twoAgents(t *testing.T, change func(*configs.Site)) (h *house, id call.ID, caller, amy *siptest.Call, phones map[string]*siptest.Phone) {
	t.Helper()
	h = open(t, t.TempDir(), change)
	phones = map[string]*siptest.Phone{"amy": h.phone("1001"), "ben": h.phone("1002")}
	h.ready("amy", "1001")
	caller = h.dial(h.caller("13800138000"), "4001")
	amy = h.rung(phones["amy"])
	ok(t, amy.Answer())
	id = wrote[call.Bridged](h, nil).Call
	h.hear(caller, amy)
	return h, id, caller, amy, phones
}

func (h *house) transfer(agent call.AgentID, id call.ID, to call.Target) {
	h.t.Helper()
	_, err := h.Transfer(h.soon(), agent, id, to, false)
	ok(h.t, err)
}

func TestATransferToAnAgent(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, nil)
	h.ready("ben", "1002")
	_, err := h.ChooseState(h.soon(), "ben", call.ChosePaused, call.ReasonID(h.Site().PauseReasons[0].ID), "")
	ok(t, err)
	h.transfer("amy", id, "agent:ben")
	h.gone(amy)
	ben := h.rung(phones["ben"])
	ok(t, caller.HeardSound(h.soon(), -45)) // music
	ok(t, ben.Answer())
	wrote(h, func(e call.Bridged) bool { return e.Agent == "ben" })
	h.hear(caller, ben)
	wrote(h, func(e call.WrapUpStarted) bool { return e.Agent == "amy" })
	offer := wrote(h, func(e call.CallOffered) bool { return e.Agent == "ben" })
	if offer.Why != "transferred" || offer.Queue != "" {
		t.Errorf("ben was offered it as %+v", offer)
	}
	ok(t, ben.HangUp(h.soon()))
	h.gone(caller)
	wrote(h, func(e call.WrapUpStarted) bool { return e.Agent == "ben" })
	if end := h.over(); end.Cause != call.CauseHangup || end.By != call.ByAgent {
		t.Errorf("the call ended as %+v", end)
	}
	wrote(h, func(e call.LegEnded) bool { return e.Agent == "amy" && e.End.Cause == call.CauseTransferred })
}

func TestATransferThatNobodyTakesComesBack(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, nil)
	h.ready("ben", "1002")
	_, err := h.ChooseState(h.soon(), "ben", call.ChosePaused, call.ReasonID(h.Site().PauseReasons[0].ID), "")
	ok(t, err)
	h.transfer("amy", id, "extension:1002") // where ben sits
	h.gone(amy)
	h.rung(phones["ben"]).Reject(603)
	if got := wrote[call.TransferFailed](h, nil); got.Agent != "amy" || got.Reason != "not_taken" || got.To != "extension:1002" {
		t.Errorf("the transfer failed as %+v", got)
	}
	again := h.rung(phones["amy"]) // in the middle of her wrap-up
	offer := wrote(h, func(e call.CallOffered) bool { return e.Why == "returned" })
	if offer.Agent != "amy" || offer.Queue != "support" {
		t.Errorf("it comes back as %+v", offer)
	}
	ok(t, again.Answer())
	h.hear(caller, again)
	// Outside, where it is busy.
	h.transfer("amy", id, "13900000009")
	h.rung(h.carrier).Reject(486)
	third := h.rung(phones["amy"])
	wrote(h, func(e call.TransferFailed) bool { return e.Reason == string(call.MissBusy) })
	ok(t, caller.HangUp(h.soon()))
	h.gone(third)
	h.over()
}

func TestATransferToAQueue(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, nil)
	_, err := h.Transfer(h.soon(), "amy", id, "queue:sales", true)
	ok(t, err)
	h.gone(amy)
	ok(t, caller.HeardSound(h.soon(), -45))
	first := wrote(h, func(e call.CallQueued) bool { return e.Queue == "support" })
	queued := wrote(h, func(e call.CallQueued) bool { return e.Queue == "sales" })
	if !first.Since.IsZero() || queued.Since.IsZero() || time.Since(queued.Since) > time.Minute {
		t.Errorf("queued first as %+v, then as %+v", first, queued)
	}
	h.ready("ben", "1002")
	ben := h.rung(phones["ben"])
	ok(t, ben.Answer())
	h.hear(caller, ben)
	// His telephone is lost: the caller waits again in that queue.
	phones["ben"].Kill()
	wrote[call.AgentLegLost](h, nil)
	ok(t, caller.HangUp(h.soon()))
	h.over()
}

func TestATransferToANumberOutside(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, _ := twoAgents(t, nil)
	h.transfer("amy", id, "13900000009")
	h.gone(amy)
	far := h.rung(h.carrier)
	ok(t, far.Answer())
	wrote[call.PartyJoined](h, nil)
	h.hear(caller, far)
	ok(t, far.HangUp(h.soon()))
	h.gone(caller)
	h.over()
}

func TestATransferToATelephoneWithoutAnAgent(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, nil)
	h.transfer("amy", id, "1002") // ben's, who is not on shift
	h.gone(amy)
	ben := h.rung(phones["ben"])
	if from := ben.From(); from != "13800138000" {
		t.Errorf("it shows %q", from)
	}
	ok(t, ben.Answer())
	h.hear(caller, ben)
	ok(t, caller.HangUp(h.soon()))
	h.gone(ben)
	h.over()
}

func TestATransferToAMenu(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, _ := twoAgents(t, nil)
	h.transfer("amy", id, "4000")
	h.gone(amy)
	entered := wrote(h, func(e call.FlowEntered) bool { return e.Flow == "main" })
	if entered.Call != id {
		t.Errorf("another call entered %+v", entered)
	}
	ok(t, caller.SendDTMF(h.soon(), "2"))
	wrote(h, func(e call.FlowStepped) bool { return e.Flow == "main" && e.Digits == "2" })
	ok(t, caller.HangUp(h.soon()))
	h.over()
}

func TestATransferOfAPlacedCall(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	p, q := h.phone("1001"), h.phone("1002")
	h.ready("amy", "1001")
	h.ready("ben", "1002")
	id, _, err := h.PlaceCall(h.soon(), "amy", "13800138000")
	ok(t, err)
	amy := h.rung(p)
	ok(t, amy.Answer())
	far := h.rung(h.carrier)
	ok(t, far.Answer())
	wrote[call.Bridged](h, nil)
	h.transfer("amy", id, "agent:ben")
	h.gone(amy)
	wrote(h, func(e call.AgentCallEnded) bool { return e.Agent == "amy" })
	ben := h.rung(q)
	ok(t, ben.Answer())
	h.hear(far, ben)
	// Ben's telephone goes; nothing is lost: the customer waits in a queue of amy's.
	for _, leg := range h.liveCall(id).state.Parties {
		if leg.Agent == "ben" {
			h.liveCall(id).legs[leg.ID].sound.Close()
		}
	}
	if back := wrote[call.CallQueued](h, nil); !back.Returned || back.Preferred != "amy" {
		t.Errorf("it went back as %+v", back)
	}
	again := h.rung(p)
	ok(t, far.HangUp(h.soon()))
	h.gone(again)
	h.over()
}

func TestATransferIsRefusedBeforeAnythingMoves(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, func(s *configs.Site) {
		for i := range s.Queues {
			s.Queues[i].MaxWaiting = 1
		}
	})
	h.ready("ben", "1002")
	waits := h.dial(h.caller("13900000002"), "4001")
	ben := h.rung(phones["ben"])
	ok(t, ben.Answer())
	full := h.dial(h.caller("13900000003"), "4002") // nobody is free for sales
	wrote(h, func(e call.CallQueued) bool { return e.Queue == "sales" })
	for _, c := range []struct {
		to   call.Target
		code string
	}{
		{"queue:nobody", "unknown_target"},
		{"agent:nobody", "unknown_target"},
		{"extension:9999", "unknown_target"},
		{"flow:nowhere", "unknown_target"},
		{"moon:1", "bad_target"},
		{"agent:amy", "bad_target"},
		{"12", "bad_number"},
		{"agent:chen", "target_off"},
		{"extension:1020", "target_off"},
		{"agent:ben", "target_busy"},
		{"1002", "target_busy"},
		{"queue:sales", "queue_full"},
	} {
		if _, err := h.Transfer(h.soon(), "amy", id, c.to, false); refusal(err) != c.code {
			t.Errorf("to %s: %v, want %s", c.to, err, c.code)
		}
	}
	if _, err := h.Transfer(h.soon(), "amy", id, "4000", true); refusal(err) != "bad_target" {
		t.Errorf("a menu has no waiting time: %v", err)
	}
	if _, err := h.Transfer(h.soon(), "ben", id, "agent:amy", false); refusal(err) != "target_busy" && refusal(err) != "not_your_call" {
		t.Errorf("somebody else's call: %v", err)
	}
	h.hear(caller, amy)
	for _, c := range []*siptest.Call{caller, waits, full} {
		ok(t, c.HangUp(h.soon()))
	}
	h.gone(amy)
}

func TestACallIsParkedAndTakenUp(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, nil)
	h.ready("ben", "1002")
	_, err := h.ChooseState(h.soon(), "ben", call.ChosePaused, call.ReasonID(h.Site().PauseReasons[0].ID), "")
	ok(t, err)
	if _, err := h.TakeUp(h.soon(), "ben", 1); refusal(err) != "not_parked" {
		t.Errorf("an empty slot: %v", err)
	}
	slot, _, err := h.Park(h.soon(), "amy", id)
	ok(t, err)
	if slot != 1 {
		t.Errorf("the slot is %d", slot)
	}
	h.gone(amy)
	ok(t, caller.HeardSound(h.soon(), -45))
	if _, err := h.TakeUp(h.soon(), "chen", slot); refusal(err) != "target_off" {
		t.Errorf("an agent who is not there: %v", err)
	}
	_, err = h.TakeUp(h.soon(), "ben", slot)
	ok(t, err)
	ben := h.rung(phones["ben"])
	if _, err := h.TakeUp(h.soon(), "amy", slot); refusal(err) != "not_parked" {
		t.Errorf("a call that somebody has taken: %v", err)
	}
	ok(t, ben.Answer())
	h.hear(caller, ben)
	// Parked again, and taken by who was wrapping it up.
	slot, _, err = h.Park(h.soon(), "ben", id)
	ok(t, err)
	_, err = h.TakeUp(h.soon(), "ben", slot)
	ok(t, err)
	again := h.rung(phones["ben"])
	ok(t, again.Answer())
	h.hear(caller, again)
	// And then for too long.
	_, _, err = h.Park(h.soon(), "ben", id)
	ok(t, err)
	h.liveCall(id).insist(happened{talk.Timeout{Timer: talk.TimerParked}})
	if got := wrote[call.TransferFailed](h, nil); got.Reason != "time_out" || got.Agent != "ben" {
		t.Errorf("it went back as %+v", got)
	}
	ok(t, caller.HangUp(h.soon()))
	h.over()
}
