package web

import (
	"context"
	"net/http"
	"time"

	"github.com/linedesk/linedesk/agentdesk/view"
)

type siteInput struct {
	IfNoneMatch string `header:"If-None-Match" maxLength:"1000" doc:"ETag of what the client has: 304 if that is in force still"`
}

type siteOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"Another one for whatever differs"`
	Body   siteBody
}

// siteBody is what pages need to name things in both languages.
type siteBody struct {
	Name         map[string]string `json:"name"`
	Timezone     string            `json:"timezone"`
	Region       string            `json:"region"`
	Language     string            `json:"language"`
	Languages    []string          `json:"languages" nullable:"false"`
	Queues       []siteQueue       `json:"queues" nullable:"false"`
	Agents       []siteAgent       `json:"agents" nullable:"false"`
	People       []Named           `json:"people" nullable:"false" doc:"Users who are no agents: they own tickets and customers too"`
	Teams        []Named           `json:"teams" nullable:"false"`
	PauseReasons []Named           `json:"pause_reasons" nullable:"false"`
	Dispositions []Named           `json:"dispositions" nullable:"false"`
	TicketKinds  []siteTicketKind  `json:"ticket_kinds" nullable:"false"`
}

// Named is a slug with what people see of it.
type Named struct {
	ID   string            `json:"id"`
	Name map[string]string `json:"name"`
}

type siteQueue struct {
	Named
	ServiceLevelSeconds float64 `json:"service_level_seconds"`
	WrapUpSeconds       float64 `json:"wrap_up_seconds"`
}

type siteAgent struct {
	Named
	User      string `json:"user"`
	Extension string `json:"extension"`
	Team      string `json:"team"`
}

type siteTicketKind struct {
	Named
	States []siteTicketState `json:"states" nullable:"false"`
	DueMS  map[string]int64  `json:"due_ms" doc:"Promised time by urgency"`
}

type siteTicketState struct {
	Named
	Closed bool `json:"closed"`
}

func (s *Server) registerSite() {
	Handle(s, Op{
		Method: http.MethodGet, Path: "/site", ID: "site", Access: SignedIn,
		Summary: "Names and codes of this site, per language", Unchanged: true,
	}, s.getSite)
}

func (s *Server) getSite(ctx context.Context, in *siteInput) (*siteOutput, error) {
	body := shownSite(PrincipalOf(ctx).Site)
	tag, err := BodyETag(body)
	if err != nil {
		return nil, err
	}
	if HasAlready(tag, in.IfNoneMatch) {
		return &siteOutput{Status: http.StatusNotModified, ETag: tag}, nil
	}
	return &siteOutput{Status: http.StatusOK, ETag: tag, Body: body}, nil
}

func shownSite(v view.Site) siteBody {
	b := siteBody{
		Name: view.Names(v.Name), Timezone: v.Timezone, Region: v.Region, Language: v.Language,
		Languages: append([]string{}, v.Languages...), Queues: []siteQueue{}, Agents: []siteAgent{}, People: []Named{}, Teams: []Named{},
		PauseReasons: []Named{}, Dispositions: []Named{}, TicketKinds: []siteTicketKind{},
	}
	for _, q := range v.Queues {
		b.Queues = append(b.Queues, siteQueue{
			Named:               Named{string(q.ID), view.Names(q.Names)},
			ServiceLevelSeconds: q.ServiceLevel.Seconds(), WrapUpSeconds: q.WrapUp.Seconds(),
		})
	}
	for _, a := range v.Agents {
		b.Agents = append(b.Agents, siteAgent{
			Named: Named{string(a.ID), view.Names(a.Names)},
			User:  string(a.User), Extension: string(a.Extension), Team: a.Team,
		})
	}
	for _, u := range v.Users {
		if v.AgentOf(u.ID) == nil {
			b.People = append(b.People, Named{string(u.ID), view.Names(u.Names)})
		}
	}
	for _, t := range v.Teams {
		b.Teams = append(b.Teams, Named{t.ID, view.Names(t.Names)})
	}
	for _, r := range v.PauseReasons {
		b.PauseReasons = append(b.PauseReasons, Named{r.ID, view.Names(r.Names)})
	}
	for _, d := range v.Dispositions {
		b.Dispositions = append(b.Dispositions, Named{d.ID, view.Names(d.Names)})
	}
	for _, k := range v.TicketKinds {
		kind := siteTicketKind{Named: Named{k.ID, view.Names(k.Names)}, States: []siteTicketState{}, DueMS: map[string]int64{}}
		for _, st := range k.States {
			kind.States = append(kind.States, siteTicketState{Named{st.ID, view.Names(st.Names)}, st.Closed})
		}
		for urgency, d := range k.Due {
			kind.DueMS[urgency] = int64(d / time.Millisecond)
		}
		b.TicketKinds = append(b.TicketKinds, kind)
	}
	return b
}
