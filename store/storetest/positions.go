package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// kind is the projection that the suite writes as.
const kind = store.ProjectionCalls

func callID(i int) call.ID { return call.ID(fmt.Sprintf("call-%03d", i)) }

// Positions is the suite for store.Positions.
func Positions(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	pos := func(applied uint64) store.Position {
		return store.Position{Applied: applied, Safe: applied + 1, At: day.Add(time.Duration(applied) * time.Second)}
	}
	t.Run("a node begins at nothing and moves on", func(t *testing.T) {
		st := open(t)
		same(t, must(st.Position(ctx, node, kind))(t), store.Position{})
		ok(t, st.Apply(ctx, node, kind, store.Batch{Position: pos(5)}))
		ok(t, st.Apply(ctx, node, kind, store.Batch{From: 5, Position: pos(9)}))
		same(t, must(st.Position(ctx, node, kind))(t), pos(9))
		same(t, must(st.Position(ctx, "node-2", kind))(t), store.Position{})
	})
	t.Run("each projection has a position of its own", func(t *testing.T) {
		st := open(t)
		const other store.Projection = "other"
		ok(t, st.Apply(ctx, node, kind, store.Batch{Position: pos(5)}))
		same(t, must(st.Position(ctx, node, other))(t), store.Position{})
		ok(t, st.Apply(ctx, node, other, store.Batch{Position: pos(2)}))
		ok(t, st.Apply(ctx, node, kind, store.Batch{From: 5, Position: pos(9)}))
		ok(t, st.Apply(ctx, node, other, store.Batch{From: 2, Position: pos(4)}))
		same(t, must(st.Position(ctx, node, kind))(t), pos(9))
		same(t, must(st.Position(ctx, node, other))(t), pos(4))
		fails(t, st.Apply(ctx, node, other, store.Batch{From: 9, Position: pos(10)}), store.ErrConflict)
	})
	t.Run("who is late changes nothing", func(t *testing.T) {
		st := open(t)
		ok(t, st.Apply(ctx, node, kind, store.Batch{Position: pos(5)}))
		late := store.Batch{
			From: 0, Position: pos(7), Calls: []store.Call{FullCall("late", day)},
			Tickets: []store.NewTicket{complaint("late")},
		}
		fails(t, st.Apply(ctx, node, kind, late), store.ErrConflict)
		late.From = 4
		fails(t, st.Apply(ctx, node, kind, late), store.ErrConflict)
		fails(t, st.Apply(ctx, "node-2", kind, late), store.ErrConflict) // it never began
		same(t, must(st.Position(ctx, node, kind))(t), pos(5))
		_, err := st.Call(ctx, "late")
		fails(t, err, store.ErrNotFound)
		_, err = st.Ticket(ctx, "late")
		fails(t, err, store.ErrNotFound)
	})
	t.Run("a batch is kept whole or not at all", func(t *testing.T) {
		st := open(t)
		bad := complaint("t-1")
		bad.Kind = ""
		b := store.Batch{Position: pos(5), Calls: []store.Call{FullCall("call-1", day)}, Tickets: []store.NewTicket{bad}}
		fails(t, st.Apply(ctx, node, kind, b), store.ErrInvalid)
		same(t, must(st.Position(ctx, node, kind))(t), store.Position{})
		_, err := st.Call(ctx, "call-1")
		fails(t, err, store.ErrNotFound)
	})
	t.Run("it may go back: a journal that lost its tail", func(t *testing.T) {
		st := open(t)
		ok(t, st.Apply(ctx, node, kind, store.Batch{Position: pos(5)}))
		ok(t, st.Apply(ctx, node, kind, store.Batch{From: 5, Position: pos(3)}))
		same(t, must(st.Position(ctx, node, kind))(t), pos(3))
	})
	t.Run("a ticket told again stays as people edited it", func(t *testing.T) {
		st := open(t)
		apply(ctx, t, st, store.Batch{Tickets: []store.NewTicket{complaint("t-1")}})
		tk := must(st.Ticket(ctx, "t-1"))(t)
		tk.Subject = "edited"
		tk = must(st.UpdateTicket(ctx, tk, "amy"))(t)
		apply(ctx, t, st, store.Batch{Tickets: []store.NewTicket{complaint("t-1"), complaint("t-2")}})
		same(t, must(st.Ticket(ctx, "t-1"))(t), tk)
		if got := must(st.Ticket(ctx, "t-2"))(t).Number; got != "C-20261122-002" {
			t.Errorf("got number %s: the ticket told again took one", got)
		}
	})
	t.Run("many rows at once", func(t *testing.T) {
		st := open(t)
		var b store.Batch
		for i := range 300 {
			b.Calls = append(b.Calls, FullCall(callID(i), day.Add(time.Duration(i)*time.Second)))
		}
		apply(ctx, t, st, b)
		for _, i := range []int{0, 299} {
			same(t, must(st.Call(ctx, callID(i)))(t), b.Calls[i])
		}
	})
}
