package call

import "time"

// Event is something that happened. The set is closed: every type is in this package, has its
// JSON name in [Types], and only ever gains fields. A change of meaning is a new type.
type Event interface{ event() }

// Record is an event in its place: the journal gives the sequence number and the time.
type Record struct {
	Seq   uint64    // 1, 2, 3 … on one node, without a gap
	At    time.Time // UTC, whole microseconds; never before the record ahead of it
	Event Event
}

// ---- The site and the process ----

// NodeStarted is the first record of every run of the server. Whatever was open before it is over.
type NodeStarted struct {
	Node    NodeID `json:"node"`
	Version string `json:"version"`
}

// NodeStopped is the last record of an orderly stop.
type NodeStopped struct{}

// RoutingConfigured carries all that the ACD must know of the site. It replaces what was known;
// calls and agents that go on existing keep their state.
type RoutingConfigured struct {
	Queues []QueueRules `json:"queues"`
	Agents []AgentRules `json:"agents"`
}

// QueueRules are one queue's settings.
type QueueRules struct {
	Queue        QueueID       `json:"queue"`
	Strategy     string        `json:"strategy"`      // "longest_idle"
	Weight       int           `json:"weight"`        // among queues of one agent: the higher goes first; 0 is ordinary
	RingTimeout  time.Duration `json:"ring_timeout"`  // how long one agent is rung
	WrapUp       time.Duration `json:"wrap_up"`       // 0: none
	MaxMisses    int           `json:"max_misses"`    // after so many in a row the agent is paused; 0: never
	MaxWaiting   int           `json:"max_waiting"`   // 0: no limit
	ServiceLevel time.Duration `json:"service_level"` // the T of the service level; 20 s unless set
}

// AgentRules are one agent's settings.
type AgentRules struct {
	Agent  AgentID   `json:"agent"`
	Queues []QueueID `json:"queues"`
	// MissesDontCount is for static stations under load tests: a missed offer never pauses the agent.
	MissesDontCount bool `json:"misses_dont_count,omitempty"`
	// NoWrapUp overrules the queue's wrap-up time with none.
	NoWrapUp bool `json:"no_wrap_up,omitempty"`
}

// SiteChanged says that a site document was published, or withdrawn: then the version is 0. A document is one item
// of its kind, such as the queue "support" of the kind "queues".
type SiteChanged struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Version int    `json:"version"`
	By      UserID `json:"by"`
}

// ---- Agents ----

// AgentSignedIn begins a shift.
type AgentSignedIn struct {
	Agent   AgentID `json:"agent"`
	Station Station `json:"station"`
}

// AgentStationChosen changes the station in mid-shift.
type AgentStationChosen struct {
	Agent   AgentID `json:"agent"`
	Station Station `json:"station"`
}

// ChosenState is what the agent wants; what the agent gets is [AgentStatus].
type ChosenState string

// The states an agent may choose.
const (
	ChoseReady  ChosenState = "ready"
	ChosePaused ChosenState = "paused"
	ChoseOff    ChosenState = "off" // ends the shift
)

// AgentStateChosen is the agent's own wish (or a lead's, or the feature code's). During a call it
// takes effect when the call and its wrap-up are over.
type AgentStateChosen struct {
	Agent  AgentID     `json:"agent"`
	State  ChosenState `json:"state"`
	Reason ReasonID    `json:"reason,omitempty"` // of a pause
	By     UserID      `json:"by,omitempty"`     // empty: the agent
}

// StationUp says that the agent's phone or browser can be rung.
type StationUp struct {
	Agent AgentID `json:"agent"`
}

// StationDown says that it can not: registration over, desk or browser link lost. No new offers.
// A call in progress is ended by its own leg's loss, not by this.
type StationDown struct {
	Agent AgentID `json:"agent"`
	Cause string  `json:"cause"` // "unregistered", "link lost"
}

// AgentCallStarted says that an agent takes part in a call that no queue gave: dialled out, internal,
// or direct. The agent is busy until AgentCallEnded.
type AgentCallStarted struct {
	Agent AgentID `json:"agent"`
	Call  ID      `json:"call"`
}

