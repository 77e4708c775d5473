package rows

import (
	"context"
	"fmt"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const userColumns = "id, name, password_hash, roles, agent, team, language, theme, disabled"

func scanUser(r Rows) (u store.User, err error) {
	err = r.Scan(&u.ID, fromJSON{&u.Name}, &u.PasswordHash, fromJSON{&u.Roles}, &u.Agent, &u.Team, &u.Language, &u.Theme, &u.Disabled)
	return u, err
}

// User implements store.Users.
func (db *DB) User(ctx context.Context, id call.UserID) (store.User, error) {
	u, err := one(ctx, db.conn, scanUser, "SELECT "+userColumns+" FROM users WHERE id = $1", store.CleanID(id))
	if err != nil {
		return u, fmt.Errorf("user %s: %w", id, err)
	}
	return u, nil
}

// Users implements store.Users.
func (db *DB) Users(ctx context.Context) ([]store.User, error) {
	us, err := list(ctx, db.conn, scanUser, "SELECT "+userColumns+" FROM users ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return us, nil
}

// PutUser implements store.Users.
func (db *DB) PutUser(ctx context.Context, u store.User) error {
	if err := checkID("user", u.ID); err != nil {
		return err
	}
	u = u.Cleaned()
	name, err := asJSON(u.Name)
	if err != nil {
		return err
	}
	roles, err := asJSON(u.Roles)
	if err != nil {
		return err
	}
	const sql = "INSERT INTO users (" + userColumns + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)" +
		" ON CONFLICT (id) DO UPDATE SET name = excluded.name, roles = excluded.roles, agent = excluded.agent," +
		" team = excluded.team, language = excluded.language, theme = excluded.theme, disabled = excluded.disabled," +
		" password_hash = CASE WHEN excluded.password_hash = '' THEN users.password_hash ELSE excluded.password_hash END"
	return db.write(ctx, "put user", func(ctx context.Context, tx Tx) error {
		_, err := tx.Exec(ctx, sql, string(u.ID), name, u.PasswordHash, roles, string(u.Agent), u.Team, u.Language, u.Theme, u.Disabled)
		return err
	})
}

// SetPasswordHash implements store.Users.
func (db *DB) SetPasswordHash(ctx context.Context, id call.UserID, hash string) error {
	return db.write(ctx, "set password", func(ctx context.Context, tx Tx) error {
		return affected(tx.Exec(ctx, "UPDATE users SET password_hash = $2 WHERE id = $1", store.CleanID(id), store.CleanLine(hash)))
	})
}

// SetPreferences implements store.Users.
func (db *DB) SetPreferences(ctx context.Context, id call.UserID, language, theme string) error {
	return db.write(ctx, "set preferences", func(ctx context.Context, tx Tx) error {
		return affected(tx.Exec(ctx, "UPDATE users SET language = $2, theme = $3 WHERE id = $1",
			store.CleanID(id), store.CleanLine(language), store.CleanLine(theme)))
	})
}
