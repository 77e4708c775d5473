package flow

import "slices"

// enqueue takes the place in the queue first and plays afterwards. Keys pressed so far were for menus.
func (s *stepper) enqueue(n *Node) {
	s.Phase, s.Keys = PhaseQueued, ""
	s.do(Enqueue{Queue: n.Queue, Priority: n.Priority, Skills: slices.Clone(n.Skills)})
	s.wait(n)
}

// wait plays music until the next announcement is due.
func (s *stepper) wait(n *Node) {
	s.do(Music{Name: n.Music, Queue: n.Queue})
	if len(n.Announce) > 0 {
		s.setTimer(or(n.Every, defaultEvery))
	}
}

func (s *stepper) taken() {
	if s.Phase != PhaseQueued {
		return
	}
	s.Phase, s.Play, s.Timer = PhaseTaken, 0, 0
	s.do(StopPlay{})
}

func (s *stepper) requeued(n *Node) {
	if s.Phase != PhaseTaken {
		return
	}
	s.Phase = PhaseQueued
	if !s.say(n.Lost) {
		s.wait(n)
	}
}

// leaveQueue takes a waiting call out by an exit. The music ends: the next node may have no sound of its own.
func (s *stepper) leaveQueue(n *Node, exit string) {
	if s.Phase != PhaseQueued {
		return
	}
	s.Play, s.Timer = 0, 0
	s.do(StopPlay{})
	s.leave(n, exit, "")
}
