package agentdesk

import (
	"fmt"
	"slices"
	"testing"

	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// may gives the agents of a site another scope.
func (r *rig) may(action string, scope configs.Scope) {
	role := r.line.site.Roles["agent"]
	role.Rights = slices.DeleteFunc(slices.Clone(role.Rights), func(x configs.Right) bool { return x.Action == action })
	role.Rights = append(role.Rights, configs.Right{Action: action, Scope: scope})
	r.line.site.Roles["agent"] = role
}

// Whoever sees a part only gets whole pages of it: what others have is left out by the query, not after it.
func TestAPageIsFullThoughOthersHaveTheNewest(t *testing.T) {
	r := newRig(t)
	kind := r.line.site.TicketKinds[0].ID
	for i := range 3 {
		for _, of := range []string{"amy", "ben", "ben", "ben"} { // of ben are the newest, and more
			user := call.UserID(of)
			r.customer(store.Customer{Name: fmt.Sprint(of, i), AccountManager: user})
			_, err := r.st.CreateTicket(t.Context(), store.NewTicket{
				Ticket: store.Ticket{Kind: kind, Subject: of, Owner: user, CreatedBy: user}, Series: "C-1",
			}, user)
			if err != nil {
				t.Fatal(err)
			}
		}
		r.logged(finished(call.ID(fmt.Sprint("a", i)), "amy", i), finished(call.ID(fmt.Sprint("b", i)), "zoe", 10+i))
	}
	for _, scope := range []configs.Scope{configs.ScopeOwn, configs.ScopeTeam} {
		for list, action := range map[string]string{"/tickets": web.ReadTicket, "/customers": web.ReadCustomer, "/calls": web.ReadCall} {
			r.may(action, scope)
			if scope == configs.ScopeTeam { // all the demo's agents are of one team: take ben out
				r.line.site.User("ben").Team = "elsewhere"
			}
			amy := r.as("amy")
			first := amy.get(list + "?limit=2").want(200)
			if first.len("items") != 2 || first.at("next") == nil {
				t.Errorf("%s, scope %v: a page of 2 has %d: %s", list, scope, first.len("items"), first.body)
				continue
			}
			rest := amy.get(list + "?limit=2&cursor=" + first.str("next")).want(200)
			if rest.len("items") != 1 || rest.at("next") != nil {
				t.Errorf("%s, scope %v: then %s", list, scope, rest.body)
			}
		}
	}
}
