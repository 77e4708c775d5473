package talk

import "github.com/linedesk/linedesk/call"

// CommandID names a command to one call. Each is answered by one Reply.
type CommandID uint64

// Verb is what a command asks.
type Verb string

// The commands of an agent on a call.
const (
	VerbAnswer  Verb = "answer"  // take the call that rings in the browser; a telephone is answered at the telephone
	VerbDecline Verb = "decline" // give the offer back; the caller keeps the place
	VerbHold    Verb = "hold"    // the far party hears music
	VerbResume  Verb = "resume"
	VerbMute    Verb = "mute" // cut the agent's microphone
	VerbUnmute  Verb = "unmute"
	VerbKeys    Verb = "keys"    // send keys to the far party
	VerbHangUp  Verb = "hang_up" // decline what rings, end what goes on

	VerbTransfer Verb = "transfer" // hand the call over, blind
	VerbPark     Verb = "park"     // put it down in a slot
	VerbTakeUp   Verb = "take_up"  // take it up out of its slot, whoever one is
	VerbConsult  Verb = "consult"  // ask somebody, while the far party hears music
	VerbSwap     Verb = "swap"     // speak with the other of the two
	VerbComplete Verb = "complete" // hand the call over to who was asked, and leave
	VerbCancel   Verb = "cancel"   // end the asking
)

// Command is a wish that is answered: done, or refused with a code. What is so already is done.
type Command struct {
	ID    CommandID
	Agent call.AgentID // on whose part it acts
	Verb  Verb
	Offer call.OfferID // of answer and decline
	Keys  string       // of keys: 0–9 * # A–D
	To    Destination  // of transfer, consult and park
	Slot  int          // of take_up
}

// Refusal says why a command is not carried out. A closed set; clients translate it. Empty: it is done.
type Refusal string

// The refusals of a call.
const (
	Done           Refusal = ""
	NotYourCall    Refusal = "not_your_call"   // the agent has no part in it, or not any more
	NotTalking     Refusal = "not_talking"     // nobody talks yet, or the number was not reached
	OfferIsOver    Refusal = "offer_over"      // the offer was answered, withdrawn or missed
	AnswerAtPhone  Refusal = "answer_at_phone" // the station is a telephone, which has its own way to answer
	Consults       Refusal = "consulting"      // somebody is asked already, or the customer waits for that
	NotConsulting  Refusal = "not_consulting"  // nobody is asked
	NotParked      Refusal = "not_parked"      // the slot is empty, or holds another call by now
	CallIsOver     Refusal = "call_over"       // everybody has left
	UnknownCommand Refusal = "unknown_command" // no such verb
)

// command carries a command out and replies.
func (m *step) command(c Command) {
	m.do(Reply{Command: c.ID, Refused: m.obey(c)})
}

func (m *step) obey(c Command) Refusal {
	if m.ended() {
		return CallIsOver
	}
	if c.Verb == VerbTakeUp {
		return m.takeUp(c)
	}
	a := m.Serving()
	if g := m.guest(); g != nil && g.Offer != "" && g.Agent == c.Agent {
		return m.obeyAsked(g, c)
	}
	if a == nil || a.Agent != c.Agent {
		if c.Verb == VerbAnswer || c.Verb == VerbDecline {
			return OfferIsOver
		}
		return NotYourCall
	}
	switch c.Verb {
	case VerbAnswer:
		return m.answerOffer(a, c.Offer)
	case VerbDecline:
		if a.Offer != c.Offer || a.Offer == "" || a.accepted() {
			return OfferIsOver
		}
		m.turnFailed(a, call.MissDeclined)
	case VerbHold, VerbResume:
		if !a.bridged() {
			return NotTalking
		}
		if a.State == Consulting {
			return Consults
		}
		m.hold(a, c.Verb == VerbHold)
	case VerbMute, VerbUnmute:
		if !a.bridged() {
			return NotTalking
		}
		m.mute(a, c.Verb == VerbMute)
	case VerbKeys:
		far := m.Customer()
		if _, g := m.consults(); a.State == Consulting {
			far = g
		}
		if far == nil || !far.accepted() || !a.bridged() {
			return NotTalking
		}
		m.do(SendKeys{Party: far.ID, Keys: c.Keys})
	case VerbHangUp:
		m.agentHangsUp(a)
	case VerbTransfer, VerbPark:
		if m.Consult.on() {
			return Consults
		}
		return m.transfer(a, c.To)
	case VerbConsult:
		return m.consult(a, c.To)
	case VerbSwap:
		return m.swap(a)
	case VerbComplete:
		return m.complete(a)
	case VerbCancel:
		return m.cancel()
	default:
		return UnknownCommand
	}
	return Done
}

// obeyAsked carries out what an agent who is asked beside the call wishes.
func (m *step) obeyAsked(g *Party, c Command) Refusal {
	switch c.Verb {
	case VerbAnswer:
		switch {
		case c.Offer != g.Offer:
			return OfferIsOver
		case g.accepted():
			return Done
		case !g.Browser:
			return AnswerAtPhone
		}
		m.guestAnswered(g)
	case VerbDecline:
		if c.Offer != g.Offer || g.accepted() {
			return OfferIsOver
		}
		m.guestLeft(g, call.End{By: call.ByAgent, Cause: call.CauseRejected, SIP: 603})
	case VerbMute, VerbUnmute:
		if !g.accepted() {
			return NotTalking
		}
		m.mute(g, c.Verb == VerbMute)
	case VerbHangUp:
		m.guestLeft(g, call.End{By: call.ByAgent, Cause: call.CauseHangup})
	case VerbHold, VerbResume, VerbKeys, VerbTransfer, VerbPark, VerbTakeUp, VerbConsult, VerbSwap, VerbComplete, VerbCancel:
		return NotTalking
	default:
		return UnknownCommand
	}
	return Done
}

// answerOffer is "answer" pressed on the desk. Pressed twice, it is done once.
func (m *step) answerOffer(a *Party, o call.OfferID) Refusal {
	switch {
	case o == "" || a.Offer != o:
		return OfferIsOver
	case a.accepted():
		return Done
	case !a.Browser:
		return AnswerAtPhone
	}
	m.agentAnswered(a)
	return Done
}

// agentHangsUp declines or gives up what still rings, and ends what goes on.
func (m *step) agentHangsUp(a *Party) {
	switch {
	case a.Offer != "" && !a.accepted():
		m.turnFailed(a, call.MissDeclined)
	case m.Consult.on() && a.ID == m.Consult.By: // who is asked gets the call; else the customer is not to pay for it
		m.askingLeaves(a, call.End{})
	case a.bridged():
		m.finish(call.End{By: call.ByAgent, Cause: call.CauseHangup})
	case m.Phase == PhaseUnreached:
		m.finish(m.Unreached)
	default:
		m.finish(call.End{By: call.ByAgent, Cause: call.CauseCancelled})
	}
}
