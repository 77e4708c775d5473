package agentdesk

import (
	"context"
	"net/http"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

type meOutput struct{ Body meBody }

// meBody is the signed-in user and, if that is an agent, what the agent is doing.
type meBody struct {
	proto.Me
	Theme string       `json:"theme" doc:"light, dark, or empty: the browser's"`
	Team  string       `json:"team"`
	Live  *agentStatus `json:"live" doc:"null: not an agent"`
}

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

type preferencesInput struct {
	Body struct {
		Language string `json:"language" enum:"en,zh-CN"`
		Theme    string `json:"theme,omitempty" enum:"light,dark,"`
	}
}

type nothing struct{}

type siteOutput struct{ Body siteBody }

// siteBody is what pages need to name things in both languages.
type siteBody struct {
	Name         map[string]string `json:"name"`
	Timezone     string            `json:"timezone"`
	Region       string            `json:"region"`
	Language     string            `json:"language"`
	Languages    []string          `json:"languages" nullable:"false"`
	Queues       []siteQueue       `json:"queues" nullable:"false"`
	Agents       []siteAgent       `json:"agents" nullable:"false"`
	People       []Named           `json:"people" nullable:"false" doc:"Users who are no agents: they own tickets and customers too"`
	Teams        []Named           `json:"teams" nullable:"false"`
	PauseReasons []Named           `json:"pause_reasons" nullable:"false"`
	Dispositions []Named           `json:"dispositions" nullable:"false"`
	TicketKinds  []siteTicketKind  `json:"ticket_kinds" nullable:"false"`
}

// Named is a slug with what people see of it.
type Named struct {
	ID   string            `json:"id"`
	Name map[string]string `json:"name"`
}

type siteQueue struct {
	Named
	ServiceLevelSeconds float64 `json:"service_level_seconds"`
	WrapUpSeconds       float64 `json:"wrap_up_seconds"`
}

type siteAgent struct {
	Named
	User      string `json:"user"`
	Extension string `json:"extension"`
	Team      string `json:"team"`
}

type siteTicketKind struct {
	Named
	States []siteTicketState `json:"states" nullable:"false"`
	DueMS  map[string]int64  `json:"due_ms" doc:"Promised time by urgency"`
}

type siteTicketState struct {
	Named
	Closed bool `json:"closed"`
}

func (s *Server) registerMe() {
	handle(s, op{method: http.MethodGet, path: "/me", id: "me", access: anyUser, summary: "Who am I and what may I do"}, s.getMe)
	handle(s, op{
		method: http.MethodPut, path: "/me/preferences", id: "set-preferences", access: anyUser,
		status: http.StatusNoContent, summary: "Choose language and theme of the pages",
	}, s.putPreferences)
	handle(s, op{
		method: http.MethodPut, path: "/me/station", id: "set-station", access: needs(useDesk),
		status: http.StatusNoContent, summary: "Choose what to speak through; begins the shift",
	}, s.putStation)
	handle(s, op{
		method: http.MethodPut, path: "/me/state", id: "set-state", access: needs(useDesk),
		status: http.StatusNoContent, summary: "Choose what comes next: ready, paused, off",
	}, s.putState)
	handle(s, op{
		method: http.MethodPut, path: "/agents/{id}/state", id: "set-agent-state", access: needs(controlAgent),
		status: http.StatusNoContent, summary: "Choose for another agent what comes next",
	}, s.putAgentState)
	handle(s, op{
		method: http.MethodGet, path: "/site", id: "site", access: anyUser,
		summary: "Names and codes of this site, per language",
	}, s.getSite)
}

func (s *Server) getMe(ctx context.Context, _ *empty) (*meOutput, error) {
	c := callerOf(ctx)
	out := &meOutput{Body: meBody{Me: c.me(), Theme: c.user.Theme, Team: c.user.Team}}
	if id := c.agentID(); id != "" {
		if a, ok := s.live.Agent(id); ok {
			row := c.agentStatus(a)
			out.Body.Live = &row
		}
	}
	return out, nil
}

func (s *Server) putPreferences(ctx context.Context, in *preferencesInput) (*nothing, error) {
	c := callerOf(ctx)
	if err := s.store.SetPreferences(ctx, c.user.ID, in.Body.Language, in.Body.Theme); err != nil {
		return nil, err
	}
	s.sessions.forgetUser(c.user.ID)
	return nil, nil
}

func (s *Server) putStation(ctx context.Context, in *stationInput) (*nothing, error) {
	return nil, s.chooseStation(ctx, callerOf(ctx), proto.Station{Kind: call.StationKind(in.Body.Kind), Extension: in.Body.Extension, Number: in.Body.Number})
}

func (s *Server) putState(ctx context.Context, in *StateInput) (*nothing, error) {
	return nil, s.chooseState(ctx, callerOf(ctx), proto.State{State: call.ChosenState(in.Body.State), Reason: in.Body.Reason})
}

func (s *Server) putAgentState(ctx context.Context, in *agentStateInput) (*nothing, error) {
	c := callerOf(ctx)
	id := call.AgentID(in.ID)
	if c.site.Agent(id) == nil || !c.sees(controlAgent, id) {
		return nil, notFound("agent", in.ID)
	}
	return nil, done(s.calls.ChooseState(ctx, id, call.ChosenState(in.Body.State), call.ReasonID(in.Body.Reason), c.user.ID))
}

// chooseStation begins or moves the caller's shift. A phone is the agent's own extension unless another is
// Named; only agents whose own it is may take one that belongs to somebody.
func (s *Server) chooseStation(ctx context.Context, c *caller, st proto.Station) error {
	agent, err := c.mustBeAgent()
	if err != nil {
		return err
	}
	station := call.Station{Kind: call.StationKind(st.Kind)}
	switch station.Kind {
	case call.StationSIP:
		station.Extension = call.Extension(st.Extension)
		if station.Extension == "" {
			station.Extension = c.agent.Extension
		}
		if station.Extension == "" {
			return problem(http.StatusUnprocessableEntity, proto.CodeNoExtension, "say which extension: you have none of your own")
		}
		if owner := c.site.AgentAt(station.Extension); owner != nil && owner.ID != agent {
			return problem(http.StatusConflict, proto.CodeExtensionTaken, "this extension belongs to another agent",
				"extension", string(station.Extension))
		}
	case call.StationPSTN:
		if st.Number == "" {
			return problem(http.StatusUnprocessableEntity, proto.CodeMissingField, "body.number: say which number to ring", "field", "number")
		}
		station.Number = st.Number
	case call.StationWebRTC:
	default:
		return problem(http.StatusUnprocessableEntity, proto.CodeBadValue, "kind: write sip, webrtc or pstn", "field", "kind")
	}
	return done(s.calls.ChooseStation(ctx, agent, station))
}

func (s *Server) chooseState(ctx context.Context, c *caller, st proto.State) error {
	agent, err := c.mustBeAgent()
	if err != nil {
		return err
	}
	return done(s.calls.ChooseState(ctx, agent, call.ChosenState(st.State), call.ReasonID(st.Reason), ""))
}

func (s *Server) getSite(ctx context.Context, _ *empty) (*siteOutput, error) {
	v := callerOf(ctx).site
	b := siteBody{
		Name: names(v.Name), Timezone: v.Timezone, Region: v.Region, Language: v.Language,
		Languages: append([]string{}, v.Languages...), Queues: []siteQueue{}, Agents: []siteAgent{}, People: []Named{}, Teams: []Named{},
		PauseReasons: []Named{}, Dispositions: []Named{}, TicketKinds: []siteTicketKind{},
	}
	for _, q := range v.Queues {
		b.Queues = append(b.Queues, siteQueue{
			Named:               Named{string(q.ID), names(q.Names)},
			ServiceLevelSeconds: q.ServiceLevel.Seconds(), WrapUpSeconds: q.WrapUp.Seconds(),
		})
	}
	for _, a := range v.Agents {
		b.Agents = append(b.Agents, siteAgent{
			Named: Named{string(a.ID), names(a.Names)},
			User:  string(a.User), Extension: string(a.Extension), Team: a.Team,
		})
	}
	for _, u := range v.Users {
		if v.AgentOf(u.ID) == nil {
			b.People = append(b.People, Named{string(u.ID), names(u.Names)})
		}
	}
	for _, t := range v.Teams {
		b.Teams = append(b.Teams, Named{t.ID, names(t.Names)})
	}
	for _, r := range v.PauseReasons {
		b.PauseReasons = append(b.PauseReasons, Named{r.ID, names(r.Names)})
	}
	for _, d := range v.Dispositions {
		b.Dispositions = append(b.Dispositions, Named{d.ID, names(d.Names)})
	}
	for _, k := range v.TicketKinds {
		kind := siteTicketKind{Named: Named{k.ID, names(k.Names)}, States: []siteTicketState{}, DueMS: map[string]int64{}}
		for _, st := range k.States {
			kind.States = append(kind.States, siteTicketState{Named{st.ID, names(st.Names)}, st.Closed})
		}
		for urgency, d := range k.Due {
			kind.DueMS[urgency] = int64(d / time.Millisecond)
		}
		b.TicketKinds = append(b.TicketKinds, kind)
	}
	return &siteOutput{Body: b}, nil
}
