package e2e

import (
	"math"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
	"github.com/linedesk/linedesk/store/storetest"
)

// The promise of the whole: a caller comes through the menu to an agent, both hear each other, and the call
// is in the log. On both databases, with the agent signed in at the telephone and by the API.
func TestCallFromTrunkToAgent(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		tellStory(t, start(t, options{}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		tellStory(t, start(t, options{db: storetest.Postgres(t)}))
	})
}

func tellStory(t *testing.T, s *server) {
	t.Helper()
	lena := s.signIn("lena")

	ben := s.phone(t, "1002")
	press(t, ben, "*45")
	lena.waitAgent("ben", "ready", "")
	talkThroughMenu(t, s, lena, ben, "ben", "13912340001")
	press(t, ben, "*45") // off, once the wrap-up is over: the next call is not for him

	amy := s.phone(t, "1001")
	s.signIn("amy").ready(map[string]string{"kind": "sip", "extension": "1001"})
	lena.waitAgent("amy", "ready", "")
	r := talkThroughMenu(t, s, lena, amy, "amy", "13912340002")
	if r.Customer != "" {
		t.Errorf("the call of an unknown number is said to be of customer %s", r.Customer)
	}
}

// talkThroughMenu carries one call through its whole life and gives its log.
func talkThroughMenu(t *testing.T, s *server, lena *client, phone *siptest.Phone, agent, number string) callRow {
	t.Helper()
	c := dial(t, s.caller(t, number), "4000")
	ok(t, heardPrompt(soon(t, aMoment), c, "zh-CN/main_menu"))
	dialling := time.Now()
	ok(t, c.SendDTMF(soon(t, aMoment), "2"))
	in := rung(t, phone)
	if in.From() != number {
		t.Errorf("the agent's phone shows %q as the caller, not %s", in.From(), number)
	}
	ok(t, heardPrompt(soon(t, aMoment), c, "hold")) // music
	answering := time.Now()
	ok(t, in.Answer())

	ok(t, tonesPass(soon(t, aMoment), c, in))
	talking := time.Now()
	for _, m := range []struct {
		who  string
		call *siptest.Call
		hz   float64
	}{{"agent", in, callerTone}, {"caller", c, agentTone}} {
		if got := m.call.Frequency(200 * time.Millisecond); math.Abs(got-m.hz) > 3 {
			t.Errorf("the %s hears %g Hz instead of %g", m.who, got, m.hz)
		}
	}
	talked := time.Since(talking)
	ok(t, c.HangUp(soon(t, aMoment)))
	gone(t, in)
	connected := time.Since(answering)

	r := lena.logged(number)
	ok(t, timesAddUp(r))
	if r.Queue != "support" || r.Agent != agent || r.Direction != "inbound" || r.Trunk != "demo" || r.To.Raw != "4000" ||
		r.From.E164 != "+86"+number {
		t.Errorf("the log has %+v", r)
	}
	if *r.End != (ending{By: "caller", Cause: "hangup"}) {
		t.Errorf("the call ended %+v, and the caller hung up", *r.End)
	}
	between(t, "ring", r.RingMS, 0, answering.Sub(dialling))
	between(t, "talk", r.TalkMS, talked, connected)
	if r.RingMS > r.WaitMS || r.WaitMS == 0 || r.HoldMS != 0 {
		t.Errorf("wait %d ms, ring %d, hold %d", r.WaitMS, r.RingMS, r.HoldMS)
	}
	checkDetail(t, lena.detail(r.ID), agent)
	rows, err := lena.calls("from=" + url.QueryEscape(r.ArrivedAt.Format(time.RFC3339Nano)))
	ok(t, err)
	if len(rows) != 1 {
		t.Errorf("the log has %d calls since this one began: %v", len(rows), rows)
	}
	return r
}

// between sees that a logged time lies between what surely belongs to it and what surely holds it, by our own clock: as
// true on a slow machine. Rows are to the millisecond.
func between(t *testing.T, name string, got int64, least, most time.Duration) {
	t.Helper()
	if d := time.Duration(got) * time.Millisecond; d < least-2*time.Millisecond || d > most+2*time.Millisecond {
		t.Errorf("%s is logged as %d ms and took from %v to %v", name, got, least, most)
	}
}

func checkDetail(t *testing.T, d callDetail, agent string) {
	t.Helper()
	inOrder(t, d.Timeline, "call_arrived", "call_answered", "flow_entered", "flow_stepped node=menu digits=2",
		"call_queued queue=support", "call_offered agent="+agent, "offer_ringing", "offer_answered agent="+agent, "bridged",
		"talk_ended", "call_ended reason=hangup")
	for i, e := range d.Timeline[1:] {
		if e.At.Before(d.Timeline[i].At) {
			t.Errorf("the timeline goes back in time: %v after %v", e, d.Timeline[i])
		}
	}
	if len(d.Legs) != 2 || len(d.Segments) != 1 {
		t.Fatalf("the call has %d legs and %d segments: %+v", len(d.Legs), len(d.Segments), d)
	}
	if s := d.Segments[0]; s.Agent != agent || s.Queue != "support" || s.End != "caller" {
		t.Errorf("its segment is %+v", s)
	}
	for _, l := range d.Legs {
		if q := l.Quality; q.PacketsIn == 0 || q.PacketsOut == 0 || q.LossPct > 1 || q.MOS < 4 || q.Codec != "PCMU" {
			t.Errorf("the leg of %q had quality %+v", l.Agent, q)
		}
	}
}

// The customer is known by the number.
func TestCallerIsRecognised(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	lena := s.signIn("lena")
	began := time.Now().UTC()
	c := dial(t, s.caller(t, "13800000001"), "4003")
	c.Tone(callerTone)
	ok(t, c.Heard(soon(t, aMoment), callerTone)) // the echo
	ok(t, c.HangUp(soon(t, aMoment)))
	var rows []callRow
	eventually(t, 2*time.Second, "the log", func() (err error) {
		rows, err = lena.calls("number=13800000001&from=" + url.QueryEscape(began.Format(time.RFC3339Nano)))
		return notCount(err, rows, 1)
	})
	if rows[0].CustomerName != "王芳" {
		t.Errorf("the call is logged with customer %q", rows[0].CustomerName)
	}
	var p page[struct{ ID, Name, Grade string }]
	lena.must(http.MethodGet, "/customers?phone=13800000001", nil, &p)
	if len(p.Items) != 1 || p.Items[0].ID != rows[0].Customer || p.Items[0].Grade != "AAA" {
		t.Errorf("her record is %+v, the call's customer %s", p.Items, rows[0].Customer)
	}
}
