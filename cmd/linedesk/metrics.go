package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// registerMetrics gives /metrics the figures of the rooms below the web server.
func registerMetrics(r *prometheus.Registry, v *server) {
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string, f func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "linedesk_" + name, Help: help}, f))
	}
	counter := func(name, help string, f func() float64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "linedesk_" + name, Help: help}, f))
	}
	gauge("calls_live", "Calls in progress.", func() float64 { return float64(v.switchboard.Figures().LiveCalls) })
	counter("calls_total", "Calls begun since the start.", func() float64 { return float64(v.switchboard.Figures().CallsBegun) })
	counter("call_panics_total", "Panics contained in calls.", func() float64 { return float64(v.switchboard.Figures().Panics) })
	counter("events_lost_total", "Events that the journal could not keep.", func() float64 { return float64(v.switchboard.Figures().EventsLost) })
	gauge("router_queued", "Requests waiting for the router.", func() float64 { return float64(v.switchboard.Figures().RouterQueued) })
	gauge("journal_last_seq", "Sequence number of the newest event.", func() float64 { return float64(v.journal.Last()) })
	r.MustRegister(sipCounters{v})
}

// sipCounters gives what the SIP endpoint counts, by reason.
type sipCounters struct{ v *server }

var sipEvents = prometheus.NewDesc("linedesk_sip_events_total", "What the SIP endpoint met, by reason.", []string{"reason"}, nil)

func (c sipCounters) Describe(ch chan<- *prometheus.Desc) { ch <- sipEvents }

func (c sipCounters) Collect(ch chan<- prometheus.Metric) {
	for reason, n := range c.v.endpoint.Counters() {
		ch <- prometheus.MustNewConstMetric(sipEvents, prometheus.CounterValue, float64(n), reason)
	}
}
