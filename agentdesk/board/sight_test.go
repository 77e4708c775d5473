package board

import (
	"testing"

	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/configs"
)

// Who may see the same shares one board: it is worked out and encoded once.
func TestWhoSeesTheSameSharesABoard(t *testing.T) {
	site := view.Site{Site: &configs.Site{}}
	of := func(scope, unmask configs.Scope) sight {
		return sightOf(&web.Principal{
			Site: site, Agent: &configs.Agent{ID: "amy"}, Rights: web.Grants{web.ReadBoard: scope, web.UnmaskNumber: unmask},
		})
	}
	all := of(configs.ScopeAll, configs.ScopeAll)
	if all != of(configs.ScopeAll, configs.ScopeAll) {
		t.Error("two who see everything have a board each")
	}
	for what, other := range map[string]sight{
		"whom numbers are hidden from": of(configs.ScopeAll, configs.ScopeNone),
		"who sees the own row only":    of(configs.ScopeOwn, configs.ScopeAll),
	} {
		if other == all {
			t.Errorf("%s shares the board of who sees everything", what)
		}
	}
}