// AgentCallEnded ends what AgentCallStarted began. WrapUp is the wrap-up that follows, 0: none.
type AgentCallEnded struct {
	Agent  AgentID       `json:"agent"`
	Call   ID            `json:"call"`
	WrapUp time.Duration `json:"wrap_up,omitempty"`
}

// AgentStatus is what an agent is doing, as the ACD sees it.
type AgentStatus string

// The statuses of an agent.
const (
	StatusOff         AgentStatus = "off"         // not signed in
	StatusReady       AgentStatus = "ready"       // idle, waiting for a call
	StatusPaused      AgentStatus = "paused"      // see the reason
	StatusUnreachable AgentStatus = "unreachable" // chose ready, but phone or link is gone
	StatusOffered     AgentStatus = "offered"     // an offer is out, the station rings
	StatusTalking     AgentStatus = "talking"     // on a queue call
	StatusWrapUp      AgentStatus = "wrap_up"
	StatusBusy        AgentStatus = "busy" // on a call outside queues
)

// AgentStatusChanged is the ACD's word on an agent, recorded for boards and reports.
type AgentStatusChanged struct {
	Agent  AgentID     `json:"agent"`
	Status AgentStatus `json:"status"`
	Reason ReasonID    `json:"reason,omitempty"` // of a pause; "missed" when the ACD paused the agent, "link_lost"
	Call   ID          `json:"call,omitempty"`
	Queue  QueueID     `json:"queue,omitempty"`
	// Chosen and ChosenReason are what comes after the call, where that differs from going back to ready.
	Chosen       ChosenState `json:"chosen"`
	ChosenReason ReasonID    `json:"chosen_reason,omitempty"`
	Until        *time.Time  `json:"until,omitempty"` // end of the wrap-up
}

// AgentsCarried says of every agent known where he sits and what he does, so that older records of agents may go:
// who must know the agents reads from the newest one of these on. It is written when the server has come up and
// every hour. It tells nothing new.
type AgentsCarried struct {
	Started time.Time   `json:"started,omitzero"` // when this run of the server began
	Agents  []AgentSeat `json:"agents"`           // sorted by ID; who is left out was never heard of
}

// AgentSeat is an agent's place and state.
type AgentSeat struct {
	Agent        AgentID     `json:"agent"`
	Station      Station     `json:"station"`
	Up           bool        `json:"up,omitempty"` // the station can be rung
	Chosen       ChosenState `json:"chosen"`
	ChosenReason ReasonID    `json:"chosen_reason,omitempty"`
	ChosenAt     time.Time   `json:"chosen_at,omitzero"` // of the last wish; the longest ready is offered calls first
	Status       AgentStatus `json:"status"`
	Reason       ReasonID    `json:"reason,omitempty"`
	Call         ID          `json:"call,omitempty"`
	Queue        QueueID     `json:"queue,omitempty"`
	Until        *time.Time  `json:"until,omitempty"` // end of the wrap-up
	Since        time.Time   `json:"since,omitzero"`  // of this status with this reason and this call; zero: not known
}

// ---- A call on its way in ----

// CallArrived begins an inbound or internal call, before anything is answered.
type CallArrived struct {
	Call      ID        `json:"call"`
	Leg       LegID     `json:"leg"`
	Direction Direction `json:"direction"`
	From      Party     `json:"from"`
	To        Number    `json:"to"`
	Trunk     TrunkID   `json:"trunk,omitempty"`
	Extension Extension `json:"extension,omitempty"` // of an internal caller
	SIPCallID string    `json:"sip_call_id,omitempty"`
}

// CallPlaced begins a call that an agent dials. The agent's station rings first, then the number.
type CallPlaced struct {
	Call      ID        `json:"call"`
	Agent     AgentID   `json:"agent"`
	Extension Extension `json:"extension,omitempty"`
	From      Number    `json:"from"`
	To        Number    `json:"to"`
	Direction Direction `json:"direction"`
	Trunk     TrunkID   `json:"trunk,omitempty"`
}

// NumberDialled says that the far end of a call that an agent dialled is being called. An agent whose station
// rang first has picked up.
type NumberDialled struct {
	Call ID    `json:"call"`
	Leg  LegID `json:"leg"` // the far party's
}

