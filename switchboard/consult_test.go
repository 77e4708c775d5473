package switchboard

import (
	"testing"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// benIsPaused has ben there to be asked, and for no queue.
func (h *house) benIsPaused() {
	h.t.Helper()
	h.ready("ben", "1002")
	_, err := h.ChooseState(h.soon(), "ben", call.ChosePaused, call.ReasonID(h.Site().PauseReasons[0].ID), "")
	ok(h.t, err)
}

func (h *house) asks(id call.ID, to call.Target) {
	h.t.Helper()
	_, err := h.Consult(h.soon(), "amy", id, to)
	ok(h.t, err)
}

// told folds the journal into the call's history.
func (h *house) told(id call.ID) *history.Call {
	h.t.Helper()
	var c *history.Call
	var run history.Run
	ok(h.t, h.journal.Read(1, func(rec call.Record) error {
		switch {
		case c != nil && call.Of(rec.Event) == id:
			c.Apply(rec, run.Alive())
		case c == nil && call.Of(rec.Event) == id:
			c = history.Begin(rec)
		}
		run.Note(rec)
		return nil
	}))
	return c
}

func TestAColleagueIsAskedAndGetsTheCall(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, nil)
	h.benIsPaused()
	h.asks(id, "agent:ben")
	ben := h.rung(phones["ben"])
	if from := ben.From(); from != "13800138000" {
		t.Errorf("ben's telephone shows %q, not the customer", from)
	}
	ok(t, caller.HeardSound(h.soon(), -45)) // music
	ok(t, ben.Answer())
	wrote[call.PartyJoined](h, nil)
	h.hear(amy, ben)
	ok(t, caller.HeardSound(h.soon(), -45))
	_, err := h.Swap(h.soon(), "amy", id)
	ok(t, err)
	h.hear(caller, amy)
	ok(t, ben.HeardSound(h.soon(), -45))
	_, err = h.Complete(h.soon(), "amy", id)
	ok(t, err)
	h.gone(amy)
	h.hear(caller, ben)
	wrote(h, func(e call.WrapUpStarted) bool { return e.Agent == "amy" })
	ok(t, caller.HangUp(h.soon()))
	h.gone(ben)
	wrote(h, func(e call.WrapUpStarted) bool { return e.Agent == "ben" })
	h.over()
	c := h.told(id)
	if c.Agent != "ben" || len(c.Segments) != 2 {
		t.Fatalf("the call is %s's, with %d parts", c.Agent, len(c.Segments))
	}
	one, two := c.Segments[0], c.Segments[1]
	if one.End != history.EndTransferred || one.TransferredTo != "agent:ben" || one.Consulted <= 0 || one.Talk() <= 0 ||
		one.Talk()+one.Held+one.Consulted != one.StoppedAt.Sub(*one.BridgedAt) {
		t.Errorf("amy's part is %+v, talk %v", one, one.Talk())
	}
	if two.Why != "consult" || two.Consulted <= 0 || two.Talk() <= 0 || two.BridgedAt == nil || two.End != history.EndCaller {
		t.Errorf("ben's part is %+v, talk %v", two, two.Talk())
	}
}

func TestAColleagueIsAskedAndTheCallStays(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, nil)
	h.benIsPaused()
	// He declines, does not exist for it, and is asked in the end.
	h.asks(id, "extension:1002")
	h.rung(phones["ben"]).Reject(603)
	wrote(h, func(e call.ConsultEnded) bool { return e.Reason == "declined" })
	h.hear(caller, amy)
	for _, to := range []call.Target{"queue:sales", "flow:main", "4000"} {
		if _, err := h.Consult(h.soon(), "amy", id, to); refusal(err) != "bad_target" {
			t.Errorf("to ask %s: %v", to, err)
		}
	}
	for what, do := range map[string]func() error{
		"swap":     func() error { _, err := h.Swap(h.soon(), "amy", id); return err },
		"complete": func() error { _, err := h.Complete(h.soon(), "amy", id); return err },
		"cancel":   func() error { _, err := h.CancelConsult(h.soon(), "amy", id); return err },
	} {
		if err := do(); refusal(err) != "not_consulting" {
			t.Errorf("%s, and nobody is asked: %v", what, err)
		}
	}
	h.asks(id, "agent:ben")
	ben := h.rung(phones["ben"])
	if _, err := h.Complete(h.soon(), "amy", id); refusal(err) != "not_talking" {
		t.Errorf("complete before an answer: %v", err)
	}
	ok(t, ben.Answer())
	h.hear(amy, ben)
	_, err := h.CancelConsult(h.soon(), "amy", id)
	ok(t, err)
	h.gone(ben)
	h.hear(caller, amy)
	// He was only asked: there is nothing for him to wrap up, and he is paused as before.
	eventually(t, "ben is paused again", func() bool {
		var last call.AgentStatusChanged
		_ = h.journal.Read(1, func(rec call.Record) error {
			if e, is := rec.Event.(call.AgentStatusChanged); is && e.Agent == "ben" {
				last = e
			}
			return nil
		})
		return last.Status == call.StatusPaused
	})
	ok(t, caller.HangUp(h.soon()))
	h.gone(amy)
	h.over()
	c := h.told(id)
	if c.Agent != "amy" || len(c.Segments) != 3 || c.Segments[2].End != history.EndConsulted || c.Segments[2].Talk() != 0 || c.Segments[2].WrapUp != 0 {
		t.Errorf("the call is %s's, its parts %+v", c.Agent, c.Segments)
	}
}

func TestANumberOutsideIsAsked(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, _ := twoAgents(t, nil)
	h.asks(id, "13900000009")
	far := h.rung(h.carrier)
	ok(t, far.Answer())
	h.hear(amy, far)
	ok(t, far.HangUp(h.soon()))
	wrote(h, func(e call.ConsultEnded) bool { return e.Reason == "left" })
	h.hear(caller, amy)
	h.asks(id, "13900000009")
	far = h.rung(h.carrier)
	ok(t, far.Answer())
	h.hear(amy, far)
	ok(t, amy.HangUp(h.soon())) // at the telephone: who was asked has the call
	h.hear(caller, far)
	ok(t, caller.HangUp(h.soon()))
	h.gone(far)
	h.over()
}

func TestWhoAsksHangsUpBeforeAnAnswer(t *testing.T) {
	t.Parallel()
	h, id, caller, amy, phones := twoAgents(t, nil)
	h.benIsPaused()
	h.asks(id, "agent:ben")
	ben := h.rung(phones["ben"])
	ok(t, amy.HangUp(h.soon()))
	h.gone(ben)
	wrote(h, func(e call.CallQueued) bool { return e.Queue == "support" && e.Call == id })
	ok(t, caller.HeardSound(h.soon(), -45))
	ok(t, caller.HangUp(h.soon()))
	h.over()
}
