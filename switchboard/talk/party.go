package talk

import "github.com/linedesk/linedesk/call"

// PartyID tells one party of a call from the others: 1, 2, 3 … in the order in which they came. It is never used
// again in the same call, so a late word about a party that is gone does no harm.
type PartyID int

// Role is what a party is in the call.
type Role string

// The roles of a party.
const (
	RoleCustomer   Role = "customer"   // whom the call is about: who called in, or whom an agent called; a colleague who dials a published number is in this place
	RoleAgent      Role = "agent"      // serves the customer
	RoleColleague  Role = "colleague"  // is called, or asked, by an agent
	RoleOutside    Role = "outside"    // a number outside whom an agent asks
	RoleSupervisor Role = "supervisor" // listens, whispers or barges in
)

// PartyState is what a party does in the call.
type PartyState string

// The states of a party.
const (
	Invited    PartyState = "invited"    // its leg is rung or dialled, or it rings at us
	Waiting    PartyState = "waiting"    // answered, and alone: hears a flow, music or a tone
	Early      PartyState = "early"      // hears the other's sound before the answer (early media, RFC 3960)
	Talking    PartyState = "talking"    // in the call's room
	Held       PartyState = "held"       // parted from the others, hears music
	Consulting PartyState = "consulting" // in the room beside: the agent who asks, and who is asked
	Left       PartyState = "left"       // let go; the leg's figures are to come
)

// Mode is what a supervisor is heard as.
type Mode string

// The modes of a supervisor.
const (
	ModeListen  Mode = "listen"  // hears all, is heard by nobody
	ModeWhisper Mode = "whisper" // is heard by the agent only
	ModeBarge   Mode = "barge"   // is heard by all
)

// Line is the state of a party's leg.
type Line string

// The states of a leg.
const (
	LineNone     Line = ""         // not called yet
	LineIncoming Line = "incoming" // its INVITE waits for our answer
	LineOutgoing Line = "outgoing" // we ring it
	LineUp       Line = "up"       // answered
	LineClosing  Line = "closing"  // told to end; its figures are to come
)

// Party is one side of a call, with its leg.
type Party struct {
	ID      PartyID
	Role    Role
	State   PartyState
	Mode    Mode // of a supervisor
	Leg     call.LegID
	Line    Line
	Browser bool         // the leg is the nailed-up one of a desk: its agent answers by a command
	Agent   call.AgentID // who of ours it is; empty: nobody
	Offer   call.OfferID // which offer brought the agent; empty: no queue did
	Guest   bool         // was asked to join a call that went on already: a number outside, a telephone without an agent
	Muted   bool
	Holds   bool     // has put us on hold at its own telephone
	Gone    bool     // its dialog is over
	End     call.End // why it was let go, or went
}

// bridged tells whether the party has begun to talk.
func (p *Party) bridged() bool { return p.State == Talking || p.State == Held || p.State == Consulting }

// accepted tells whether the party has answered.
func (p *Party) accepted() bool { return p.Line == LineUp }
