package web

import (
	"context"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
)

type meOutput struct{ Body meBody }

// meBody is the signed-in user and, if that is an agent, what the agent is doing.
type meBody struct {
	proto.Me
	Theme string            `json:"theme" doc:"light, dark, or empty: the browser's"`
	Team  string            `json:"team"`
	Live  *view.AgentStatus `json:"live" doc:"null: not an agent"`
}

type preferencesInput struct {
	Body struct {
		Language string `json:"language" enum:"en,zh-CN"`
		Theme    string `json:"theme,omitempty" enum:"light,dark,"`
	}
}

func (s *Server) registerMe() {
	Handle(s, Op{Method: http.MethodGet, Path: "/me", ID: "me", Access: SignedIn, Summary: "Who am I and what may I do"}, s.getMe)
	Handle(s, Op{
		Method: http.MethodPut, Path: "/me/preferences", ID: "set-preferences", Access: SignedIn,
		Summary: "Choose language and theme of the pages",
	}, s.putPreferences)
}

func (s *Server) getMe(ctx context.Context, _ *Empty) (*meOutput, error) {
	who := PrincipalOf(ctx)
	out := &meOutput{Body: meBody{Me: who.me(), Theme: who.User.Theme, Team: who.User.Team}}
	if id := who.AgentID(); id != "" {
		if a, ok := s.live.Agent(id); ok {
			row := view.AgentStatusOf(who.Site, &a, who.Masked())
			out.Body.Live = &row
		}
	}
	return out, nil
}

func (s *Server) putPreferences(ctx context.Context, in *preferencesInput) (*Written, error) {
	who := PrincipalOf(ctx)
	if err := s.store.SetPreferences(ctx, who.User.ID, in.Body.Language, in.Body.Theme); err != nil {
		return nil, err
	}
	s.sessions.forgetUser(who.User.ID)
	return Wrote(s.Seq(), nil)
}
