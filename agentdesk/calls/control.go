package calls

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
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
		ID  string `json:"id"`
		Seq uint64 `json:"seq" doc:"The journal's number of what was done"`
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

// verb is a command to a call, by REST as POST /calls/{id}/NAME and by the websocket.
type verb struct {
	name    string // in the route
	summary string
	access  web.Access
	do      func(context.Context, *web.Principal, call.ID) (seq uint64, err error)
}

func (r *Room) registerControl(s *web.Server) {
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/calls", ID: "place-call", Access: web.Needs(web.DialCall), Status: http.StatusCreated,
		Summary: "Dial a number: your own station rings first",
	}, r.placeCall)
	for _, v := range []verb{
		r.control("hold", "The far party of your call hears music", r.calls.Hold),
		r.control("resume", "End the hold of your call", r.calls.Resume),
		r.control("hangup", "End your call", r.calls.HangUp),
		r.control("mute", "Cut the microphone of your call", r.muted(true)),
		r.control("unmute", "Open the microphone of your call", r.muted(false)),
		{"answer", "Take the call that rings in your browser", web.Needs(web.UseDesk), r.onOffer(r.calls.Answer)},
		{"decline", "Give the call that rings back; the caller keeps the place", web.Needs(web.UseDesk), r.onOffer(r.calls.Decline)},
	} {
		r.handle(s, v)
	}
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/calls/{id}/dtmf", ID: "dtmf-call", Access: web.Needs(web.ControlCall),
		Summary: "Send keys to the far party",
	}, r.sendDTMF)
	web.Handle(s, web.Op{
		Method: http.MethodPut, Path: "/calls/{id}/wrapup", ID: "wrap-up-call", Access: web.Needs(web.UseDesk),
		Summary: "Save disposition and notes; done ends the wrap-up",
	}, r.putWrapUp)
}

// handle registers a verb's route.
func (r *Room) handle(s *web.Server, v verb) {
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/calls/{id}/" + v.name, ID: v.name + "-call", Access: v.access,
		Summary: v.summary,
	}, func(ctx context.Context, in *CallPath) (*web.Written, error) {
		return web.Wrote(v.do(ctx, web.PrincipalOf(ctx), call.ID(in.ID)))
	})
}

// control makes a verb of what an agent does to its call.
func (r *Room) control(name, summary string, do func(context.Context, call.AgentID, call.ID) (uint64, error)) verb {
	return verb{name, summary + "; or that of an agent within your scope", web.Needs(web.ControlCall), r.onCall(do)}
}

// onCall does something to a call as the agent that [Room.controlled] tells.
func (r *Room) onCall(do func(context.Context, call.AgentID, call.ID) (uint64, error)) func(context.Context, *web.Principal, call.ID) (uint64, error) {
	return func(ctx context.Context, who *web.Principal, id call.ID) (seq uint64, err error) {
		agent, err := r.controlled(who, id)
		if err == nil {
			seq, err = do(ctx, agent, id)
		}
		return seq, r.orUnknown(ctx, id, err)
	}
}

func (r *Room) muted(on bool) func(context.Context, call.AgentID, call.ID) (uint64, error) {
	return func(ctx context.Context, a call.AgentID, id call.ID) (uint64, error) {
		return r.calls.Mute(ctx, a, id, on)
	}
}

// onOffer does something to the offer of a call that rings at the principal's agent.
func (r *Room) onOffer(do func(context.Context, call.AgentID, call.OfferID) (uint64, error)) func(context.Context, *web.Principal, call.ID) (uint64, error) {
	return func(ctx context.Context, who *web.Principal, id call.ID) (seq uint64, err error) {
		agent, err := who.MustBeAgent()
		if err != nil {
			return 0, err
		}
		offer, err := r.offerOf(agent, id)
		if err == nil {
			seq, err = do(ctx, agent, offer)
		}
		return seq, r.orUnknown(ctx, id, err)
	}
}

