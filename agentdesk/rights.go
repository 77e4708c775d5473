package agentdesk

import (
	"github.com/linedesk/linedesk/configs"
)

// Access is what a route or command asks for: nothing, being signed in, or a right of [configs.Actions] at
// any scope. The handler narrows by the scope. The zero value lets nobody in.
type Access struct {
	kind   accessKind
	action string
}

type accessKind int

const (
	denied accessKind = iota
	public
	signedIn
	byRight
)

var (
	anyone  = Access{kind: public}
	anyUser = Access{kind: signedIn}
)

// needs asks for a right, "verb:object".
func needs(action string) Access { return Access{kind: byRight, action: action} }

func (a Access) String() string {
	switch a.kind {
	case public:
		return "anyone"
	case signedIn:
		return "signed in"
	case byRight:
		return a.action
	case denied:
	}
	return "nobody"
}

// The rights that routes and commands ask for.
const (
	useDesk       = "use:desk"
	readBoard     = "read:board"
	readCall      = "read:call"
	dialCall      = "dial:call"
	controlCall   = "control:call"
	playRecording = "play:recording"
	readCustomer  = "read:customer"
	writeCustomer = "write:customer"
	unmaskNumber  = "unmask:number"
	readTicket    = "read:ticket"
	writeTicket   = "write:ticket"
	readAgent     = "read:agent"
	controlAgent  = "control:agent"
	readQueue     = "read:queue"
	readMetrics   = "read:metrics"
)

// grants are a user's rights: for each the widest scope of the user's roles. What is not in it is denied.
type grants map[string]configs.Scope

// grantsOf joins the roles' rights. A role that the site does not have grants nothing.
func grantsOf(s *configs.Site, roles []string) grants {
	g := grants{}
	for _, role := range roles {
		for _, r := range s.Roles[role].Rights {
			g[r.Action] = max(g[r.Action], r.Scope)
		}
	}
	return g
}

// allows tells whether the rights open a route.
func (g grants) allows(a Access) bool {
	switch a.kind {
	case public, signedIn:
		return true
	case byRight:
		return g[a.action] > configs.ScopeNone
	case denied:
	}
	return false
}
