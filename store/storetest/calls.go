package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const node = call.NodeID("node-1")

// FullCall is a call with every field set, as the tests and benchmarks write it.
func FullCall(id call.ID, arrived time.Time) store.Call {
	at := func(s float64) *time.Time { return new(arrived.Add(time.Duration(s * float64(time.Second)))) }
	return store.Call{
		ID: id, Direction: call.Inbound, From: call.Number{Raw: "13800000001", E164: "+8613800000001"}, FromName: "王芳",
		To: call.Number{Raw: "4000"}, Customer: "c-wang", CustomerName: "王芳", Queue: "support", Agent: "ben", Extension: "1002", Trunk: "demo",
		ArrivedAt: arrived, AnsweredAt: at(0.01), QueuedAt: at(2), BridgedAt: at(5.5), EndedAt: at(65.5),
		End:    call.End{By: call.ByCaller, Cause: call.CauseHangup, SIP: 200, Q850: 16},
		WaitMS: 3500, RingMS: 2500, TalkMS: 55000, HoldMS: 5000, WrapUpMS: 12000,
		Disposition: "solved", Notes: "一切都好\n第二行", Unfinished: true,
		Voicemail: &store.Voicemail{File: "2026/11/22/a.wav", DurationMS: 1500, Ticket: "t-9"},
		Segments: []store.Segment{{
			Offer: "o-1", Queue: "support", Agent: "ben", Why: "longest_idle", OfferedAt: *at(3), RingingAt: at(3.1), AnsweredAt: at(5.4),
			BridgedAt: at(5.5), EndedAt: at(65.5), End: store.SegmentCaller, TalkMS: 55000, HoldMS: 5000, WrapUpMS: 12000,
			Kind: store.KindOffer,
		}},
		Legs: []store.Leg{{ID: "l-1", StartedAt: arrived, EndedAt: at(65.5), End: &call.End{By: call.ByCaller, Cause: call.CauseHangup}, Quality: call.Quality{PacketsIn: 3275, MOS: 4.3, Codec: "PCMA"}}},
		Timeline: []store.TimelineEntry{
			{At: arrived, Seq: 10, Type: "numberedarrived"},
			{At: *at(1.5), Seq: 11, Type: "flow_stepped", Flow: "main", Node: "menu", Exit: "2", Digits: "2"},
			{At: *at(3), Seq: 12, Type: "numberedoffered", Agent: "ben", Queue: "support", Reason: "longest_idle"},
		},
		Quality: &call.Quality{PacketsIn: 3275, PacketsOut: 3280, JitterMS: 0.25, MOS: 4.3, Codec: "PCMA"},
	}
}

// line is what a list gives of a call.
func line(c store.Call) store.Call {
	c.Segments, c.Legs, c.Timeline, c.Quality = nil, nil, nil, nil
	return c
}

// apply writes a batch on top of what is there.
func apply(ctx context.Context, t *testing.T, st store.Store, b store.Batch) {
	t.Helper()
	p := must(st.Position(ctx, node, kind))(t)
	b.From = p.Applied
	b.Position = store.Position{Applied: p.Applied + 1, Safe: p.Applied + 2, At: day}
	ok(t, st.Apply(ctx, node, kind, b))
}

