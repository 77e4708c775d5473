package desk

import (
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/live"
)

func TestARoundRousesEachDeskOnceAndFewAtATime(t *testing.T) {
	for _, desks := range []int{0, 1, together, together + 1, 10*together + 3} {
		l := live.New(time.UTC)
		l.Apply(call.Record{Seq: 5, At: time.Now(), Event: call.NodeStarted{Node: "test"}})
		r := New(nil, l, nil)
		for i := range desks {
			a := call.AgentID(fmt.Sprint("a", i))
			r.desks.open[a] = newDesk(r, a, "", 0)
		}
		roused := func() (n int) {
			for _, d := range r.desks.open {
				select {
				case <-d.wake:
					d.looked.Store(l.Version())
					n++
				default:
				}
			}
			return n
		}
		turn := round{desks: r.desks}
		took, all := time.Duration(0), 0
		for {
			took += turn.step()
			n := roused()
			if n > together {
				t.Errorf("%d desks: %d roused at once", desks, n)
			}
			all += n
			if len(turn.left) == 0 {
				break
			}
		}
		if all != desks {
			t.Errorf("%d desks: %d were roused", desks, all)
		}
		if took > queuesEvery || took < queuesEvery-time.Microsecond {
			t.Errorf("%d desks: a round takes %v, want %v", desks, took, queuesEvery)
		}
		turn.step()
		for len(turn.left) > 0 {
			turn.step()
		}
		if n := roused(); n != 0 {
			t.Errorf("%d desks: %d were roused though nothing happened", desks, n)
		}
	}
}
