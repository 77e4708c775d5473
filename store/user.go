package store

import "github.com/linedesk/linedesk/call"

// User is a person who may sign in. A user is not an agent: Agent names the agent this user works as.
type User struct {
	ID           call.UserID       `json:"id"`
	Name         map[string]string `json:"name"` // per language tag
	PasswordHash string            `json:"-"`    // argon2id, PHC string; empty: cannot sign in by password
	Roles        []string          `json:"roles"`
	Agent        call.AgentID      `json:"agent,omitempty"`
	Team         string            `json:"team,omitempty"`
	Language     string            `json:"language,omitempty"` // "en", "zh-CN"; empty: the browser's
	Theme        string            `json:"theme,omitempty"`    // "light", "dark"; empty: the browser's
	Disabled     bool              `json:"disabled,omitempty"`
}
