package calls

import (
	"cmp"

	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// callParty is one who takes part in a call.
type callParty struct {
	ID        string       `json:"id,omitempty" doc:"Of the leg; missing while none is known"`
	Role      string       `json:"role" enum:"customer,agent,colleague,outside,supervisor"`
	Agent     string       `json:"agent,omitempty"`
	Extension string       `json:"extension,omitempty"`
	Number    *call.Number `json:"number,omitempty" doc:"Of one who is not ours"`
	State     string       `json:"state" enum:"ringing,joined,gone"`
	SinceAt   *string      `json:"since_at,omitempty" format:"date-time" doc:"Of the state"`
	Muted     bool         `json:"muted"`
}

func partiesOf(who *web.Principal, there []live.Presence) []callParty {
	out := make([]callParty, 0, len(there))
	for i := range there {
		p := &there[i]
		shown := callParty{
			ID: string(p.Leg), Role: string(p.Role), Agent: string(p.Agent), Extension: string(p.Extension),
			State: string(p.State), SinceAt: view.JSONTimeOpt(&p.Since), Muted: p.Muted,
		}
		if a := who.Site.Agent(p.Agent); a != nil {
			shown.Extension = string(a.Extension)
		}
		if p.Agent == "" && p.Extension == "" && p.Number != (call.Number{}) {
			shown.Number = new(who.Shown(p.Number))
		}
		out = append(out, shown)
	}
	return out
}

// segmentOf shows an agent's part. Rows from before parts had a kind do not say it.
func segmentOf(sg *store.Segment) callSegment {
	kind := cmp.Or(sg.Kind, store.KindOffer)
	if sg.Offer == "" {
		kind = store.KindPlaced // by this agent, or by the colleague who called
	}
	return callSegment{
		Offer: string(sg.Offer), Queue: string(sg.Queue), Agent: string(sg.Agent), Why: sg.Why,
		OfferedAt: view.JSONTime(sg.OfferedAt), RingingAt: view.JSONTimeOpt(sg.RingingAt), AnsweredAt: view.JSONTimeOpt(sg.AnsweredAt),
		BridgedAt: view.JSONTimeOpt(sg.BridgedAt), EndedAt: view.JSONTimeOpt(sg.EndedAt), End: string(sg.End),
		TalkMS: sg.TalkMS, HoldMS: sg.HoldMS, WrapUpMS: sg.WrapUpMS,
		Kind: string(kind), RingMS: sg.RingMS(), ConsultMS: sg.ConsultMS, TransferredTo: string(sg.TransferredTo),
	}
}

// liveSegments shows the parts of a call in progress. What goes on has no sums yet.
func liveSegments(parts []live.Segment) []callSegment {
	out := make([]callSegment, 0, len(parts))
	for i := range parts {
		row := store.SegmentOf(&parts[i])
		out = append(out, segmentOf(&row))
	}
	return out
}
