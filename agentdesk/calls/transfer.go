package calls

import (
	"context"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
)

type transferInput struct {
	CallPath
	Body struct {
		To       string `json:"to" minLength:"1" maxLength:"64" doc:"queue:support, agent:ben, extension:1002, flow:main, or a number as a person would dial it"`
		KeepWait bool   `json:"keep_wait,omitempty" doc:"To a queue: the call stands there as if it had waited since it first did"`
	}
}

func (r *Room) registerTransfer(s *web.Server) {
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/calls/{id}/transfer", ID: "transfer-call", Access: web.Needs(web.ControlCall),
		Summary: "Hand your call over, without a word to who gets it; or that of an agent within your scope",
	}, func(ctx context.Context, in *transferInput) (*web.Written, error) {
		return web.Wrote(r.transfer(in.Body.To, in.Body.KeepWait)(ctx, web.PrincipalOf(ctx), call.ID(in.ID)))
	})
	s.Command(proto.CmdTransfer, web.Command{Access: web.Needs(web.ControlCall), Do: web.Body(
		func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.Transfer) (web.Done, error) {
			return came(r.transfer(b.To, b.KeepWait)(ctx, who, call.ID(b.Call)))
		})})
}

func (r *Room) transfer(to string, keepWait bool) func(context.Context, *web.Principal, call.ID) (uint64, error) {
	return r.onCall(func(ctx context.Context, a call.AgentID, id call.ID) (uint64, error) {
		return r.calls.Transfer(ctx, a, id, call.Target(to), keepWait)
	})
}
