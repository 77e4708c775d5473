package agentdesk

import (
	"context"
	"net/http"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/live"
)

// collection is the shape of every collection.
type collection[T any] struct {
	Items []T     `json:"items" nullable:"false"`
	Next  *string `json:"next" doc:"Cursor of what follows; null: this is the end"`
}

func nextOf(cursor string) *string {
	if cursor == "" {
		return nil
	}
	return &cursor
}

// queueStatus is one queue, now and today.
type queueStatus struct {
	ID                  string            `json:"id"`
	Name                map[string]string `json:"name"`
	Waiting             int               `json:"waiting"`
	LongestWaitSince    *string           `json:"longest_wait_since" format:"date-time"`
	Talking             int               `json:"talking" doc:"Calls of this queue that speak with an agent"`
	Offered             int               `json:"offered" doc:"Today, by arrival, in the site's time zone"`
	Answered            int               `json:"answered"`
	AnsweredInSL        int               `json:"answered_in_sl"`
	Abandoned           int               `json:"abandoned"`
	AbandonedShort      int               `json:"abandoned_short" doc:"Of those abandoned, within 5 s"`
	Left                int               `json:"left" doc:"Taken out by a limit, a flow or a restart"`
	Pending             int               `json:"pending"`
	ServiceLevel        *float64          `json:"service_level" doc:"0…1: answered in time ÷ (offered − abandoned within 5 s); null: nothing to divide by"`
	ServiceLevelSeconds float64           `json:"service_level_seconds"`
	WaitAnsweredMS      int64             `json:"wait_answered_ms" doc:"Sum over the answered"`
	LongestWaitMS       int64             `json:"longest_wait_ms"`
	Agents              live.Agents       `json:"agents"`
}

// agentStatus is one agent, now and today.
type agentStatus struct {
	ID           string            `json:"id"`
	Name         map[string]string `json:"name"`
	Team         string            `json:"team"`
	Extension    string            `json:"extension"`
	Status       string            `json:"status"`
	Since        *string           `json:"since" format:"date-time"`
	Reason       string            `json:"reason"`
	Chosen       string            `json:"chosen"`
	ChosenReason string            `json:"chosen_reason"`
	Station      stationStatus     `json:"station"`
	Queues       []string          `json:"queues" nullable:"false"`
	Call         *agentCallStatus  `json:"call"`
	WrapUpUntil  *string           `json:"wrap_up_until" format:"date-time"`
	CallsToday   int               `json:"calls_today"`
	TalkMSToday  int64             `json:"talk_ms_today"`
	MissesToday  int               `json:"misses_today"`
}

type stationStatus struct {
	Kind      string `json:"kind"`
	Extension string `json:"extension"`
	Number    string `json:"number"`
	Up        bool   `json:"up"`
}

type agentCallStatus struct {
	ID        string      `json:"id"`
	Offer     string      `json:"offer"`
	Queue     string      `json:"queue"`
	Direction string      `json:"direction"`
	Peer      call.Number `json:"peer"`
	PeerName  string      `json:"peer_name"`
	State     string      `json:"state"`
	Since     string      `json:"since" format:"date-time"`
	Held      bool        `json:"held"`
	Muted     bool        `json:"muted"`
}

type queuesOutput struct{ Body collection[queueStatus] }

type agentsOutput struct{ Body collection[agentStatus] }

func (s *Server) registerLive() {
	handle(s, op{
		method: http.MethodGet, path: "/queues", id: "list-queues", access: needs(readQueue),
		summary: "Queues, now and today",
	}, s.getQueues)
	handle(s, op{
		method: http.MethodGet, path: "/agents", id: "list-agents", access: needs(readAgent),
		summary: "Agents, now and today",
	}, s.getAgents)
}

func (s *Server) getQueues(ctx context.Context, _ *empty) (*queuesOutput, error) {
	c := callerOf(ctx)
	out := &queuesOutput{Body: collection[queueStatus]{Items: []queueStatus{}}}
	for _, q := range s.live.Queues() {
		if c.seesQueue(readQueue, q.ID) {
			out.Body.Items = append(out.Body.Items, c.queueStatus(q))
		}
	}
	return out, nil
}

func (s *Server) getAgents(ctx context.Context, _ *empty) (*agentsOutput, error) {
	c := callerOf(ctx)
	out := &agentsOutput{Body: collection[agentStatus]{Items: []agentStatus{}}}
	for _, a := range s.live.Agents() {
		if c.sees(readAgent, a.ID) {
			out.Body.Items = append(out.Body.Items, c.agentStatus(a))
		}
	}
	return out, nil
}

func (c *caller) queueStatus(q live.Queue) queueStatus {
	st := queueStatus{
		ID: string(q.ID), Name: map[string]string{}, Waiting: q.Waiting, LongestWaitSince: jsonTimeOpt(q.LongestWaitSince),
		Talking: q.Talking, Offered: q.Offered, Answered: q.Answered, AnsweredInSL: q.AnsweredInSL, Abandoned: q.Abandoned,
		AbandonedShort: q.AbandonedShort, Left: q.Left, Pending: q.Pending, ServiceLevel: q.ServiceLevel,
		ServiceLevelSeconds: q.ServiceLevelSecs, WaitAnsweredMS: q.WaitAnsweredMS, LongestWaitMS: q.LongestWaitMS, Agents: q.Agents,
	}
	if known := c.site.Queue(q.ID); known != nil {
		st.Name = names(known.Names)
	}
	return st
}

func (c *caller) agentStatus(a live.Agent) agentStatus {
	st := agentStatus{
		ID: string(a.ID), Name: map[string]string{}, Status: string(a.Status), Since: jsonTimeOpt(&a.Since),
		Reason: string(a.Reason), Chosen: string(a.Chosen), ChosenReason: string(a.ChosenReason),
		Station: stationStatus{
			Kind: string(a.Station.Kind), Extension: string(a.Station.Extension), Number: c.shown(a.Station.Number), Up: a.StationUp,
		},
		Queues: []string{}, WrapUpUntil: jsonTimeOpt(a.Until), CallsToday: a.CallsToday, TalkMSToday: a.TalkMSToday,
		MissesToday: a.MissesToday,
	}
	if known := c.site.Agent(a.ID); known != nil {
		st.Name, st.Team, st.Extension = names(known.Names), known.Team, string(known.Extension)
	}
	for _, q := range a.Queues {
		st.Queues = append(st.Queues, string(q))
	}
	if a.Call != nil {
		st.Call = &agentCallStatus{
			ID: string(a.Call.ID), Offer: string(a.Call.Offer), Queue: string(a.Call.Queue), Direction: string(a.Call.Dir),
			Peer: c.shownNumber(a.Call.Peer.Number), PeerName: a.Call.Peer.Name, State: string(a.Call.State),
			Since: jsonTime(a.Call.Since), Held: a.Call.Held, Muted: a.Call.Muted,
		}
	}
	return st
}
