package storetest

import (
	"testing"
	"time"

	"github.com/linedesk/linedesk/store"
)

// Users is the suite for store.Users.
func Users(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	amy := store.User{
		ID: "amy", Name: map[string]string{"en": "Amy", "zh-CN": "艾米"}, PasswordHash: "$argon2id$…", Roles: []string{"agent"},
		Agent: "amy", Team: "one", Language: "zh-CN", Theme: "dark",
	}
	t.Run("what is put is there", func(t *testing.T) {
		st := open(t)
		ok(t, st.PutUser(ctx, amy))
		same(t, must(st.User(ctx, "amy"))(t), amy)
		_, err := st.User(ctx, "nobody")
		fails(t, err, store.ErrNotFound)
	})
	t.Run("put again replaces, but an empty hash keeps the password", func(t *testing.T) {
		st := open(t)
		ok(t, st.PutUser(ctx, amy))
		next := amy
		next.PasswordHash, next.Roles, next.Disabled = "", []string{"agent", "lead"}, true
		ok(t, st.PutUser(ctx, next))
		want := next
		want.PasswordHash = amy.PasswordHash
		same(t, must(st.User(ctx, "amy"))(t), want)
	})
	t.Run("list is by ID", func(t *testing.T) {
		st := open(t)
		if got := must(st.Users(ctx))(t); len(got) != 0 {
			t.Fatalf("got %v in an empty store", got)
		}
		ben := store.User{ID: "ben", Name: map[string]string{}, Roles: []string{}}
		ok(t, st.PutUser(ctx, ben))
		ok(t, st.PutUser(ctx, amy))
		same(t, must(st.Users(ctx))(t), []store.User{amy, ben})
	})
	t.Run("password and preferences change alone", func(t *testing.T) {
		st := open(t)
		ok(t, st.PutUser(ctx, amy))
		ok(t, st.SetPasswordHash(ctx, "amy", "other"))
		ok(t, st.SetPreferences(ctx, "amy", "en", ""))
		want := amy
		want.PasswordHash, want.Language, want.Theme = "other", "en", ""
		same(t, must(st.User(ctx, "amy"))(t), want)
		fails(t, st.SetPasswordHash(ctx, "nobody", "x"), store.ErrNotFound)
		fails(t, st.SetPreferences(ctx, "nobody", "en", ""), store.ErrNotFound)
	})
	t.Run("an ID that is no plain text is refused, and finds nobody", func(t *testing.T) {
		st := open(t)
		fails(t, st.PutUser(ctx, store.User{ID: "a\x00b"}), store.ErrInvalid)
		fails(t, st.PutUser(ctx, store.User{}), store.ErrInvalid)
		_, err := st.User(ctx, "a\x00\xffb")
		fails(t, err, store.ErrNotFound)
	})
}

// Sessions is the suite for store.Sessions.
func Sessions(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	session := func(token string, expires time.Time) store.Session {
		return store.Session{TokenHash: store.HashToken(token), User: "amy", CreatedAt: day, LastSeen: day, Expires: expires}
	}
	t.Run("what is made is there, by its token's hash", func(t *testing.T) {
		st := open(t)
		s := session("secret", day.Add(time.Hour))
		ok(t, st.CreateSession(ctx, s))
		same(t, must(st.Session(ctx, store.HashToken("secret")))(t), s)
		_, err := st.Session(ctx, store.HashToken("other"))
		fails(t, err, store.ErrNotFound)
		_, err = st.Session(ctx, "\x00\xff")
		fails(t, err, store.ErrNotFound)
		fails(t, st.CreateSession(ctx, s), store.ErrExists)
	})
	t.Run("touch moves its times", func(t *testing.T) {
		st := open(t)
		s := session("secret", day.Add(time.Hour))
		ok(t, st.CreateSession(ctx, s))
		s.LastSeen, s.Expires = day.Add(time.Minute), day.Add(2*time.Hour)
		ok(t, st.TouchSession(ctx, s.TokenHash, s.LastSeen, s.Expires))
		same(t, must(st.Session(ctx, s.TokenHash))(t), s)
		fails(t, st.TouchSession(ctx, "gone", day, day), store.ErrNotFound)
	})
	t.Run("ending one, all of a user, all that expired", func(t *testing.T) {
		st := open(t)
		for i, token := range []string{"a", "b", "c"} {
			ok(t, st.CreateSession(ctx, session(token, day.Add(time.Duration(i)*time.Hour))))
		}
		ok(t, st.DeleteSession(ctx, store.HashToken("b")))
		ok(t, st.DeleteSession(ctx, store.HashToken("b")))
		if n := must(st.DeleteExpiredSessions(ctx, day))(t); n != 1 {
			t.Fatalf("%d expired, want 1: the one that ends just now", n)
		}
		must(st.Session(ctx, store.HashToken("c")))(t)
		ok(t, st.DeleteUserSessions(ctx, "amy"))
		_, err := st.Session(ctx, store.HashToken("c"))
		fails(t, err, store.ErrNotFound)
	})
}
