package configs

import (
	"maps"
	"slices"
)

// Scope says whose things a right is about.
type Scope int

// The scopes, each with more than the one before.
const (
	ScopeNone Scope = iota
	ScopeOwn        // the user's own
	ScopeTeam       // of the user's team, or of a team that the user leads
	ScopeAll
)

var scopeNames = []string{"none", "own", "team", "all"}

func (s Scope) String() string {
	if s < 0 || int(s) >= len(scopeNames) {
		return scopeNames[0]
	}
	return scopeNames[s]
}

// Right is one thing that a role may do: "verb:object" and to whose.
type Right struct {
	Action string // "read:call"
	Scope  Scope
}

// String gives "verb:object:scope".
func (r Right) String() string { return r.Action + ":" + r.Scope.String() }

// Role is what people of one kind may do.
type Role struct {
	Names  Names
	Rights []Right // sorted
}

// The actions that rights are given for. The set is closed: what is not here nobody may do.
var actions = map[string]string{
	"use:desk":        "work as an agent: station, states, calls, wrap-up",
	"read:board":      "see queues and agents live",
	"read:call":       "see finished calls and their timeline",
	"dial:call":       "place calls",
	"control:call":    "hold, resume and hang up calls",
	"listen:call":     "listen to calls in progress",
	"whisper:call":    "speak to the agent of a call in progress",
	"barge:call":      "join a call in progress",
	"play:recording":  "hear recordings and voice messages",
	"read:customer":   "see customers",
	"write:customer":  "make and change customers",
	"export:customer": "export customers",
	"unmask:number":   "see telephone numbers in full",
	"read:ticket":     "see tickets",
	"write:ticket":    "make and change tickets",
	"read:agent":      "see agents",
	"control:agent":   "change the state of agents",
	"read:queue":      "see queues",
	"control:queue":   "move and take out waiting calls",
	"read:report":     "see reports",
	"export:report":   "export reports",
	"read:campaign":   "see campaigns",
	"run:campaign":    "start, stop and change campaigns",
	"read:user":       "see users",
	"write:user":      "make and change users",
	"read:site":       "see the site's documents",
	"write:site":      "change and publish the site's documents",
	"read:audit":      "see who did what",
	"read:metrics":    "see the server's figures",
}

// Actions gives every action that a right can be given for, sorted, with what it means.
func Actions() map[string]string { return maps.Clone(actions) }

// Scope says how far the roles together may do an action; ScopeNone: not at all.
func (s *Site) Scope(roles []string, action string) Scope {
	scope := ScopeNone
	for _, name := range roles {
		for _, r := range s.Roles[name].Rights {
			if r.Action == action {
				scope = max(scope, r.Scope)
			}
		}
	}
	return scope
}

// Rights gives all that the roles together may do, as "verb:object:scope", sorted.
func (s *Site) Rights(roles []string) []string {
	var list []string
	for _, a := range slices.Sorted(maps.Keys(actions)) {
		if scope := s.Scope(roles, a); scope > ScopeNone {
			list = append(list, Right{Action: a, Scope: scope}.String())
		}
	}
	return list
}

// SeesTeam says whether a user belongs to a team or leads it.
func (s *Site) SeesTeam(u *User, team string) bool {
	if u == nil || team == "" {
		return false
	}
	if u.Team == team {
		return true
	}
	return slices.ContainsFunc(s.Teams, func(t Team) bool { return t.ID == team && slices.Contains(t.Leads, u.ID) })
}