// controlled tells as which agent somebody controls a call: as the own one, or as the one who is on it and
// within the scope. A call that only rings is left alone: to hang it up would be the agent's miss.
func (r *Room) controlled(who *web.Principal, id call.ID) (call.AgentID, error) {
	l, ok := r.live.Call(id)
	if own, isAgent := r.live.Agent(who.AgentID()); isAgent && (!ok || l.Agent == own.ID || own.Call != nil && own.Call.ID == id) {
		return own.ID, nil
	}
	if ok && l.Agent != "" && l.State != live.StateOffered && who.Sees(web.ControlCall, l.Agent) {
		r.web.Log().Info("call of somebody else's controlled", slog.String("user", string(who.User.ID)),
			slog.String("call", string(id)), slog.String("agent", string(l.Agent)))
		return l.Agent, nil
	}
	return "", web.NewProblem(http.StatusConflict, proto.CodeNotYourCall, "neither you nor anybody of yours is on this call", "call", string(id))
}

func (r *Room) placeCall(ctx context.Context, in *placeCallInput) (*placeCallOutput, error) {
	id, seq, err := r.dial(ctx, web.PrincipalOf(ctx), in.Body.To)
	if err != nil {
		return nil, err
	}
	out := &placeCallOutput{Location: web.Prefix + "/calls/" + string(id)}
	out.Body.ID, out.Body.Seq = string(id), seq
	return out, nil
}

func (r *Room) dial(ctx context.Context, who *web.Principal, to string) (id call.ID, seq uint64, err error) {
	agent, err := who.MustBeAgent()
	if err != nil {
		return "", 0, err
	}
	return r.calls.PlaceCall(ctx, agent, to)
}

// offerOf finds the offer of a call that rings at an agent.
func (r *Room) offerOf(a call.AgentID, id call.ID) (call.OfferID, error) {
	if ag, ok := r.live.Agent(a); ok && ag.Call != nil && ag.Call.ID == id && ag.Call.Offer != "" {
		return ag.Call.Offer, nil
	}
	return "", web.NewProblem(http.StatusConflict, proto.CodeNotYourCall, "this call does not ring at you", "call", string(id))
}

func (r *Room) sendDTMF(ctx context.Context, in *dtmfInput) (*web.Written, error) {
	return web.Wrote(r.press(in.Body.Digits)(ctx, web.PrincipalOf(ctx), call.ID(in.ID)))
}

func (r *Room) press(digits string) func(context.Context, *web.Principal, call.ID) (uint64, error) {
	return r.onCall(func(ctx context.Context, a call.AgentID, id call.ID) (uint64, error) {
		return r.calls.SendDTMF(ctx, a, id, digits)
	})
}

// orUnknown gives what came of a command to a call: that there is no such call, if it is refused for one
// that never was.
func (r *Room) orUnknown(ctx context.Context, id call.ID, refused error) error {
	if !isNotYours(refused) {
		return refused
	}
	if _, ok := r.live.Call(id); ok {
		return refused
	}
	if _, err := r.store.Call(ctx, id); errors.Is(err, store.ErrNotFound) {
		return web.NotFound("call", string(id))
	}
	return refused
}

func isNotYours(err error) bool {
	var ours *web.Problem
	var theirs *switchboard.RefusedError
	return errors.As(err, &ours) && ours.Code == proto.CodeNotYourCall || errors.As(err, &theirs) && theirs.Code == string(proto.CodeNotYourCall)
}

func (r *Room) putWrapUp(ctx context.Context, in *wrapUpInput) (*web.Written, error) {
	return web.Wrote(r.wrapUp(ctx, web.PrincipalOf(ctx), call.ID(in.ID), in.Body.Disposition, in.Body.Notes, in.Body.Done))
}

// wrapUp saves the form of a call that the principal's agent had; nil keeps what is there.
func (r *Room) wrapUp(ctx context.Context, who *web.Principal, id call.ID, disposition, notes *string, done bool) (seq uint64, err error) {
	agent, err := who.MustBeAgent()
	if err != nil {
		return 0, err
	}
	known, err := r.desks.Draft(ctx, agent, id)
	if err != nil {
		return 0, r.orUnknown(ctx, id, err)
	}
	next := known
	if disposition != nil {
		next.Disposition = call.CodeID(*disposition)
	}
	if notes != nil {
		next.Notes = *notes
	}
	if next != known || disposition != nil || notes != nil {
		if seq, err = r.calls.SaveWrapUp(ctx, agent, id, next.Disposition, next.Notes); err != nil {
			return 0, err
		}
		r.desks.KeepDraft(agent, id, next)
	}
	if !done {
		return seq, nil
	}
	if seq, err = r.calls.FinishWrapUp(ctx, agent, id); err != nil {
		return 0, err
	}
	r.desks.WrappedUp(agent, seq)
	return seq, nil
}
