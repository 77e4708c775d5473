package e2e

import (
	"testing"
)

// A caller may leave at any time, and the log says when.
func TestCallerHangsUpBeforeAnAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	lena := s.signIn("lena")

	t.Run("in the menu", func(t *testing.T) {
		lena := lena.in(t)
		c := dial(t, s.caller(t, "13912340011"), "4000")
		ok(t, heardPrompt(soon(t, aMoment), c, "zh-CN/main_menu"))
		ok(t, c.HangUp(soon(t, aMoment)))
		r := lena.logged("13912340011")
		ok(t, timesAddUp(r))
		if *r.End != (ending{By: "caller", Cause: "left_menu"}) || r.Queue != "" || r.Agent != "" || r.WaitMS != 0 || r.AnsweredAt == nil {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	})

	t.Run("in the queue", func(t *testing.T) {
		lena := lena.in(t)
		c := dial(t, s.caller(t, "13912340012"), "4001")
		ok(t, heardPrompt(soon(t, aMoment), c, "hold"))
		lena.liveCall("13912340012", "waiting")
		ok(t, c.HangUp(soon(t, aMoment)))
		r := lena.logged("13912340012")
		ok(t, timesAddUp(r))
		if *r.End != (ending{By: "caller", Cause: "abandoned"}) || r.Queue != "support" || r.Agent != "" || r.WaitMS == 0 || r.TalkMS != 0 {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	})

	t.Run("while the agent's phone rings", func(t *testing.T) {
		lena := lena.in(t)
		ben := s.phone(t, "1002")
		press(t, ben, "*45")
		c := dial(t, s.caller(t, "13912340013"), "4001")
		in := rung(t, ben)
		lena.waitAgent("ben", "offered", "")
		ok(t, c.HangUp(soon(t, aMoment)))
		if end := gone(t, in); !end.ByPeer || end.Code != 487 {
			t.Errorf("the agent's phone was told %+v instead of a CANCEL", end)
		}
		lena.waitAgent("ben", "ready", "") // no fault of his
		r := lena.logged("13912340013")
		ok(t, timesAddUp(r))
		if *r.End != (ending{By: "caller", Cause: "abandoned"}) || r.BridgedAt != nil || r.TalkMS != 0 {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
		if d := lena.detail(r.ID); len(d.Segments) != 1 || d.Segments[0].Agent != "ben" || d.Segments[0].End != "withdrawn" {
			t.Errorf("its segments are %+v", d.Segments)
		}
	})
}
