package talk

import "github.com/linedesk/linedesk/call"

// hold parts the two and plays music to the far party, or joins them again.
func (m *step) hold(a *Party, on bool) {
	far := m.Customer()
	if far == nil || a.State == Consulting || !a.bridged() || !far.bridged() || on == (far.State == Held) {
		return
	}
	if on {
		far.State = Held
		m.connect()
		m.do(Play{Party: far.ID, Sound: Music, Queue: m.Queue, Agent: a.Agent})
		m.journal(call.CallHeld{Call: m.Call, Agent: a.Agent, By: call.ByAgent})
		return
	}
	far.State = Talking
	m.do(StopPlay{Party: far.ID})
	m.connect()
	m.journal(call.CallResumed{Call: m.Call, Agent: a.Agent, By: call.ByAgent})
}

// farHolds notes that the far party has put us on hold. What we send goes on: music of its own is its affair.
func (m *step) farHolds(far *Party, on bool) {
	a := m.Serving()
	if a == nil || !far.bridged() || far.Holds == on {
		return
	}
	far.Holds = on
	if on {
		m.journal(call.CallHeld{Call: m.Call, Agent: a.Agent, By: call.ByCaller})
		return
	}
	m.journal(call.CallResumed{Call: m.Call, Agent: a.Agent, By: call.ByCaller})
}

// mute cuts or opens the agent's microphone.
func (m *step) mute(a *Party, on bool) {
	if a.Muted == on {
		return
	}
	a.Muted = on
	m.do(Mute{Party: a.ID, On: on})
	m.journal(call.AgentMuted{Call: m.Call, Agent: a.Agent, Muted: on})
}
