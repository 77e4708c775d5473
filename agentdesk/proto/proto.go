// Package proto defines the desk protocol: JSON messages over one websocket per page, subprotocol
// "cc.v1". The TypeScript types of the pages are generated from this package.
//
// A client sends commands, each with an ID of its own choosing; each is answered by one [Ack], and a
// command repeated with the same ID within 60 s is answered again but not carried out again. The
// server sends a [Hello], then for each channel a [Snap] and [Delta]s. Rows are absolute, never
// increments; clocks are sent as the moment they started ("since", epoch ms, server time), never ticking.
package proto

import (
	"encoding/json"

	"github.com/linedesk/linedesk/call"
)

// Subprotocol is what both sides name in the websocket handshake.
const Subprotocol = "cc.v1"

// Close codes of the desk socket (RFC 6455, 7.4.2: 4000–4999 are ours).
const (
	CloseBadMessage  = 4000 // not JSON, too long, unknown type: do not come back unchanged
	CloseTakenOver   = 4001 // the desk was opened elsewhere: do not come back by yourself
	CloseSignedOut   = 4003 // the session is over: sign in again
	CloseTooSlow     = 4008 // the client stopped reading: come back
	CloseServerStops = 4012 // the server restarts: come back
)

// Command is what a client sends. T names the command, the matching body is in Body.
type Command struct {
	T    string          `json:"t"`
	ID   string          `json:"id"` // 1–64 characters
	Body json.RawMessage `json:"body,omitempty"`
}

// The commands' names. Each one's comment begins with the type of its body, or "none", and names the type of the
// ack's result where there is one: the TypeScript map Commands is made of it.
const (
	CmdSubscribe    = "subscribe"     // Subscribe
	CmdUnsubscribe  = "unsubscribe"   // Subscribe
	CmdTakeOver     = "take_over"     // none: closes the user's other desk
	CmdStation      = "station"       // Station
	CmdState        = "state"         // State
	CmdRTCOffer     = "rtc.offer"     // RTCOffer; the ack's result is RTCAnswer
	CmdAnswer       = "answer"        // OfferRef
	CmdDecline      = "decline"       // OfferRef
	CmdHold         = "hold"          // CallRef
	CmdResume       = "resume"        // CallRef
	CmdMute         = "mute"          // Mute
	CmdDTMF         = "dtmf"          // DTMF
	CmdHangUp       = "hangup"        // CallRef
	CmdTransfer     = "transfer"      // Transfer
	CmdConsult      = "consult"       // Consult
	CmdSwap         = "swap"          // CallRef
	CmdComplete     = "complete"      // CallRef
	CmdCancel       = "cancel"        // CallRef
	CmdPark         = "park"          // CallRef; the ack's result is Slot
	CmdTakeParked   = "take"          // Slot
	CmdDial         = "dial"          // Dial; the ack's result is CallRef
	CmdWrapUpSave   = "wrapup.save"   // WrapUp
	CmdWrapUpFinish = "wrapup.finish" // WrapUp
	CmdIdentify     = "identify"      // Identify
	CmdTicket       = "ticket.open"   // TicketDraft; the ack's result is TicketRef
	CmdQuality      = "quality"       // LinkQuality: the browser's own figures
	CmdPing         = "ping"          // none: the ack carries now
)

// Channel is what a page may follow.
type Channel string

// The channels.
const (
	ChannelDesk  Channel = "desk"  // mine
	ChannelBoard Channel = "board" // all queues and agents that I may see
)

// Subscribe names a channel. With Epoch and Seq of the last message seen, the server sends what was missed, or a
// fresh snapshot.
type Subscribe struct {
	Ch    Channel `json:"ch"`
	Epoch string  `json:"epoch,omitempty"`
	Seq   uint64  `json:"seq,omitempty"`
}

// Station chooses what the agent speaks through.
type Station struct {
	Kind      call.StationKind `json:"kind"`
	Extension string           `json:"extension,omitempty"`
	Number    string           `json:"number,omitempty"`
}

// State chooses what comes next.
type State struct {
	State  call.ChosenState `json:"state"`
	Reason string           `json:"reason,omitempty"` // of a pause
}

