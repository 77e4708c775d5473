package configs

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// defaultOutboundRing is how long a customer is rung where the site says nothing.
const defaultOutboundRing = 45 * time.Second

// longestIdle is how a queue chooses among its agents; there is no other way yet.
const longestIdle = "longest_idle"

// dialled is a number as a trunk brings it; the trunk is empty for any.
type dialled struct {
	trunk  call.TrunkID
	number string
}

// Index fills in what is left out and makes the maps for looking up. Whoever puts a site together calls it
// once, before the site is shared.
func (s *Site) Index() {
	s.users = map[call.UserID]*User{}
	s.agents = map[call.AgentID]*Agent{}
	s.workers = map[call.UserID]*Agent{}
	s.extensions = map[call.Extension]*Extension{}
	s.stations = map[call.Extension]*Agent{}
	s.queues = map[call.QueueID]*Queue{}
	s.trunks = map[call.TrunkID]*Trunk{}
	s.numbers = map[dialled]*Number{}
	s.kinds = map[string]*TicketKind{}
	for i := range s.Users {
		s.users[s.Users[i].ID] = &s.Users[i]
	}
	for i := range s.Extensions {
		s.extensions[s.Extensions[i].Ext] = &s.Extensions[i]
	}
	for i := range s.Agents {
		a := &s.Agents[i]
		if u := s.users[a.User]; u != nil {
			a.Names, a.Team = u.Names, u.Team
		}
		s.agents[a.ID] = a
		s.workers[a.User] = a
		if a.Extension != "" {
			s.stations[a.Extension] = a
		}
	}
	for i := range s.Queues {
		q := &s.Queues[i]
		if q.RingTimeout == 0 {
			q.RingTimeout = call.DefaultRing
		}
		if q.ServiceLevel == 0 {
			q.ServiceLevel = call.DefaultServiceLevel
		}
		s.queues[q.ID] = q
	}
	for i := range s.Trunks {
		s.trunks[s.Trunks[i].ID] = &s.Trunks[i]
	}
	for i := range s.Numbers {
		n := &s.Numbers[i]
		s.numbers[dialled{n.Trunk, n.Dialled}] = n
	}
	for i := range s.TicketKinds {
		s.kinds[s.TicketKinds[i].ID] = &s.TicketKinds[i]
	}
	if s.Outbound.RingTimeout == 0 {
		s.Outbound.RingTimeout = defaultOutboundRing
	}
}

// User gives a user, or nil.
func (s *Site) User(id call.UserID) *User { return s.users[id] }

// Agent gives an agent, or nil.
func (s *Site) Agent(id call.AgentID) *Agent { return s.agents[id] }

// AgentOf gives the agent that a user works as, or nil.
func (s *Site) AgentOf(id call.UserID) *Agent { return s.workers[id] }

// AgentAt gives the agent whose own telephone an extension is, or nil.
func (s *Site) AgentAt(ext call.Extension) *Agent { return s.stations[ext] }

// Numbering is how tickets are numbered: by day in the site's timezone, with the kinds' prefixes.
func (s *Site) Numbering() store.Numbering {
	n := store.Numbering{Location: s.Location, Prefix: make(map[string]string, len(s.TicketKinds))}
	for _, k := range s.TicketKinds {
		n.Prefix[k.ID] = k.Prefix
	}
	return n
}

// Queue gives a queue, or nil.
func (s *Site) Queue(id call.QueueID) *Queue { return s.queues[id] }

// Extension gives an extension, or nil.
func (s *Site) Extension(ext call.Extension) *Extension { return s.extensions[ext] }

// Trunk gives a trunk, or nil.
func (s *Site) Trunk(id call.TrunkID) *Trunk { return s.trunks[id] }

// TicketKind gives a kind of ticket, or nil.
func (s *Site) TicketKind(id string) *TicketKind { return s.kinds[id] }

// Number gives what a number dialled on a trunk leads to, or nil. An entry for the trunk goes before
// one for all.
func (s *Site) Number(trunk call.TrunkID, number string) *Number {
	if n := s.numbers[dialled{trunk, number}]; n != nil {
		return n
	}
	return s.numbers[dialled{"", number}]
}

// Routing gives what the ACD must know of the site.
func (s *Site) Routing() call.RoutingConfigured {
	var r call.RoutingConfigured
	for _, q := range s.Queues {
		r.Queues = append(r.Queues, call.QueueRules{
			Queue:        q.ID,
			Strategy:     longestIdle,
			Weight:       q.Weight,
			RingTimeout:  q.RingTimeout,
			WrapUp:       q.WrapUp,
			MaxMisses:    q.MaxMisses,
			MaxWaiting:   q.MaxWaiting,
			ServiceLevel: q.ServiceLevel,
		})
	}
	for _, a := range s.Agents {
		r.Agents = append(r.Agents, call.AgentRules{
			Agent:           a.ID,
			Queues:          a.Queues,
			MissesDontCount: a.MissesDontCount,
			NoWrapUp:        a.NoWrapUp,
		})
	}
	return r
}
