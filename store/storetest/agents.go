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

// agentSegment is a segment with every field set.
func agentSegment(id call.ID, number int, agent call.AgentID, offered float64) store.AgentSegment {
	return store.AgentSegment{
		Call: id, Number: number, Agent: agent, Queue: "support", Kind: store.KindQueue,
		OfferedAt: moment(offered), AnsweredAt: new(moment(offered + 2)), BridgedAt: new(moment(offered + 2.5)),
		EndedAt: moment(offered + 62.5), End: store.SegmentCaller, Missed: true,
		RingMS: 2000, TalkMS: 50000, HoldMS: 10000, WrapUpMS: 12000,
	}
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
		first, second := agentSegment("call-1", 0, "amy", 0), agentSegment("call-1", 1, "ben", 90)
		bare := store.AgentSegment{Call: "call-2", Agent: "amy", Kind: store.KindPlaced, OfferedAt: moment(1), EndedAt: moment(2)}
		applyAgents(ctx, t, st, store.Batch{
			States: []store.AgentState{amy, ben}, Segments: []store.AgentSegment{first, second, bare},
		})
		same(t, states(t, st, store.AgentFilter{}), []store.AgentState{ben, amy})
		same(t, segments(t, st, store.AgentFilter{}), []store.AgentSegment{second, bare, first})
	})
	t.Run("written again it is the same row, with what came later", func(t *testing.T) {
		st := open(t)
		s, g := agentState("amy", 0, 0), agentSegment("call-1", 0, "amy", 0)
		applyAgents(ctx, t, st, store.Batch{States: []store.AgentState{s}, Segments: []store.AgentSegment{g}})
		s.To, g.WrapUpMS = new(moment(30)), 99000
		applyAgents(ctx, t, st, store.Batch{States: []store.AgentState{s}, Segments: []store.AgentSegment{g}})
		same(t, states(t, st, store.AgentFilter{}), []store.AgentState{s})
		same(t, segments(t, st, store.AgentFilter{}), []store.AgentSegment{g})
	})
	t.Run("by agent, queue and time", func(t *testing.T) {
		st := open(t)
		amy, later, ben := agentState("amy", 0, 60), agentState("amy", 60, 0), agentState("ben", 30, 90)
		ben.Queue = "sales"
		gAmy, gBen := agentSegment("call-1", 0, "amy", 10), agentSegment("call-2", 0, "ben", 70)
		gBen.Queue = "sales"
		applyAgents(ctx, t, st, store.Batch{
			States: []store.AgentState{amy, later, ben}, Segments: []store.AgentSegment{gAmy, gBen},
		})
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
			b.Segments = append(b.Segments, agentSegment("a call", i, "amy", 0))
		}
		applyAgents(ctx, t, st, b)
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
			same(t, gotSegments[i], b.Segments[6-i])
		}
		_, err := st.AgentStates(ctx, store.AgentFilter{Limit: 201})
		fails(t, err, store.ErrInvalid)
		_, err = st.AgentSegments(ctx, store.AgentFilter{Cursor: "no cursor"})
		fails(t, err, store.ErrBadCursor)
	})
	t.Run("who is late writes nothing", func(t *testing.T) {
		st := open(t)
		applyAgents(ctx, t, st, store.Batch{})
		late := store.Batch{States: []store.AgentState{agentState("amy", 0, 0)}, Segments: []store.AgentSegment{agentSegment("c", 0, "amy", 0)}}
		fails(t, st.Apply(ctx, node, store.ProjectionAgents, late), store.ErrConflict)
		same(t, states(t, st, store.AgentFilter{}), []store.AgentState{})
		same(t, segments(t, st, store.AgentFilter{}), []store.AgentSegment{})
	})
}
