package view

import (
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/live"
)

// AgentStatus is one agent, now and today.
type AgentStatus struct {
	ID           string            `json:"id"`
	Name         map[string]string `json:"name"`
	Team         string            `json:"team"`
	Extension    string            `json:"extension"`
	Status       string            `json:"status"`
	Since        *string           `json:"since" format:"date-time"`
	Reason       string            `json:"reason"`
	Chosen       string            `json:"chosen"`
	ChosenReason string            `json:"chosen_reason"`
	Station      StationStatus     `json:"station"`
	Queues       []string          `json:"queues" nullable:"false"`
	Call         *AgentCallStatus  `json:"call"`
	WrapUpUntil  *string           `json:"wrap_up_until" format:"date-time"`
	CallsToday   int               `json:"calls_today"`
	TalkMSToday  int64             `json:"talk_ms_today"`
	MissesToday  int               `json:"misses_today"`
}

// StationStatus is what an agent speaks through.
type StationStatus struct {
	Kind      string `json:"kind"`
	Extension string `json:"extension"`
	Number    string `json:"number"`
	Up        bool   `json:"up"`
}

// AgentCallStatus is the call that an agent is on, or that rings.
type AgentCallStatus struct {
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

// AgentStatusOf gives an agent as the API shows it.
func AgentStatusOf(v Site, a *live.Agent, masked bool) AgentStatus {
	st := AgentStatus{
		ID: string(a.ID), Name: map[string]string{}, Status: string(a.Status), Since: JSONTimeOpt(&a.Since),
		Reason: string(a.Reason), Chosen: string(a.Chosen), ChosenReason: string(a.ChosenReason),
		Station: StationStatus{
			Kind: string(a.Station.Kind), Extension: string(a.Station.Extension), Number: shown(a.Station.Number, masked), Up: a.StationUp,
		},
		Queues: []string{}, WrapUpUntil: JSONTimeOpt(a.Until), CallsToday: a.CallsToday, TalkMSToday: a.TalkMSToday,
		MissesToday: a.MissesToday,
	}
	if known := v.Agent(a.ID); known != nil {
		st.Name, st.Team, st.Extension = Names(known.Names), known.Team, string(known.Extension)
	}
	for _, q := range a.Queues {
		st.Queues = append(st.Queues, string(q))
	}
	if a.Call != nil {
		st.Call = &AgentCallStatus{
			ID: string(a.Call.ID), Offer: string(a.Call.Offer), Queue: string(a.Call.Queue), Direction: string(a.Call.Dir),
			Peer: Shown(a.Call.Peer.Number, masked), PeerName: a.Call.Peer.Name, State: string(a.Call.State),
			Since: JSONTime(a.Call.Since), Held: a.Call.Held, Muted: a.Call.Muted,
		}
	}
	return st
}