// CustomerIdentified says whose call it is.
type CustomerIdentified struct {
	Call     ID         `json:"call"`
	Customer CustomerID `json:"customer"`
	Grade    string     `json:"grade,omitempty"` // AAA, AA, A, B
	Name     string     `json:"name,omitempty"`
}

// CallAnswered says that the far party's leg was answered: by us for inbound calls (the caller now
// hears the flow), by the far end for outbound ones.
type CallAnswered struct {
	Call ID    `json:"call"`
	Leg  LegID `json:"leg"`
}

// FlowEntered says which version of which flow a call began.
type FlowEntered struct {
	Call    ID     `json:"call"`
	Flow    FlowID `json:"flow"`
	Version int    `json:"version"`
}

// FlowStepped says that a call left a node by an exit, for timelines and menu statistics. Digits are
// those a menu or a collect node took; a collect node marked secret leaves them out.
type FlowStepped struct {
	Call   ID     `json:"call"`
	Flow   FlowID `json:"flow"`
	Node   string `json:"node"`
	Exit   string `json:"exit"`
	Digits string `json:"digits,omitempty"`
}

// CallQueued puts a call into a queue. A call stands in one queue at a time.
type CallQueued struct {
	Call      ID        `json:"call"`
	Queue     QueueID   `json:"queue"`
	Skills    []SkillID `json:"skills,omitempty"`
	Priority  int       `json:"priority"` // the higher goes first; 0 is ordinary; −100…100
	Grade     string    `json:"grade,omitempty"`
	Preferred AgentID   `json:"preferred,omitempty"`
	// Since is when the call began to wait, where it keeps that place: it was handed over with its waiting time. Zero:
	// it waits from now on.
	Since time.Time `json:"since,omitzero"`
	// Returned: it was with an agent already and comes back. It stands at the head of the queue, full or not; the wrap-up
	// of this call that the preferred agent is in is over.
	Returned bool `json:"returned,omitempty"`
}

// CallDirected puts a call before one agent, whoever else is free: a colleague has handed it over. No queue holds it.
type CallDirected struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	Queue QueueID `json:"queue,omitempty"` // whose ring time-out and wrap-up count; empty: the ordinary ones
	// Consult: a colleague asks this one while the customer waits. It is beside what the call is otherwise.
	Consult bool `json:"consult,omitempty"`
}

// CallDequeued takes a call out of a queue, or away from the agent it was directed to, without an answer. The caller
// hanging up is CallerLeft.
type CallDequeued struct {
	Call   ID     `json:"call"`
	Reason string `json:"reason"` // "full", "unknown_queue", "not_taken": by the agent it was directed to
}

// CallerLeft says that the far party's leg is gone, at whatever stage.
type CallerLeft struct {
	Call ID  `json:"call"`
	End  End `json:"end"`
}

// ---- Offers ----

// CallOffered says that a call was offered to an agent and for how long it may ring.
type CallOffered struct {
	Offer OfferID   `json:"offer"`
	Call  ID        `json:"call"`
	Queue QueueID   `json:"queue"`
	Agent AgentID   `json:"agent"`
	Until time.Time `json:"until"`
	// Why says in a closed vocabulary why this agent: "longest_idle", "preferred"; "transferred": the call was handed to
	// this one; "consult": a colleague asks this one; "returned": the call that the agent had handed over was not taken, and is back.
	Why string `json:"why,omitempty"`
}

// OfferRinging says that the agent's station rings.
type OfferRinging struct {
	Offer OfferID `json:"offer"`
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	Leg   LegID   `json:"leg"`
}

// OfferAnswered says that the agent took the call.
type OfferAnswered struct {
	Offer OfferID `json:"offer"`
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	Leg   LegID   `json:"leg"`
}

// Miss says why an offer came to nothing.
type Miss string

// The ways an offer comes to nothing.
const (
	MissNoAnswer    Miss = "no_answer"   // rang out
	MissDeclined    Miss = "declined"    // the agent pressed decline (or 603)
	MissBusy        Miss = "busy"        // the phone said 486
	MissUnreachable Miss = "unreachable" // no phone, no route, 404/480/5xx, link lost
)

