package talk

import (
	"slices"

	"github.com/linedesk/linedesk/call"
)

// gone takes the end of a dialog.
func (m *step) gone(in Gone) {
	p := m.Party(in.Party)
	if p == nil || p.Line == LineNone {
		return
	}
	p.Gone = true
	if p.End.Cause == "" {
		p.End = in.End
	}
	if !m.ended() && p.State != Left {
		m.left(p, in.End)
	}
}

// left sorts whose going it is.
func (m *step) left(p *Party, end call.End) {
	switch {
	case p.Role == RoleAgent:
		m.agentLeft(p, end)
	case p.Guest:
		m.guestLeft(p, end)
	default:
		m.farLeft(p, end)
	}
}

func (m *step) agentLeft(a *Party, end call.End) {
	switch {
	case end.Cause == call.CauseLost:
		m.agentLost(a, end)
	case m.askingLeaves(a, end):
	case !a.accepted():
		m.turnFailed(a, missOf(end))
	case m.Phase == PhaseUnreached:
		m.finish(m.Unreached)
	case !a.bridged(): // a placed call: the agent gave up before an answer
		m.finish(call.End{By: call.ByAgent, Cause: call.CauseCancelled})
	default:
		m.finish(call.End{By: call.ByAgent, Cause: call.CauseHangup, SIP: end.SIP, Q850: end.Q850})
	}
}

// farLeft ends the call: nothing of it is left without the far party.
func (m *step) farLeft(far *Party, end call.End) {
	a := m.Serving()
	switch {
	case !m.Served && !far.accepted():
		m.farRefused(far, end)
		return
	case end.Cause == call.CauseLost:
	case a != nil && a.bridged(), m.Move.under() && m.Move.Queue == "":
		end.Cause = call.CauseHangup
	case m.Queue != "":
		end.Cause = call.CauseAbandoned
	case m.Served:
		end.Cause = call.CauseLeftMenu
	}
	if end.By == "" {
		end.By = call.ByCaller
	}
	m.finish(end)
}

// finish ends the call: every leg is let go, the ACD is told whose time is over. The call stays until the legs'
// figures are in.
func (m *step) finish(end call.End) {
	if m.ended() {
		return
	}
	worked := m.Phase == PhaseUnreached
	m.Phase, m.End = PhaseEnded, end
	if m.Served {
		m.do(TellFlow{NewsCallerLeft})
	}
	m.consultEndsWith(end)
	// The agent's BYE leaves before the ACD learns that the agent is free: the next caller's INVITE must not
	// overtake it.
	var agent Party
	if a := m.Serving(); a != nil {
		agent = *a
		m.drop(a, end)
	}
	switch {
	case agent.Offer != "" && agent.bridged():
		m.journal(call.TalkEnded{Call: m.Call, Agent: agent.Agent, Offer: agent.Offer, By: end.By})
	case agent.ID != 0 && agent.Offer == "":
		m.do(Free{Placer: agent.Agent, Worked: worked || agent.bridged()})
		m.Seats = false
	case m.Served, m.Move.under():
		m.journal(call.CallerLeft{Call: m.Call, End: end})
	}
	if m.Seats {
		m.do(Free{})
	}
	for _, p := range slices.Clone(m.Parties) {
		m.drop(m.Party(p.ID), end)
	}
	m.connect()
	if len(m.Parties) == 0 {
		m.over()
		return
	}
	m.do(SetTimer{Timer: TimerClosing, After: ClosingTime})
}

// consultEndsWith ends the asking with the call.
func (m *step) consultEndsWith(end call.End) {
	if !m.Consult.on() {
		return
	}
	a, g := m.consults()
	m.drop(g, end)
	m.journal(call.ConsultEnded{Call: m.Call, Agent: a.Agent, Reason: "call_over"})
	m.Consult = Consult{}
}

// drop lets a party's leg go. One that was never called has none.
func (m *step) drop(p *Party, end call.End) {
	if p == nil || p.State == Left {
		return
	}
	if p.Line == LineNone {
		m.remove(p.ID)
		return
	}
	if p.End.Cause == "" {
		p.End = end
	}
	p.State, p.Line = Left, LineClosing
	m.do(HangUp{Party: p.ID, End: end})
}

// closed writes a leg's figures down. One that nobody told to close was lost: the others must not be left with it.
func (m *step) closed(id PartyID, q call.Quality) {
	p := m.Party(id)
	if p == nil || p.Line == LineNone {
		return
	}
	if p.State != Left {
		p.Gone = true
		m.left(p, call.End{By: call.BySystem, Cause: call.CauseLost})
		if p = m.Party(id); p == nil {
			return
		}
		m.drop(p, call.End{By: call.BySystem, Cause: call.CauseLost})
		m.connect()
		p = m.Party(id)
	}
	m.figures(*p, q)
	if m.Phase == PhaseEnded && len(m.Parties) == 0 {
		m.over()
	}
}

// figures writes down how a leg was, and the party is no more.
func (m *step) figures(p Party, q call.Quality) {
	agent := p.Agent
	if p.Role != RoleAgent && p.Offer == "" {
		agent = "" // the far party's leg, though a colleague is at it
	}
	m.remove(p.ID)
	m.journal(call.LegEnded{Call: m.Call, Leg: p.Leg, Agent: agent, End: p.End, Quality: q})
}

// giveUpClosing waits no longer for the figures of legs.
func (m *step) giveUpClosing() {
	for _, p := range slices.Clone(m.Parties) {
		m.figures(p, call.Quality{})
	}
	m.over()
}

// over is the call's last act.
func (m *step) over() {
	m.Phase = PhaseOver
	if m.Message && m.End.Cause == call.CauseLeftMenu { // hanging up is how most people end a message
		m.End.Cause = call.CauseVoicemail
	}
	m.do(Over{call.CallEnded{Call: m.Call, End: m.End}})
}

func (m *step) remove(id PartyID) {
	m.Parties = slices.DeleteFunc(m.Parties, func(p Party) bool { return p.ID == id })
}