// Calls is the suite for store.Calls.
func Calls(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	t.Run("what is written is there, whole; a list leaves the details out", func(t *testing.T) {
		st := open(t)
		want := FullCall("call-1", day)
		apply(ctx, t, st, store.Batch{Calls: []store.Call{want}})
		same(t, must(st.Call(ctx, "call-1"))(t), want)
		same(t, must(st.Calls(ctx, store.CallFilter{}))(t), store.Page[store.Call]{Items: []store.Call{line(want)}})
		_, err := st.Call(ctx, "nothing")
		fails(t, err, store.ErrNotFound)
	})
	t.Run("a bare call is written, too", func(t *testing.T) {
		st := open(t)
		want := store.Call{ID: "call-1", Direction: call.Inbound, ArrivedAt: day, EndedAt: new(day)}
		apply(ctx, t, st, store.Batch{Calls: []store.Call{want}})
		same(t, must(st.Call(ctx, "call-1"))(t), want)
	})
	t.Run("written again it is the same row, with what came later", func(t *testing.T) {
		st := open(t)
		c := FullCall("call-1", day)
		apply(ctx, t, st, store.Batch{Calls: []store.Call{c}})
		c.Disposition, c.Notes, c.Unfinished, c.WrapUpMS, c.Agent, c.Customer = "complaint", "later", false, 15000, "amy", "c-li"
		c.Timeline = append(c.Timeline, store.TimelineEntry{At: day, Seq: 13, Type: "wrap_up_ended"})
		apply(ctx, t, st, store.Batch{Calls: []store.Call{c}})
		same(t, must(st.Call(ctx, "call-1"))(t), c)
		same(t, must(st.Calls(ctx, store.CallFilter{}))(t).Items, []store.Call{line(c)})
	})
	t.Run("a late wrap-up changes the row it belongs to", func(t *testing.T) {
		st := open(t)
		c := FullCall("call-1", day)
		apply(ctx, t, st, store.Batch{Calls: []store.Call{c}})
		apply(ctx, t, st, store.Batch{WrapUps: []store.WrapUp{{Call: "call-1", Saved: true, Disposition: "sale", Notes: "typed late"}, {Call: "unknown", Saved: true}}})
		c.Disposition, c.Notes = "sale", "typed late"
		same(t, must(st.Call(ctx, "call-1"))(t), c)
		apply(ctx, t, st, store.Batch{WrapUps: []store.WrapUp{{Call: "call-1", Finished: true}}})
		c.Unfinished = false
		same(t, must(st.Call(ctx, "call-1"))(t), c)
	})
	t.Run("Lists", func(t *testing.T) { callLists(t, open) })
	t.Run("with nobody known", func(t *testing.T) { callsOfNumbers(t, open) })
	t.Run("Pages", func(t *testing.T) { callPages(t, open) })
}

// callsOfNumbers: calls with nobody known come to whoever has the number later.
func callsOfNumbers(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	st := open(t)
	mobile := call.Number{Raw: "138 0000 0001", E164: "+8613800000001"}
	made := func(i int, customer call.CustomerID, from, to call.Number) store.Call {
		c := FullCall(call.ID(fmt.Sprint("call-", i)), day.Add(time.Duration(i)*time.Minute))
		c.Customer, c.From, c.To = customer, from, to
		return c
	}
	calls := []store.Call{
		made(0, "", mobile, call.Number{Raw: "4000"}),
		made(1, "", call.Number{Raw: "1002"}, mobile),
		made(2, "", mobile, mobile),
		made(6, "", call.Number{Raw: "1002"}, call.Number{Raw: "8001"}), // between colleagues
		made(3, "c-other", mobile, call.Number{Raw: "4000"}),
		made(4, "c-wang", call.Number{Raw: "anonymous"}, call.Number{Raw: "4000"}),
		made(5, "", call.Number{Raw: "anonymous"}, call.Number{Raw: "4000"}),
	}
	calls[1].Direction, calls[3].Direction = call.Outbound, call.Internal
	apply(ctx, t, st, store.Batch{Calls: calls})
	calls = slices.Delete(calls, 3, 4)
	of := func(f store.CallFilter) []store.Call { return must(st.Calls(ctx, f))(t).Items }
	wang := store.CallFilter{Customer: "c-wang"}
	same(t, of(wang), []store.Call{line(calls[4])})
	must(st.CreateCustomer(ctx, wangFang(), "amy"))(t)
	same(t, of(wang), []store.Call{line(calls[4]), line(calls[2]), line(calls[1]), line(calls[0])})
	same(t, of(store.CallFilter{Customer: "c-wang", To: day.Add(2 * time.Minute)}), []store.Call{line(calls[1]), line(calls[0])})
	page := must(st.Calls(ctx, store.CallFilter{Customer: "c-wang", Limit: 2}))(t)
	same(t, page.Items, []store.Call{line(calls[4]), line(calls[2])})
	same(t, of(store.CallFilter{Customer: "c-wang", Limit: 2, Cursor: page.Next}), []store.Call{line(calls[1]), line(calls[0])})
}

