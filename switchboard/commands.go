package switchboard

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
)

// Each command below returns when it is done, with the journal's sequence number of what it did (0: it did
// nothing new), or with a *RefusedError that says why it can not be done.

// command runs f on the router and gives the journal's number of what it came to.
func (sb *Switchboard) command(ctx context.Context, f func() error) (seq uint64, err error) {
	err = sb.router.do(ctx, func() error {
		err := f()
		seq = sb.journal.Last()
		return err
	})
	if err != nil {
		return 0, err
	}
	return seq, nil
}

// SignIn begins an agent's shift at a station.
func (sb *Switchboard) SignIn(ctx context.Context, id call.AgentID, s call.Station) (seq uint64, err error) {
	if err = sb.checkStation(s); err != nil {
		return 0, err
	}
	return sb.command(ctx, func() error {
		sb.signIn(sb.router.agentOf(id), s)
		return nil
	})
}

// signIn runs on the router.
func (sb *Switchboard) signIn(a *agent, s call.Station) {
	if a.signedIn {
		sb.moveTo(a, s)
		return
	}
	a.signedIn, a.station, a.up = true, s, false
	sb.router.step(call.AgentSignedIn{Agent: a.id, Station: s})
	sb.review(a, "unregistered")
}

// ChooseStation changes where an agent speaks. In mid-call it counts from the next call on.
func (sb *Switchboard) ChooseStation(ctx context.Context, id call.AgentID, s call.Station) (seq uint64, err error) {
	if err = sb.checkStation(s); err != nil {
		return 0, err
	}
	return sb.command(ctx, func() error {
		sb.signIn(sb.router.agentOf(id), s)
		return nil
	})
}

// moveTo runs on the router.
func (sb *Switchboard) moveTo(a *agent, s call.Station) {
	if a.station == s {
		return
	}
	if a.up {
		a.up = false
		sb.router.step(call.StationDown{Agent: a.id, Cause: "station changed"})
	}
	a.station = s
	sb.router.step(call.AgentStationChosen{Agent: a.id, Station: s})
	sb.review(a, "")
}

func (sb *Switchboard) checkStation(s call.Station) error {
	switch s.Kind {
	case call.StationSIP:
		if sb.site.Load().Extension(s.Extension) == nil {
			return refuse(422, "unknown_extension", "extension", string(s.Extension))
		}
	case call.StationPSTN:
		if sb.normalise(s.Number).E164 == "" {
			return refuse(422, "bad_number", "number", s.Number)
		}
	case call.StationWebRTC, call.StationStatic:
	default:
		return refuse(422, "unknown_station_kind", "kind", string(s.Kind))
	}
	return nil
}

// ChooseState is an agent's wish for what comes next; "off" ends the shift. By is who wished it, empty for
// the agent.
func (sb *Switchboard) ChooseState(ctx context.Context, id call.AgentID, s call.ChosenState, reason call.ReasonID, by call.UserID) (seq uint64, err error) {
	switch s {
	case call.ChosePaused:
		if reason != "" && !hasCode(sb.site.Load().PauseReasons, string(reason)) {
			return 0, refuse(422, "unknown_reason", "reason", string(reason))
		}
	case call.ChoseReady, call.ChoseOff:
		reason = ""
	default:
		return 0, refuse(422, "unknown_state", "state", string(s))
	}
	return sb.command(ctx, func() error { return sb.choose(sb.router.agentOf(id), s, reason, by) })
}

// choose runs on the router.
func (sb *Switchboard) choose(a *agent, s call.ChosenState, reason call.ReasonID, by call.UserID) error {
	if !a.signedIn {
		if s == call.ChoseOff {
			return nil
		}
		return refuse(409, "not_signed_in")
	}
	a.chosen = s
	// The end of a shift is reported when the work in hand is done, see become.
	sb.router.step(call.AgentStateChosen{Agent: a.id, State: s, Reason: reason, By: by})
	return nil
}

// DeskSeen says that an agent's desk is open. Page tells one opening from the next.
func (sb *Switchboard) DeskSeen(id call.AgentID, page string) {
	sb.router.tell(func() {
		a := sb.router.agentOf(id)
		a.desk.page = page
		sb.linkCame(a, &a.desk)
	})
}

// DeskLost says that it is not any more. An older opening's end is no news.
func (sb *Switchboard) DeskLost(id call.AgentID, page string) {
	sb.router.tell(func() {
		if a := sb.router.agentOf(id); a.desk.page == page {
			sb.linkWent(a, &a.desk, 0)
		}
	})
}

// Answer takes the call that rings in the agent's browser. A phone is answered at the phone.
func (sb *Switchboard) Answer(ctx context.Context, id call.AgentID, o call.OfferID) (seq uint64, err error) {
	return sb.onOffer(ctx, id, o, accept{offer: o})
}

