package agentdesk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard"
	"github.com/linedesk/linedesk/switchboard/live"
)

type placeCallInput struct {
	Body struct {
		To string `json:"to" minLength:"1" maxLength:"64" doc:"Number or extension"`
	}
}

type placeCallOutput struct {
	Location string `header:"Location"`
	Body     struct {
		ID string `json:"id"`
	}
}

type dtmfInput struct {
	CallPath
	Body struct {
		Digits string `json:"digits" pattern:"^[0-9*#A-D]{1,32}$"`
	}
}

type wrapUpInput struct {
	CallPath
	Body struct {
		Disposition *string `json:"disposition,omitempty" maxLength:"64" doc:"One of the site's; as it was unless given"`
		Notes       *string `json:"notes,omitempty" maxLength:"20000" doc:"As they were unless given"`
		Done        bool    `json:"done,omitempty" doc:"Ends the wrap-up"`
	}
}

func (s *Server) registerCalls() {
	s.registerCallLog()
	handle(s, op{
		method: http.MethodPost, path: "/calls", id: "place-call", access: needs(dialCall), status: http.StatusCreated,
		summary: "Dial a number: your own station rings first",
	}, s.placeCall)
	post := func(verb, summary string, a Access, whose func(*caller, call.ID) (call.AgentID, error), do func(context.Context, call.AgentID, call.ID) error) {
		handle(s, op{
			method: http.MethodPost, path: "/calls/{id}/" + verb, id: verb + "-call", access: a,
			status: http.StatusNoContent, summary: summary,
		}, func(ctx context.Context, in *CallPath) (*nothing, error) {
			agent, err := whose(callerOf(ctx), call.ID(in.ID))
			if err == nil {
				err = do(ctx, agent, call.ID(in.ID))
			}
			return nil, s.orUnknown(ctx, call.ID(in.ID), err)
		})
	}
	control := func(verb, summary string, do func(context.Context, call.AgentID, call.ID) error) {
		post(verb, summary+"; or that of an agent within your scope", needs(controlCall), s.controlled, do)
	}
	control("hold", "The far party of your call hears music", unnumbered(s.calls.Hold))
	control("resume", "End the hold of your call", unnumbered(s.calls.Resume))
	control("hangup", "End your call", unnumbered(s.calls.HangUp))
	control("mute", "Cut the microphone of your call", func(ctx context.Context, a call.AgentID, id call.ID) error {
		return done(s.calls.Mute(ctx, a, id, true))
	})
	control("unmute", "Open the microphone of your call", func(ctx context.Context, a call.AgentID, id call.ID) error {
		return done(s.calls.Mute(ctx, a, id, false))
	})
	own := func(c *caller, _ call.ID) (call.AgentID, error) { return c.mustBeAgent() }
	post("answer", "Take the call that rings in your browser", needs(useDesk), own, s.answerCall)
	post("decline", "Give the call that rings back; the caller keeps the place", needs(useDesk), own, s.declineCall)
	handle(s, op{
		method: http.MethodPost, path: "/calls/{id}/dtmf", id: "dtmf-call", access: needs(controlCall),
		status: http.StatusNoContent, summary: "Send keys to the far party",
	}, s.sendDTMF)
	handle(s, op{
		method: http.MethodPut, path: "/calls/{id}/wrapup", id: "wrap-up-call", access: needs(useDesk),
		status: http.StatusNoContent, summary: "Save disposition and notes; done ends the wrap-up",
	}, s.putWrapUp)
}

// controlled tells as which agent somebody controls a call: as the own one, or as the one who is on it and
// within the scope. A call that only rings is left alone: to hang it up would be the agent's miss.
func (s *Server) controlled(c *caller, id call.ID) (call.AgentID, error) {
	l, ok := s.live.Call(id)
	if own, isAgent := s.live.Agent(c.agentID()); isAgent && (!ok || l.Agent == own.ID || own.Call != nil && own.Call.ID == id) {
		return own.ID, nil
	}
	if ok && l.Agent != "" && l.State != live.StateOffered && c.sees(controlCall, l.Agent) {
		s.log.Info("call of somebody else's controlled", slog.String("user", string(c.user.ID)),
			slog.String("call", string(id)), slog.String("agent", string(l.Agent)))
		return l.Agent, nil
	}
	return "", problem(http.StatusConflict, proto.CodeNotYourCall, "neither you nor anybody of yours is on this call", "call", string(id))
}

