package web

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// contentPolicy lets pages load what the server itself serves and nothing else. Style attributes are
// allowed, style elements and scripts within a page are not; sound is made of blobs.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// handler is the mux with everything around it, outermost first: figures and panics, headers, origin.
func (s *Server) handler() http.Handler {
	return s.measured(secured(s.protected(s.mux)))
}

// secured sets the headers that every answer carries.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "microphone=(self), speaker-selection=(self), camera=(), geolocation=(), payment=(), usb=()")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// measured counts and times requests, and keeps a panic to the one request it happened in.
func (s *Server) measured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() { //nolint:contextcheck // the request's own
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
					panic(p)
				}
				s.log.ErrorContext(r.Context(), "panic in a request", slog.String("method", r.Method),
					slog.String("route", r.Pattern), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
				if rec.status == 0 {
					WriteProblem(rec, NewProblem(http.StatusInternalServerError, proto.CodeFailed, "the server made a mistake; its log says which"))
				}
			}
			if !rec.hijacked {
				s.metrics.request(r, rec.status, time.Since(start))
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	status   int
	hijacked bool
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Hijack hands the connection to the websocket.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h, ok := r.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("this connection cannot become a websocket")
	}
	r.hijacked = true
	return h.Hijack()
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// origins knows whose pages may use the server.
type origins struct {
	trusted map[string]bool
	cross   *http.CrossOriginProtection
}

func newOrigins(trusted []string) (*origins, error) {
	o := &origins{trusted: map[string]bool{}, cross: http.NewCrossOriginProtection()}
	for _, t := range trusted {
		if err := o.cross.AddTrustedOrigin(t); err != nil {
			return nil, fmt.Errorf("trusted origin %q: write it as https://host or https://host:port: %w", t, err)
		}
		o.trusted[strings.ToLower(t)] = true
	}
	o.cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		WriteProblem(w, NewProblem(http.StatusForbidden, proto.CodeForeignOrigin, "a page from elsewhere may not do this"))
	}))
	return o, nil
}

// protected refuses what pages of other sites make a browser send (cross-site request forgery).
func (s *Server) protected(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.origins.Load().cross.Handler(next).ServeHTTP(w, r)
	})
}

// same tells whether the request comes from a page of this server or of a trusted origin. A websocket
// handshake is a GET, which the protection above lets pass; so it asks this, and a missing Origin is no.
func (o *origins) same(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if o.trusted[strings.ToLower(origin)] {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" {
		return false
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return u.Scheme == scheme && strings.EqualFold(u.Host, r.Host)
}
