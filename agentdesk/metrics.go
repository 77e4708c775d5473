package agentdesk

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
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/switchboard/live"
)

// metrics are the figures of this package, and of the live state, which has them for everyone.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	signIns  *prometheus.CounterVec
	closes   *prometheus.CounterVec
	commands *prometheus.HistogramVec
	lookUps  prometheus.Histogram
	resnaps  prometheus.Counter
	rtt      prometheus.Histogram
	loss     prometheus.Histogram
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
		lookUps: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "linedesk_customer_lookup_seconds", Help: "Time to look up a caller's record, calls and tickets; an offer waits 0.2 s for it.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, 1, 5},
		}),
		resnaps: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "linedesk_board_resnapshots_total", Help: "Boards that read too slowly and got a fresh snapshot.",
		}),
		rtt: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "linedesk_browser_round_trip_seconds", Help: "Round trip of browser legs, as the browsers measure it.",
			Buckets: []float64{.01, .02, .05, .1, .15, .2, .3, .5, 1},
		}),
		loss: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "linedesk_browser_loss_ratio", Help: "Packet loss of browser legs, as the browsers measure it.",
			Buckets: []float64{0, .001, .005, .01, .02, .05, .1, .3},
		}),
		handler: promhttp.HandlerFor(reg, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}),
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "linedesk_websockets", Help: "Open websockets.",
	}, func() float64 { return float64(s.sockets.count()) })
	for _, c := range []prometheus.Collector{
		m.requests, m.seconds, m.signIns, m.closes, m.commands, m.lookUps, m.resnaps, m.rtt, m.loss, open,
		liveFigures{s.live},
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

// linkQuality takes a browser's word, within what is possible.
func (m *metrics) linkQuality(q proto.LinkQuality) {
	if q.RTTMS >= 0 && q.RTTMS <= 60_000 {
		m.rtt.Observe(q.RTTMS / 1000)
	}
	if q.LossPct >= 0 && q.LossPct <= 100 {
		m.loss.Observe(q.LossPct / 100)
	}
}

// liveFigures turns the live state into metrics when they are asked for.
type liveFigures struct{ live *live.Live }

var (
	queueLabels   = []string{"queue"}
	descWaiting   = prometheus.NewDesc("linedesk_queue_waiting", "Calls that wait or ring an agent.", queueLabels, nil)
	descLongest   = prometheus.NewDesc("linedesk_queue_longest_wait_seconds", "How long the one that waits longest has waited.", queueLabels, nil)
	descOffered   = prometheus.NewDesc("linedesk_queue_offered_today", "Calls that came into the queue today.", queueLabels, nil)
	descAnswered  = prometheus.NewDesc("linedesk_queue_answered_today", "Of those, answered.", queueLabels, nil)
	descAbandoned = prometheus.NewDesc("linedesk_queue_abandoned_today", "Of those, abandoned.", queueLabels, nil)
	descLevel     = prometheus.NewDesc("linedesk_queue_service_level_ratio", "Answered in time ÷ (offered − abandoned within 5 s), today.", queueLabels, nil)
	descAgents    = prometheus.NewDesc("linedesk_agents", "Agents by status.", []string{"status"}, nil)
	descCalls     = prometheus.NewDesc("linedesk_calls", "Calls in progress by state.", []string{"state"}, nil)
	descVersion   = prometheus.NewDesc("linedesk_live_sequence", "Journal sequence number that the live figures reach to.", nil, nil)
	agentStatuses = []call.AgentStatus{call.StatusOff, call.StatusReady, call.StatusPaused, call.StatusUnreachable, call.StatusOffered, call.StatusTalking, call.StatusWrapUp, call.StatusBusy}
	callStates    = []live.State{live.StateArriving, live.StateDialling, live.StateUnreached, live.StateFlow, live.StateWaiting, live.StateOffered, live.StateTalking}
)

// Describe implements prometheus.Collector.
func (f liveFigures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descWaiting, descLongest, descOffered, descAnswered, descAbandoned, descLevel, descAgents, descCalls, descVersion,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (f liveFigures) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, q := range f.live.Queues() {
		id := string(q.ID)
		gauge(descWaiting, float64(q.Waiting), id)
		longest := 0.0
		if q.LongestWaitSince != nil {
			longest = max(0, time.Since(*q.LongestWaitSince).Seconds())
		}
		gauge(descLongest, longest, id)
		gauge(descOffered, float64(q.Offered), id)
		gauge(descAnswered, float64(q.Answered), id)
		gauge(descAbandoned, float64(q.Abandoned), id)
		if q.ServiceLevel != nil {
			gauge(descLevel, *q.ServiceLevel, id)
		}
	}
	agents := map[call.AgentStatus]int{}
	for _, a := range f.live.Agents() {
		agents[a.Status]++
	}
	for _, st := range agentStatuses {
		gauge(descAgents, float64(agents[st]), string(st))
	}
	calls := map[live.State]int{}
	for _, c := range f.live.Calls() {
		calls[c.State]++
	}
	for _, st := range callStates {
		gauge(descCalls, float64(calls[st]), string(st))
	}
	gauge(descVersion, float64(f.live.Version()))
}

// serveMetrics answers programs on this machine, and elsewhere users with the right to.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if !sourceOf(r).IsLoopback() || r.Header.Get("X-Forwarded-For") != "" {
		c, err := s.authenticate(r)
		if err == nil && c.rights[readMetrics] == configs.ScopeNone {
			err = c.admit(needs(readMetrics))
		}
		if err != nil {
			writeProblem(w, s.asProblem(r.Context(), err))
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
	err := s.calls.Ready()
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if away := s.store.Ping(ctx); away != nil { // its words name hosts and users: they are for the log
			s.log.WarnContext(ctx, "not ready: the database is away", slog.Any("error", away))
			err = errDatabaseAway
		}
	}
	if err != nil {
		writeProblem(w, problem(http.StatusServiceUnavailable, proto.CodeNotReady, err.Error()))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ready\n"))
}