// RTCOffer carries the browser's SDP offer. Gen grows with each new PeerConnection of the page.
type RTCOffer struct {
	SDP string `json:"sdp"`
	Gen int    `json:"gen"`
}

// RTCAnswer is the server's SDP answer.
type RTCAnswer struct {
	SDP string `json:"sdp"`
	Gen int    `json:"gen"`
}

// OfferRef names an offer.
type OfferRef struct {
	Offer string `json:"offer"`
}

// CallRef names a call.
type CallRef struct {
	Call string `json:"call"`
}

// Mute cuts or opens the agent's microphone at the server.
type Mute struct {
	Call  string `json:"call"`
	Muted bool   `json:"muted"`
}

// DTMF sends keys to the far party.
type DTMF struct {
	Call   string `json:"call"`
	Digits string `json:"digits"` // 0–9 * # A–D, at most 32
}

// Transfer hands a call over, without a word to who gets it.
type Transfer struct {
	Call     string `json:"call"`
	To       string `json:"to"`                  // queue:support, agent:ben, extension:1002, flow:main, or a number as it is dialled
	KeepWait bool   `json:"keep_wait,omitempty"` // to a queue: it stands there as if it had waited since it first did
}

// Consult asks somebody beside the call, while the far party hears music.
type Consult struct {
	Call string `json:"call"`
	To   string `json:"to"` // agent:ben, extension:1002, or a number as it is dialled
}

// Slot is where a call is parked.
type Slot struct {
	Slot int `json:"slot"` // 1…99
}

// Dial places a call: the agent's station first, then the number.
type Dial struct {
	To string `json:"to"`
}

// Identify says whose call it is, where a number is several customers' or nobody's.
type Identify struct {
	Call     string `json:"call"`
	Customer string `json:"customer"`
}

// WrapUp is the wrap-up form as it stands.
type WrapUp struct {
	Call        string `json:"call"`
	Disposition string `json:"disposition"`
	Notes       string `json:"notes"`
}

// Urgency is how soon a ticket is to be seen to.
type Urgency string

// The urgencies.
const (
	UrgencyNormal     Urgency = "normal"
	UrgencyUrgent     Urgency = "urgent"
	UrgencyVeryUrgent Urgency = "very_urgent"
)

// TicketDraft is a ticket to be opened from a call. It is the call's customer's.
type TicketDraft struct {
	Call    string  `json:"call"`
	Kind    string  `json:"kind"`
	Subject string  `json:"subject"`
	Text    string  `json:"text"`
	Urgency Urgency `json:"urgency,omitempty"`
	DueAt   int64   `json:"due_at,omitempty"` // epoch ms
}

// TicketRef names a ticket.
type TicketRef struct {
	Ticket string `json:"ticket"`
	Number string `json:"number,omitempty"`
}

// LinkQuality is what the browser's getStats says of the leg.
type LinkQuality struct {
	RTTMS    float64 `json:"rtt_ms"`
	JitterMS float64 `json:"jitter_ms"`
	LossPct  float64 `json:"loss_pct"`
	MOS      float64 `json:"mos"`
}

// What the server sends: T tells which type a message is, by these names. Each one's comment is its type.
const (
	MsgHello = "hello" // Hello
	MsgAck   = "ack"   // Ack
	MsgSnap  = "snap"  // Snap
	MsgDelta = "d"     // Delta
	MsgSite  = "site"  // Site
)

// Hello is the first message of a connection.
type Hello struct {
	T         string `json:"t"`
	Proto     string `json:"proto"`
	Epoch     string `json:"epoch"`      // changes when the server restarts
	ServerNow int64  `json:"server_now"` // epoch ms
	Build     string `json:"build"`      // hash of the web assets; a difference means "update ready"
	User      Me     `json:"user"`
	// DeskElsewhere says that this user's desk is open in another page: subscribe "desk" is refused
	// with code "desk_elsewhere" until take_over.
	DeskElsewhere bool `json:"desk_elsewhere"`
	Resumed       bool `json:"resumed"`
}

