package talk

import (
	"fmt"
	"slices"
	"testing"
)

// listening gives, for each party, who of the others is heard, by the rooms that Connect tells: all members of one's room
// but for gains of 0. It is what the shell carries out, and shares nothing with Hears.
func listening(s *State) map[PartyID][]PartyID {
	heard := make(map[PartyID][]PartyID)
	for _, r := range s.rooms() {
		for _, listener := range r.Members {
			for _, source := range r.Members {
				silent := slices.ContainsFunc(r.Gains, func(g Gain) bool {
					return g.Listener == listener && g.Source == source && g.Loud == 0
				})
				if source != listener && !silent {
					heard[listener] = append(heard[listener], source)
				}
			}
		}
	}
	return heard
}

func parties(list ...Party) *State {
	s := &State{}
	for _, p := range list {
		(&step{State: s}).join(p)
	}
	return s
}

var (
	customer  = Party{Role: RoleCustomer, State: Talking}
	agent     = Party{Role: RoleAgent, State: Talking}
	colleague = Party{Role: RoleColleague, State: Talking}
	outside   = Party{Role: RoleOutside, State: Talking}
)

func supervisor(m Mode) Party { return Party{Role: RoleSupervisor, State: Talking, Mode: m} }

func (p Party) in(s PartyState) Party { p.State = s; return p }

// TestWhoHearsWhom tells the table: the parties 1, 2, 3 … and whom each of them hears.
func TestWhoHearsWhom(t *testing.T) {
	for _, c := range []struct {
		story string
		is    *State
		want  map[PartyID][]PartyID
	}{
		{"a customer and an agent", parties(customer, agent), map[PartyID][]PartyID{1: {2}, 2: {1}}},
		{"on hold", parties(customer.in(Held), agent), map[PartyID][]PartyID{}},
		{"the agent rings", parties(customer.in(Waiting), agent.in(Invited)), map[PartyID][]PartyID{}},
		{"the far end's own sound", parties(agent.in(Early), customer.in(Early)), map[PartyID][]PartyID{1: {2}, 2: {1}}},
		{
			"the agent asks a colleague; the customer hears nothing of it",
			parties(customer.in(Held), agent.in(Consulting), colleague.in(Consulting)),
			map[PartyID][]PartyID{2: {3}, 3: {2}},
		},
		{
			"the agent asks a number outside, and is back with the customer while it waits",
			parties(customer, agent, outside.in(Held)),
			map[PartyID][]PartyID{1: {2}, 2: {1}},
		},
		{
			"a supervisor listens",
			parties(customer, agent, supervisor(ModeListen)),
			map[PartyID][]PartyID{1: {2}, 2: {1}, 3: {1, 2}},
		},
		{
			"a supervisor whispers: the customer does not hear it",
			parties(customer, agent, supervisor(ModeWhisper)),
			map[PartyID][]PartyID{1: {2}, 2: {1, 3}, 3: {1, 2}},
		},
		{
			"a supervisor barges in",
			parties(customer, agent, supervisor(ModeBarge)),
			map[PartyID][]PartyID{1: {2, 3}, 2: {1, 3}, 3: {1, 2}},
		},
		{
			"three supervisors: who listens and who whispers are not heard by the others",
			parties(customer, agent, supervisor(ModeListen), supervisor(ModeWhisper), supervisor(ModeBarge)),
			map[PartyID][]PartyID{1: {2, 5}, 2: {1, 4, 5}, 3: {1, 2, 5}, 4: {1, 2, 5}, 5: {1, 2}},
		},
		{
			"a supervisor listens while the agent asks: in the call's room there is nobody to be heard",
			parties(customer.in(Held), agent.in(Consulting), colleague.in(Consulting), supervisor(ModeListen)),
			map[PartyID][]PartyID{2: {3}, 3: {2}},
		},
	} {
		t.Run(c.story, func(t *testing.T) {
			got := listening(c.is)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("they hear %v, want %v", got, c.want)
			}
			for i := range c.is.Parties {
				for j := range c.is.Parties {
					p, q := &c.is.Parties[i], &c.is.Parties[j]
					if want := slices.Contains(c.want[p.ID], q.ID); (Hears(p, q) == 1) != want {
						t.Errorf("party %d hears party %d at %v", p.ID, q.ID, Hears(p, q))
					}
				}
			}
		})
	}
}

func TestInAConferenceOfEightAllHearAll(t *testing.T) {
	s := parties(customer, agent, colleague, outside, agent, colleague, outside, outside)
	rooms := s.rooms()
	if len(rooms) != 1 || len(rooms[0].Members) != 8 || len(rooms[0].Gains) != 0 {
		t.Fatalf("the rooms are %+v, want one of eight without gains", rooms)
	}
	for listener, heard := range listening(s) {
		if len(heard) != 7 {
			t.Errorf("party %d hears %v, want the seven others", listener, heard)
		}
	}
}

// TestConnectTellsOnlyOfWhatChanged sees that a room whose gains alone change is told of, and one that does not is not.
func TestConnectTellsOnlyOfWhatChanged(t *testing.T) {
	s := parties(customer, agent, supervisor(ModeListen))
	connects := func() []Effect {
		m := step{State: s}
		m.connect()
		return m.effects
	}
	if got := connects(); len(got) != 1 {
		t.Fatalf("three who come together: %v", got)
	}
	if got := connects(); len(got) != 0 {
		t.Errorf("nothing has changed, and the machine connects %v", got)
	}
	s.Parties[2].Mode = ModeWhisper
	if got := connects(); len(got) != 1 {
		t.Errorf("the supervisor whispers now, and the machine connects %v", got)
	}
	s.Parties[0].State, s.Parties[1].State = Held, Consulting
	if got := connects(); len(got) != 2 {
		t.Errorf("the agent is in the room beside now, and the machine connects %v", got)
	}
}

func TestACloneSharesNothing(t *testing.T) {
	s := parties(customer, agent, supervisor(ModeListen))
	s.Rooms = s.rooms()
	c := s.Clone()
	before := fmt.Sprintf("%+v", c)
	s.Parties[0].State, s.Rooms[0].Members[0], s.Rooms[0].Gains[0].Loud = Left, 9, 0.5
	if got := fmt.Sprintf("%+v", c); got != before {
		t.Errorf("the copy is %s now, and was %s", got, before)
	}
}