func (s *Server) placeCall(ctx context.Context, in *placeCallInput) (*placeCallOutput, error) {
	agent, err := callerOf(ctx).mustBeAgent()
	if err != nil {
		return nil, err
	}
	id, _, err := s.calls.PlaceCall(ctx, agent, in.Body.To)
	if err != nil {
		return nil, err
	}
	out := &placeCallOutput{Location: apiPrefix + "/calls/" + string(id)}
	out.Body.ID = string(id)
	return out, nil
}

func (s *Server) answerCall(ctx context.Context, a call.AgentID, id call.ID) error {
	offer, err := s.offerOf(a, id)
	if err != nil {
		return err
	}
	return done(s.calls.Answer(ctx, a, offer))
}

func (s *Server) declineCall(ctx context.Context, a call.AgentID, id call.ID) error {
	offer, err := s.offerOf(a, id)
	if err != nil {
		return err
	}
	return done(s.calls.Decline(ctx, a, offer))
}

// offerOf finds the offer of a call that rings at an agent.
func (s *Server) offerOf(a call.AgentID, id call.ID) (call.OfferID, error) {
	if ag, ok := s.live.Agent(a); ok && ag.Call != nil && ag.Call.ID == id && ag.Call.Offer != "" {
		return ag.Call.Offer, nil
	}
	return "", problem(http.StatusConflict, proto.CodeNotYourCall, "this call does not ring at you", "call", string(id))
}

func (s *Server) sendDTMF(ctx context.Context, in *dtmfInput) (*nothing, error) {
	agent, err := s.controlled(callerOf(ctx), call.ID(in.ID))
	if err == nil {
		_, err = s.calls.SendDTMF(ctx, agent, call.ID(in.ID), in.Body.Digits)
	}
	return nil, s.orUnknown(ctx, call.ID(in.ID), err)
}

// orUnknown gives what came of a command to a call: that there is no such call, if it is refused for one
// that never was.
func (s *Server) orUnknown(ctx context.Context, id call.ID, refused error) error {
	if !isNotYours(refused) {
		return refused
	}
	if _, ok := s.live.Call(id); ok {
		return refused
	}
	if _, err := s.store.Call(ctx, id); errors.Is(err, store.ErrNotFound) {
		return notFound("call", string(id))
	}
	return refused
}

func isNotYours(err error) bool {
	var ours *Problem
	var theirs *switchboard.RefusedError
	return errors.As(err, &ours) && ours.Code == proto.CodeNotYourCall || errors.As(err, &theirs) && theirs.Code == string(proto.CodeNotYourCall)
}

func (s *Server) putWrapUp(ctx context.Context, in *wrapUpInput) (*nothing, error) {
	return nil, s.wrapUp(ctx, callerOf(ctx), call.ID(in.ID), in.Body.Disposition, in.Body.Notes, in.Body.Done)
}

// wrapUp saves the form of a call that the caller's agent had; nil keeps what is there.
func (s *Server) wrapUp(ctx context.Context, c *caller, id call.ID, disposition, notes *string, done bool) error {
	agent, err := c.mustBeAgent()
	if err != nil {
		return err
	}
	known, err := s.draftOf(ctx, agent, id)
	if err != nil {
		return s.orUnknown(ctx, id, err)
	}
	next := known
	if disposition != nil {
		next.disposition = call.CodeID(*disposition)
	}
	if notes != nil {
		next.notes = *notes
	}
	if next != known || disposition != nil || notes != nil {
		if _, err := s.calls.SaveWrapUp(ctx, agent, id, next.disposition, next.notes); err != nil {
			return err
		}
		s.drafts.put(id, next)
		s.desks.touch(agent)
	}
	if !done {
		return nil
	}
	if _, err := s.calls.FinishWrapUp(ctx, agent, id); err != nil {
		return err
	}
	s.desks.refreshSoon(agent)
	return nil
}

// draftOf gives the wrap-up form of a call as it stands, if the agent had a part in the call.
func (s *Server) draftOf(ctx context.Context, agent call.AgentID, id call.ID) (draft, error) {
	known, has := s.drafts.get(id)
	if a, ok := s.live.Agent(agent); ok && a.Call != nil && a.Call.ID == id {
		return known, nil
	}
	if l, ok := s.live.Call(id); ok && l.Agent == agent {
		return known, nil
	}
	row, err := s.store.Call(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return draft{}, err
	}
	mine := row.Agent == agent || slices.ContainsFunc(row.Segments, func(sg store.Segment) bool {
		return sg.Agent == agent && sg.BridgedAt != nil
	})
	if err != nil || !mine {
		return draft{}, problem(http.StatusConflict, proto.CodeNotYourCall, "you had no part in this call", "call", string(id))
	}
	if !has {
		known = draft{row.Disposition, row.Notes}
	}
	return known, nil
}