// OfferMissed says that an offer came to nothing. The caller keeps the place.
type OfferMissed struct {
	Offer OfferID `json:"offer"`
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	Miss  Miss    `json:"miss"`
}

// OfferWithdrawn says that we took an offer back, no fault of the agent's: the caller left.
type OfferWithdrawn struct {
	Offer OfferID `json:"offer"`
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
}

// ---- Talking ----

// Bridged says that caller and agent hear each other. Offer is empty for calls outside queues.
type Bridged struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	Leg   LegID   `json:"leg"`
	Offer OfferID `json:"offer,omitempty"`
}

// CallHeld and CallResumed are the agent's hold (the far party hears music). By says whose: "agent" or "caller".
type CallHeld struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	By    Side    `json:"by"`
}

// CallResumed ends a hold.
type CallResumed struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	By    Side    `json:"by"`
}

// AgentMuted says that the agent's microphone was cut (or opened again).
type AgentMuted struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	Muted bool    `json:"muted"`
}

// TalkEnded says that the agent's part in a queue call is over, orderly: somebody hung up.
type TalkEnded struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	Offer OfferID `json:"offer"`
	By    Side    `json:"by"`
}

// AgentLegLost says that the agent's phone or browser went away in mid-call. The caller goes back to
// the head of the queue.
type AgentLegLost struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	Offer OfferID `json:"offer"`
}

// ---- Handing a call over ----

// TransferKind says how a call is handed over. A closed set.
type TransferKind string

// The kinds of transfer.
const (
	TransferBlind    TransferKind = "blind"    // without a word to who gets it (RFC 5589, 6)
	TransferAttended TransferKind = "attended" // after a consultation (RFC 5589, 7)
)

// Transferred says that an agent has handed the call over and has no part in it any more. Who gets it is still to take it.
type Transferred struct {
	Call  ID           `json:"call"`
	Agent AgentID      `json:"agent"`
	Kind  TransferKind `json:"kind"`
	To    Target       `json:"to"`
	Offer OfferID      `json:"offer,omitempty"` // of an attended one: that brought the agent who was asked and has the call now
}

// ConsultBegan says that an agent asks somebody beside the call. The customer hears music.
type ConsultBegan struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	To    Target  `json:"to"`
}

// ConsultSwapped says that the agent who asks speaks with the customer now, or again with who was asked. The other waits.
type ConsultSwapped struct {
	Call     ID      `json:"call"`
	Agent    AgentID `json:"agent"`
	Customer bool    `json:"customer"`
}

// ConsultEnded says that the asking is over, and nothing was handed over: the agent is back with the customer.
type ConsultEnded struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
	// Reason is "cancelled", "left" by who was asked, "call_over", or as of TransferFailed.
	Reason string `json:"reason"`
}

// TransferFailed says that whom the call was handed to did not take it. It goes to the head of the queue it came from.
type TransferFailed struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"` // who handed it over
	To    Target  `json:"to"`
	// Reason is, of a queue or an agent, that of CallDequeued; of a parked call "time_out"; else "no_answer", "declined",
	// "busy", "unreachable".
	Reason string `json:"reason"`
}

// CallParked says that an agent has put the call down in a slot, where anybody of ours may take it up; the agent has no part
// in it any more. At Until it goes back.
type CallParked struct {
	Call  ID        `json:"call"`
	Agent AgentID   `json:"agent"`
	Slot  int       `json:"slot"` // from 1 on
	Until time.Time `json:"until"`
}

// PartyInvited says that a number outside, or a telephone without an agent, is rung so as to join a call that goes on.
type PartyInvited struct {
	Call      ID        `json:"call"`
	Leg       LegID     `json:"leg"`
	Agent     AgentID   `json:"agent,omitempty"` // whose wish it was
	Number    Number    `json:"number"`
	Extension Extension `json:"extension,omitempty"` // of ours
	Trunk     TrunkID   `json:"trunk,omitempty"`
}

// PartyJoined says that who was asked to join has answered: it talks with whom the call is about, or, in a consultation,
// with the agent who asked.
type PartyJoined struct {
	Call  ID      `json:"call"`
	Leg   LegID   `json:"leg"`
	Agent AgentID `json:"agent,omitempty"` // of ours, on shift
	Offer OfferID `json:"offer,omitempty"` // that brought the agent
}

