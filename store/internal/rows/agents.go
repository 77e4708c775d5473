package rows

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const stateColumns = "agent, began, status, reason, queue, call, ended"

// putState writes a state's row, or writes it again with its end.
var putState = "INSERT INTO agent_states (" + stateColumns + ") VALUES (" + params(stateColumns) + ")" +
	" ON CONFLICT (agent, began) DO UPDATE SET " + sets("status, reason, queue, call, ended")

func stateArgs(s store.AgentState) []any {
	s = s.Cleaned()
	return []any{
		string(s.Agent), micro(s.From), string(s.Status), string(s.Reason), string(s.Queue), string(s.Call), orNil(s.To),
	}
}

func scanState(r Rows) (s store.AgentState, err error) {
	err = r.Scan(&s.Agent, at{&s.From}, &s.Status, &s.Reason, &s.Queue, &s.Call, atOrNull{&s.To})
	return s, err
}

const segmentColumns = "call, number, agent, queue, kind, offered_at, answered_at, bridged_at, ended_at, ending, missed," +
	" ring_ms, talk_ms, hold_ms, wrap_up_ms, consult_ms, transferred_to"

// putSegment writes a segment's row, or writes it again with its wrap-up.
var putSegment = "INSERT INTO segments (" + segmentColumns + ") VALUES (" + params(segmentColumns) + ")" +
	" ON CONFLICT (call, number) DO UPDATE SET " +
	sets("agent, queue, kind, offered_at, answered_at, bridged_at, ended_at, ending, missed, ring_ms, talk_ms, hold_ms,"+
		" wrap_up_ms, consult_ms, transferred_to")

func segmentArgs(s store.AgentSegment) []any {
	s = s.Cleaned()
	return []any{
		string(s.Call), s.Number, string(s.Agent), string(s.Queue), string(s.Kind), micro(s.OfferedAt), orNil(s.AnsweredAt),
		orNil(s.BridgedAt), micro(s.EndedAt), string(s.End), s.Missed, s.RingMS, s.TalkMS, s.HoldMS, s.WrapUpMS,
		s.ConsultMS, string(s.TransferredTo),
	}
}

func scanSegment(r Rows) (s store.AgentSegment, err error) {
	err = r.Scan(&s.Call, &s.Number, &s.Agent, &s.Queue, &s.Kind, at{&s.OfferedAt}, atOrNull{&s.AnsweredAt},
		atOrNull{&s.BridgedAt}, at{&s.EndedAt}, &s.End, &s.Missed, &s.RingMS, &s.TalkMS, &s.HoldMS, &s.WrapUpMS,
		&s.ConsultMS, &s.TransferredTo)
	return s, err
}

// applyStates writes what agents did.
func applyStates(ctx context.Context, tx Tx, states []store.AgentState) error {
	args := make([][]any, len(states))
	for i, s := range states {
		args[i] = stateArgs(s)
	}
	return tx.Each(ctx, putState, args)
}

// applySegments writes the agents' parts in calls.
func applySegments(ctx context.Context, tx Tx, calls []store.Call) error {
	args := make([][]any, 0, len(calls))
	for i := range calls {
		for _, s := range calls[i].AgentSegments() {
			args = append(args, segmentArgs(s))
		}
	}
	return tx.Each(ctx, putSegment, args)
}

// AgentStates implements store.Agents.
func (db *DB) AgentStates(ctx context.Context, f store.AgentFilter) (store.Page[store.AgentState], error) {
	return pageOf(ctx, db, "agents' states", f, func(cur store.Cursor, limit int) (string, []any) {
		var w where
		w.is("agent", store.CleanID(f.Agent))
		w.is("queue", store.CleanID(f.Queue))
		if !f.From.IsZero() {
			w.and("(ended IS NULL OR ended > " + w.arg(micro(f.From)) + ")")
		}
		w.window("began", time.Time{}, f.To)
		if cur.ID != "" {
			w.and("(began, agent) < (" + w.arg(cur.At) + ", " + w.arg(cur.ID) + ")")
		}
		return "SELECT " + stateColumns + " FROM agent_states" + w.String() +
			" ORDER BY began DESC, agent DESC LIMIT " + strconv.Itoa(limit+1), w.args
	}, scanState, func(s store.AgentState) store.Cursor { return store.Cursor{At: s.From, ID: string(s.Agent)} })
}

// AgentSegments implements store.Agents.
func (db *DB) AgentSegments(ctx context.Context, f store.AgentFilter) (store.Page[store.AgentSegment], error) {
	return pageOf(ctx, db, "agents' segments", f, func(cur store.Cursor, limit int) (string, []any) {
		var w where
		w.window("offered_at", f.From, f.To)
		w.is("agent", store.CleanID(f.Agent))
		w.is("queue", store.CleanID(f.Queue))
		if id, number, ok := segmentKey(cur.ID); ok {
			w.and("(offered_at, call, number) < (" + w.arg(cur.At) + ", " + w.arg(id) + ", " + w.arg(number) + ")")
		}
		return "SELECT " + segmentColumns + " FROM segments" + w.String() +
			" ORDER BY offered_at DESC, call DESC, number DESC LIMIT " + strconv.Itoa(limit+1), w.args
	}, scanSegment, func(s store.AgentSegment) store.Cursor {
		return store.Cursor{At: s.OfferedAt, ID: segmentID(s.Call, s.Number)}
	})
}

// segmentID is a segment's key as a cursor has it: the number first, since a call's ID may be anything.
func segmentID(id call.ID, number int) string { return strconv.Itoa(number) + " " + string(id) }

func segmentKey(s string) (id string, number int, ok bool) {
	n, id, ok := strings.Cut(s, " ")
	number, err := strconv.Atoi(n)
	return id, number, ok && err == nil
}

// pageOf reads a page of rows of agents.
func pageOf[T any](
	ctx context.Context, db *DB, what string, f store.AgentFilter,
	query func(store.Cursor, int) (string, []any), scan func(Rows) (T, error), at func(T) store.Cursor,
) (store.Page[T], error) {
	var page store.Page[T]
	limit, err := store.Limit(f.Limit)
	if err != nil {
		return page, err
	}
	cur, err := store.ParseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	sql, args := query(cur, limit)
	got, err := list(ctx, db.conn, scan, sql, args...)
	if err != nil {
		return page, fmt.Errorf("list %s: %w", what, err)
	}
	return store.PageOf(got, limit, at), nil
}
