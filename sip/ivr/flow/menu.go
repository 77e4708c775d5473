package flow

import "time"

func (s *stepper) setTimer(after time.Duration) {
	s.Timer = s.nextID()
	s.do(SetTimer{ID: s.Timer, After: after})
}

// askMenu begins a menu, or a further try. Keys that are already there are taken first: who knows
// the menu need not hear it.
func (s *stepper) askMenu(n *Node) {
	if key, ok := s.takeKey(); ok {
		s.chooseKey(n, key)
		return
	}
	s.Phase = PhasePrompt
	retry := n.Retry
	if s.Tries == 0 {
		retry = nil
	}
	if !s.say(retry, n.Prompts) {
		s.awaitMenuKey(n)
	}
}

func (s *stepper) awaitMenuKey(n *Node) {
	if key, ok := s.takeKey(); ok {
		s.chooseKey(n, key)
		return
	}
	s.Phase = PhaseWait
	s.setTimer(or(n.Wait, defaultWait))
}

func (s *stepper) menuKey(n *Node, key rune) {
	if s.Phase == PhasePrompt && !n.bargeIn() {
		s.keep(key)
		return
	}
	s.stopPlay()
	s.chooseKey(n, key)
}

func (s *stepper) chooseKey(n *Node, key rune) {
	s.Timer = 0
	if exit, ok := n.Keys[string(key)]; ok {
		s.leave(n, exit, string(key))
		return
	}
	s.failTry(n, ExitFailed)
}

// failTry counts a wrong or silent try; the last one takes the exit. What else was pressed in the
// meantime was pressed by mistake as well.
func (s *stepper) failTry(n *Node, exit string) {
	s.Timer, s.Keys, s.Digits = 0, "", ""
	s.Tries++
	if s.Tries >= or(n.Tries, defaultTries) {
		s.leave(n, exit, "")
		return
	}
	if n.Type == Collect {
		s.askDigits(n)
	} else {
		s.askMenu(n)
	}
}
