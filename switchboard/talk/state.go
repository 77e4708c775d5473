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
	Move      Move         // on the way from one agent to somebody else
	Consult   Consult      // an agent asks somebody beside the call
	Grade     string       // the customer's, once known
	Message   bool         // a voice message was left
	Seats     bool         // agents may be busy with it whom no queue gave
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
		if p := &s.Parties[i]; !p.Guest && (p.Role == RoleCustomer || p.Role == RoleColleague) {
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

// guest is the one whom an agent has asked to join and who rings or talks; nil: there is none.
func (s *State) guest() *Party {
	for i := range s.Parties {
		if p := &s.Parties[i]; p.Guest && p.State != Left {
			return p
		}
	}
	return nil
}

// ended tells whether the call as such is over.
func (s *State) ended() bool { return s.Phase == PhaseEnded || s.Phase == PhaseOver }
