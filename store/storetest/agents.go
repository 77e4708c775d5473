package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// agentState is a state with every field set that began some seconds into the day.
func agentState(agent call.AgentID, from, to float64) store.AgentState {
	s := store.AgentState{
		Agent: agent, Status: call.StatusPaused, Reason: "lunch", Queue: "support", Call: "call-1", From: moment(from),
	}
	if to > 0 {
		s.To = new(moment(to))
	}
	return s
}

// callOf is a call in which an agent had a part, offered some seconds into the day.
func callOf(id call.ID, agent call.AgentID, offered float64) store.Call {
	c := FullCall(id, moment(offered-3))
	c.Segments[0].Agent, c.Agent = agent, agent
	return c
}

func moment(s float64) time.Time { return day.Add(time.Duration(s * float64(time.Second))) }

// applyAgents writes a batch of the agents' projection on top of what is there.
func applyAgents(ctx context.Context, t *testing.T, st store.Store, b store.Batch) {
	t.Helper()
	p := must(st.Position(ctx, node, store.ProjectionAgents))(t)
	b.From = p.Applied
	b.Position = store.Position{Applied: p.Applied + 1, Safe: p.Applied + 2, At: day}
	ok(t, st.Apply(ctx, node, store.ProjectionAgents, b))
}

// Agents is the suite for store.Agents.
func Agents(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	states := func(t *testing.T, st store.Store, f store.AgentFilter) []store.AgentState {
		t.Helper()
		return must(st.AgentStates(ctx, f))(t).Items
	}
	segments := func(t *testing.T, st store.Store, f store.AgentFilter) []store.AgentSegment {
		t.Helper()
		return must(st.AgentSegments(ctx, f))(t).Items
	}
	t.Run("what is written is there, whole", func(t *testing.T) {
		st := open(t)
		amy, ben := agentState("amy", 0, 60), agentState("ben", 5, 0)
		applyAgents(ctx, t, st, store.Batch{States: []store.AgentState{amy, ben}})
		same(t, states(t, st, store.AgentFilter{}), []store.AgentState{ben, amy})
	})
	t.Run("written again it is the same row, with what came later", func(t *testing.T) {
		st := open(t)
		s := agentState("amy", 0, 0)
		applyAgents(ctx, t, st, store.Batch{States: []store.AgentState{s}})
		s.To = new(moment(30))
		applyAgents(ctx, t, st, store.Batch{States: []store.AgentState{s}})
		same(t, states(t, st, store.AgentFilter{}), []store.AgentState{s})
	})
	t.Run("agents' parts come with the call's row, and again with its wrap-up", func(t *testing.T) {
		st := open(t)
		c := callOf("call-1", "amy", 10)
		missed := c.Segments[0]
		missed.Agent, missed.Offer, missed.End, missed.OfferedAt = "ben", "o-0", store.SegmentNoAnswer, moment(5)
		missed.AnsweredAt, missed.BridgedAt, missed.EndedAt = nil, nil, new(moment(9))
		missed.TalkMS, missed.HoldMS, missed.WrapUpMS = 0, 0, 0
		c.Segments = append([]store.Segment{missed}, c.Segments...)
		placed := callOf("call-2", "amy", 100)
		placed.Segments[0].Offer, placed.Segments[0].Queue, placed.Segments[0].Kind = "", "", ""
		colleague := placed.Segments[0]
		colleague.Agent, colleague.OfferedAt = "ben", moment(101)
		placed.Segments = append(placed.Segments, colleague)
		apply(ctx, t, st, store.Batch{Calls: []store.Call{c, placed}})
		c.Segments[1].WrapUpMS = 99000
		apply(ctx, t, st, store.Batch{Calls: []store.Call{c}})
		got := segments(t, st, store.AgentFilter{})
		want := append(placed.AgentSegments(), c.AgentSegments()...)
		same(t, got, []store.AgentSegment{want[1], want[0], want[3], want[2]})
		kinds := []any{got[0].Kind, got[1].Kind, got[2].Kind, got[3].Kind}
		same(t, kinds, []any{store.KindCalled, store.KindPlaced, store.KindQueue, store.KindQueue})
		same(t, []any{got[2].WrapUpMS, got[2].RingMS, got[2].Missed}, []any{int64(99000), int64(2400), false})
		same(t, []any{got[3].RingMS, got[3].Missed, got[3].EndedAt}, []any{int64(4000), true, moment(9)})
	})
	t.Run("a call that was handed over says how and where to", func(t *testing.T) {
		st := open(t)
		c := callOf("call-1", "amy", 10)
		c.Segments[0].End, c.Segments[0].TransferredTo = store.SegmentTransferred, "agent:ben"
		second := c.Segments[0]
		second.Agent, second.Offer, second.Queue, second.OfferedAt = "ben", "o-2", "", moment(30)
		second.Kind, second.End, second.TransferredTo, second.ConsultMS = store.KindTransfer, store.SegmentCaller, "", 4500
		c.Segments, c.Agent = append(c.Segments, second), "ben"
		placed := callOf("call-2", "amy", 100)
		placed.Segments[0].Offer, placed.Segments[0].Queue, placed.Segments[0].Kind = "", "", store.KindPlaced
		placed.Segments[0].End, placed.Segments[0].TransferredTo = store.SegmentTransferred, "queue:sales"
		placed.Agent = "ben" // who took it
		apply(ctx, t, st, store.Batch{Calls: []store.Call{c, placed}})
		got := segments(t, st, store.AgentFilter{})
		want := append(c.AgentSegments(), placed.AgentSegments()...)
		same(t, got, []store.AgentSegment{want[2], want[1], want[0]})
		same(t, []any{got[2].Kind, got[2].End, got[2].TransferredTo}, []any{store.KindQueue, store.SegmentTransferred, call.Target("agent:ben")})
		same(t, []any{got[1].Kind, got[1].TransferredTo, got[1].ConsultMS}, []any{store.KindTransfer, call.Target(""), int64(4500)})
		same(t, []any{got[0].Kind, got[0].TransferredTo}, []any{store.KindPlaced, call.Target("queue:sales")})
		same(t, must(st.Call(ctx, c.ID))(t).Segments, c.Segments)
	})
	t.Run("by agent, queue and time", func(t *testing.T) {
		st := open(t)
		amy, later, ben := agentState("amy", 0, 60), agentState("amy", 60, 0), agentState("ben", 30, 90)
		ben.Queue = "sales"
		cAmy, cBen := callOf("call-1", "amy", 10), callOf("call-2", "ben", 70)
		cBen.Segments[0].Queue = "sales"
		applyAgents(ctx, t, st, store.Batch{States: []store.AgentState{amy, later, ben}})
		apply(ctx, t, st, store.Batch{Calls: []store.Call{cAmy, cBen}})
		gAmy, gBen := cAmy.AgentSegments()[0], cBen.AgentSegments()[0]
		same(t, states(t, st, store.AgentFilter{Agent: "amy"}), []store.AgentState{later, amy})
		same(t, states(t, st, store.AgentFilter{Queue: "sales"}), []store.AgentState{ben})
		// A state is of a time if a part of it is; its ends are the next one's.
		same(t, states(t, st, store.AgentFilter{From: moment(60)}), []store.AgentState{later, ben})
		same(t, states(t, st, store.AgentFilter{To: moment(30)}), []store.AgentState{amy})
		same(t, states(t, st, store.AgentFilter{From: moment(40), To: moment(60)}), []store.AgentState{ben, amy})
		same(t, segments(t, st, store.AgentFilter{Agent: "ben"}), []store.AgentSegment{gBen})
		same(t, segments(t, st, store.AgentFilter{Queue: "support"}), []store.AgentSegment{gAmy})
		same(t, segments(t, st, store.AgentFilter{From: moment(10), To: moment(70)}), []store.AgentSegment{gAmy})
	})
	t.Run("pages have each row once, though many begin at one time", func(t *testing.T) {
		st := open(t)
		var b store.Batch
		for i := range 7 {
			b.States = append(b.States, agentState(call.AgentID(fmt.Sprint("agent-", i)), 0, 0))
		}
		applyAgents(ctx, t, st, b)
		c := callOf("a call", "amy", 0)
		for len(c.Segments) < 7 {
			c.Segments = append(c.Segments, c.Segments[0])
		}
		apply(ctx, t, st, store.Batch{Calls: []store.Call{c}})
		parts := c.AgentSegments()
		var gotStates []store.AgentState
		var gotSegments []store.AgentSegment
		f := store.AgentFilter{Limit: 3}
		for range 3 {
			p := must(st.AgentStates(ctx, f))(t)
			gotStates, f.Cursor = append(gotStates, p.Items...), p.Next
		}
		same(t, f.Cursor, "")
		for range 3 {
			p := must(st.AgentSegments(ctx, f))(t)
			gotSegments, f.Cursor = append(gotSegments, p.Items...), p.Next
		}
		same(t, f.Cursor, "")
		if len(gotStates) != 7 || len(gotSegments) != 7 {
			t.Fatalf("%d states and %d segments, want 7 of each", len(gotStates), len(gotSegments))
		}
		for i := range 7 {
			same(t, gotStates[i], b.States[6-i])
			same(t, gotSegments[i], parts[6-i])
		}
		_, err := st.AgentStates(ctx, store.AgentFilter{Limit: 201})
		fails(t, err, store.ErrInvalid)
		_, err = st.AgentSegments(ctx, store.AgentFilter{Cursor: "no cursor"})
		fails(t, err, store.ErrBadCursor)
	})
	t.Run("who is late writes nothing", func(t *testing.T) {
		st := open(t)
		applyAgents(ctx, t, st, store.Batch{})
		late := store.Batch{States: []store.AgentState{agentState("amy", 0, 0)}}
		fails(t, st.Apply(ctx, node, store.ProjectionAgents, late), store.ErrConflict)
		same(t, states(t, st, store.AgentFilter{}), []store.AgentState{})
	})
}