// LegEnded gives a leg's figures when it is over.
type LegEnded struct {
	Call    ID      `json:"call"`
	Leg     LegID   `json:"leg"`
	Agent   AgentID `json:"agent,omitempty"` // empty: the far party's leg
	End     End     `json:"end"`
	Quality Quality `json:"quality"`
}

// Quality is what a leg's sound was like.
type Quality struct {
	PacketsIn  uint64  `json:"packets_in"`
	PacketsOut uint64  `json:"packets_out"`
	Lost       uint64  `json:"lost"`      // in, by sequence numbers (RFC 3550, A.3)
	LossPct    float64 `json:"loss_pct"`  // 0…100
	JitterMS   float64 `json:"jitter_ms"` // RFC 3550, 6.4.1
	RTTMS      float64 `json:"rtt_ms"`    // from RTCP; 0: not known
	MOS        float64 `json:"mos"`       // estimate by the E-model's shape, 1…4.5; 0: no packets
	Codec      string  `json:"codec"`
}

// VoicemailLeft says that a message was recorded and where the file is, relative to the recordings folder.
type VoicemailLeft struct {
	Call     ID            `json:"call"`
	File     string        `json:"file"`
	Duration time.Duration `json:"duration"`
	Ticket   TicketID      `json:"ticket"`         // the ticket that the projection makes of it
	Kind     string        `json:"kind,omitempty"` // of that ticket; empty: "voicemail"
	Queue    QueueID       `json:"queue,omitempty"`
}

// CallEnded is the last event of the call itself; wrap-up may follow it.
type CallEnded struct {
	Call ID  `json:"call"`
	End  End `json:"end"`
}

// ---- After the call ----

// WrapUpStarted gives the agent time to finish; it ends by itself at Until.
type WrapUpStarted struct {
	Call  ID        `json:"call"`
	Agent AgentID   `json:"agent"`
	Until time.Time `json:"until"`
}

// WrapUpSaved carries the disposition and notes as typed so far; the last one counts.
type WrapUpSaved struct {
	Call        ID      `json:"call"`
	Agent       AgentID `json:"agent"`
	Disposition CodeID  `json:"disposition"`
	Notes       string  `json:"notes"`
}

// WrapUpFinished says that the agent is done.
type WrapUpFinished struct {
	Call  ID      `json:"call"`
	Agent AgentID `json:"agent"`
}

// WrapUpEnded closes the wrap-up. TimedOut: the agent did not finish it; it is listed as unfinished.
type WrapUpEnded struct {
	Call     ID      `json:"call"`
	Agent    AgentID `json:"agent"`
	TimedOut bool    `json:"timed_out,omitempty"`
}

// TicketOpened is a ticket made from a call. It works with the database away.
type TicketOpened struct {
	Ticket   TicketID   `json:"ticket"`
	Call     ID         `json:"call"`
	Customer CustomerID `json:"customer,omitempty"`
	Kind     string     `json:"kind"`
	Subject  string     `json:"subject"`
	Text     string     `json:"text"`
	Urgency  string     `json:"urgency,omitempty"` // "normal", "urgent", "very_urgent" (普通, 急, 特急)
	By       UserID     `json:"by"`
	Owner    UserID     `json:"owner,omitempty"` // who is to see to it; empty: By
	State    string     `json:"state,omitempty"` // empty: open
	Due      *time.Time `json:"due,omitempty"`   // the promised deadline
	Phone    Number     `json:"phone,omitzero"`  // whom to call, where that is not the call's far party
}

// ---- Time ----

// ClockStepped says that the system's clock was set while the server ran: forward by so much, or back where By
// is negative. Recorded times go on by the old clock until the next start, so that no duration jumps; who
// compares them with another system's adds By.
type ClockStepped struct {
	By time.Duration `json:"by"`
}

// TimePassed wakes the ACD at a deadline that it asked for. It also comes once a second while calls are in
// progress: so far, and no farther, is a run known to have lasted that is killed.
type TimePassed struct{}
