package web

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const (
	sessionLife = 12 * time.Hour   // from sign-in, whatever happens: one long shift
	sessionIdle = 30 * time.Minute // without a request and without an open desk or board
	// sessionFresh is how long a session and its user are believed without asking the database.
	sessionFresh = 5 * time.Second
	// touchEvery bounds how often the use of a session is written down.
	touchEvery = time.Minute

	cookiePlain  = "linedesk_session"        // http, on loopback
	cookieSecure = "__Host-linedesk_session" // https: bound to this host (RFC 6265bis, 4.1.3.2)

	sessionsKept = 50_000 // in memory
)

var errNoSession = errors.New("no such session")

// session is a signed-in browser or program.
type session struct {
	hash string // of the token; also its name towards the switchboard
	user store.User

	created, seen, expires time.Time
	checked                time.Time // against the database
	written                time.Time // when its use was last written there
}

// sessions knows who is signed in. The database holds them, memory the ones in use: with the database
// away, who is signed in stays so.
type sessions struct {
	db  store.Store
	now func() time.Time
	log *slog.Logger

	mu   sync.Mutex
	held map[string]*session // by token hash; the values are replaced, never changed
	// ended keeps a session that was ended from coming back by a request that was under way.
	ended map[string]time.Time
}

func newSessions(db store.Store, now func() time.Time, log *slog.Logger) *sessions {
	return &sessions{db: db, now: now, log: log, held: map[string]*session{}, ended: map[string]time.Time{}}
}

// create begins a session and gives its token: 256 bits of chance.
func (ss *sessions) create(ctx context.Context, u store.User) (token string, s *session, err error) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	token = base64.RawURLEncoding.EncodeToString(raw[:])
	now := ss.now()
	s = &session{
		hash: store.HashToken(token), user: u, created: now, seen: now, checked: now, written: now,
		expires: now.Add(sessionLife),
	}
	err = ss.db.CreateSession(ctx, store.Session{
		TokenHash: s.hash, User: u.ID, CreatedAt: now, LastSeen: now, Expires: s.expires,
	})
	if err != nil {
		return "", nil, err
	}
	ss.hold(s)
	return token, s, nil
}

func (ss *sessions) hold(s *session) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if _, over := ss.ended[s.hash]; over {
		return
	}
	if len(ss.held) >= sessionsKept {
		clear(ss.held) // they are read again when used
	}
	ss.held[s.hash] = s
}

// find gives the session of a token, errNoSession if it is over or never was.
func (ss *sessions) find(ctx context.Context, token string) (*session, error) {
	return ss.byHash(ctx, store.HashToken(token))
}

func (ss *sessions) byHash(ctx context.Context, hash string) (*session, error) {
	now := ss.now()
	ss.mu.Lock()
	s := ss.held[hash]
	_, over := ss.ended[hash]
	ss.mu.Unlock()
	if over {
		return nil, errNoSession
	}
	if s == nil || now.Sub(s.checked) > sessionFresh {
		fresh, err := ss.read(ctx, hash, s)
		switch {
		case errors.Is(err, store.ErrNotFound):
			ss.forget(hash)
			return nil, errNoSession
		case err != nil && s == nil:
			return nil, err
		case err != nil: // the database is away: believe what we knew
			ss.log.WarnContext(ctx, "session not checked against the database", slog.Any("error", err))
		default:
			s = fresh
		}
	}
	if !now.Before(s.expires) || now.Sub(s.seen) > sessionIdle || s.user.Disabled {
		ss.end(ctx, hash)
		return nil, errNoSession
	}
	return ss.use(ctx, s, now), nil
}

// read gets session and user from the database. What memory knows of its use may be newer.
func (ss *sessions) read(ctx context.Context, hash string, known *session) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	row, err := ss.db.Session(ctx, hash)
	if err != nil {
		return nil, err
	}
	u, err := ss.db.User(ctx, row.User)
	if err != nil {
		return nil, err
	}
	s := &session{
		hash: hash, user: u, created: row.CreatedAt, seen: row.LastSeen, expires: row.Expires,
		checked: ss.now(), written: row.LastSeen,
	}
	if known != nil && known.seen.After(s.seen) {
		s.seen = known.seen
	}
	return s, nil
}

// use notes that a session was used.
func (ss *sessions) use(ctx context.Context, s *session, now time.Time) *session {
	next := *s
	next.seen = now
	if now.Sub(s.written) >= touchEvery {
		next.written = now
		if err := ss.db.TouchSession(ctx, s.hash, now, s.expires); err != nil {
			ss.log.WarnContext(ctx, "use of a session not written down", slog.Any("error", err))
		}
	}
	ss.hold(&next)
	return &next
}

func (ss *sessions) forget(hash string) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	delete(ss.held, hash)
}

// forgetUser makes a user's sessions be read again at their next use.
func (ss *sessions) forgetUser(id call.UserID) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for hash, s := range ss.held {
		if s.user.ID == id {
			delete(ss.held, hash)
		}
	}
}

// end ends a session. In memory it is over at once, whatever the database says.
func (ss *sessions) end(ctx context.Context, hash string) {
	ss.mu.Lock()
	delete(ss.held, hash)
	ss.ended[hash] = ss.now()
	ss.mu.Unlock()
	if err := ss.db.DeleteSession(ctx, hash); err != nil {
		ss.log.WarnContext(ctx, "session not deleted", slog.Any("error", err))
	}
}

// tidy removes expired sessions now and then.
func (ss *sessions) tidy(ctx context.Context) {
	t := time.NewTicker(10 * time.Minute)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			ss.mu.Lock()
			for hash, at := range ss.ended {
				if ss.now().Sub(at) > sessionLife {
					delete(ss.ended, hash)
				}
			}
			ss.mu.Unlock()
			if _, err := ss.db.DeleteExpiredSessions(ctx, ss.now()); err != nil {
				ss.log.WarnContext(ctx, "expired sessions not removed", slog.Any("error", err))
			}
		}
	}
}

// tokenOf finds the token that a request carries; bearer says that it came in the Authorization header,
// which no other site can make a browser send.
func tokenOf(r *http.Request) (token string, bearer bool) {
	if scheme, rest, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(rest), true
	}
	if c, err := r.Cookie(cookieName(r)); err == nil {
		return c.Value, false
	}
	return "", false
}

func cookieName(r *http.Request) string {
	if r.TLS != nil {
		return cookieSecure
	}
	return cookiePlain
}

// sessionCookie makes the cookie; an empty token makes the one that removes it.
func sessionCookie(r *http.Request, token string) *http.Cookie {
	c := &http.Cookie{
		Name: cookieName(r), Value: token, Path: "/", HttpOnly: true, Secure: r.TLS != nil,
		SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLife / time.Second),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
