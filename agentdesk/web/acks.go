package web

import (
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
)

const (
	ackKept = 60 * time.Second // a command repeated within it is answered, not carried out again
	acksMax = 2048             // remembered per user; when full the oldest goes first
)

// acks remembers the answers to commands, by user, so that a page may repeat a command after it lost its
// connection without knowing whether the first one arrived.
type acks struct {
	now func() time.Time

	mu    sync.Mutex
	users map[call.UserID]*userAcks
}

type userAcks struct {
	byID  map[string]*answer
	order []*answer
}

// answer is one command's. Ready is closed when data is there.
type answer struct {
	id    string
	at    time.Time
	ready chan struct{}
	data  []byte
}

func newAcks(now func() time.Time) *acks { return &acks{now: now, users: map[call.UserID]*userAcks{}} }

// begin gives the answer to fill in, or, if the command came before, the one to wait for.
func (a *acks) begin(user call.UserID, id string) (ans *answer, repeated bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u := a.users[user]
	if u == nil {
		u = &userAcks{byID: map[string]*answer{}}
		a.users[user] = u
	}
	now := a.now()
	for len(u.order) > 0 && (len(u.order) >= acksMax || now.Sub(u.order[0].at) > ackKept) {
		delete(u.byID, u.order[0].id)
		u.order = u.order[1:]
	}
	if ans := u.byID[id]; ans != nil {
		return ans, true
	}
	ans = &answer{id: id, at: now, ready: make(chan struct{})}
	u.byID[id] = ans
	u.order = append(u.order, ans)
	return ans, false
}

func (ans *answer) fill(data []byte) {
	ans.data = data
	close(ans.ready)
}
