package talk

import "github.com/linedesk/linedesk/call"

// placed begins a call that an agent dials. From the desk, the router has written CallPlaced down and made the
// agent busy when it admitted the call; on a telephone, this is the first that is known of it.
func (m *step) placed(in Placed) {
	if m.LastParty != 0 {
		return
	}
	m.Call, m.Direction, m.From, m.To = in.Call, in.Direction, in.From, in.To
	m.Trunk, m.Extension = in.Trunk, in.Extension
	a := m.join(Party{
		Role: RoleAgent, State: Invited, Leg: in.Leg, Line: LineOutgoing, Agent: in.Agent,
		Browser: in.Station.Kind == call.StationWebRTC,
	}).ID
	far := Party{Role: RoleCustomer, State: Invited, Leg: in.FarLeg, Line: LineNone, Agent: in.Callee}
	if in.Direction == call.Internal {
		far.Role = RoleColleague
	}
	m.join(far)
	if !in.ByPhone {
		m.do(LookUp{Number: in.To})
		m.do(Ring{Party: a, Leg: in.Leg, Agent: in.Agent, Station: in.Station, Show: m.shown(), For: in.Ring})
		return
	}
	m.Party(a).Line = LineIncoming
	m.journal(call.CallPlaced{
		Call: in.Call, Agent: in.Agent, Extension: in.Extension, From: in.From.Number, To: in.To,
		Direction: in.Direction, Trunk: in.Trunk,
	})
	if in.Agent != "" {
		m.occupy(Occupy{Agent: in.Agent})
	}
	if in.NoPort {
		m.noPort(m.Party(a))
		return
	}
	m.do(LookUp{Number: in.To})
	m.dialFar()
}

// shown is what the agent's telephone displays.
func (m *step) shown() call.Party {
	if m.Direction == call.Inbound {
		return m.From
	}
	return call.Party{Number: m.To}
}

// dialFar calls the far end.
func (m *step) dialFar() {
	far := m.Customer()
	if far == nil || far.Line != LineNone {
		return
	}
	far.Line = LineOutgoing
	m.do(Journal{Event: call.NumberDialled{Call: m.Call, Leg: far.Leg}, Before: true})
	d := Dial{Party: far.ID, Leg: far.Leg}
	if m.Direction == call.Internal {
		d.Extension = call.Extension(m.To.Raw)
	} else {
		d.Number, d.Trunk = m.To, m.Trunk
	}
	m.do(d)
}

// farFailed ends a call whose far end can not be called for a fault of ours.
func (m *step) farFailed(far *Party) {
	if far.Line == LineOutgoing {
		m.finish(call.End{By: call.BySystem, Cause: call.CauseFailed})
	}
}

// seatCallee makes the colleague who is called busy: as soon as the telephone rings, so that no queue rings it
// too; but one who has a call in hand only by answering this one.
func (m *step) seatCallee(far *Party) {
	if far.Role == RoleColleague && far.Agent != "" {
		m.occupy(Occupy{Agent: far.Agent, IfIdle: !far.accepted()})
	}
}

func (m *step) occupy(e Occupy) {
	m.Seats = true
	m.do(e)
}

// farRings lets the agent hear the ringing: the far end's own sound if it sends some, else our tone.
func (m *step) farRings(far *Party, early bool) {
	a := m.Serving()
	if a == nil || a.bridged() || m.Phase != PhaseOpen || far.Line != LineOutgoing {
		return
	}
	m.seatCallee(far)
	switch {
	case !a.accepted(): // dialled on the telephone itself, whose INVITE waits
		m.do(Progress{Party: a.ID})
	case far.State == Early: // a 180 after the far end's own sound takes nothing of it away (RFC 3960, 3.2)
	case !early:
		m.do(Play{Party: a.ID, Sound: Ringback})
	default:
		m.do(StopPlay{Party: a.ID})
		a.State, far.State = Early, Early
		m.connect()
	}
}

// farAnswered joins agent and far party.
func (m *step) farAnswered(far *Party) {
	a := m.Serving()
	if far.Line != LineOutgoing || a == nil {
		return
	}
	far.Line = LineUp
	m.seatCallee(far)
	m.journal(call.CallAnswered{Call: m.Call, Leg: far.Leg})
	if !a.accepted() { // its INVITE waits for this
		a.Line = LineUp
		m.do(Answer{Party: a.ID})
	}
	m.bridge(a, far)
}

// toneDone ends the call when the agent has heard the busy tone out.
func (m *step) toneDone(*Party) {
	if m.Phase == PhaseUnreached {
		m.finish(m.Unreached)
	}
}

// farRefused ends a call whose number was not reached: the agent hears the busy tone; a telephone that still
// waits for its own INVITE's answer gets the refusal.
func (m *step) farRefused(far *Party, end call.End) {
	a := m.Serving()
	if a == nil || !a.accepted() {
		m.finish(end)
		return
	}
	m.Phase, m.Unreached = PhaseUnreached, end
	a.State = Waiting
	m.drop(far, end)
	m.connect()
	m.do(Play{Party: a.ID, Sound: Busy})
}
