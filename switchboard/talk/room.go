package talk

import "slices"

// RoomID names a room of a call.
type RoomID int

// The rooms of a call.
const (
	NoRoom     RoomID = iota // alone
	RoomCall                 // the call's own: customer, agents, who listens
	RoomBeside               // where an agent asks somebody while the customer waits
)

// Room is who stands together. Whoever is a member hears all others as they are, but for the gains.
type Room struct {
	ID      RoomID
	Members []PartyID
	Gains   []Gain
}

// Gain says how loud Listener hears Source: 0 not at all, 1 as it is. Pairs that are not named have 1.
type Gain struct {
	Listener, Source PartyID
	Loud             float32
}

// places says in which room a state puts a party. What is not named stands alone.
var places = map[PartyState]RoomID{
	Early:      RoomCall,
	Talking:    RoomCall,
	Consulting: RoomBeside,
}

// Place is the room in which the party stands.
func (p *Party) Place() RoomID { return places[p.State] }

// Hears says how loud the listener hears the source. This is the one table of who hears whom: it knows
// nothing but the two parties' roles and states.
//
//	not in the same room   nobody hears anybody
//	supervisor, listen     is heard by nobody
//	supervisor, whisper    is heard by agents only
//	supervisor, barge      is heard by all
//	everybody else         is heard by all
func Hears(listener, source *Party) float32 {
	if listener.ID == source.ID || listener.Place() == NoRoom || listener.Place() != source.Place() {
		return 0
	}
	if source.Role != RoleSupervisor {
		return 1
	}
	switch {
	case source.Mode == ModeBarge, source.Mode == ModeWhisper && listener.Role == RoleAgent:
		return 1
	}
	return 0
}

// rooms derives the rooms from the parties.
func (s *State) rooms() []Room {
	var rooms []Room
	for id := RoomCall; id <= RoomBeside; id++ {
		r := Room{ID: id}
		for i := range s.Parties {
			p := &s.Parties[i]
			if p.Place() != id {
				continue
			}
			r.Members = append(r.Members, p.ID)
			for j := range s.Parties {
				if q := &s.Parties[j]; q.ID != p.ID && q.Place() == id {
					if loud := Hears(p, q); loud != 1 {
						r.Gains = append(r.Gains, Gain{Listener: p.ID, Source: q.ID, Loud: loud})
					}
				}
			}
		}
		if len(r.Members) > 0 {
			rooms = append(rooms, r)
		}
	}
	return rooms
}

func (r Room) equal(o Room) bool {
	return r.ID == o.ID && slices.Equal(r.Members, o.Members) && slices.Equal(r.Gains, o.Gains)
}
