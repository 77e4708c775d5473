package talk

import "github.com/linedesk/linedesk/call"

// arrived takes a call in: it is written down, answered, and led into the flow of the number dialled.
func (m *step) arrived(in Arrived) {
	if m.LastParty != 0 {
		return // it has begun already
	}
	m.Call, m.Direction, m.From, m.To = in.Call, in.Direction, in.From, in.To
	m.Trunk, m.Extension = in.Trunk, in.Extension
	p := m.join(Party{Role: RoleCustomer, State: Invited, Leg: in.Leg, Line: LineIncoming, Agent: in.Agent})
	m.journal(call.CallArrived{
		Call: in.Call, Leg: in.Leg, Direction: in.Direction, From: in.From, To: in.To, Trunk: in.Trunk,
		Extension: in.Extension, SIPCallID: in.SIPCallID,
	})
	if in.Agent != "" {
		m.occupy(Occupy{Agent: in.Agent})
	}
	m.do(LookUp{Number: in.From.Number})
	if in.NoPort {
		m.noPort(p)
		return
	}
	// The record is written before the 200 leaves: a server that is killed now still knows of the call.
	m.do(Journal{Event: call.CallAnswered{Call: m.Call, Leg: p.Leg}, Before: true})
	p.Line, p.State = LineUp, Waiting
	m.do(Answer{Party: p.ID})
	m.Served = true
	m.do(EnterFlow{})
}

// noPort refuses an incoming leg that can have no sound.
func (m *step) noPort(p *Party) {
	m.do(Reject{Party: p.ID, Status: 503, Reason: "No Media Port"})
	p.Gone = true
	m.finish(call.End{By: call.BySystem, Cause: call.CauseFailed, SIP: 503})
}

// queueRefused goes on in the flow; a call that was handed over goes back.
func (m *step) queueRefused(reason string) {
	if m.Move.under() {
		if m.Serving() == nil && m.guest() == nil {
			m.bounce(reason)
		}
		return
	}
	m.Queue = ""
	switch {
	case !m.Served:
	case reason == QueueFull:
		m.do(TellFlow{NewsFull})
	default:
		m.do(TellFlow{NewsLeft})
	}
}

// messageLeft writes a voice message down. It may come after the caller has left: hanging up is how most people
// end a message.
func (m *step) messageLeft(in FlowKeeps) {
	if m.Phase == PhaseOver || !m.Served {
		return
	}
	m.Message = true
	m.journal(call.VoicemailLeft{
		Call: m.Call, File: in.File, Duration: in.Duration, Queue: in.Queue, Ticket: in.Ticket, Kind: in.Kind,
	})
}
