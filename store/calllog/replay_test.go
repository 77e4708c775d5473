package calllog

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// table is a database as far as rows go.
type table struct {
	calls   map[call.ID]store.Call
	tickets map[call.TicketID]store.Ticket
}

func newTable() *table {
	return &table{map[call.ID]store.Call{}, map[call.TicketID]store.Ticket{}}
}

func (t *table) apply(r Rows) {
	for _, c := range r.Calls {
		t.calls[c.ID] = c
	}
	for _, k := range r.Tickets {
		if _, ok := t.tickets[k.ID]; !ok {
			t.tickets[k.ID] = k.Ticket
		}
	}
	for _, w := range r.WrapUps {
		c, ok := t.calls[w.Call]
		if !ok {
			continue
		}
		if w.Saved {
			c.Disposition, c.Notes = w.Disposition, w.Notes
		}
		if w.Finished {
			c.Unfinished = false
		}
		t.calls[w.Call] = c
	}
}

// lines leaves out what a late wrap-up does not touch: the timeline, which only whole rows carry.
func (t *table) lines() map[call.ID]store.Call {
	m := maps.Clone(t.calls)
	for id, c := range m {
		c.Timeline = nil
		m[id] = c
	}
	return m
}

// recordsOf makes the records of a storm, with times that go on by up to a second.
func recordsOf(seed uint64, events int) []call.Record {
	return newStorm(seed).records(events)
}

func (s *storm) records(events int) []call.Record {
	var recs []call.Record
	at := t0
	add := func(e call.Event) {
		at = at.Add(time.Duration(s.rand.IntN(1_000_000)) * time.Microsecond)
		recs = append(recs, call.Record{Seq: uint64(len(recs) + 1), At: at, Event: e})
	}
	for range events {
		add(s.event(30))
	}
	s.finish(add)
	return recs
}

func TestRestartsAtAnyMomentGiveTheSameRows(t *testing.T) {
	for seed := range uint64(30) {
		recs := recordsOf(seed, 3000)
		if seed%3 == 2 {
			recs = recordsWithTransfers(seed, 3000)
		}
		want := newTable()
		once := NewBuilder(Options{})
		for _, rec := range recs {
			once.Add(rec)
			want.apply(once.Take())
			once.Forget(rec.At)
		}

		// The same with batches of any size, and a death after any of them: before or after its rows
		// were written with their position.
		chance := rand.New(rand.NewPCG(seed, 2))
		got := newTable()
		pos := store.Position{Safe: 1}
		for restarts := 0; pos.Applied < uint64(len(recs)); restarts++ {
			if restarts > len(recs) {
				t.Fatalf("seed %d: no progress", seed)
			}
			b := NewBuilder(Options{})
			for _, rec := range recs[pos.Safe-1 : pos.Applied] {
				b.Add(rec)
			}
			b.Take() // in the table already
			for pos.Applied < uint64(len(recs)) && chance.IntN(20) != 0 {
				n := min(uint64(1+chance.IntN(50)), uint64(len(recs))-pos.Applied)
				for _, rec := range recs[pos.Applied : pos.Applied+n] {
					b.Add(rec)
				}
				rows := b.Take()
				b.Forget(recs[pos.Applied+n-1].At)
				if chance.IntN(20) == 0 {
					break // died before the write
				}
				got.apply(rows)
				pos.Applied += n
				if pos.Safe = b.Safe(); pos.Safe == 0 {
					pos.Safe = pos.Applied + 1
				}
			}
		}
		same(t, "calls", got.lines(), want.lines())
		same(t, "tickets", got.tickets, want.tickets)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestRowsKeepTheirPromisesInAStorm(t *testing.T) {
	for seed := range uint64(20) {
		recs := recordsOf(100+seed, 3000)
		if seed%3 == 2 {
			recs = recordsWithTransfers(100+seed, 3000)
		}
		b := NewBuilder(Options{})
		got := newTable()
		begun := map[call.ID]bool{}
		for _, rec := range recs {
			begun[call.Of(rec.Event)] = true
			b.Add(rec)
			got.apply(b.Take())
		}
		if len(got.calls) != len(begun) {
			t.Fatalf("seed %d: %d rows of %d calls", seed, len(got.calls), len(begun))
		}
		for _, id := range slices.Sorted(maps.Keys(got.calls)) {
			c := got.calls[id]
			total := c.EndedAt.Sub(c.ArrivedAt).Milliseconds()
			if c.WaitMS < 0 || c.RingMS < 0 || c.TalkMS < 0 || c.HoldMS < 0 || c.WaitMS+c.TalkMS+c.HoldMS > total+2 {
				t.Errorf("seed %d: %s of %d ms has %+v", seed, id, total, durationsOf(c))
			}
			bridged := 0
			for _, s := range c.Segments {
				if s.EndedAt == nil || s.End == "" {
					t.Errorf("seed %d: %s has a segment without an end: %+v", seed, id, s)
				}
				if s.BridgedAt != nil {
					bridged++
				}
			}
			backInMenu := slices.ContainsFunc(c.Timeline, func(e store.TimelineEntry) bool { return e.Type == "call_dequeued" })
			toTheEnd := len(c.Segments) == 1 && c.Segments[0].End != store.SegmentLost && c.Segments[0].End != store.SegmentTransferred
			if bridged == 1 && c.QueuedAt != nil && !backInMenu && toTheEnd {
				addsUp(t, c)
			}
		}
		b.Forget(t0.Add(1000 * time.Hour))
		if b.Held() != 0 {
			t.Errorf("seed %d: %d calls held after all have ended", seed, b.Held())
		}
	}
}
