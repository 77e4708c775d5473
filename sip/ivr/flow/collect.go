package flow

// askDigits begins a collect node, or a further try.
func (s *stepper) askDigits(n *Node) {
	s.Phase = PhasePrompt
	if s.useKept(n) {
		return
	}
	if s.Digits != "" {
		s.awaitDigit(n)
		return
	}
	retry := n.Retry
	if s.Tries == 0 {
		retry = nil
	}
	if !s.say(retry, n.Prompts) {
		s.awaitDigit(n)
	}
}

// useKept feeds the keys that are already there. True: they took the call out of this try.
func (s *stepper) useKept(n *Node) bool {
	for {
		key, ok := s.takeKey()
		if !ok {
			return false
		}
		if s.addDigit(n, key) {
			return true
		}
	}
}

func (s *stepper) awaitDigit(n *Node) {
	if s.useKept(n) {
		return
	}
	s.Phase = PhaseWait
	if s.Digits == "" {
		s.setTimer(or(n.Wait, defaultWait))
	} else {
		s.setTimer(or(n.Gap, defaultGap))
	}
}

func (s *stepper) collectKey(n *Node, key rune) {
	if s.Phase == PhasePrompt && !n.bargeIn() {
		s.keep(key)
		return
	}
	s.stopPlay()
	if !s.addDigit(n, key) {
		s.awaitDigit(n)
	}
}

// addDigit takes one key. True: it was the last one.
func (s *stepper) addDigit(n *Node, key rune) bool {
	if string(key) == n.finish() {
		s.digitsOver(n, ExitFailed)
		return true
	}
	s.Digits += string(key)
	if len(s.Digits) >= min(or(n.Max, defaultMax), maxKeys) {
		s.digitsOver(n, ExitFailed)
		return true
	}
	return false
}

// digitsOver ends a try: with enough digits the node is done, else it failed or, without any, was silent.
func (s *stepper) digitsOver(n *Node, exit string) {
	s.Timer = 0
	if s.Digits == "" && exit == ExitTimeout {
		s.failTry(n, ExitTimeout)
		return
	}
	if len(s.Digits) < or(n.Min, defaultMin) {
		s.failTry(n, ExitFailed)
		return
	}
	s.set(n.As, s.Digits)
	digits := s.Digits
	if n.Secret {
		digits = ""
	}
	s.leave(n, ExitDone, digits)
}
