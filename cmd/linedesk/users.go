package main

import (
	"context"
	"fmt"
	"reflect"

	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// syncUsers makes the users table what the site says. Passwords that users have stay theirs; a plain
// password in the site (a demo's) counts for a user who has none yet. Who is not in the site any more can't sign
// in, and is signed out.
func syncUsers(ctx context.Context, st store.Store, site *configs.Site, demo bool) error {
	have := make(map[call.UserID]store.User)
	all, err := st.Users(ctx)
	if err != nil {
		return fmt.Errorf("read the users: %w", err)
	}
	for _, u := range all {
		have[u.ID] = u
	}
	agents := make(map[call.UserID]call.AgentID, len(site.Agents))
	for _, a := range site.Agents {
		agents[a.User] = a.ID
	}
	for _, u := range site.Users {
		old, known := have[u.ID]
		delete(have, u.ID)
		want := store.User{
			ID: u.ID, Name: u.Names, Roles: u.Roles, Agent: agents[u.ID], Team: u.Team,
			Language: u.Language, Disabled: u.Disabled,
		}
		if known {
			want.PasswordHash, want.Theme = old.PasswordHash, old.Theme
			if old.Language != "" {
				want.Language = old.Language
			}
		}
		if want.PasswordHash == "" {
			want.PasswordHash = passwordHash(u, demo)
		}
		if known && reflect.DeepEqual(old, want) {
			continue
		}
		if err := st.PutUser(ctx, want); err != nil {
			return fmt.Errorf("write user %s: %w", u.ID, err)
		}
	}
	for _, left := range have {
		if err := disable(ctx, st, left); err != nil {
			return fmt.Errorf("shut out user %s: %w", left.ID, err)
		}
	}
	return nil
}

func disable(ctx context.Context, st store.Store, u store.User) error {
	if u.Disabled {
		return nil
	}
	u.Disabled, u.Agent = true, ""
	if err := st.PutUser(ctx, u); err != nil {
		return err
	}
	return st.DeleteUserSessions(ctx, u.ID)
}

// passwordHash is the site's hash, or that of its plain password. The demo's passwords are in its
// documentation, so hashing hundreds of them may be cheap.
func passwordHash(u configs.User, demo bool) string {
	switch {
	case u.PasswordHash != "" || u.Password == "":
		return u.PasswordHash
	case demo:
		return web.HashDemoPassword(u.Password)
	}
	return web.HashPassword(u.Password)
}
