package calls

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
)

type parkedPath struct {
	Slot int `path:"slot" minimum:"1" maximum:"99"`
}

type parkOutput struct {
	Body struct {
		Slot int    `json:"slot" doc:"Where the call lies; anybody of the site takes it up from there"`
		Seq  uint64 `json:"seq" doc:"The journal's number of what was done"`
	}
}

// parkedCall is a call in its slot.
type parkedCall struct {
	Slot     int         `json:"slot"`
	Call     string      `json:"call"`
	By       string      `json:"by" doc:"The agent who parked it"`
	SinceAt  time.Time   `json:"since_at"`
	UntilAt  time.Time   `json:"until_at" doc:"When it goes back"`
	From     proto.Party `json:"from" doc:"The far party"`
	Queue    string      `json:"queue,omitempty" doc:"Where it came from"`
	Customer string      `json:"customer,omitempty"`
}

type parkedOutput struct {
	Body struct {
		Items []parkedCall `json:"items" nullable:"false"`
	}
}

// registerPark lets agents put calls down in slots, and take them up.
func (r *Room) registerPark(s *web.Server) {
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/calls/{id}/park", ID: "park-call", Access: web.Needs(web.ControlCall),
		Summary: "Put your call down in a slot, where anybody may take it up; or that of an agent within your scope",
	}, func(ctx context.Context, in *CallPath) (*parkOutput, error) {
		slot, seq, err := r.park(ctx, web.PrincipalOf(ctx), call.ID(in.ID))
		if err != nil {
			return nil, err
		}
		out := &parkOutput{}
		out.Body.Slot, out.Body.Seq = slot, seq
		return out, nil
	})
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/parked", ID: "parked", Access: web.Needs(web.UseDesk),
		Summary: "The calls that are parked, by their slots",
	}, r.getParked)
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/parked/{slot}/take", ID: "take-parked", Access: web.Needs(web.UseDesk),
		Summary: "Take a parked call up: your station rings; in a browser you have it at once",
	}, func(ctx context.Context, in *parkedPath) (*web.Written, error) {
		return web.Wrote(r.takeUp(ctx, web.PrincipalOf(ctx), in.Slot))
	})
	s.Command(proto.CmdPark, web.Command{Access: web.Needs(web.ControlCall), Do: web.Body(
		func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.CallRef) (web.Done, error) {
			slot, seq, err := r.park(ctx, who, call.ID(b.Call))
			if err != nil {
				return web.Done{}, err
			}
			return web.Done{Seq: seq, Result: proto.Slot{Slot: slot}}, nil
		})})
	s.Command(proto.CmdTakeParked, web.Command{Access: web.Needs(web.UseDesk), Do: web.Body(
		func(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.Slot) (web.Done, error) {
			return came(r.takeUp(ctx, who, b.Slot))
		})})
}

func (r *Room) park(ctx context.Context, who *web.Principal, id call.ID) (slot int, seq uint64, err error) {
	seq, err = r.onCall(func(ctx context.Context, a call.AgentID, id call.ID) (seq uint64, err error) {
		slot, seq, err = r.calls.Park(ctx, a, id)
		return seq, err
	})(ctx, who, id)
	return slot, seq, err
}

func (r *Room) takeUp(ctx context.Context, who *web.Principal, slot int) (uint64, error) {
	agent, err := who.MustBeAgent()
	if err != nil {
		return 0, err
	}
	return r.calls.TakeUp(ctx, agent, slot)
}

// getParked leaves out no call: whoever has a desk may take up any.
func (r *Room) getParked(ctx context.Context, _ *web.Empty) (*parkedOutput, error) {
	who := web.PrincipalOf(ctx)
	out := &parkedOutput{}
	out.Body.Items = []parkedCall{}
	for _, c := range r.live.Parked() {
		it := parkedCall{
			Slot: c.Parked.Slot, Call: string(c.ID), By: string(c.Parked.By), SinceAt: c.Parked.At, UntilAt: c.Parked.Until,
			From:  who.Site.Party(c.FarNumber(), cmp.Or(view.CustomerName(c.Customer), c.From.Name), who.Masked()),
			Queue: string(c.Queue),
		}
		if c.Customer != nil {
			it.Customer = string(c.Customer.ID)
		}
		out.Body.Items = append(out.Body.Items, it)
	}
	return out, nil
}
