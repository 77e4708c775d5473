package switchboard

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store/ticket"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// Each command below returns when it is done, with the journal's sequence number of what it did (0: it did
// nothing new), or with a *RefusedError that says why it can not be done.

// command has the router do something and gives the journal's number of what it came to.
func (sb *Switchboard) command(ctx context.Context, q request) (seq uint64, err error) {
	a, err := sb.router.ask(ctx, q)
	if err != nil {
		return 0, err
	}
	return a.seq, nil
}

// SignIn begins an agent's shift at a station.
func (sb *Switchboard) SignIn(ctx context.Context, id call.AgentID, s call.Station) (seq uint64, err error) {
	if err = sb.checkStation(s); err != nil {
		return 0, err
	}
	return sb.command(ctx, signIn{agent: id, station: s})
}

// ChooseStation changes where an agent speaks. In mid-call it counts from the next call on.
func (sb *Switchboard) ChooseStation(ctx context.Context, id call.AgentID, s call.Station) (seq uint64, err error) {
	return sb.SignIn(ctx, id, s)
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
	return sb.command(ctx, chooseState{agent: id, state: s, reason: reason, by: by})
}

// DeskSeen says that an agent's desk is open. Page tells one opening from the next.
func (sb *Switchboard) DeskSeen(id call.AgentID, page string) {
	sb.router.post(deskSeen{agent: id, page: page})
}

// DeskLost says that it is not any more. An older opening's end is no news.
func (sb *Switchboard) DeskLost(id call.AgentID, page string) {
	sb.router.post(deskLost{agent: id, page: page})
}

// Answer takes the call that rings in the agent's browser. A phone is answered at the phone.
func (sb *Switchboard) Answer(ctx context.Context, id call.AgentID, o call.OfferID) (seq uint64, err error) {
	return sb.command(ctx, commandOffer{talk.Command{Agent: id, Verb: talk.VerbAnswer, Offer: o}})
}

// Decline gives an offer back; the caller keeps the place.
func (sb *Switchboard) Decline(ctx context.Context, id call.AgentID, o call.OfferID) (seq uint64, err error) {
	return sb.command(ctx, commandOffer{talk.Command{Agent: id, Verb: talk.VerbDecline, Offer: o}})
}

// Hold plays music to the far party.
func (sb *Switchboard) Hold(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: talk.VerbHold})
}

// Resume ends a hold.
func (sb *Switchboard) Resume(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: talk.VerbResume})
}

// Mute cuts or opens the agent's microphone at the server.
func (sb *Switchboard) Mute(ctx context.Context, id call.AgentID, c call.ID, on bool) (seq uint64, err error) {
	verb := talk.VerbUnmute
	if on {
		verb = talk.VerbMute
	}
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: verb})
}

// SendDTMF sends keys to the far party: 0–9 * # A–D, at most [call.MaxDigits].
func (sb *Switchboard) SendDTMF(ctx context.Context, id call.AgentID, c call.ID, digits string) (seq uint64, err error) {
	if digits == "" || len(digits) > call.MaxDigits || strings.Trim(digits, "0123456789*#ABCD") != "" {
		return 0, refuse(422, "bad_digits", "digits", digits)
	}
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: talk.VerbKeys, Keys: digits})
}

// HangUp ends the agent's call.
func (sb *Switchboard) HangUp(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: talk.VerbHangUp})
}

// onCall gives a command to a call.
func (sb *Switchboard) onCall(ctx context.Context, c call.ID, command talk.Command) (seq uint64, err error) {
	return sb.command(ctx, commandCall{call: c, command: command})
}

// Identify says whose call it is, in the place of what its number told; the caller has checked whose agent's
// call it is.
func (sb *Switchboard) Identify(ctx context.Context, e call.CustomerIdentified) (seq uint64, err error) {
	return sb.command(ctx, record{e})
}

// SaveWrapUp keeps the disposition and the notes as they stand; the caller has checked whose call it is.
func (sb *Switchboard) SaveWrapUp(ctx context.Context, id call.AgentID, c call.ID, disposition call.CodeID, notes string) (seq uint64, err error) {
	if disposition != "" && !hasCode(sb.site.Load().Dispositions, string(disposition)) {
		return 0, refuse(422, "unknown_disposition", "disposition", string(disposition))
	}
	if utf8.RuneCountInString(notes) > call.MaxNotes || !utf8.ValidString(notes) {
		return 0, refuse(422, "bad_notes", "max", strconv.Itoa(call.MaxNotes))
	}
	return sb.command(ctx, record{call.WrapUpSaved{Call: c, Agent: id, Disposition: disposition, Notes: notes}})
}

// FinishWrapUp ends the agent's wrap-up.
func (sb *Switchboard) FinishWrapUp(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.command(ctx, record{call.WrapUpFinished{Call: c, Agent: id}})
}

// OpenTicket makes a ticket from a call. It is an event, so it is kept with the database away; the row follows.
func (sb *Switchboard) OpenTicket(ctx context.Context, t call.TicketOpened) (id call.TicketID, seq uint64, err error) {
	if sb.site.Load().TicketKind(t.Kind) == nil {
		return "", 0, refuse(422, "unknown_ticket_kind", "kind", t.Kind)
	}
	var rule *ticket.RefusedError
	if errors.As(ticket.CheckTexts(t.Subject, t.Text), &rule) {
		code := rule.Code
		return "", 0, refuse(422, code, rule.Params...)
	}
	t.Ticket = call.TicketID(uuid.Must(uuid.NewV7()).String())
	seq, err = sb.command(ctx, record{t})
	return t.Ticket, seq, err
}
