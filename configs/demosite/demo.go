// Package demosite makes the demo: the site of configs/demo with as many agents as asked for, its customers
// and their history. Who may call it: the binary's demo command, and tests that need a whole site.
package demosite

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/store"
)

// The demo has so many agents unless told otherwise, and at most so many: extensions have four digits.
const (
	DefaultAgents  = 20
	MaxAgents      = 2999
	firstExtension = 1001
)

// Options are what "linedesk demo" can change of the demo site.
type Options struct {
	// Agents is how many there are, with the extensions 1001 and up: 1 to 2999; 0 is 20.
	Agents int
	// AgentsAt, as HOST:PORT, stations every agent at sip:EXT@HOST:PORT: signed in, ready, without
	// wrap-up and ping, and missed calls don't count. For load tests. Empty: no stations.
	AgentsAt string
	// TrunkAddr is where calls leave to. The zero value keeps 127.0.0.1:5080.
	TrunkAddr netip.AddrPort
}

// Site gives the demo site as the options change it, and its documents.
func Site(o Options) (*configs.Site, []store.Document, error) {
	if o.Agents == 0 {
		o.Agents = DefaultAgents
	}
	if o.Agents < 1 || o.Agents > MaxAgents {
		return nil, nil, fmt.Errorf("the demo cannot have %d agents: write a number from 1 to %d", o.Agents, MaxAgents)
	}
	if o.AgentsAt != "" && !hostPort.MatchString(o.AgentsAt) {
		return nil, nil, fmt.Errorf("agents cannot be at %q: write HOST:PORT, such as 127.0.0.1:5070", o.AgentsAt)
	}
	docs, err := load.Documents(configs.DemoFS(), configs.DemoDir)
	if err != nil {
		return nil, nil, fmt.Errorf("read the demo site: %w", err)
	}
	site, problems := load.FromDocuments(docs)
	if err := problems.Err(); err != nil {
		return nil, nil, fmt.Errorf("read the demo site: %w", err)
	}
	if o.Agents != DefaultAgents || o.AgentsAt != "" {
		o.people(site)
		docs = set(docs, "users", map[string]any{"users": site.Users})
		docs = set(docs, "agents", map[string]any{"agents": site.Agents})
		docs = set(docs, "extensions", map[string]any{"extensions": site.Extensions})
	}
	if o.TrunkAddr.IsValid() {
		for i := range site.Trunks {
			site.Trunks[i].Host = o.TrunkAddr.String()
		}
		docs = set(docs, "trunks", map[string]any{"trunks": site.Trunks})
	}
	site, problems = load.FromDocuments(docs)
	if err := problems.Err(); err != nil {
		return nil, nil, fmt.Errorf("change the demo site: %w", err)
	}
	return site, docs, nil
}

var hostPort = regexp.MustCompile(`^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$`)

// people makes as many agents as asked for, each with a user and an extension.
func (o Options) people(s *configs.Site) {
	users := s.Users[:0:0]
	for _, u := range s.Users {
		if s.AgentOf(u.ID) == nil {
			users = append(users, u)
		}
	}
	agents, extensions := s.Agents[:0:0], s.Extensions[:0:0]
	for i := range o.Agents {
		agent, user, ext := o.person(s, i)
		users, agents, extensions = append(users, user), append(agents, agent), append(extensions, ext)
	}
	s.Users, s.Agents, s.Extensions = users, agents, extensions
	for i := range s.Teams {
		s.Teams[i].Leads = append([]call.UserID{}, s.Teams[i].Leads...)
	}
}

// person gives the demo's i-th agent: one that the folder has, or one like those.
func (o Options) person(s *configs.Site, i int) (configs.Agent, configs.User, configs.Extension) {
	ext := call.Extension(fmt.Sprint(firstExtension + i))
	agent, user := configs.Agent{}, configs.User{}
	if i < len(s.Agents) {
		agent = s.Agents[i]
		user = *s.User(agent.User)
	} else {
		last := s.Agents[len(s.Agents)-1]
		id := "agent" + string(ext)
		user = *s.User(last.User)
		user.ID, user.Password = call.UserID(id), "demo-"+id
		user.Names = configs.Names{"en": "Agent " + string(ext), "zh-CN": "坐席 " + string(ext)}
		agent = last
		agent.ID, agent.User, agent.Extension = call.AgentID(id), user.ID, ext
	}
	if o.AgentsAt != "" {
		agent.Station = "sip:" + string(ext) + "@" + o.AgentsAt
		agent.SignedIn, agent.NoWrapUp, agent.MissesDontCount = true, true, true
	}
	return agent, user, configs.Extension{Ext: ext, Password: "demo-" + string(ext)}
}

// set puts other documents of a kind in the place of those that are there.
func set(docs []store.Document, kind string, content any) []store.Document {
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(content); err != nil {
		panic(err) // structs of ours, without pointers
	}
	fresh, err := load.DocumentsOf(kind, b.String())
	if err != nil {
		panic(err) // as before
	}
	docs = slices.DeleteFunc(docs, func(d store.Document) bool { return Of(d, kind) })
	return append(docs, fresh...)
}

// Of tells whether a document is one of a kind's, its items' or its layout.
func Of(d store.Document, kind string) bool {
	return d.Kind == kind || d.Kind == load.KindLayout && d.Name == kind
}
