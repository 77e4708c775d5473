package rows

import (
	"context"
	"fmt"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const sessionColumns = "token_hash, user_id, created_at, last_seen, expires_at"

func scanSession(r Rows) (s store.Session, err error) {
	err = r.Scan(&s.TokenHash, &s.User, at{&s.CreatedAt}, at{&s.LastSeen}, at{&s.Expires})
	return s, err
}

// CreateSession implements store.Sessions.
func (db *DB) CreateSession(ctx context.Context, s store.Session) error {
	return db.write(ctx, "create session", func(ctx context.Context, tx Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO sessions ("+sessionColumns+") VALUES ($1, $2, $3, $4, $5)",
			store.CleanID(s.TokenHash), store.CleanID(s.User), micro(s.CreatedAt), micro(s.LastSeen), micro(s.Expires))
		if db.conn.IsDuplicate(err) {
			return store.ErrExists
		}
		return err
	})
}

// Session implements store.Sessions. The hash may be of whatever a client sent as its token.
func (db *DB) Session(ctx context.Context, tokenHash string) (store.Session, error) {
	s, err := one(ctx, db.conn, scanSession, "SELECT "+sessionColumns+" FROM sessions WHERE token_hash = $1", store.CleanID(tokenHash))
	if err != nil {
		return s, fmt.Errorf("session: %w", err)
	}
	return s, nil
}

// TouchSession implements store.Sessions.
func (db *DB) TouchSession(ctx context.Context, tokenHash string, seen, expires time.Time) error {
	return db.write(ctx, "touch session", func(ctx context.Context, tx Tx) error {
		return affected(tx.Exec(ctx, "UPDATE sessions SET last_seen = $2, expires_at = $3 WHERE token_hash = $1",
			store.CleanID(tokenHash), micro(seen), micro(expires)))
	})
}

// DeleteSession implements store.Sessions.
func (db *DB) DeleteSession(ctx context.Context, tokenHash string) error {
	return db.write(ctx, "delete session", func(ctx context.Context, tx Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM sessions WHERE token_hash = $1", store.CleanID(tokenHash))
		return err
	})
}

// DeleteUserSessions implements store.Sessions.
func (db *DB) DeleteUserSessions(ctx context.Context, user call.UserID) error {
	return db.write(ctx, "delete a user's sessions", func(ctx context.Context, tx Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM sessions WHERE user_id = $1", store.CleanID(user))
		return err
	})
}

// DeleteExpiredSessions implements store.Sessions.
func (db *DB) DeleteExpiredSessions(ctx context.Context, now time.Time) (int, error) {
	var gone int64
	err := db.write(ctx, "delete expired sessions", func(ctx context.Context, tx Tx) (err error) {
		gone, err = tx.Exec(ctx, "DELETE FROM sessions WHERE expires_at <= $1", micro(now))
		return err
	})
	return int(gone), err
}
