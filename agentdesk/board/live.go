package board

import (
	"context"

	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/switchboard/live"
)

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

type queuesOutput struct{ Body web.Collection[queueStatus] }

type agentsOutput struct {
	Body web.Collection[view.AgentStatus]
}

func (r *Room) getQueues(ctx context.Context, _ *web.Empty) (*queuesOutput, error) {
	who := web.PrincipalOf(ctx)
	out := &queuesOutput{Body: web.Collection[queueStatus]{Items: []queueStatus{}}}
	for _, q := range r.live.Queues() {
		if who.SeesQueue(web.ReadQueue, q.ID) {
			out.Body.Items = append(out.Body.Items, statusOf(who.Site, &q))
		}
	}
	return out, nil
}

func (r *Room) getAgents(ctx context.Context, _ *web.Empty) (*agentsOutput, error) {
	who := web.PrincipalOf(ctx)
	out := &agentsOutput{Body: web.Collection[view.AgentStatus]{Items: []view.AgentStatus{}}}
	for _, a := range r.live.Agents() {
		if who.Sees(web.ReadAgent, a.ID) {
			out.Body.Items = append(out.Body.Items, view.AgentStatusOf(who.Site, &a, who.Masked()))
		}
	}
	return out, nil
}

func statusOf(v view.Site, q *live.Queue) queueStatus {
	st := queueStatus{
		ID: string(q.ID), Name: map[string]string{}, Waiting: q.Waiting, LongestWaitSince: view.JSONTimeOpt(q.LongestWaitSince),
		Talking: q.Talking, Offered: q.Offered, Answered: q.Answered, AnsweredInSL: q.AnsweredInSL, Abandoned: q.Abandoned,
		AbandonedShort: q.AbandonedShort, Left: q.Left, Pending: q.Pending, ServiceLevel: q.ServiceLevel,
		ServiceLevelSeconds: q.ServiceLevelSecs, WaitAnsweredMS: q.WaitAnsweredMS, LongestWaitMS: q.LongestWaitMS, Agents: q.Agents,
	}
	if known := v.Queue(q.ID); known != nil {
		st.Name = view.Names(known.Names)
	}
	return st
}
