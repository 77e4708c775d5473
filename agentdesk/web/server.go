package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// Options say what the server stands on.
type Options struct {
	Listen string      // host:port; port 0 takes a free one, see [Server.Addr]
	TLS    *tls.Config // nil: plain http, fit for loopback and behind a proxy on this machine only

	Store store.Store
	Live  *live.Live
	Site  func() *configs.Site // as it is now
	// Rows waits until the rows of all records up to a number are in the database; nil: there is nobody to wait for.
	Rows  func(ctx context.Context, seq uint64) error
	Ready func() error // why no call can be taken now; nil: it can

	// Origins are web origins, besides the server's own, whose pages may use it: "https://desk.example.com".
	Origins []string
	// Registry takes the server's metrics and gives /metrics, so others may register theirs; nil: a new one.
	Registry *prometheus.Registry
	// Version of the program, for the API's description.
	Version string
	// Pages are the built web pages; nil: those built into the program.
	Pages fs.FS
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	Log *slog.Logger
}

// Server serves pages, API and websocket. Make it with [New], [Server.Add] the rooms, then [Server.Run] it once.
type Server struct {
	store store.Store
	live  *live.Live
	site  func() *configs.Site
	rows  func(ctx context.Context, seq uint64) error
	ready func() error
	now   func() time.Time
	log   *slog.Logger

	listener net.Listener
	http     *http.Server
	mux      *http.ServeMux
	api      huma.API
	routes   []Route
	commands map[string]Command
	channels map[proto.Channel]Channel
	rooms    []Room

	passwords *passwords
	failures  *failures
	sessions  *sessions
	origins   atomic.Pointer[origins]
	pages     *pages
	registry  *prometheus.Registry
	metrics   *metrics

	epoch   string // of the websocket's sequence numbers: changes with each start
	sockets *sockets
	acks    *acks
}

// Limits of the HTTP server.
const (
	headerTimeout  = 5 * time.Second
	requestTimeout = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	headerBytes    = 32 << 10
	bodyBytes      = 256 << 10
)

// New binds the address and prepares everything; nothing is answered before [Server.Run].
func New(o Options) (*Server, error) {
	s := &Server{
		store: o.Store, live: o.Live, site: o.Site, rows: o.Rows, ready: o.Ready, now: o.Now, log: o.Log, registry: o.Registry,
		mux: http.NewServeMux(), commands: map[string]Command{}, channels: map[proto.Channel]Channel{}, passwords: newPasswords(),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if o.Pages == nil {
		o.Pages = Dist()
	}
	if s.registry == nil {
		s.registry = prometheus.NewRegistry()
	}
	var err error
	if s.pages, err = newPages(o.Pages); err != nil {
		return nil, fmt.Errorf("read the web pages: %w", err)
	}
	if err = s.TrustOrigins(o.Origins); err != nil {
		return nil, err
	}
	s.failures = newFailures(s.now)
	s.sessions = newSessions(o.Store, s.now, s.log)
	s.epoch = uuid.Must(uuid.NewV7()).String()
	s.acks = newAcks(s.now)
	s.sockets = newSockets()
	if s.metrics, err = newMetrics(s, s.registry); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	s.describe(o.Version)
	s.register()

	s.listener, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, bindProblem(o.Listen, err)
	}
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		TLSConfig:         o.TLS,
	}
	return s, nil
}

// bindProblem says what to do about an address that can't be had.
func bindProblem(addr string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("web address %s is in use by another program: stop that one, or choose another with --http HOST:PORT (or http.listen in linedesk.yaml): %w", addr, err)
	}
	return fmt.Errorf("web address %s cannot be used: choose another with --http HOST:PORT (or http.listen in linedesk.yaml): %w", addr, err)
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// TrustOrigins makes these the origins whose pages may use the server, besides its own. It may be called
// while the server runs; on an error it is left as it was.
func (s *Server) TrustOrigins(trusted []string) error {
	o, err := newOrigins(trusted)
	if err == nil {
		s.origins.Store(o)
	}
	return err
}

// ServeHTTP answers one request as a running server does, for tests and for who listens by other means.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.Handler.ServeHTTP(w, r) }

// Log is where the server logs.
func (s *Server) Log() *slog.Logger { return s.log }

// Now is the server's clock.
func (s *Server) Now() time.Time { return s.now() }

// Epoch names this start of the server: the channels' numbers begin anew with each.
func (s *Server) Epoch() string { return s.epoch }

// Registry takes the rooms' metrics.
func (s *Server) Registry() *prometheus.Registry { return s.registry }

// Run serves until the context ends; then it says goodbye to the open desks, lets requests finish for five
// seconds, and returns when all that it started has ended.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { s.sessions.tidy(ctx) })
	under, end := context.WithCancel(context.WithoutCancel(ctx)) // the rooms outlive the pages
	defer end()
	for _, r := range s.rooms {
		wg.Go(func() { r.Run(under) })
	}
	served := make(chan error, 1)
	wg.Go(func() {
		if s.http.TLSConfig != nil {
			served <- s.http.ServeTLS(s.listener, "", "")
			return
		}
		served <- s.http.Serve(s.listener)
	})
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	s.sockets.closeAll()
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer done()
	if shutErr := s.http.Shutdown(grace); shutErr != nil {
		_ = s.http.Close()
	}
	s.sockets.wait()
	cancel()
	end()
	wg.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve web pages: %w", err)
	}
	return nil
}
