package calls

import (
	"context"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
)

type consultInput struct {
	CallPath
	Body struct {
		To string `json:"to" minLength:"1" maxLength:"64" doc:"agent:ben, extension:1002, or a number as a person would dial it"`
	}
}

// registerConsult lets an agent ask somebody beside the call.
func (r *Room) registerConsult(s *web.Server) {
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/calls/{id}/consult", ID: "consult-call", Access: web.Needs(web.ControlCall),
		Summary: "Ask somebody, while the far party hears music; or have an agent within your scope do so",
	}, func(ctx context.Context, in *consultInput) (*web.Written, error) {
		return web.Wrote(r.consult(in.Body.To)(ctx, web.PrincipalOf(ctx), call.ID(in.ID)))
	})
	for _, v := range []verb{
		r.control("swap", "Speak with the other of the two: who was asked, or the far party", r.calls.Swap),
		r.control("complete", "Hand the call over to who was asked, and leave", r.calls.Complete),
		r.control("cancel", "End the asking, and be back with the far party", r.calls.CancelConsult),
	} {
		r.handle(s, v)
	}
	control := web.Needs(web.ControlCall)
	s.Command(proto.CmdConsult, web.Command{Access: control, Do: web.Body(
		func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.Consult) (web.Done, error) {
			return came(r.consult(b.To)(ctx, who, call.ID(b.Call)))
		})})
	s.Command(proto.CmdSwap, web.Command{Access: control, Do: r.callCommand(r.calls.Swap)})
	s.Command(proto.CmdComplete, web.Command{Access: control, Do: r.callCommand(r.calls.Complete)})
	s.Command(proto.CmdCancel, web.Command{Access: control, Do: r.callCommand(r.calls.CancelConsult)})
}

func (r *Room) consult(to string) func(context.Context, *web.Principal, call.ID) (uint64, error) {
	return r.onCall(func(ctx context.Context, a call.AgentID, id call.ID) (uint64, error) {
		return r.calls.Consult(ctx, a, id, call.Target(to))
	})
}
