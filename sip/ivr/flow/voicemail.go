package flow

// afterGreeting goes from the greeting to the beep, and from the beep to the recording.
func (s *stepper) afterGreeting(n *Node) {
	if s.Phase == PhasePrompt && n.Beep != "" {
		s.Phase = PhaseBeep
		s.Play = s.nextID()
		s.do(Play{ID: s.Play, Prompts: []Prompt{{Name: n.Beep, Language: s.Languages[0]}}})
		return
	}
	s.Phase, s.Keys = PhaseRecording, ""
	s.do(Record{
		MaxDuration: or(n.MaxLength, defaultMessage),
		SilenceEnd:  or(n.Silence, defaultSilence),
	})
}

// voicemailKey skips the greeting, or ends the message.
func (s *stepper) voicemailKey(n *Node) {
	switch s.Phase {
	case PhasePrompt:
		if n.bargeIn() && s.Play != 0 {
			s.stopPlay()
			s.afterGreeting(n)
		}
	case PhaseRecording:
		s.do(StopRecord{})
	default:
	}
}

func (s *stepper) recorded(n *Node, r RecordDone) {
	exit := ExitDone
	switch {
	case r.Failed:
		exit = ExitFailed
	case r.Duration < shortestMessage:
		exit = ExitEmpty
	default:
		s.Message = true
		s.do(LeaveVoicemail{File: r.File, Duration: r.Duration, Ticket: n.Ticket, Queue: n.Queue})
	}
	if s.Gone {
		s.do(Report{Node: s.Node, Exit: exit})
		s.Phase = PhaseEnded
		return
	}
	s.leave(n, exit, "")
}
