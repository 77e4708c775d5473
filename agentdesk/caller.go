package agentdesk

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// caller is who makes a request, with what that user may do.
type caller struct {
	session *session
	user    store.User
	rights  grants
	site    site
	agent   *configs.Agent // nil: the user is no agent
}

type callerKey struct{}

// callerOf gives the caller of a request that needed one.
func callerOf(ctx context.Context) *caller { return ctx.Value(callerKey{}).(*caller) }

var errSignedOut = problem(http.StatusUnauthorized, proto.CodeSignedOut, "sign in first: POST /api/v1/session")

// authenticate finds out who makes the request.
func (s *Server) authenticate(r *http.Request) (*caller, error) {
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
	return s.caller(sess), nil
}

func (s *Server) caller(sess *session) *caller {
	v := s.site()
	c := &caller{session: sess, user: sess.user, site: v, rights: grantsOf(v.Site, sess.user.Roles)}
	if c.agent = v.Agent(sess.user.Agent); c.agent == nil {
		c.agent = v.AgentOf(sess.user.ID)
	}
	return c
}

// admit tells why a caller may not use what needs this access.
func (c *caller) admit(a Access) error {
	if c.rights.allows(a) {
		return nil
	}
	return problem(http.StatusForbidden, proto.CodeForbidden, "your roles do not allow this", "right", a.String())
}

// agentID is the agent that the caller works as, "" if none.
func (c *caller) agentID() call.AgentID {
	if c.agent == nil {
		return ""
	}
	return c.agent.ID
}

var errNoAgent = problem(http.StatusConflict, proto.CodeNoAgent, "you are not an agent of this site")

// mustBeAgent gives the caller's agent.
func (c *caller) mustBeAgent() (call.AgentID, error) {
	if c.agent == nil {
		return "", errNoAgent
	}
	return c.agent.ID, nil
}

// sees tells whether an agent's things are within the caller's scope for an action.
func (c *caller) sees(action string, a call.AgentID) bool {
	switch c.rights[action] {
	case configs.ScopeAll:
		return true
	case configs.ScopeTeam:
		return a != "" && (a == c.agentID() || c.seesTeam(c.site.teamOf(a)))
	case configs.ScopeOwn:
		return a != "" && a == c.agentID()
	case configs.ScopeNone:
	}
	return false
}

// seesQueue tells whether a queue is within the caller's scope: own, the queues one serves; team, those that
// somebody of the team serves.
func (c *caller) seesQueue(action string, q call.QueueID) bool {
	switch c.rights[action] {
	case configs.ScopeAll:
		return true
	case configs.ScopeTeam:
		for _, a := range c.site.Agents {
			if slices.Contains(a.Queues, q) && (a.ID == c.agentID() || c.seesTeam(a.Team)) {
				return true
			}
		}
	case configs.ScopeOwn:
		return c.agent != nil && slices.Contains(c.agent.Queues, q)
	case configs.ScopeNone:
	}
	return false
}

func (c *caller) seesTeam(team string) bool {
	u := c.site.User(c.user.ID)
	if u == nil {
		u = &configs.User{ID: c.user.ID, Team: c.user.Team}
	}
	return c.site.SeesTeam(u, team)
}

// seesUser is sees for what belongs to a user.
func (c *caller) seesUser(action string, id call.UserID) bool {
	switch c.rights[action] {
	case configs.ScopeAll:
		return true
	case configs.ScopeTeam:
		if id == c.user.ID {
			return true
		}
		u := c.site.User(id)
		return u != nil && c.seesTeam(u.Team)
	case configs.ScopeOwn:
		return id != "" && id == c.user.ID
	case configs.ScopeNone:
	}
	return false
}

// shown gives a number as the caller may see it.
func (c *caller) shown(number string) string {
	if c.rights[unmaskNumber] > configs.ScopeNone {
		return number
	}
	return mask(number)
}

// shownNumber is shown for a number in both its forms.
func (c *caller) shownNumber(n call.Number) call.Number {
	if c.rights[unmaskNumber] > configs.ScopeNone {
		return n
	}
	return call.Number{Raw: mask(n.Raw), E164: mask(n.E164)}
}
