package e2e

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
	"github.com/linedesk/linedesk/store/storetest"
)

var (
	crashRounds = flag.Int("crash-rounds", 20, "how often each database's server is killed")
	crashSeed   = flag.Uint64("crash-seed", 0, "what the moments of killing come from; 0: a new one")
)

const (
	crashCalls = 50
	crashPace  = 8 * time.Millisecond
)

// The server is killed in the midst of fifty calls, round after round, at a random moment up to 100 ms after a
// random one of the agents' answers, while calls that have ended are on their way into the database. After
// the restart every call is in the log once, with its times; what was not over has ended by the restart.
func TestKilledServerLosesNoCall(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		newCrash(t, "").run()
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		newCrash(t, storetest.Postgres(t)).run()
	})
}

// crash is one server that is killed again and again, on one data folder and database.
type crash struct {
	t      *testing.T
	s      *server
	lena   *client
	random *rand.Rand
	begun  time.Time
	read   uint64 // of the journal, so far
	logged int    // calls, in all rounds
	ended  int    // of those, before the kill
	open   int    // of those, ended by the restart
}

func newCrash(t *testing.T, db string) *crash {
	t.Helper()
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-crash-seed=%d", seed)
	s := start(t, options{db: db, stationed: crashCalls, legs: 2 * crashCalls})
	return &crash{t: t, s: s, lena: s.signIn("lena"), random: rand.New(rand.NewPCG(seed, 0)), begun: time.Now()}
}

func (c *crash) run() {
	for i := range *crashRounds {
		c.round(i)
	}
	// No round has written a row of another round again.
	rows, err := c.lena.calls("from=" + url.QueryEscape(c.begun.UTC().Format(time.RFC3339Nano)))
	ok(c.t, notCount(err, rows, c.logged))
	c.t.Logf("%d rounds in %v: %d calls, %d had ended before, %d were ended by a restart",
		*crashRounds, time.Since(c.begun).Round(time.Second/10), c.logged, c.ended, c.open)
	if c.open == 0 || c.ended == 0 {
		c.t.Error("the rounds did not meet both calls that were open and calls that had ended")
	}
}

// round is fifty calls, a kill, a restart, and a look into the log.
func (c *crash) round(i int) {
	from := time.Now()
	answered := c.killAmongCalls(i)
	killed := time.Now()
	truth := readJournal(c.t, c.s.data, &c.read)
	if i%4 == 3 { // and once more while it takes up the pieces
		c.s.spawn()
		<-time.After(time.Duration(c.random.IntN(300)) * time.Millisecond)
		c.s.kill()
	}
	c.s.launch()
	for number := range answered {
		if truth.calls[number] == nil || truth.calls[number].answered.IsZero() {
			c.t.Fatalf("round %d: the call of %s was answered and the journal doesn't know", i, number)
		}
	}
	rows := map[string]callRow{}
	eventually(c.t, 10*time.Second, fmt.Sprintf("round %d's calls are logged", i), func() error {
		list, err := c.lena.calls("from=" + url.QueryEscape(from.UTC().Format(time.RFC3339Nano)))
		clear(rows)
		for _, r := range list {
			if was, twice := rows[r.From.Raw]; twice {
				return finalError{fmt.Errorf("logged twice: %v and %v", was, r)}
			}
			rows[r.From.Raw] = r
		}
		return notCount(err, list, len(truth.calls))
	})
	c.logged += len(rows)
	for number, want := range truth.calls {
		r, there := rows[number]
		if !there {
			c.t.Errorf("round %d: the call of %s is not in the log", i, number)
			continue
		}
		if want.end == nil {
			c.open++
		} else {
			c.ended++
		}
		if err := want.agrees(r, truth.last, killed); err != nil {
			c.t.Errorf("round %d: %v", i, err)
		}
	}
	if c.t.Failed() {
		c.t.FailNow()
	}
}

