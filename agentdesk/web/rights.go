package web

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

// Access for everybody, and for everybody who is signed in.
var (
	Anyone   = Access{kind: public}
	SignedIn = Access{kind: signedIn}
)

// Needs asks for a right, "verb:object".
func Needs(action string) Access { return Access{kind: byRight, action: action} }

// Public tells whether it takes no sign-in.
func (a Access) Public() bool { return a.kind == public }

// Nobody tells whether it lets nobody in: somebody forgot to say whom.
func (a Access) Nobody() bool { return a.kind == denied }

// Right is the right that it asks for, "" if none.
func (a Access) Right() string { return a.action }

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
	UseDesk       = "use:desk"
	ReadBoard     = "read:board"
	ReadCall      = "read:call"
	DialCall      = "dial:call"
	ControlCall   = "control:call"
	PlayRecording = "play:recording"
	ReadCustomer  = "read:customer"
	WriteCustomer = "write:customer"
	UnmaskNumber  = "unmask:number"
	ReadTicket    = "read:ticket"
	WriteTicket   = "write:ticket"
	ReadAgent     = "read:agent"
	ControlAgent  = "control:agent"
	ReadQueue     = "read:queue"
	ReadAudit     = "read:audit"
	ReadMetrics   = "read:metrics"
)

// Grants are a user's rights: for each the widest scope of the user's roles. What is not in it is denied.
type Grants map[string]configs.Scope

// grantsOf joins the roles' rights. A role that the site does not have grants nothing.
func grantsOf(s *configs.Site, roles []string) Grants {
	g := Grants{}
	for _, role := range roles {
		for _, r := range s.Roles[role].Rights {
			g[r.Action] = max(g[r.Action], r.Scope)
		}
	}
	return g
}

// allows tells whether the rights open a route.
func (g Grants) allows(a Access) bool {
	switch a.kind {
	case public, signedIn:
		return true
	case byRight:
		return g[a.action] > configs.ScopeNone
	case denied:
	}
	return false
}