func callLists(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	st := open(t)
	numbered := func(i int, change func(*store.Call)) store.Call {
		c := FullCall(call.ID(fmt.Sprint("call-", i)), day.Add(time.Duration(i)*time.Minute))
		c.Unfinished = false
		change(&c)
		return c
	}
	calls := []store.Call{
		numbered(0, func(*store.Call) {}),
		numbered(1, func(c *store.Call) { c.Queue, c.To.Raw = "sales", "4002" }),
		numbered(2, func(c *store.Call) { c.Agent, c.Customer, c.From = "", "", call.Number{Raw: "anonymous"} }),
		numbered(3, func(c *store.Call) {
			c.Direction, c.Queue = call.Outbound, ""
			c.From, c.To = call.Number{Raw: "1002"}, call.Number{Raw: "138 0000 0001", E164: "+8613800000001"}
		}),
		numbered(4, func(c *store.Call) { c.Agent, c.Unfinished = "amy", true }),
	}
	apply(ctx, t, st, store.Batch{Calls: calls})
	for _, c := range []struct {
		name string
		f    store.CallFilter
		want []int
	}{
		{"all, newest first", store.CallFilter{}, []int{4, 3, 2, 1, 0}},
		{"limit", store.CallFilter{Limit: 2}, []int{4, 3}},
		{"from is within", store.CallFilter{From: day.Add(3 * time.Minute)}, []int{4, 3}},
		{"to is not", store.CallFilter{To: day.Add(1 * time.Minute)}, []int{0}},
		{"from and to", store.CallFilter{From: day.Add(time.Minute), To: day.Add(3 * time.Minute)}, []int{2, 1}},
		{"direction", store.CallFilter{Direction: call.Outbound}, []int{3}},
		{"queue", store.CallFilter{Queue: "sales"}, []int{1}},
		{"agent", store.CallFilter{Agent: "amy"}, []int{4}},
		{"customer", store.CallFilter{Customer: "c-wang"}, []int{4, 3, 1, 0}},
		{"number of either side", store.CallFilter{Number: "+8613800000001"}, []int{4, 3, 1, 0}},
		{"number, limited", store.CallFilter{Number: "+8613800000001", Limit: 2}, []int{4, 3}},
		{"number dialled", store.CallFilter{Number: "4000"}, []int{4, 2, 0}},
		{"number that is none", store.CallFilter{Number: "Anonymous"}, []int{2}},
		{"number and more", store.CallFilter{Number: "4000", Agent: "ben", From: day}, []int{0}},
		{"of agents", store.CallFilter{Of: []call.AgentID{"amy", "ben"}}, []int{4, 3, 1, 0}},
		{"of one, with a number, limited", store.CallFilter{Of: []call.AgentID{"ben"}, Number: "+8613800000001", Limit: 2}, []int{3, 1}},
		{"of no agents", store.CallFilter{Of: []call.AgentID{}}, []int{}},
		{"unfinished", store.CallFilter{Unfinished: true}, []int{4}},
		{"unfinished of an agent", store.CallFilter{Unfinished: true, Agent: "ben"}, nil},
		{"queue and agent", store.CallFilter{Queue: "support", Agent: "amy"}, []int{4}},
		{"hostile", store.CallFilter{Queue: "x\x00\xff", Number: "\x00' OR 1=1"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := []store.Call{}
			for _, i := range c.want {
				want = append(want, line(calls[i]))
			}
			same(t, must(st.Calls(ctx, c.f))(t).Items, want)
		})
	}
}

func callPages(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	for _, f := range []store.CallFilter{{Limit: 3}, {Limit: 3, Number: "4000"}, {Limit: 3, Agent: "ben"}} {
		t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
			st := open(t)
			var want []call.ID
			for i := range 10 {
				c := FullCall(call.ID(fmt.Sprintf("call-%02d", i)), day.Add(time.Duration(i/4)*time.Second)) // four at a time
				want = append([]call.ID{c.ID}, want...)
				apply(ctx, t, st, store.Batch{Calls: []store.Call{c}})
			}
			var got []call.ID
			for page := 0; ; page++ {
				p := must(st.Calls(ctx, f))(t)
				for _, c := range p.Items {
					got = append(got, c.ID)
				}
				if f.Cursor = p.Next; p.Next == "" || page > 10 {
					break
				}
				// New calls come in at the front between pages: nothing is told twice, nothing left out.
				apply(ctx, t, st, store.Batch{Calls: []store.Call{FullCall(call.ID(fmt.Sprint("new-", page)), day.Add(time.Hour))}})
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}