// Me is the signed-in user.
type Me struct {
	ID        string            `json:"id"`
	Name      map[string]string `json:"name"`
	Roles     []string          `json:"roles" nullable:"false"`
	Rights    []string          `json:"rights" nullable:"false"` // "verb:object:scope"
	Agent     string            `json:"agent,omitempty"`
	Extension string            `json:"extension,omitempty"`
	Language  string            `json:"language"` // as the user chose; empty: the browser's
}

// Ack answers a command when it is done, or refused.
type Ack struct {
	T      string          `json:"t"`
	ID     string          `json:"id"`
	OK     bool            `json:"ok"`
	Now    int64           `json:"now"`           // epoch ms
	Seq    uint64          `json:"seq,omitempty"` // the journal's number of what the command did: see Snap.Journal
	Err    *Error          `json:"err,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

// Error is a code for the client to translate; Detail is English, for logs.
type Error struct {
	Code   ErrorCode         `json:"code"`
	Params map[string]string `json:"params,omitempty"`
	Detail string            `json:"detail,omitempty"`
}

// Snap is a channel's whole state: Desk or Board is set, by channel.
type Snap struct {
	T     string  `json:"t"`
	Ch    Channel `json:"ch"`
	Epoch string  `json:"epoch"`
	Seq   uint64  `json:"seq"`
	Now   int64   `json:"now"`
	// Journal is the journal's number up to which all that happened shows here: a command whose Ack has no higher
	// Seq is seen.
	Journal uint64     `json:"journal,omitempty"`
	Desk    *Desk      `json:"desk,omitempty"`
	Board   *BoardRows `json:"board,omitempty"`
}

// Delta is what changed in a channel: Desk is whole again (it is small); Board carries changed rows.
type Delta struct {
	T       string     `json:"t"`
	Ch      Channel    `json:"ch"`
	Seq     uint64     `json:"seq"`
	Now     int64      `json:"now"`
	Journal uint64     `json:"journal,omitempty"` // as in Snap
	Desk    *Desk      `json:"desk,omitempty"`
	Board   *BoardRows `json:"board,omitempty"`
}

// Site says that something of the site was published: pages read GET /site again, which has it already.
type Site struct {
	T string `json:"t"`
}

// BoardRows are rows of the board, all of them in a snapshot, the changed ones in a delta.
type BoardRows struct {
	Queues []QueueRow `json:"queues,omitempty"`
	Agents []AgentRow `json:"agents,omitempty"`
	Gone   []string   `json:"gone,omitempty"` // "queue:support", "agent:amy"
	// Totals are of all the queues of this board; in a delta they are there if they changed.
	Totals *BoardTotals `json:"totals,omitempty"`
}

// BoardTotals is what cannot be had by adding rows up.
type BoardTotals struct {
	ServiceLevel *float64 `json:"service_level"` // 0…1, of all calls of these queues today; null: nothing to divide by
}

// QueueRow is one queue, now and today.
type QueueRow struct {
	ID              string            `json:"id"`
	Name            map[string]string `json:"name"`
	Waiting         int               `json:"waiting"`
	LongestSince    int64             `json:"longest_since,omitempty"` // epoch ms
	Offered         int               `json:"offered"`                 // today, by arrival
	Answered        int               `json:"answered"`
	AnsweredInLevel int               `json:"answered_in_level"`
	Abandoned       int               `json:"abandoned"`
	AbandonedShort  int               `json:"abandoned_short"` // ≤ 5 s
	ServiceLevel    *float64          `json:"service_level"`   // 0…1; null: nothing to divide by
	LevelSeconds    int               `json:"level_seconds"`
	Ready           int               `json:"ready"`
	Talking         int               `json:"talking"`
	WrapUp          int               `json:"wrap_up"`
	Paused          int               `json:"paused"`
	SignedIn        int               `json:"signed_in"`
}

// AgentRow is one agent, now and today.
type AgentRow struct {
	ID           string            `json:"id"`
	Name         map[string]string `json:"name"`
	Extension    string            `json:"extension,omitempty"`
	Status       call.AgentStatus  `json:"status"`
	Since        int64             `json:"since"`
	Reason       string            `json:"reason,omitempty"`
	Chosen       call.ChosenState  `json:"chosen"`
	ChosenReason string            `json:"chosen_reason,omitempty"`
	StationKind  call.StationKind  `json:"station_kind,omitempty"`
	StationUp    bool              `json:"station_up"`
	Queues       []string          `json:"queues"`
	Queue        string            `json:"queue,omitempty"` // of the current call
	Call         string            `json:"call,omitempty"`
	Peer         string            `json:"peer,omitempty"` // number or name of the current call
	Calls        int               `json:"calls"`          // today
	TalkMS       int64             `json:"talk_ms"`        // today
}

// LegState is how the browser's leg is, as the server sees it.
type LegState string

// The states of a browser's leg.
const (
	LegNone       LegState = "none" // the station is no browser
	LegConnecting LegState = "connecting"
	LegUp         LegState = "up"
	LegDown       LegState = "down"
)

// Desk is all that one agent's page shows of the moment.
type Desk struct {
	Agent  AgentRow   `json:"agent"`
	Until  int64      `json:"until,omitempty"` // end of wrap-up, epoch ms
	Link   LegState   `json:"link"`            // of the browser's leg
	Offer  *Offer     `json:"offer,omitempty"`
	Call   *Call      `json:"call,omitempty"` // in progress, or in wrap-up
	Queues []QueueRow `json:"queues"`         // the agent's own
	Recent []CallItem `json:"recent"`         // the agent's last calls, newest first, at most 10
	// Unfinished are wrap-ups that time ended: they wait for their disposition.
	Unfinished []CallItem `json:"unfinished"`
	// Parked are the calls that anybody of the site may take up, by their slots. They follow within a second.
	Parked []ParkedCall `json:"parked"`
}

// Offer is a call that rings.
type Offer struct {
	ID       string   `json:"id"`
	Call     string   `json:"call"`
	Queue    string   `json:"queue"`
	Since    int64    `json:"since"`
	Until    int64    `json:"until"`
	WaitedMS int64    `json:"waited_ms"`
	From     Party    `json:"from"`
	To       string   `json:"to"`
	Path     []string `json:"path"` // what was pressed, such as "main:2"
	Pop      *Pop     `json:"pop,omitempty"`
	// Why this agent: "transferred" and "consult" by the colleague By; "returned": nobody took what the agent had handed
	// over. Empty: a queue's ordinary offer.
	Why OfferWhy `json:"why,omitempty"`
	By  string   `json:"by,omitempty"`
}

// OfferWhy says why a call is offered to this agent and no other.
type OfferWhy string

// The reasons that a page shows.
const (
	WhyTransferred OfferWhy = "transferred"
	WhyConsult     OfferWhy = "consult"
	WhyReturned    OfferWhy = "returned"
)

// Asks is somebody who is asked beside a call.
type Asks struct {
	By     string `json:"by"`              // the agent who asks
	To     string `json:"to"`              // as it was wished: "agent:ben", "extension:1002", or a number
	Agent  string `json:"agent,omitempty"` // of ours, who is asked
	Since  int64  `json:"since"`           // epoch ms
	Joined bool   `json:"joined"`          // has answered
	Beside bool   `json:"beside"`          // the two speak, and the customer waits; else the customer is spoken with
}

// ParkedCall is a call in its slot.
type ParkedCall struct {
	Slot  int    `json:"slot"`
	Call  string `json:"call"`
	By    string `json:"by"`    // the agent who parked it
	Since int64  `json:"since"` // epoch ms
	Until int64  `json:"until"` // when it goes back
	From  Party  `json:"from"`
	Queue string `json:"queue,omitempty"` // where it came from
}

// Party is the far side as it is to be shown. Number is formatted for reading.
type Party struct {
	Number string `json:"number"`
	E164   string `json:"e164,omitempty"`
	Name   string `json:"name,omitempty"`
}

// Pop is the customer's record with history and open tickets: what the agent must see at the greeting.
type Pop struct {
	Customer *Customer    `json:"customer"` // null: unknown number
	Calls    []CallItem   `json:"calls"`    // last 10
	Tickets  []TicketItem `json:"tickets"`  // open ones
	Others   []Customer   `json:"others"`   // more customers with the same number
	Pending  bool         `json:"pending"`  // the look-up took too long; it follows
}

// Customer is what the desk shows of one.
type Customer struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Company  string   `json:"company,omitempty"`
	Position string   `json:"position,omitempty"`
	Grade    string   `json:"grade,omitempty"`
	Language string   `json:"language,omitempty"`
	Address  string   `json:"address,omitempty"`
	Email    string   `json:"email,omitempty"`
	Manager  string   `json:"manager,omitempty"` // account manager, user ID
	Tags     []string `json:"tags"`
	Notes    string   `json:"notes,omitempty"`
	Phones   []Phone  `json:"phones"`
}

// PhoneKind is where a customer's number rings.
type PhoneKind string

// The kinds of numbers.
const (
	PhoneMobile PhoneKind = "mobile"
	PhoneWork   PhoneKind = "work"
	PhoneHome   PhoneKind = "home"
	PhoneOther  PhoneKind = "other"
)

// Phone is one of a customer's numbers.
type Phone struct {
	Kind    PhoneKind `json:"kind"`
	Number  string    `json:"number"`
	E164    string    `json:"e164,omitempty"`
	Primary bool      `json:"primary"`
}

// CallItem is a line of a history.
type CallItem struct {
	ID          string         `json:"id"`
	Direction   call.Direction `json:"direction"`
	Number      string         `json:"number"`
	Customer    string         `json:"customer,omitempty"`
	Name        string         `json:"name,omitempty"`
	Queue       string         `json:"queue,omitempty"`
	Agent       string         `json:"agent,omitempty"`
	ArrivedAt   int64          `json:"arrived_at"`
	TalkMS      int64          `json:"talk_ms"`
	Cause       call.Cause     `json:"cause,omitempty"`
	Disposition string         `json:"disposition,omitempty"`
	Notes       string         `json:"notes,omitempty"`
}

// TicketItem is a line of a ticket list.
type TicketItem struct {
	ID        string  `json:"id"`
	Number    string  `json:"number"`
	Kind      string  `json:"kind"`
	Subject   string  `json:"subject"`
	State     string  `json:"state"`
	Urgency   Urgency `json:"urgency,omitempty"`
	Owner     string  `json:"owner,omitempty"`
	DueAt     int64   `json:"due_at,omitempty"`
	CreatedAt int64   `json:"created_at"`
	Recording string  `json:"recording,omitempty"` // where the caller's message can be heard, for who may
}

// CallState is how far the agent's call is, as the agent sees it.
type CallState string

// The states of the agent's call.
const (
	CallCallingYou       CallState = "calling_you"       // the phone of who placed the call, or of a colleague who is called
	CallCallingCustomer  CallState = "calling_customer"  // the number that was dialled
	CallCallingColleague CallState = "calling_colleague" // the extension that was dialled
	CallUnreached        CallState = "unreached"         // a number that does not answer: see the cause
	CallRinging          CallState = "ringing"
	CallTalking          CallState = "talking"
	CallHeld             CallState = "held"
	CallConsulting       CallState = "consulting" // asks somebody beside the call, or is asked: see Asks
	CallWrapUp           CallState = "wrap_up"
	CallEnded            CallState = "ended"
)

// Call is the call that the agent is on, or wraps up.
type Call struct {
	ID          string         `json:"id"`
	Direction   call.Direction `json:"direction"`
	State       CallState      `json:"state"`
	Queue       string         `json:"queue,omitempty"`
	From        Party          `json:"from"`
	To          Party          `json:"to"`
	Since       int64          `json:"since"` // of this state
	BridgedAt   int64          `json:"bridged_at,omitempty"`
	WaitedMS    int64          `json:"waited_ms"`
	HoldMS      int64          `json:"hold_ms"`
	HeldSince   int64          `json:"held_since,omitempty"`
	Muted       bool           `json:"muted"`
	EndCause    call.Cause     `json:"end_cause,omitempty"` // also why a number was not reached
	Path        []string       `json:"path"`
	Pop         *Pop           `json:"pop,omitempty"`
	Disposition string         `json:"disposition"`
	Notes       string         `json:"notes"`
	Tickets     []TicketItem   `json:"tickets"` // opened from this call
	Asks        *Asks          `json:"asks,omitempty"`
	// TransferredTo is where the agent has handed it over to: it may go on with others.
	TransferredTo string `json:"transferred_to,omitempty"`
}
