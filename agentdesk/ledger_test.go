package agentdesk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/switchboard/live"
)

// ledger stands where the switchboard stands. It keeps what it was asked and gives the live projection
// the events that the test says happened.
type ledger struct {
	site *configs.Site
	live *live.Live

	mu      sync.Mutex
	seq     uint64
	at      time.Time
	asked   []string
	fail    error         // answer of every command
	slow    chan struct{} // commands wait for it, if not nil
	unready error
}

func (l *ledger) happened(events ...call.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		l.seq++
		if now := time.Now(); now.After(l.at) {
			l.at = now
		}
		l.live.Apply(call.Record{Seq: l.seq, At: l.at.UTC().Truncate(time.Microsecond), Event: e})
	}
}

// note keeps what was asked, and gives the number of the last event.
func (l *ledger) note(format string, args ...any) (uint64, error) {
	l.mu.Lock()
	l.asked = append(l.asked, fmt.Sprintf(format, args...))
	seq, err, slow := l.seq, l.fail, l.slow
	l.mu.Unlock()
	if slow != nil {
		<-slow
	}
	return seq, err
}

func (l *ledger) was() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asked)
}

func (l *ledger) count(what string) int {
	n := 0
	for _, a := range l.was() {
		if strings.HasPrefix(a, what) {
			n++
		}
	}
	return n
}

func (l *ledger) SignIn(_ context.Context, a call.AgentID, s call.Station) (uint64, error) {
	return l.note("sign in %s %s", a, s.Kind)
}

func (l *ledger) ChooseStation(_ context.Context, a call.AgentID, s call.Station) (uint64, error) {
	return l.note("station %s %s %s%s", a, s.Kind, s.Extension, s.Number)
}

func (l *ledger) ChooseState(_ context.Context, a call.AgentID, s call.ChosenState, r call.ReasonID, by call.UserID) (uint64, error) {
	return l.note("state %s %s %s by %q", a, s, r, by)
}

func (l *ledger) DeskSeen(a call.AgentID, _ string) { _, _ = l.note("desk seen %s", a) }

func (l *ledger) DeskLost(a call.AgentID, _ string) { _, _ = l.note("desk lost %s", a) }

func (l *ledger) BrowserOffer(_ context.Context, a call.AgentID, sdp string) (string, error) {
	_, err := l.note("browser %s", a)
	return "answer to " + sdp, err
}

func (l *ledger) Answer(_ context.Context, a call.AgentID, o call.OfferID) (uint64, error) {
	return l.note("answer %s %s", a, o)
}

func (l *ledger) Decline(_ context.Context, a call.AgentID, o call.OfferID) (uint64, error) {
	return l.note("decline %s %s", a, o)
}

func (l *ledger) PlaceCall(_ context.Context, a call.AgentID, to string) (call.ID, uint64, error) {
	seq, err := l.note("place %s %s", a, to)
	return "placed", seq, err
}

func (l *ledger) Hold(_ context.Context, a call.AgentID, c call.ID) (uint64, error) {
	return l.note("hold %s %s", a, c)
}

func (l *ledger) Resume(_ context.Context, a call.AgentID, c call.ID) (uint64, error) {
	return l.note("resume %s %s", a, c)
}

func (l *ledger) HangUp(_ context.Context, a call.AgentID, c call.ID) (uint64, error) {
	return l.note("hang up %s %s", a, c)
}

func (l *ledger) Mute(_ context.Context, a call.AgentID, c call.ID, on bool) (uint64, error) {
	return l.note("mute %s %s %v", a, c, on)
}

func (l *ledger) Transfer(_ context.Context, a call.AgentID, c call.ID, to call.Target, keepWait bool) (uint64, error) {
	return l.note("transfer %s %s to %s %v", a, c, to, keepWait)
}

func (l *ledger) Consult(_ context.Context, a call.AgentID, c call.ID, to call.Target) (uint64, error) {
	return l.note("consult %s %s with %s", a, c, to)
}

func (l *ledger) Swap(_ context.Context, a call.AgentID, c call.ID) (uint64, error) {
	return l.note("swap %s %s", a, c)
}

func (l *ledger) Complete(_ context.Context, a call.AgentID, c call.ID) (uint64, error) {
	return l.note("complete %s %s", a, c)
}

func (l *ledger) CancelConsult(_ context.Context, a call.AgentID, c call.ID) (uint64, error) {
	return l.note("cancel %s %s", a, c)
}

func (l *ledger) Park(_ context.Context, a call.AgentID, c call.ID) (slot int, seq uint64, err error) {
	seq, err = l.note("park %s %s", a, c)
	return 1, seq, err
}

func (l *ledger) TakeUp(_ context.Context, a call.AgentID, slot int) (uint64, error) {
	return l.note("take up %s %d", a, slot)
}

func (l *ledger) SendDTMF(_ context.Context, a call.AgentID, c call.ID, d string) (uint64, error) {
	return l.note("dtmf %s %s %s", a, c, d)
}

func (l *ledger) SaveWrapUp(_ context.Context, a call.AgentID, c call.ID, d call.CodeID, n string) (uint64, error) {
	return l.note("save %s %s %s %q", a, c, d, n)
}

func (l *ledger) FinishWrapUp(_ context.Context, a call.AgentID, c call.ID) (uint64, error) {
	return l.note("finish %s %s", a, c)
}

func (l *ledger) Identify(_ context.Context, e call.CustomerIdentified) (uint64, error) {
	defer l.happened(e)
	return l.note("%s is %s", e.Call, e.Name)
}

func (l *ledger) OpenTicket(_ context.Context, t call.TicketOpened) (call.TicketID, uint64, error) {
	seq, err := l.note("ticket %s %s %q by %s of %s", t.Call, t.Kind, t.Subject, t.By, t.Customer)
	return "ticket-1", seq, err
}

func (l *ledger) Site() *configs.Site {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.site
}

// publish puts another site in force.
func (l *ledger) publish(s *configs.Site) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.site = s
}

func (l *ledger) Ready() error { return l.unready }
