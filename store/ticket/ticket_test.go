package ticket_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store/ticket"
)

var (
	at        = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	complaint = &ticket.Kind{
		States: []ticket.State{{ID: "open"}, {ID: "asked"}, {ID: "refused", Closed: true}, {ID: "closed", Closed: true}},
		Due:    map[string]time.Duration{"normal": 72 * time.Hour, "very_urgent": 4 * time.Hour},
	}
)

func in(d time.Duration) *time.Time { return new(at.Add(d)) }

func same(a, b ticket.Standing) bool {
	eq := func(a, b *time.Time) bool { return a == nil && b == nil || a != nil && b != nil && a.Equal(*b) }
	return a.State == b.State && a.Urgency == b.Urgency && eq(a.Due, b.Due) && eq(a.ClosedAt, b.ClosedAt)
}

func TestATicketBeginsAsItsKindSays(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  *ticket.Kind
		given ticket.Standing
		want  ticket.Standing
	}{
		{"nothing given", complaint, ticket.Standing{}, ticket.Standing{State: "open", Urgency: "normal", Due: in(72 * time.Hour)}},
		{"urgency decides the deadline", complaint, ticket.Standing{Urgency: "very_urgent"}, ticket.Standing{State: "open", Urgency: "very_urgent", Due: in(4 * time.Hour)}},
		{"nothing is promised for it", complaint, ticket.Standing{Urgency: "urgent"}, ticket.Standing{State: "open", Urgency: "urgent"}},
		{"somebody promised something else", complaint, ticket.Standing{Due: in(time.Hour)}, ticket.Standing{State: "open", Urgency: "normal", Due: in(time.Hour)}},
		{"born closed", complaint, ticket.Standing{State: "refused"}, ticket.Standing{State: "refused", Urgency: "normal", Due: in(72 * time.Hour), ClosedAt: in(0)}},
		{"a kind that the site does not know", nil, ticket.Standing{}, ticket.Standing{State: "open", Urgency: "normal"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.kind.Begin(c.given, at)
			if err != nil || !same(got, c.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

func TestATicketMovesWithinItsKind(t *testing.T) {
	begun, _ := complaint.Begin(ticket.Standing{}, at)
	closed, err := complaint.Move(begun, "closed", at.Add(time.Minute))
	if err != nil || closed.ClosedAt == nil || !closed.ClosedAt.Equal(at.Add(time.Minute)) || closed.State != "closed" {
		t.Fatalf("got %+v, %v", closed, err)
	}
	again, err := complaint.Move(closed, "refused", at.Add(time.Hour))
	if err != nil || !again.ClosedAt.Equal(*closed.ClosedAt) {
		t.Errorf("from one end to another it ended at %v, want the first moment: %v", again.ClosedAt, err)
	}
	if open, err := complaint.Move(again, "asked", at.Add(time.Hour)); err != nil || open.ClosedAt != nil {
		t.Errorf("opened again: %+v, %v", open, err)
	}
	if begun.ClosedAt != nil {
		t.Error("a move changed what it was given")
	}
	var unknown *ticket.Kind
	if got, err := unknown.Move(begun, ticket.Closed, at); err != nil || got.ClosedAt == nil {
		t.Errorf("a kind that the site does not know cannot be closed: %+v, %v", got, err)
	}
}

func TestRefusalsHaveCodes(t *testing.T) {
	_, badState := complaint.Move(ticket.Standing{State: "open"}, "gone", at)
	_, badUrgency := complaint.Begin(ticket.Standing{Urgency: "now!"}, at)
	_, badFirst := complaint.Begin(ticket.Standing{State: "gone"}, at)
	for _, c := range []struct {
		err  error
		want string
	}{
		{badState, "unknown_state state gone"},
		{badFirst, "unknown_state state gone"},
		{badUrgency, "bad_value field urgency"},
		{ticket.CheckTexts(" \n", ""), "bad_subject max 300"},
		{ticket.CheckTexts(strings.Repeat("语", call.MaxSubject+1), ""), "bad_subject max 300"},
		{ticket.CheckTexts("\xff", ""), "bad_subject max 300"},
		{ticket.CheckTexts("x", strings.Repeat("语", call.MaxText+1)), "bad_text max 20000"},
		{ticket.CheckTexts("x", "\xff"), "bad_text max 20000"},
	} {
		var refusal *ticket.RefusedError
		if !errors.As(c.err, &refusal) || c.err.Error() != c.want {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
	if err := ticket.CheckTexts(strings.Repeat("语", call.MaxSubject), strings.Repeat("语", call.MaxText)); err != nil {
		t.Errorf("texts as long as they may be: %v", err)
	}
}

func TestWhoseATicketIsToMove(t *testing.T) {
	only := func(id call.UserID) func(call.UserID) bool { return func(u call.UserID) bool { return u == id } }
	for _, c := range []struct {
		owner, maker call.UserID
		who          call.UserID
		atAll, want  bool
	}{
		{"amy", "ben", "amy", true, true},
		{"amy", "ben", "ben", true, true},
		{"amy", "ben", "carl", true, false},
		{"", "", "carl", true, true},
		{"", "", "carl", false, false},
		{"", "carl", "carl", false, true},
	} {
		if got := ticket.MayMove(c.owner, c.maker, only(c.who), c.atAll); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}
