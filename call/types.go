package call

import (
	"encoding/json"
	"fmt"
	"reflect"
)

func (NodeStarted) event()        {}
func (NodeStopped) event()        {}
func (RoutingConfigured) event()  {}
func (SiteChanged) event()        {}
func (AgentSignedIn) event()      {}
func (AgentStationChosen) event() {}
func (AgentStateChosen) event()   {}
func (StationUp) event()          {}
func (StationDown) event()        {}
func (AgentCallStarted) event()   {}
func (AgentCallEnded) event()     {}
func (AgentStatusChanged) event() {}
func (AgentsCarried) event()      {}
func (CallArrived) event()        {}
func (CallPlaced) event()         {}
func (NumberDialled) event()      {}
func (CustomerIdentified) event() {}
func (CallAnswered) event()       {}
func (FlowEntered) event()        {}
func (FlowStepped) event()        {}
func (CallQueued) event()         {}
func (CallDirected) event()       {}
func (CallDequeued) event()       {}
func (CallerLeft) event()         {}
func (CallOffered) event()        {}
func (OfferRinging) event()       {}
func (OfferAnswered) event()      {}
func (OfferMissed) event()        {}
func (OfferWithdrawn) event()     {}
func (Bridged) event()            {}
func (CallHeld) event()           {}
func (CallResumed) event()        {}
func (AgentMuted) event()         {}
func (TalkEnded) event()          {}
func (AgentLegLost) event()       {}
func (Transferred) event()        {}
func (TransferFailed) event()     {}
func (ConsultBegan) event()       {}
func (ConsultSwapped) event()     {}
func (ConsultEnded) event()       {}
func (CallParked) event()         {}
func (PartyInvited) event()       {}
func (PartyJoined) event()        {}
func (LegEnded) event()           {}
func (VoicemailLeft) event()      {}
func (CallEnded) event()          {}
func (WrapUpStarted) event()      {}
func (WrapUpSaved) event()        {}
func (WrapUpFinished) event()     {}
func (WrapUpEnded) event()        {}
func (TicketOpened) event()       {}
func (ClockStepped) event()       {}
func (TimePassed) event()         {}

// Types gives every event's name in the journal. The names never change.
var Types = map[string]reflect.Type{
	"node_started":         reflect.TypeFor[NodeStarted](),
	"node_stopped":         reflect.TypeFor[NodeStopped](),
	"routing_configured":   reflect.TypeFor[RoutingConfigured](),
	"site_changed":         reflect.TypeFor[SiteChanged](),
	"agent_signed_in":      reflect.TypeFor[AgentSignedIn](),
	"agent_station_chosen": reflect.TypeFor[AgentStationChosen](),
	"agent_state_chosen":   reflect.TypeFor[AgentStateChosen](),
	"station_up":           reflect.TypeFor[StationUp](),
	"station_down":         reflect.TypeFor[StationDown](),
	"agent_call_started":   reflect.TypeFor[AgentCallStarted](),
	"agent_call_ended":     reflect.TypeFor[AgentCallEnded](),
	"agent_status_changed": reflect.TypeFor[AgentStatusChanged](),
	"agents_carried":       reflect.TypeFor[AgentsCarried](),
	"call_arrived":         reflect.TypeFor[CallArrived](),
	"call_placed":          reflect.TypeFor[CallPlaced](),
	"number_dialled":       reflect.TypeFor[NumberDialled](),
	"customer_identified":  reflect.TypeFor[CustomerIdentified](),
	"call_answered":        reflect.TypeFor[CallAnswered](),
	"flow_entered":         reflect.TypeFor[FlowEntered](),
	"flow_stepped":         reflect.TypeFor[FlowStepped](),
	"call_queued":          reflect.TypeFor[CallQueued](),
	"call_directed":        reflect.TypeFor[CallDirected](),
	"call_dequeued":        reflect.TypeFor[CallDequeued](),
	"caller_left":          reflect.TypeFor[CallerLeft](),
	"call_offered":         reflect.TypeFor[CallOffered](),
	"offer_ringing":        reflect.TypeFor[OfferRinging](),
	"offer_answered":       reflect.TypeFor[OfferAnswered](),
	"offer_missed":         reflect.TypeFor[OfferMissed](),
	"offer_withdrawn":      reflect.TypeFor[OfferWithdrawn](),
	"bridged":              reflect.TypeFor[Bridged](),
	"call_held":            reflect.TypeFor[CallHeld](),
	"call_resumed":         reflect.TypeFor[CallResumed](),
	"agent_muted":          reflect.TypeFor[AgentMuted](),
	"talk_ended":           reflect.TypeFor[TalkEnded](),
	"agent_leg_lost":       reflect.TypeFor[AgentLegLost](),
	"transferred":          reflect.TypeFor[Transferred](),
	"transfer_failed":      reflect.TypeFor[TransferFailed](),
	"consult_began":        reflect.TypeFor[ConsultBegan](),
	"consult_swapped":      reflect.TypeFor[ConsultSwapped](),
	"consult_ended":        reflect.TypeFor[ConsultEnded](),
	"call_parked":          reflect.TypeFor[CallParked](),
	"party_invited":        reflect.TypeFor[PartyInvited](),
	"party_joined":         reflect.TypeFor[PartyJoined](),
	"leg_ended":            reflect.TypeFor[LegEnded](),
	"voicemail_left":       reflect.TypeFor[VoicemailLeft](),
	"call_ended":           reflect.TypeFor[CallEnded](),
	"wrap_up_started":      reflect.TypeFor[WrapUpStarted](),
	"wrap_up_saved":        reflect.TypeFor[WrapUpSaved](),
	"wrap_up_finished":     reflect.TypeFor[WrapUpFinished](),
	"wrap_up_ended":        reflect.TypeFor[WrapUpEnded](),
	"ticket_opened":        reflect.TypeFor[TicketOpened](),
	"clock_stepped":        reflect.TypeFor[ClockStepped](),
	"time_passed":          reflect.TypeFor[TimePassed](),
}

var names = func() map[reflect.Type]string {
	m := make(map[reflect.Type]string, len(Types))
	for name, t := range Types {
		m[t] = name
	}
	return m
}()

// TypeName is the event's name in the journal, such as "call_queued".
func TypeName(e Event) string { return names[reflect.TypeOf(e)] }

// Decode reads an event back from its name and JSON. An unknown name is an error: a journal written
// by a newer server is not to be half understood.
func Decode(name string, data []byte) (Event, error) {
	t, ok := Types[name]
	if !ok {
		return nil, fmt.Errorf("unknown event type %q", name)
	}
	v := reflect.New(t)
	if err := json.Unmarshal(data, v.Interface()); err != nil {
		return nil, fmt.Errorf("decode event %s: %w", name, err)
	}
	return v.Elem().Interface().(Event), nil
}
