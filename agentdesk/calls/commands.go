package calls

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
)

func (r *Room) registerCommands(s *web.Server) {
	mine, control := web.Needs(web.UseDesk), web.Needs(web.ControlCall)
	s.Command(proto.CmdAnswer, web.Command{Access: mine, Do: r.offerCommand(r.calls.Answer)})
	s.Command(proto.CmdDecline, web.Command{Access: mine, Do: r.offerCommand(r.calls.Decline)})
	s.Command(proto.CmdHold, web.Command{Access: control, Do: r.callCommand(r.calls.Hold)})
	s.Command(proto.CmdResume, web.Command{Access: control, Do: r.callCommand(r.calls.Resume)})
	s.Command(proto.CmdHangUp, web.Command{Access: control, Do: r.callCommand(r.calls.HangUp)})
	s.Command(proto.CmdMute, web.Command{Access: control, Do: web.Body(func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.Mute) (web.Done, error) {
		return came(r.onCall(r.muted(b.Muted))(ctx, who, call.ID(b.Call)))
	})})
	s.Command(proto.CmdDTMF, web.Command{Access: control, Do: web.Body(func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.DTMF) (web.Done, error) {
		return came(r.press(b.Digits)(ctx, who, call.ID(b.Call)))
	})})
	s.Command(proto.CmdDial, web.Command{Access: web.Needs(web.DialCall), Do: web.Body(r.dialCommand)})
	s.Command(proto.CmdIdentify, web.Command{Access: mine, Do: web.Body(r.identify)})
	s.Command(proto.CmdWrapUpSave, web.Command{Access: mine, Do: r.wrapUpCommand(false)})
	s.Command(proto.CmdWrapUpFinish, web.Command{Access: mine, Do: r.wrapUpCommand(true)})
}

// doer carries a command out, see [web.Command].
type doer = func(context.Context, *web.Socket, *web.Principal, json.RawMessage) (web.Done, error)

// came is what came of a command that gives no more than the journal's number.
func came(seq uint64, err error) (web.Done, error) { return web.Done{Seq: seq}, err }

func (r *Room) callCommand(do func(context.Context, call.AgentID, call.ID) (uint64, error)) doer {
	return web.Body(func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.CallRef) (web.Done, error) {
		return came(r.onCall(do)(ctx, who, call.ID(b.Call)))
	})
}

func (r *Room) offerCommand(do func(context.Context, call.AgentID, call.OfferID) (uint64, error)) doer {
	return web.Body(func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.OfferRef) (web.Done, error) {
		agent, err := who.MustBeAgent()
		if err != nil {
			return web.Done{}, err
		}
		return came(do(ctx, agent, call.OfferID(b.Offer)))
	})
}

func (r *Room) dialCommand(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.Dial) (web.Done, error) {
	id, seq, err := r.dial(ctx, who, b.To)
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{Seq: seq, Result: proto.CallRef{Call: string(id)}}, nil
}

func (r *Room) identify(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.Identify) (web.Done, error) {
	agent, err := who.MustBeAgent()
	if err != nil {
		return web.Done{}, err
	}
	id := call.ID(b.Call)
	if _, err := r.desks.Draft(ctx, agent, id); err != nil {
		return web.Done{}, err
	}
	if _, ok := r.live.Call(id); !ok {
		return web.Done{}, web.NewProblem(http.StatusConflict, proto.CodeCallOver, "the call and its wrap-up are over", "call", b.Call)
	}
	c, err := r.store.Customer(ctx, call.CustomerID(b.Customer))
	if err != nil {
		return web.Done{}, web.AsNotFound(err, "customer", b.Customer)
	}
	return came(r.calls.Identify(ctx, call.CustomerIdentified{Call: id, Customer: c.ID, Grade: c.Grade, Name: c.Name}))
}

func (r *Room) wrapUpCommand(done bool) doer {
	return web.Body(func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.WrapUp) (web.Done, error) {
		return came(r.wrapUp(ctx, who, call.ID(b.Call), &b.Disposition, &b.Notes, done))
	})
}
