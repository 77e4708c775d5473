package call

// Of is the call that an event is about: what its field Call says. Empty: it is about none.
func Of(e Event) ID {
	// A type switch, not a method of each event and not reflection: it is asked for every record by every
	// projection, and allocates nothing.
	switch e := e.(type) {
	case AgentCallStarted:
		return e.Call
	case AgentCallEnded:
		return e.Call
	case AgentStatusChanged:
		return e.Call
	case CallArrived:
		return e.Call
	case CallPlaced:
		return e.Call
	case NumberDialled:
		return e.Call
	case CustomerIdentified:
		return e.Call
	case CallAnswered:
		return e.Call
	case FlowEntered:
		return e.Call
	case FlowStepped:
		return e.Call
	case CallQueued:
		return e.Call
	case CallDirected:
		return e.Call
	case CallDequeued:
		return e.Call
	case CallerLeft:
		return e.Call
	case CallOffered:
		return e.Call
	case OfferRinging:
		return e.Call
	case OfferAnswered:
		return e.Call
	case OfferMissed:
		return e.Call
	case OfferWithdrawn:
		return e.Call
	case Bridged:
		return e.Call
	case CallHeld:
		return e.Call
	case CallResumed:
		return e.Call
	case AgentMuted:
		return e.Call
	case TalkEnded:
		return e.Call
	case AgentLegLost:
		return e.Call
	case Transferred:
		return e.Call
	case TransferFailed:
		return e.Call
	case CallParked:
		return e.Call
	case PartyInvited:
		return e.Call
	case PartyJoined:
		return e.Call
	case LegEnded:
		return e.Call
	case VoicemailLeft:
		return e.Call
	case CallEnded:
		return e.Call
	case WrapUpStarted:
		return e.Call
	case WrapUpSaved:
		return e.Call
	case WrapUpFinished:
		return e.Call
	case WrapUpEnded:
		return e.Call
	case TicketOpened:
		return e.Call
	}
	return ""
}
