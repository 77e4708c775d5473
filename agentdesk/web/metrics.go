package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/configs"
)

// metrics are the figures of HTTP and websockets; the rooms have theirs, see [Server.Registry].
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	signIns  *prometheus.CounterVec
	closes   *prometheus.CounterVec
	commands *prometheus.HistogramVec
	handler  http.Handler
}

func newMetrics(s *Server, reg *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "linedesk_http_requests_total", Help: "HTTP requests by route and status class.",
		}, []string{"route", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "linedesk_http_request_seconds", Help: "Time to answer an HTTP request.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"route"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "linedesk_sign_ins_total", Help: "Sign-ins by result: ok, wrong, limited.",
		}, []string{"result"}),
		closes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "linedesk_websocket_closed_total", Help: "Websockets closed, by code.",
		}, []string{"code"}),
		commands: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "linedesk_desk_command_seconds", Help: "Time to carry out a desk's command.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"command"}),
		handler: promhttp.HandlerFor(reg, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}),
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "linedesk_websockets", Help: "Open websockets.",
	}, func() float64 { return float64(s.sockets.count()) })
	for _, c := range []prometheus.Collector{
		m.requests, m.seconds, m.signIns, m.closes, m.commands, open,
	} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	// Whoever gave the registry may have put these in.
	_ = reg.Register(collectors.NewGoCollector())
	_ = reg.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m, nil
}

func (m *metrics) request(r *http.Request, status int, took time.Duration) {
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status/100)+"xx").Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// serveMetrics answers programs on this machine, and elsewhere users with the right to.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if !sourceOf(r).IsLoopback() || r.Header.Get("X-Forwarded-For") != "" {
		who, err := s.authenticate(r)
		if err == nil && who.Rights[ReadMetrics] == configs.ScopeNone {
			err = who.Admit(Needs(ReadMetrics))
		}
		if err != nil {
			WriteProblem(w, s.AsProblem(r.Context(), err))
			return
		}
	}
	s.metrics.handler.ServeHTTP(w, r)
}

func serveHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n"))
}

var errDatabaseAway = errors.New("the database is away; the log says why")

// serveReady says whether a call could be taken now.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	err := s.ready()
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if away := s.store.Ping(ctx); away != nil { // its words name hosts and users: they are for the log
			s.log.WarnContext(ctx, "not ready: the database is away", slog.Any("error", away))
			err = errDatabaseAway
		}
	}
	if err != nil {
		WriteProblem(w, NewProblem(http.StatusServiceUnavailable, proto.CodeNotReady, err.Error()))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ready\n"))
}
