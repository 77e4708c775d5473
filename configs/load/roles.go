package load

import (
	"maps"
	"slices"
	"strings"

	"github.com/linedesk/linedesk/configs"
)

// roleDoc is what people of one kind may do: rights, written verb:object, by whose things they are about. What is
// not listed is not allowed.
type roleDoc struct {
	Names configs.Names `yaml:"names" check:"required"` // what people see, per language
	Own   []string      `yaml:"own,omitempty"`          // about the user's own
	Team  []string      `yaml:"team,omitempty"`         // about those of the user's team, or of teams that the user leads
	All   []string      `yaml:"all,omitempty"`          // about everybody's
}

// role takes the highest scope that each action is given.
func (r roleDoc) role() configs.Role {
	highest := map[string]configs.Scope{}
	for scope, list := range map[configs.Scope][]string{configs.ScopeOwn: r.Own, configs.ScopeTeam: r.Team, configs.ScopeAll: r.All} {
		for _, a := range list {
			highest[a] = max(highest[a], scope)
		}
	}
	role := configs.Role{Names: r.Names}
	for _, a := range slices.Sorted(maps.Keys(highest)) {
		role.Rights = append(role.Rights, configs.Right{Action: a, Scope: highest[a]})
	}
	return role
}

// checkActions notes rights that nobody can have.
func (d *document) checkActions(list []string, path ...any) {
	actions := configs.Actions()
	for i, a := range list {
		if _, ok := actions[a]; ok {
			continue
		}
		p := params{"what": "right", "name": a, "known": strings.Join(slices.Sorted(maps.Keys(actions)), ", ")}
		if near := nearest(a, slices.Collect(maps.Keys(actions))); near != "" {
			p["near"] = near
		}
		d.add(configs.UnknownName, p, append(slices.Clone(path), i)...)
	}
}
