package talk

import "github.com/linedesk/linedesk/call"

// parked tells whether the call lies in a slot.
func (m *step) parked() bool {
	return m.Move.Slot != 0 && m.Phase == PhaseOpen && m.Serving() == nil && m.Customer() != nil
}

// takeUp gives a parked call to whoever takes it. If nothing comes of that, it goes back as from a transfer.
func (m *step) takeUp(c Command) Refusal {
	if !m.parked() || m.Move.Slot != c.Slot {
		return NotParked
	}
	m.Move.Slot, m.Move.Agent, m.Move.Taken = 0, c.Agent, true
	m.journal(call.CallDirected{Call: m.Call, Agent: c.Agent, Queue: m.Queue})
	return Done
}

// parkedTooLong sends a call back that nobody has taken up.
func (m *step) parkedTooLong() {
	if m.parked() {
		m.bounce("time_out")
	}
}