// Decline gives an offer back; the caller keeps the place.
func (sb *Switchboard) Decline(ctx context.Context, id call.AgentID, o call.OfferID) (seq uint64, err error) {
	return sb.onOffer(ctx, id, o, decline{offer: o})
}

func (sb *Switchboard) onOffer(ctx context.Context, id call.AgentID, o call.OfferID, m message) (seq uint64, err error) {
	return sb.command(ctx, func() error {
		a := sb.router.agentOf(id)
		if a.offer != o || sb.router.calls[a.offerOf] == nil {
			return refuse(409, "offer_over", "offer", string(o))
		}
		sb.router.tellCall(a.offerOf, m)
		return nil
	})
}

// Hold plays music to the far party.
func (sb *Switchboard) Hold(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, id, c, hold{agent: id, on: true})
}

// Resume ends a hold.
func (sb *Switchboard) Resume(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, id, c, hold{agent: id})
}

// Mute cuts or opens the agent's microphone at the server.
func (sb *Switchboard) Mute(ctx context.Context, id call.AgentID, c call.ID, on bool) (seq uint64, err error) {
	return sb.onCall(ctx, id, c, mute{agent: id, on: on})
}

// SendDTMF sends keys to the far party: 0–9 * # A–D, at most 32.
func (sb *Switchboard) SendDTMF(ctx context.Context, id call.AgentID, c call.ID, digits string) (seq uint64, err error) {
	if digits == "" || len(digits) > 32 || strings.Trim(digits, "0123456789*#ABCD") != "" {
		return 0, refuse(422, "bad_digits", "digits", digits)
	}
	return sb.onCall(ctx, id, c, press{digits: digits})
}

// HangUp ends the agent's call.
func (sb *Switchboard) HangUp(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, id, c, agentHangsUp{agent: id})
}

// onCall gives a message to a call that the agent is on.
func (sb *Switchboard) onCall(ctx context.Context, id call.AgentID, c call.ID, m message) (seq uint64, err error) {
	return sb.command(ctx, func() error {
		if a := sb.router.agentOf(id); !slices.Contains(a.calls, c) || sb.router.calls[c] == nil {
			return refuse(409, "not_your_call", "call", string(c))
		}
		sb.router.tellCall(c, m)
		return nil
	})
}

// Identify says whose call it is, in the place of what its number told; the caller has checked whose agent's
// call it is.
func (sb *Switchboard) Identify(ctx context.Context, e call.CustomerIdentified) (seq uint64, err error) {
	return sb.command(ctx, func() error { sb.router.step(e); return nil })
}

// SaveWrapUp keeps the disposition and the notes as they stand; the caller has checked whose call it is.
func (sb *Switchboard) SaveWrapUp(ctx context.Context, id call.AgentID, c call.ID, disposition call.CodeID, notes string) (seq uint64, err error) {
	if disposition != "" && !hasCode(sb.site.Load().Dispositions, string(disposition)) {
		return 0, refuse(422, "unknown_disposition", "disposition", string(disposition))
	}
	if utf8.RuneCountInString(notes) > call.MaxNotes || !utf8.ValidString(notes) {
		return 0, refuse(422, "bad_notes", "max", strconv.Itoa(call.MaxNotes))
	}
	return sb.command(ctx, func() error {
		sb.router.step(call.WrapUpSaved{Call: c, Agent: id, Disposition: disposition, Notes: notes})
		return nil
	})
}

// FinishWrapUp ends the agent's wrap-up.
func (sb *Switchboard) FinishWrapUp(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.command(ctx, func() error {
		sb.router.step(call.WrapUpFinished{Call: c, Agent: id})
		return nil
	})
}

// OpenTicket makes a ticket from a call. It is an event, so it is kept with the database away; the row follows.
func (sb *Switchboard) OpenTicket(ctx context.Context, t call.TicketOpened) (id call.TicketID, seq uint64, err error) {
	switch {
	case sb.site.Load().TicketKind(t.Kind) == nil:
		return "", 0, refuse(422, "unknown_ticket_kind", "kind", t.Kind)
	case strings.TrimSpace(t.Subject) == "" || utf8.RuneCountInString(t.Subject) > call.MaxSubject:
		return "", 0, refuse(422, "bad_subject", "max", strconv.Itoa(call.MaxSubject))
	case utf8.RuneCountInString(t.Text) > call.MaxText || !utf8.ValidString(t.Text) || !utf8.ValidString(t.Subject):
		return "", 0, refuse(422, "bad_text", "max", strconv.Itoa(call.MaxText))
	}
	t.Ticket = call.TicketID(uuid.Must(uuid.NewV7()).String())
	seq, err = sb.command(ctx, func() error { sb.router.step(t); return nil })
	return t.Ticket, seq, err
}
