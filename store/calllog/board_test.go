package calllog

import (
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// figures are what a board and the call log can both tell of a queue's day.
type figures struct {
	offered, answered, inTime, abandoned, abandonedShort, left int
	wait, longest                                              time.Duration
}

const inTime = 20 * time.Second

// TestBoardAndCallLogAgree feeds the same records to both. Some callers lose their agent and wait a second
// time, some go through both queues.
func TestBoardAndCallLogAgree(t *testing.T) {
	for seed := range uint64(20) {
		b, l := NewBuilder(Options{}), live.New(time.UTC)
		l.Apply(call.Record{At: t0, Event: call.RoutingConfigured{
			Queues: []call.QueueRules{{Queue: "sales", ServiceLevel: inTime}, {Queue: "support", ServiceLevel: inTime}},
		}})
		log := newTable()
		boardWait := map[call.ID]int64{}
		again := 0
		recs := recordsOf(200+seed, 3000)
		if seed%2 == 1 {
			recs = recordsWithTransfers(200+seed, 3000)
		}
		for _, rec := range recs {
			b.Add(rec)
			log.apply(b.Take())
			l.Apply(rec)
			id := call.Of(rec.Event)
			if c, ok := l.Call(id); ok {
				boardWait[id] = c.Waited(rec.At).Milliseconds()
				if c.WaitSince != nil && c.FirstBridgedAt != nil {
					again++
				}
			}
		}
		if again == 0 {
			t.Fatalf("seed %d: nobody waited again", seed)
		}
		want := map[call.QueueID]figures{}
		for id, c := range log.calls {
			if c.WaitMS != boardWait[id] {
				t.Errorf("seed %d: %s waited %d ms by the call log, %d ms by the board", seed, id, c.WaitMS, boardWait[id])
			}
			addStays(want, c)
		}
		for _, q := range l.Queues() {
			w := want[q.ID]
			got := figures{
				q.Offered, q.Answered, q.AnsweredInSL, q.Abandoned, q.AbandonedShort, q.Left,
				time.Duration(q.WaitAnsweredMS) * time.Millisecond, time.Duration(q.LongestWaitMS) * time.Millisecond,
			}
			w.wait, w.longest = w.wait.Truncate(time.Millisecond), w.longest.Truncate(time.Millisecond)
			if got != w {
				t.Errorf("seed %d, queue %s: the board has %+v, the call log %+v", seed, q.ID, got, w)
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
}

// addStays adds a call's stays in queues, as its row tells them, to the queues' figures.
func addStays(day map[call.QueueID]figures, c store.Call) {
	var queue call.QueueID // empty: in none that has not had its outcome
	var since time.Time
	for _, e := range c.Timeline {
		f, wait := day[queue], e.At.Sub(since)
		switch e.Type {
		case "call_queued":
			if queue != "" {
				f.left++
				day[queue] = f
			}
			queue, since = e.Queue, e.At
			if e.Reason == "returned" { // it had its agent
				queue = ""
				continue
			}
			f = day[queue]
			f.offered++
			day[queue] = f
			continue
		case "bridged":
			f.answered++
			f.wait += wait
			if wait <= inTime {
				f.inTime++
			}
			f.longest = max(f.longest, wait)
		case "caller_left":
			f.abandoned++
			if wait <= 5*time.Second {
				f.abandonedShort++
			}
			f.longest = max(f.longest, wait)
		case "call_dequeued":
			f.left++
		default:
			continue
		}
		if queue != "" {
			day[queue] = f
		}
		queue = ""
	}
}