// killAmongCalls places calls until the server is killed, and gives the callers who were answered.
func (c *crash) killAmongCalls(round int) map[string]bool {
	callers := siptest.NewPhone(c.t, siptest.Options{Server: c.s.sipAddr(), Quiet: true, Keep: time.Second})
	agents := siptest.NewPhone(c.t, siptest.Options{Bind: netip.MustParseAddrPort(c.s.stations), Quiet: true, Keep: time.Second})
	defer agents.Kill()
	defer callers.Kill()

	which, after := int64(1+c.random.IntN(crashCalls)), time.Duration(c.random.IntN(100))*time.Millisecond
	leaves := make([]bool, crashCalls) // who hangs up as soon as an agent is there
	for i := range leaves {
		leaves[i] = c.random.IntN(2) == 0
	}
	var answers atomic.Int64
	due := make(chan struct{})
	taken := map[string]chan struct{}{}
	for i := range crashCalls {
		taken[crashNumber(round, i)] = make(chan struct{}, 1)
	}
	agents.OnInvite(func(call *siptest.Call) {
		if call.Answer() == nil {
			taken[call.From()] <- struct{}{}
			if answers.Add(1) == which {
				close(due)
			}
		}
	})

	ctx, stop := context.WithCancel(soon(c.t, 30*time.Second))
	var all sync.WaitGroup
	var mu sync.Mutex
	answered := map[string]bool{}
	all.Go(func() {
		pace := time.NewTicker(crashPace)
		defer pace.Stop()
		for i := range crashCalls {
			number := crashNumber(round, i)
			all.Go(func() {
				call, err := callers.DialWith(ctx, "4001", siptest.DialOptions{From: number})
				if err != nil || call.WaitAnswered(ctx) != nil {
					return
				}
				mu.Lock()
				answered[number] = true
				mu.Unlock()
				select {
				case <-taken[number]:
				case <-ctx.Done():
				}
				if leaves[i] && ctx.Err() == nil {
					_ = call.HangUp(ctx)
				}
			})
			select {
			case <-pace.C:
			case <-ctx.Done():
				return
			}
		}
	})
	select {
	case <-due:
	case <-ctx.Done():
		c.t.Errorf("round %d: only %d calls were answered, and the server was to be killed at the %dth", round, answers.Load(), which)
	}
	<-time.After(after)
	c.s.kill()
	stop()
	all.Wait()
	return answered
}

func crashNumber(round, i int) string { return fmt.Sprintf("139%04d%04d", 2000+round, i) }

// agrees sees that a row says what the journal of the dead server said of the call. Rows are to the millisecond.
func (k *known) agrees(r callRow, last, killed time.Time) error {
	if err := timesAddUp(r); err != nil {
		return err
	}
	for _, m := range []struct {
		name      string
		got, want time.Time
	}{
		{"arrived", r.ArrivedAt, k.arrived},
		{"answered", orZero(r.AnsweredAt), k.answered},
		{"queued", orZero(r.QueuedAt), k.queued},
		{"bridged", orZero(r.BridgedAt), k.bridged},
	} {
		if d := m.got.Sub(m.want); d < -2*time.Millisecond || d > 2*time.Millisecond {
			return fmt.Errorf("%v: %s at %v, and the journal says %v", r, m.name, m.got, m.want)
		}
	}
	switch {
	case k.end != nil && (r.End.By != string(k.end.By) || r.End.Cause != string(k.end.Cause)):
		return fmt.Errorf("%v, and it had ended before the kill: %+v", r, *k.end)
	case k.end == nil && *r.End != (ending{By: "system", Cause: "server restarted"}) && !slices.Contains(k.left, r.End.Cause):
		return fmt.Errorf("%v, and it was open when the server was killed", r)
	case !k.bridged.IsZero() && r.Agent == "":
		return fmt.Errorf("%v has no agent, and was bridged to one", r)
	case r.EndedAt.After(killed):
		return fmt.Errorf("%v ended at %v, after the server was killed at %v", r, r.EndedAt, killed)
	case k.end == nil && len(k.left) == 0 && r.EndedAt.Before(last.Add(-2*time.Millisecond)):
		return fmt.Errorf("%v ended at %v, and the server was there until %v", r, r.EndedAt, last)
	}
	return nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
