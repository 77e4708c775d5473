package e2e

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
)

// The two tones of a conversation, in Hz.
const (
	callerTone = 440
	agentTone  = 880
)

// aMoment is for what happens at once, even on a machine that does ten other things.
const aMoment = 10 * time.Second

func (s *server) sipAddr() netip.AddrPort { return netip.MustParseAddrPort(s.sip) }

// caller is somebody with a telephone outside: calls come in by the trunk.
func (s *server) caller(tb testing.TB, number string) *siptest.Phone {
	tb.Helper()
	return siptest.NewPhone(tb, siptest.Options{Server: s.sipAddr(), User: number})
}

// phone is an agent's telephone, registered.
func (s *server) phone(tb testing.TB, extension string) *siptest.Phone {
	tb.Helper()
	p := siptest.NewPhone(tb, siptest.Options{Server: s.sipAddr(), User: extension, Password: "demo-" + extension})
	ok(tb, p.Register(soon(tb, aMoment)))
	return p
}

// talk has an agent's phone sign in, a caller come to it by the support queue, and both hear each other.
func (s *server) talk(tb testing.TB, agent *siptest.Phone, number string) (caller, taken *siptest.Call) {
	tb.Helper()
	press(tb, agent, "*45")
	caller = dial(tb, s.caller(tb, number), "4001")
	taken = answered(tb, agent)
	ok(tb, tonesPass(soon(tb, aMoment), caller, taken))
	return caller, taken
}

// press dials a feature code and waits until the confirmation was heard.
func press(tb testing.TB, p *siptest.Phone, code string) {
	tb.Helper()
	c := dial(tb, p, code)
	ok(tb, c.HeardSound(soon(tb, aMoment), -45))
	ok(tb, c.HangUp(soon(tb, aMoment)))
}

// dial calls a number and waits for the answer.
func dial(tb testing.TB, p *siptest.Phone, number string) *siptest.Call {
	tb.Helper()
	c, err := p.Dial(tb.Context(), number)
	ok(tb, err)
	ok(tb, c.WaitAnswered(soon(tb, aMoment)))
	return c
}

// rung waits for the phone to ring.
func rung(tb testing.TB, p *siptest.Phone) *siptest.Call {
	tb.Helper()
	c, err := p.Incoming(soon(tb, aMoment))
	ok(tb, err)
	c.Ring()
	return c
}

// answered waits for the phone to ring and takes the call.
func answered(tb testing.TB, p *siptest.Phone) *siptest.Call {
	tb.Helper()
	c := rung(tb, p)
	ok(tb, c.Answer())
	return c
}

// tonesPass sends a tone each way and sees that each arrives at the other end as what it is.
func tonesPass(ctx context.Context, caller, agent *siptest.Call) error {
	caller.Tone(callerTone)
	agent.Tone(agentTone)
	if err := agent.Heard(ctx, callerTone); err != nil {
		return err
	}
	return caller.Heard(ctx, agentTone)
}

// gone waits until the far end has hung up.
func gone(tb testing.TB, c *siptest.Call) siptest.Ended {
	tb.Helper()
	end, err := c.WaitEnded(soon(tb, aMoment))
	ok(tb, err)
	return end
}
