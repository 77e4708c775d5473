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
	gauge("media_legs", "Legs with sound.", func() float64 { return float64(v.engine.Stats().Legs) })
	gauge("media_bridges", "Legs that hear each other, by twos or more.", func() float64 { return float64(v.engine.Stats().Bridges) })
	gauge("media_ports_in_use", "Ports that sound comes and goes by; those that rest are not counted.", func() float64 { return float64(v.engine.Stats().PortsInUse) })
	gauge("media_recordings", "Recordings in progress.", func() float64 { return float64(v.engine.Stats().Recordings) })
	counter("media_packets_in_total", "RTP packets that came.", func() float64 { return float64(v.engine.Stats().PacketsIn) })
	counter("media_packets_out_total", "RTP packets sent.", func() float64 { return float64(v.engine.Stats().PacketsOut) })
	counter("media_strangers_total", "RTP packets from a source that is not the leg's, ignored.", func() float64 { return float64(v.engine.Stats().Strangers) })
	counter("media_invalid_total", "Packets to RTP ports that were no RTP of the call's, ignored.", func() float64 { return float64(v.engine.Stats().Invalid) })
	counter("media_late_ticks_total", "Ticks of sound that came more than 5 ms late.", func() float64 { return float64(v.engine.Stats().LateTicks) })
	counter("media_dropped_total", "Browser packets dropped, and legs drowned in commands, because the shard did not come to them.", func() float64 { return float64(v.engine.Stats().QueueFull) })
	counter("media_legs_lost_total", "Legs lost to a fault of our own.", func() float64 { return float64(v.engine.Stats().Lost) })
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
