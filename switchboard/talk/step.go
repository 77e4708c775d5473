package talk

import "github.com/linedesk/linedesk/call"

// Step takes one input, changes the state and gives what is to be done about it, in order.
func Step(s *State, in Input) []Effect {
	m := step{State: s, effects: make([]Effect, 0, usualEffects)}
	switch in := in.(type) {
	case Command: // answered at whatever stage the call is
		m.command(in)
	case Closed:
		m.closed(in.Party, in.Quality)
	case FlowKeeps:
		m.messageLeft(in)
	default:
		if s.Phase == PhaseOver {
			return nil
		}
		m.take(in)
	}
	return m.effects
}

// usualEffects is more than most steps come to.
const usualEffects = 8

// step is one step in the making.
type step struct {
	*State
	effects []Effect
}

func (m *step) do(e Effect) { m.effects = append(m.effects, e) }

func (m *step) journal(e call.Event) { m.do(Journal{Event: e}) }

func (m *step) take(in Input) {
	switch in := in.(type) {
	case Arrived:
		m.arrived(in)
	case Placed:
		m.placed(in)
	case Timeout:
		switch {
		case in.Timer == TimerClosing && m.Phase == PhaseEnded:
			m.giveUpClosing()
		case in.Timer == TimerParked:
			m.parkedTooLong()
		}
	case Gone:
		m.gone(in)
	case Stop:
		m.finish(in.End)
	default:
		if !m.ended() {
			m.open(in)
		}
	}
}

// open takes what matters only while the call goes on.
func (m *step) open(in Input) {
	switch in := in.(type) {
	case Offered:
		m.offered(in)
	case OfferOver:
		m.offerOver(in.Offer)
	case WaitAgain:
		if m.Served && m.Serving() == nil && m.guest() == nil {
			m.do(TellFlow{NewsRequeued})
		}
	case QueueRefused:
		if in.Consult {
			m.askedRefused(in.Reason)
			return
		}
		m.queueRefused(in.Reason)
	case BrowserLost:
		m.browserLost(in.Agent, call.End{By: call.ByAgent, Cause: call.CauseLost})
	case CustomerFound:
		m.Grade = in.Grade
		m.journal(call.CustomerIdentified{Call: m.Call, Customer: in.Customer, Grade: in.Grade, Name: in.Name})
	case FlowQueues:
		if !m.Served {
			return
		}
		m.Queue = in.Queue
		m.journal(m.queued(call.CallQueued{
			Call: m.Call, Queue: in.Queue, Skills: in.Skills, Priority: in.Priority, Grade: m.Grade,
		}))
	case FlowHangsUp:
		if !m.Served {
			return
		}
		if m.Message {
			in.Cause = call.CauseVoicemail
		}
		m.finish(call.End{By: call.BySystem, Cause: in.Cause})
	default:
		m.leg(in)
	}
}

// browserLost is the going of a browser in which an agent speaks, or is rung.
func (m *step) browserLost(agent call.AgentID, end call.End) {
	if g := m.guest(); g != nil && g.Agent == agent && g.Browser {
		m.guestLeft(g, end)
		return
	}
	if a := m.Serving(); a != nil && a.Agent == agent && a.Browser {
		m.agentLost(a, end)
	}
}

// leg sorts what a leg says by whose it is. A party that was let go is heard no more.
func (m *step) leg(in Input) {
	switch in := in.(type) {
	case Present:
		m.each(in.Party, nil, m.present, m.guestRings)
	case RingFailed:
		m.each(in.Party, m.farFailed, m.ringFailed, m.guestFailed)
	case Rang:
		m.each(in.Party, func(far *Party) { m.farRings(far, in.Early) }, m.agentRings, m.guestRings)
	case Answered:
		m.each(in.Party, m.farAnswered, m.agentAnswered, m.guestAnswered)
	case HoldPressed:
		m.each(in.Party, func(far *Party) { m.farHolds(far, true) }, func(a *Party) { m.hold(a, true) }, nil)
	case ResumePressed:
		m.each(in.Party, func(far *Party) { m.farHolds(far, false) }, func(a *Party) { m.hold(a, false) }, nil)
	case ToneDone:
		m.each(in.Party, nil, m.toneDone, nil)
	}
}

// each does what fits the party's role.
func (m *step) each(id PartyID, far, agent, guest func(*Party)) {
	p := m.Party(id)
	switch {
	case p == nil || p.State == Left:
	case p.Role == RoleAgent:
		agent(p)
	case p.Guest:
		if guest != nil {
			guest(p)
		}
	case far != nil && (p.Role == RoleCustomer || p.Role == RoleColleague):
		far(p)
	}
}

// connect tells of the rooms that are not as they were.
func (m *step) connect() {
	now := m.rooms()
	for _, was := range m.Rooms {
		if !has(now, was.ID) {
			m.do(Connect{Room{ID: was.ID}})
		}
	}
	for _, r := range now {
		if !has(m.Rooms, r.ID) || !find(m.Rooms, r.ID).equal(r) {
			m.do(Connect{r})
		}
	}
	m.Rooms = now
}

func has(rooms []Room, id RoomID) bool { return find(rooms, id).ID == id }

func find(rooms []Room, id RoomID) Room {
	for _, r := range rooms {
		if r.ID == id {
			return r
		}
	}
	return Room{}
}

// join makes a party of the call.
func (m *step) join(p Party) *Party {
	m.LastParty++
	p.ID = m.LastParty
	m.Parties = append(m.Parties, p)
	return &m.Parties[len(m.Parties)-1]
}
