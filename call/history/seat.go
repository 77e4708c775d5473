package history

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Seat is where an agent sits and what he is doing, as told so far.
type Seat struct{ call.AgentSeat }

// NewSeat is that of an agent of whom nothing is known: off.
func NewSeat(id call.AgentID) Seat {
	return Seat{call.AgentSeat{Agent: id, Status: call.StatusOff, Chosen: call.ChoseOff}}
}

// Sit gives the agent another station. Only what reports itself can be down.
func (s *Seat) Sit(st call.Station) {
	if st == s.Station {
		return
	}
	first := s.Station == call.Station{}
	s.Station = st
	s.Up = st.UpByItself() || first && s.Up
}

// SignIn begins a shift, paused until something else is chosen.
func (s *Seat) SignIn(st call.Station, at time.Time) {
	s.Sit(st)
	if s.Chosen == call.ChoseOff {
		s.Chosen, s.ChosenReason, s.ChosenAt = call.ChosePaused, "", at
	}
}

// Choose notes the agent's wish; what comes of it the ACD reports.
func (s *Seat) Choose(e call.AgentStateChosen, at time.Time) {
	s.Chosen, s.ChosenReason, s.ChosenAt = e.State, "", at
	if e.State == call.ChosePaused {
		s.ChosenReason = e.Reason
	}
}

// Become takes the ACD's word. Since begins anew when status, reason or call are others.
func (s *Seat) Become(e call.AgentStatusChanged, at time.Time) {
	if e.Status != s.Status || e.Reason != s.Reason || e.Call != s.Call || s.Since.IsZero() {
		s.Since = at
	}
	s.Status, s.Reason, s.Call, s.Queue, s.Until = e.Status, e.Reason, e.Call, e.Queue, e.Until
	s.Chosen, s.ChosenReason = e.Chosen, e.ChosenReason
}

// AfterRestart is what an agent becomes when the server starts: whatever work was in hand is over, what was chosen
// holds. False: nothing was ever heard of this agent. The ACD, which does the same, says it again of everybody on
// shift.
func (s *Seat) AfterRestart() (call.AgentStatusChanged, bool) {
	s.Up = s.Station.UpByItself()
	e := call.AgentStatusChanged{Agent: s.Agent, Chosen: s.Chosen, ChosenReason: s.ChosenReason}
	switch {
	case s.Chosen == call.ChoseOff:
		e.Status = call.StatusOff
	case s.Chosen == call.ChosePaused:
		e.Status, e.Reason = call.StatusPaused, s.ChosenReason
	case s.Up:
		e.Status = call.StatusReady
	default:
		e.Status = call.StatusUnreachable
	}
	return e, e.Status != call.StatusOff || !s.Since.IsZero()
}
