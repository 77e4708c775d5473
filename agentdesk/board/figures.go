package board

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/live"
)

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
	callStates    = []live.State{live.StateArriving, live.StateDialling, live.StateUnreached, live.StateFlow, live.StateWaiting, live.StateOffered, live.StateTalking, live.StateTransferring, live.StateParked}
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
