package talk

import (
	"slices"

	"github.com/linedesk/linedesk/call"
)

// Phase is how far a call as a whole has come.
type Phase string

// The phases of a call.
const (
	PhaseOpen      Phase = ""          // goes on
	PhaseUnreached Phase = "unreached" // the number that an agent dialled was not reached; the agent hears the busy tone
	PhaseEnded     Phase = "ended"     // every leg was let go; figures of some are to come
	PhaseOver      Phase = "over"      // CallEnded is written; nothing more comes
)

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
	Muted   bool
	Holds   bool     // has put us on hold at its own telephone
	Gone    bool     // its dialog is over
	End     call.End // why it was let go, or went
}

// State is one live call. It is plain data with no pointer into anything else; only Step changes it.
type State struct {
	Call      call.ID
	Direction call.Direction
	From      call.Party
	To        call.Number
	Trunk     call.TrunkID
	Extension call.Extension // of the colleague who dialled
	Phase     Phase
	Parties   []Party // in the order in which they came; who is gone and whose figures are written down is not here
	LastParty PartyID
	Served    bool         // a flow serves the customer; it stays while an agent talks, for the agent may be lost
	Queue     call.QueueID // the present or last queue
	Grade     string       // the customer's, once known
	Message   bool         // a voice message was left
	InFlow    call.AgentID // the colleague who dialled into a flow, and is busy with it
	Unreached call.End     // in PhaseUnreached: why
	End       call.End     // from PhaseEnded on
	Rooms     []Room       // as they were connected last
}

// Clone gives a copy that shares nothing with the state.
func (s *State) Clone() State {
	c := *s
	c.Parties = slices.Clone(s.Parties)
	c.Rooms = make([]Room, len(s.Rooms))
	for i, r := range s.Rooms {
		c.Rooms[i] = Room{ID: r.ID, Members: slices.Clone(r.Members), Gains: slices.Clone(r.Gains)}
	}
	return c
}

// Party finds a party; nil: it is not, or no longer, in the call. The pointer is good until the next Step.
func (s *State) Party(id PartyID) *Party {
	for i := range s.Parties {
		if s.Parties[i].ID == id {
			return &s.Parties[i]
		}
	}
	return nil
}

// Customer is the party whom the agent serves or called; nil: there is none yet, or it is gone.
func (s *State) Customer() *Party {
	for i := range s.Parties {
		if p := &s.Parties[i]; p.Role == RoleCustomer || p.Role == RoleColleague {
			return p
		}
	}
	return nil
}

// Serving is the agent who rings or talks; nil: nobody does.
func (s *State) Serving() *Party {
	for i := range s.Parties {
		if p := &s.Parties[i]; p.Role == RoleAgent && p.State != Left {
			return p
		}
	}
	return nil
}

// ended tells whether the call as such is over.
func (s *State) ended() bool { return s.Phase == PhaseEnded || s.Phase == PhaseOver }

// bridged tells whether the party has begun to talk.
func (p *Party) bridged() bool { return p.State == Talking || p.State == Held || p.State == Consulting }

// accepted tells whether the party has answered.
func (p *Party) accepted() bool { return p.Line == LineUp }
