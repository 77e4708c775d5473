package calls

import (
	"context"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/live"
)

// directory is whom a call can be handed over to, and how busy they are.
type directory struct {
	Agents  []directoryAgent  `json:"agents" nullable:"false"`
	Queues  []directoryQueue  `json:"queues" nullable:"false"`
	Numbers []directoryNumber `json:"numbers" nullable:"false" doc:"The site's own: what is dialled leads into their flows"`
}

type directoryAgent struct {
	ID        string            `json:"id"`
	Name      map[string]string `json:"name"`
	Extension string            `json:"extension,omitempty"`
	Status    call.AgentStatus  `json:"status" enum:"ready,offered,talking,wrap_up,busy,paused,unreachable,off"`
}

type directoryQueue struct {
	ID      string            `json:"id"`
	Names   map[string]string `json:"names"`
	Waiting int               `json:"waiting"`
	Ready   int               `json:"ready" doc:"Agents who would take a call now"`
}

type directoryNumber struct {
	Number string            `json:"number"`
	Names  map[string]string `json:"names,omitempty"`
}

type directoryOutput struct{ Body directory }

func (r *Room) registerDirectory(s *web.Server) {
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/directory", ID: "directory", Access: web.Needs(web.UseDesk),
		Summary: "Whom a call can be handed over to, in the site's order, and what they do now",
	}, r.getDirectory)
}

// getDirectory leaves out nobody: whoever has a desk may hand a call to any colleague, and sees no more of one here
// than the word for what that one does.
func (r *Room) getDirectory(ctx context.Context, _ *web.Empty) (*directoryOutput, error) {
	site := web.PrincipalOf(ctx).Site
	d := directory{Agents: []directoryAgent{}, Queues: []directoryQueue{}, Numbers: []directoryNumber{}}
	for i := range site.Agents {
		a := &site.Agents[i]
		it := directoryAgent{ID: string(a.ID), Name: view.Names(a.Names), Extension: string(a.Extension), Status: call.StatusOff}
		if now, ok := r.live.Agent(a.ID); ok {
			it.Status = now.Status
		}
		d.Agents = append(d.Agents, it)
	}
	now := map[call.QueueID]live.Queue{}
	for _, q := range r.live.Queues() {
		now[q.ID] = q
	}
	for i := range site.Queues {
		q := &site.Queues[i]
		d.Queues = append(d.Queues, directoryQueue{
			ID: string(q.ID), Names: view.Names(q.Names), Waiting: now[q.ID].Waiting, Ready: now[q.ID].Agents.Ready,
		})
	}
	for _, n := range site.Numbers {
		d.Numbers = append(d.Numbers, directoryNumber{Number: n.Dialled, Names: view.Names(n.Names)})
	}
	return &directoryOutput{Body: d}, nil
}
