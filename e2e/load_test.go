package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
)

// The load: so many calls at this pace, with so many agents.
const (
	loadCalls  = 300
	loadAgents = 150
	loadPace   = time.Second / 20
)

// Three hundred calls through the menu at twenty a second to phones that are registered and signed in by *45.
// Each succeeds, in each the two hear each other, each is logged once, and nothing of them is left behind.
func TestThreeHundredCallsThroughTheMenu(t *testing.T) {
	t.Parallel()
	s := start(t, options{args: []string{"--agents", fmt.Sprint(loadAgents)}, legs: loadCalls + loadAgents})
	l := &load{t: t, s: s, taken: map[string]chan *siptest.Call{}}
	for i := range loadCalls {
		l.taken[loadNumber(i)] = make(chan *siptest.Call, 1)
	}
	l.staff()
	lena := s.signIn("lena")
	before := s.settled(t)

	l.run()

	rows := lena.loadRows(t)
	seen := map[string]int{}
	for _, r := range rows {
		seen[r.From.Raw]++
		if err := timesAddUp(r); err != nil {
			t.Error(err)
		}
		if *r.End != (ending{By: "caller", Cause: "hangup"}) || r.Queue != "support" || r.Agent == "" || r.TalkMS == 0 || r.RingMS > r.WaitMS {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	}
	for i := range loadCalls {
		if n := seen[loadNumber(i)]; n != 1 {
			t.Errorf("the call of %s is logged %d times", loadNumber(i), n)
		}
	}
	s.nothingLeft(t, before)
}

// load is the calls and those who take them.
type load struct {
	t     *testing.T
	s     *server
	taken map[string]chan *siptest.Call // by the caller's number: what an agent answered
}

func loadNumber(i int) string { return fmt.Sprintf("139%08d", 70_000_000+i) }

// staff registers the phones and signs the agents in. Each phone takes every call at once.
func (l *load) staff() {
	extensions := make(chan int)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for i := range extensions {
				if err := l.signIn(fmt.Sprint(1001 + i)); err != nil {
					l.t.Errorf("agent %d: %v", i, err)
				}
			}
		})
	}
	for i := range loadAgents {
		extensions <- i
	}
	close(extensions)
	all.Wait()
	if l.t.Failed() {
		l.t.FailNow()
	}
}

func (l *load) signIn(extension string) error {
	ctx := soon(l.t, 30*time.Second)
	p := siptest.NewPhone(l.t, siptest.Options{
		Server: l.s.sipAddr(), User: extension, Password: "demo-" + extension, Quiet: true, Keep: time.Second,
	})
	if err := p.Register(ctx); err != nil {
		return err
	}
	p.OnInvite(func(c *siptest.Call) {
		c.Ring()
		if c.Answer() == nil {
			l.taken[c.From()] <- c
		}
	})
	c, err := p.Dial(ctx, "*45")
	if err != nil {
		return err
	}
	_, err = c.WaitEnded(ctx) // the server hangs up when it has confirmed
	return err
}

// run places the calls and waits for the last of them.
func (l *load) run() {
	callers := siptest.NewPhone(l.t, siptest.Options{Server: l.s.sipAddr(), Quiet: true, Keep: time.Second})
	pace := time.NewTicker(loadPace)
	defer pace.Stop()
	ctx := soon(l.t, 90*time.Second)
	began := time.Now()
	var all sync.WaitGroup
	for i := range loadCalls {
		all.Go(func() {
			if err := l.call(ctx, callers, loadNumber(i)); err != nil {
				l.t.Errorf("call %d: %v", i, err)
			}
		})
		<-pace.C
	}
	all.Wait()
	l.t.Logf("%d calls in %v", loadCalls, time.Since(began).Round(time.Second/10))
}

// call is one caller's way: menu, the key, the agent, good-bye.
func (l *load) call(ctx context.Context, callers *siptest.Phone, number string) error {
	c, err := callers.DialWith(ctx, "4000", siptest.DialOptions{From: number})
	if err != nil {
		return err
	}
	if err := c.WaitAnswered(ctx); err != nil {
		return err
	}
	if err := c.HeardSound(ctx, -45); err != nil {
		return err
	}
	if err := c.SendDTMF(ctx, "2"); err != nil {
		return err
	}
	var agent *siptest.Call
	select {
	case agent = <-l.taken[number]:
	case <-ctx.Done():
		return fmt.Errorf("no agent took the call of %s: %w", number, context.Cause(ctx))
	}
	if err := tonesPass(ctx, c, agent); err != nil {
		return err
	}
	if err := c.HangUp(ctx); err != nil {
		return err
	}
	_, err = agent.WaitEnded(ctx)
	return err
}

// loadRows waits until all calls are in the log.
func (c *client) loadRows(t *testing.T) []callRow {
	t.Helper()
	var rows []callRow
	eventually(t, aMoment, "all calls are logged", func() error {
		all, err := c.calls("queue=support")
		rows = rows[:0]
		for _, r := range all {
			if r.From.Raw >= loadNumber(0) && r.From.Raw <= loadNumber(loadCalls) {
				rows = append(rows, r)
			}
		}
		return notCount(err, rows, loadCalls)
	})
	return rows
}

// leftovers are the figures that must come back to what they were.
var leftovers = []string{
	"linedesk_calls_live", "linedesk_media_legs", "linedesk_media_bridges", "linedesk_media_ports_in_use", "go_goroutines", "process_open_fds",
}

// settled waits until no call is left and gives the server's figures.
func (s *server) settled(t *testing.T) map[string]float64 {
	t.Helper()
	var m map[string]float64
	eventually(t, aMoment, "no call is left", func() (err error) {
		if m, err = s.metrics(); err == nil && m["linedesk_calls_live"]+m["linedesk_media_legs"] > 0 {
			err = fmt.Errorf("%g calls and %g legs are", m["linedesk_calls_live"], m["linedesk_media_legs"])
		}
		return err
	})
	return m
}

// nothingLeft sees that calls have left nothing behind. A few goroutines and descriptors come and go with
// connections that are kept open.
func (s *server) nothingLeft(t *testing.T, before map[string]float64) {
	t.Helper()
	const spare = 8
	eventually(t, 20*time.Second, "nothing is left behind", func() error {
		m, err := s.metrics()
		if err != nil {
			return err
		}
		for _, name := range leftovers {
			allowed := before[name]
			if name == "go_goroutines" || name == "process_open_fds" {
				allowed += spare
			}
			if m[name] > allowed {
				return fmt.Errorf("%s is %g and was %g", name, m[name], before[name])
			}
		}
		return nil
	})
	m, err := s.metrics()
	ok(t, err)
	for _, name := range []string{"linedesk_call_panics_total", "linedesk_events_lost_total", "linedesk_media_dropped_total"} {
		if m[name] != 0 {
			t.Errorf("%s is %g", name, m[name])
		}
	}
	for _, name := range leftovers {
		t.Logf("%s: before %g, after %g", name, before[name], m[name])
	}
}
