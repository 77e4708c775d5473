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

// press dials a feature code and waits until the confirmation was heard.
func press(t testing.TB, p *siptest.Phone, code string) {
	t.Helper()
	c := dial(t, p, code)
	ok(t, c.HeardSound(soon(t, aMoment), -45))
	ok(t, c.HangUp(soon(t, aMoment)))
}

// dial calls a number and waits for the answer.
func dial(t testing.TB, p *siptest.Phone, number string) *siptest.Call {
	t.Helper()
	c, err := p.Dial(t.Context(), number)
	ok(t, err)
	ok(t, c.WaitAnswered(soon(t, aMoment)))
	return c
}

// rung waits for the phone to ring.
func rung(t testing.TB, p *siptest.Phone) *siptest.Call {
	t.Helper()
	c, err := p.Incoming(soon(t, aMoment))
	ok(t, err)
	c.Ring()
	return c
}

// answered waits for the phone to ring and takes the call.
func answered(t testing.TB, p *siptest.Phone) *siptest.Call {
	t.Helper()
	c := rung(t, p)
	ok(t, c.Answer())
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
func gone(t testing.TB, c *siptest.Call) siptest.Ended {
	t.Helper()
	end, err := c.WaitEnded(soon(t, aMoment))
	ok(t, err)
	return end
}
