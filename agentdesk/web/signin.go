package web

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

type signInInput struct {
	Body struct {
		User     string `json:"user" minLength:"1" maxLength:"64"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type signInOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      sessionBody
}

// sessionBody is a new session. Programs put the token into "Authorization: Bearer".
type sessionBody struct {
	User      proto.Me `json:"user"`
	Token     string   `json:"token" doc:"For Authorization: Bearer; browsers have it in their cookie"`
	ExpiresAt string   `json:"expires_at" format:"date-time"`
}

type noContent struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) registerSession() {
	Handle(s, Op{
		Method: http.MethodPost, Path: "/session", ID: "sign-in", Access: Anyone,
		Summary: "Sign in: gives a session, as cookie and as token",
		Also:    []int{http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}, s.signIn)
	Handle(s, Op{
		Method: http.MethodDelete, Path: "/session", ID: "sign-out", Access: SignedIn, Status: http.StatusNoContent,
		Summary: "Sign out: ends this session and closes its desk",
	}, s.signOut)
}

var errWrongPassword = NewProblem(http.StatusUnauthorized, proto.CodeWrongCredentials, "user or password is wrong")

// signIn answers the same, after the same work, whether the user is unknown, disabled, without a password,
// or the password is wrong.
func (s *Server) signIn(ctx context.Context, in *signInInput) (*signInOutput, error) {
	r := RequestOf(ctx)
	from := sourceOf(r)
	name := strings.ToLower(strings.TrimSpace(in.Body.User))
	if wait := s.failures.wait(from, name); wait > 0 {
		s.metrics.signIns.WithLabelValues("limited").Inc()
		p := NewProblem(http.StatusTooManyRequests, proto.CodeTooManyFailures, "too many wrong passwords: wait before the next try",
			"retry_after_ms", view.Millis(wait))
		p.retryAfter = wait
		return nil, p
	}
	u, err := s.store.User(ctx, call.UserID(name))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	hash := u.PasswordHash
	if u.Disabled {
		hash = ""
	}
	ok, weak, err := s.passwords.check(ctx, hash, in.Body.Password)
	if errors.Is(err, errBusy) {
		p := NewProblem(http.StatusServiceUnavailable, proto.CodeBusy, "too many sign-ins at once: try again")
		p.retryAfter = time.Second
		return nil, p
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		s.failures.failed(from, name)
		s.metrics.signIns.WithLabelValues("wrong").Inc()
		s.log.InfoContext(ctx, "sign-in refused", slog.String("from", from.String()))
		return nil, errWrongPassword
	}
	s.failures.succeeded(from, name)
	token, sess, err := s.sessions.create(ctx, u)
	if err != nil {
		return nil, err
	}
	if weak {
		if err := s.store.SetPasswordHash(ctx, u.ID, HashPassword(in.Body.Password)); err != nil {
			s.log.WarnContext(ctx, "weak password hash not replaced", slog.String("user", string(u.ID)), slog.Any("error", err))
		}
	}
	s.metrics.signIns.WithLabelValues("ok").Inc()
	s.log.InfoContext(ctx, "signed in", slog.String("user", string(u.ID)), slog.String("from", from.String()))
	return &signInOutput{
		SetCookie: *sessionCookie(r, token),
		Body:      sessionBody{User: s.principal(sess).me(), Token: token, ExpiresAt: view.JSONTime(sess.expires)},
	}, nil
}

func (s *Server) signOut(ctx context.Context, _ *Empty) (*noContent, error) {
	who := PrincipalOf(ctx)
	s.sessions.end(ctx, who.session.hash)
	s.sockets.closeSession(who.session.hash)
	return &noContent{SetCookie: *sessionCookie(RequestOf(ctx), "")}, nil
}

// sourceOf gives the address that the connection comes from. What a header says of it is not believed.
func sourceOf(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

// me describes the principal to its pages.
func (who *Principal) me() proto.Me {
	m := proto.Me{
		ID: string(who.User.ID), Name: maps.Clone(who.User.Name), Roles: append([]string{}, who.User.Roles...),
		Rights: append([]string{}, who.Site.Rights(who.User.Roles)...), Agent: string(who.AgentID()),
		Language: who.User.Language,
	}
	if m.Name == nil {
		m.Name = map[string]string{}
	}
	if who.Agent != nil {
		m.Extension = string(who.Agent.Extension)
	}
	return m
}
