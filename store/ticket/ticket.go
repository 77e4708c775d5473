// Package ticket has the rules of a ticket: how it begins, what is promised for it, which of its kind's states it may
// be moved to, whose it is to move, and how long its texts may be.
//
// It knows no clock and no database: the moment comes with the question, and who asks keeps the answer. All three births
// of a ticket (at the desk, by the HTTP API, by a message that a caller left) and every move ask here, so that they
// cannot differ. Kinds are the site's; what is named here they all have.
package ticket

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/linedesk/linedesk/call"
)

// The states that every kind of ticket has. A kind may have more between them.
const (
	Open   = "open"
	Closed = "closed"
)

// Voicemail is the kind of the ticket that a message left by a caller makes, unless the flow names another.
const Voicemail = "voicemail"

// How urgent a ticket can be (普通, 急, 特急).
const (
	Normal     = "normal"
	Urgent     = "urgent"
	VeryUrgent = "very_urgent"
)

// Urgencies are all of them, the mildest first.
func Urgencies() []string { return []string{Normal, Urgent, VeryUrgent} }

// Kind is what the rules need to know of a kind of ticket. Nil is a kind that the site does not know (any more): it has
// the states that all have, and promises nothing.
type Kind struct {
	States []State                  // a new ticket is in the first
	Due    map[string]time.Duration // urgency → what is promised is done within this; absent: nothing is promised
}

// State is where a ticket can stand.
type State struct {
	ID     string
	Closed bool // the ticket is over
}

// Standing is what the rules decide about a ticket.
type Standing struct {
	State    string
	Urgency  string     // one of [Urgencies]
	Due      *time.Time // the promised deadline (承诺办理期限); nil: none
	ClosedAt *time.Time // not nil: closed, whatever the state is called
}

// Begin gives how a ticket stands that is born at a moment. What is not given is the kind's first state, normal urgency,
// and the deadline that the kind promises for the urgency. Refusals: bad_value of field urgency, unknown_state.
func (k *Kind) Begin(given Standing, at time.Time) (Standing, error) {
	given.Urgency = cmp.Or(given.Urgency, Normal)
	if !slices.Contains(Urgencies(), given.Urgency) {
		return given, refusal("bad_value", "field", "urgency")
	}
	if k != nil && given.Due == nil && k.Due[given.Urgency] > 0 {
		due := at.Add(k.Due[given.Urgency])
		given.Due = &due
	}
	return k.Move(given, cmp.Or(given.State, k.first()), at)
}

// Move gives how a ticket stands after it was put into a state at a moment. The first moment of its end stays.
// Refusal: unknown_state.
func (k *Kind) Move(was Standing, to string, at time.Time) (Standing, error) {
	states := k.states()
	i := slices.IndexFunc(states, func(s State) bool { return s.ID == to })
	if i < 0 {
		return was, refusal("unknown_state", "state", to)
	}
	was.State = to
	switch {
	case !states[i].Closed:
		was.ClosedAt = nil
	case was.ClosedAt == nil:
		was.ClosedAt = &at
	}
	return was, nil
}

func (k *Kind) states() []State {
	if k == nil || len(k.States) == 0 {
		return []State{{ID: Open}, {ID: Closed, Closed: true}}
	}
	return k.States
}

func (k *Kind) first() string { return k.states()[0].ID }

// MayMove tells whether somebody may see or change a ticket, given for whose tickets that is allowed: it is its owner's
// and its maker's, and without an owner it is everybody's who may do so with tickets at all.
func MayMove(owner, maker call.UserID, allowed func(call.UserID) bool, atAll bool) bool {
	return owner == "" && atAll || allowed(owner) || allowed(maker)
}

// CheckTexts refuses texts that are too long or no UTF-8, and a subject without anything in it: bad_subject, bad_text.
func CheckTexts(subject, text string) error {
	switch {
	case strings.TrimSpace(subject) == "" || utf8.RuneCountInString(subject) > call.MaxSubject || !utf8.ValidString(subject):
		return refusal("bad_subject", "max", strconv.Itoa(call.MaxSubject))
	case utf8.RuneCountInString(text) > call.MaxText || !utf8.ValidString(text):
		return refusal("bad_text", "max", strconv.Itoa(call.MaxText))
	}
	return nil
}

// RefusedError says by a stable code why something cannot be done, with what a sentence about it needs: name, value, …
type RefusedError struct {
	Code   string
	Params []string
}

func refusal(code string, params ...string) error { return &RefusedError{Code: code, Params: params} }

func (r *RefusedError) Error() string {
	return strings.Join(append([]string{r.Code}, r.Params...), " ")
}
