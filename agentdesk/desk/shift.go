package desk

import (
	"context"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
)

type stationInput struct {
	Body struct {
		Kind      string `json:"kind" enum:"sip,webrtc,pstn"`
		Extension string `json:"extension,omitempty" maxLength:"32" doc:"For sip; your own unless given"`
		Number    string `json:"number,omitempty" maxLength:"32" doc:"For pstn"`
	}
}

// StateInput chooses what comes next.
type StateInput struct {
	Body struct {
		State  string `json:"state" enum:"ready,paused,off"`
		Reason string `json:"reason,omitempty" maxLength:"64" doc:"Of a pause, one of the site's"`
	}
}

type agentStateInput struct {
	ID string `path:"id" maxLength:"64"`
	StateInput
}

func (r *Room) registerShift(s *web.Server) {
	web.Handle(s, web.Op{
		Method: http.MethodPut, Path: "/me/station", ID: "set-station", Access: web.Needs(web.UseDesk),
		Summary: "Choose what to speak through; begins the shift",
	}, r.putStation)
	web.Handle(s, web.Op{
		Method: http.MethodPut, Path: "/me/state", ID: "set-state", Access: web.Needs(web.UseDesk),
		Summary: "Choose what comes next: ready, paused, off",
	}, r.putState)
	web.Handle(s, web.Op{
		Method: http.MethodPut, Path: "/agents/{id}/state", ID: "set-agent-state", Access: web.Needs(web.ControlAgent),
		Summary: "Choose for another agent what comes next",
	}, r.putAgentState)
}

func (r *Room) putStation(ctx context.Context, in *stationInput) (*web.Written, error) {
	return web.Wrote(r.chooseStation(ctx, web.PrincipalOf(ctx), proto.Station{Kind: call.StationKind(in.Body.Kind), Extension: in.Body.Extension, Number: in.Body.Number}))
}

func (r *Room) putState(ctx context.Context, in *StateInput) (*web.Written, error) {
	return web.Wrote(r.chooseState(ctx, web.PrincipalOf(ctx), proto.State{State: call.ChosenState(in.Body.State), Reason: in.Body.Reason}))
}

func (r *Room) putAgentState(ctx context.Context, in *agentStateInput) (*web.Written, error) {
	who := web.PrincipalOf(ctx)
	id := call.AgentID(in.ID)
	if who.Site.Agent(id) == nil || !who.Sees(web.ControlAgent, id) {
		return nil, web.NotFound("agent", in.ID)
	}
	return web.Wrote(r.calls.ChooseState(ctx, id, call.ChosenState(in.Body.State), call.ReasonID(in.Body.Reason), who.User.ID))
}

// chooseStation begins or moves the principal's shift. A phone is the agent's own extension unless another is
// named; only agents whose own it is may take one that belongs to somebody.
func (r *Room) chooseStation(ctx context.Context, who *web.Principal, st proto.Station) (seq uint64, err error) {
	agent, err := who.MustBeAgent()
	if err != nil {
		return 0, err
	}
	station := call.Station{Kind: st.Kind}
	switch station.Kind {
	case call.StationSIP:
		station.Extension = call.Extension(st.Extension)
		if station.Extension == "" {
			station.Extension = who.Agent.Extension
		}
		if station.Extension == "" {
			return 0, web.NewProblem(http.StatusUnprocessableEntity, proto.CodeNoExtension, "say which extension: you have none of your own")
		}
		if owner := who.Site.AgentAt(station.Extension); owner != nil && owner.ID != agent {
			return 0, web.NewProblem(http.StatusConflict, proto.CodeExtensionTaken, "this extension belongs to another agent",
				"extension", string(station.Extension))
		}
	case call.StationPSTN:
		if st.Number == "" {
			return 0, web.NewProblem(http.StatusUnprocessableEntity, proto.CodeMissingField, "body.number: say which number to ring", "field", "number")
		}
		station.Number = st.Number
	case call.StationWebRTC:
	default:
		return 0, web.NewProblem(http.StatusUnprocessableEntity, proto.CodeBadValue, "kind: write sip, webrtc or pstn", "field", "kind")
	}
	return r.calls.ChooseStation(ctx, agent, station)
}

func (r *Room) chooseState(ctx context.Context, who *web.Principal, st proto.State) (seq uint64, err error) {
	agent, err := who.MustBeAgent()
	if err != nil {
		return 0, err
	}
	return r.calls.ChooseState(ctx, agent, st.State, call.ReasonID(st.Reason), "")
}
