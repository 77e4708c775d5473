package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// Principal is who makes a request, with what that user may do.
type Principal struct {
	User   store.User
	Rights Grants
	Site   view.Site      // as it is at the moment of the request
	Agent  *configs.Agent // nil: the user is no agent

	session *session
}

type principalKey struct{}

// PrincipalOf gives the principal of a request that needed one.
func PrincipalOf(ctx context.Context) *Principal { return ctx.Value(principalKey{}).(*Principal) }

var errSignedOut = NewProblem(http.StatusUnauthorized, proto.CodeSignedOut, "sign in first: POST /api/v1/session")

// authenticate finds out who makes the request.
func (s *Server) authenticate(r *http.Request) (*Principal, error) {
	token, _ := tokenOf(r)
	if token == "" {
		return nil, errSignedOut
	}
	sess, err := s.sessions.find(r.Context(), token)
	if errors.Is(err, errNoSession) {
		return nil, errSignedOut
	}
	if err != nil {
		return nil, err
	}
	return s.principal(sess), nil
}

func (s *Server) principal(sess *session) *Principal {
	v := view.Site{Site: s.site()}
	who := &Principal{session: sess, User: sess.user, Site: v, Rights: grantsOf(v.Site, sess.user.Roles)}
	if who.Agent = v.Agent(sess.user.Agent); who.Agent == nil {
		who.Agent = v.AgentOf(sess.user.ID)
	}
	return who
}

// Admit tells why a principal may not use what needs this access.
func (who *Principal) Admit(a Access) error {
	if who.Rights.allows(a) {
		return nil
	}
	return NewProblem(http.StatusForbidden, proto.CodeForbidden, "your roles do not allow this", "right", a.String())
}

// AgentID is the agent that the principal works as, "" if none.
func (who *Principal) AgentID() call.AgentID {
	if who.Agent == nil {
		return ""
	}
	return who.Agent.ID
}

var errNoAgent = NewProblem(http.StatusConflict, proto.CodeNoAgent, "you are not an agent of this site")

// MustBeAgent gives the principal's agent.
func (who *Principal) MustBeAgent() (call.AgentID, error) {
	if who.Agent == nil {
		return "", errNoAgent
	}
	return who.Agent.ID, nil
}

// Sees tells whether an agent's things are within the principal's scope for an action.
func (who *Principal) Sees(action string, a call.AgentID) bool {
	switch who.Rights[action] {
	case configs.ScopeAll:
		return true
	case configs.ScopeTeam:
		return a != "" && (a == who.AgentID() || who.SeesTeam(who.Site.TeamOf(a)))
	case configs.ScopeOwn:
		return a != "" && a == who.AgentID()
	case configs.ScopeNone:
	}
	return false
}

// SeesQueue tells whether a queue is within the principal's scope: own, the queues one serves; team, those that
// somebody of the team serves.
func (who *Principal) SeesQueue(action string, q call.QueueID) bool {
	switch who.Rights[action] {
	case configs.ScopeAll:
		return true
	case configs.ScopeTeam:
		for _, a := range who.Site.Agents {
			if slices.Contains(a.Queues, q) && (a.ID == who.AgentID() || who.SeesTeam(a.Team)) {
				return true
			}
		}
	case configs.ScopeOwn:
		return who.Agent != nil && slices.Contains(who.Agent.Queues, q)
	case configs.ScopeNone:
	}
	return false
}

// SeesTeam tells whether a team is one of those that the principal sees by scope team.
func (who *Principal) SeesTeam(team string) bool {
	u := who.Site.User(who.User.ID)
	if u == nil {
		u = &configs.User{ID: who.User.ID, Team: who.User.Team}
	}
	return who.Site.SeesTeam(u, team)
}

// AgentsInSight are the agents whose things [Principal.Sees] allows, for queries; nil: everything is.
func (who *Principal) AgentsInSight(action string) []call.AgentID {
	if who.Rights[action] == configs.ScopeAll {
		return nil
	}
	in := []call.AgentID{}
	for _, a := range who.Site.Agents {
		if who.Sees(action, a.ID) {
			in = append(in, a.ID)
		}
	}
	return in
}

// UsersInSight are the users whose things [Principal.SeesUser] allows, for queries; nil: everything is.
func (who *Principal) UsersInSight(action string) []call.UserID {
	if who.Rights[action] == configs.ScopeAll {
		return nil
	}
	in := []call.UserID{}
	if who.SeesUser(action, who.User.ID) { // the site may have the user no more
		in = append(in, who.User.ID)
	}
	for _, u := range who.Site.Users {
		if u.ID != who.User.ID && who.SeesUser(action, u.ID) {
			in = append(in, u.ID)
		}
	}
	return in
}

// SeesUser is Sees for what belongs to a user.
func (who *Principal) SeesUser(action string, id call.UserID) bool {
	switch who.Rights[action] {
	case configs.ScopeAll:
		return true
	case configs.ScopeTeam:
		if id == who.User.ID {
			return true
		}
		u := who.Site.User(id)
		return u != nil && who.SeesTeam(u.Team)
	case configs.ScopeOwn:
		return id != "" && id == who.User.ID
	case configs.ScopeNone:
	}
	return false
}

// Masked tells whether numbers are hidden from the principal but for their last digits.
func (who *Principal) Masked() bool { return who.Rights[UnmaskNumber] == configs.ScopeNone }

// Shown gives a number as the principal may see it.
func (who *Principal) Shown(n call.Number) call.Number { return view.Shown(n, who.Masked()) }
