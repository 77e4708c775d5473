package talksim

import (
	"fmt"
	"strings"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// effect tells one effect in the words of a story.
func (s *stage) effect(e talk.Effect) string {
	switch e := e.(type) {
	case talk.Journal:
		before := ""
		if e.Before {
			before = ", before anything else is done"
		}
		return "write " + s.event(e.Event) + before
	case talk.Ring:
		at := "phone"
		if e.Station.Kind == call.StationWebRTC {
			at = "browser"
		}
		return fmt.Sprintf("ring %s at %s for %v, showing %s", s.name(e.Party), at, e.For, e.Show.Number.Raw)
	case talk.Connect:
		return s.room(e.Room)
	case talk.EnterFlow:
		switch {
		case e.Queue != "":
			return "let wait in queue " + string(e.Queue)
		case e.Flow != "":
			return "enter the flow " + string(e.Flow)
		}
		return "enter the flow"
	case talk.TellFlow:
		return "tell the flow: " + string(e.News)
	case talk.LookUp:
		return "look up " + e.Number.Raw
	case talk.Occupy:
		if e.IfIdle {
			return "occupy " + string(e.Agent) + " if idle"
		}
		return "occupy " + string(e.Agent)
	case talk.Free:
		if e.Agent != "" {
			return "free " + string(e.Agent) + worked(e)
		}
		return "free all who are busy with it" + worked(e)
	case talk.SetTimer:
		return fmt.Sprintf("set timer %s: %v", e.Timer, e.After)
	case talk.Reply:
		return s.reply(e)
	case talk.Over:
		return "over: " + end(e.Event.End)
	default:
		return s.legEffect(e)
	}
}

func worked(e talk.Free) string {
	if !e.Worked {
		return ""
	}
	return fmt.Sprintf("; %s has worked on it", e.Placer)
}

// legEffect tells one that concerns a leg.
func (s *stage) legEffect(e talk.Effect) string {
	switch e := e.(type) {
	case talk.Dial:
		if e.Party > 2 {
			return "dial " + s.name(e.Party) + ": " + string(e.Extension) + e.Number.Raw
		}
		return "dial " + s.name(e.Party)
	case talk.Progress:
		return "let " + s.name(e.Party) + " hear that it rings"
	case talk.Answer:
		return "answer " + s.name(e.Party)
	case talk.Reject:
		return fmt.Sprintf("reject %s: %d %s", s.name(e.Party), e.Status, e.Reason)
	case talk.HangUp:
		return fmt.Sprintf("hang up %s: %s", s.name(e.Party), end(e.End))
	case talk.Play:
		if e.Sound == talk.Music {
			return fmt.Sprintf("play music to %s, of queue %q or of %s", s.name(e.Party), e.Queue, e.Agent)
		}
		return fmt.Sprintf("play %s to %s", e.Sound, s.name(e.Party))
	case talk.StopPlay:
		return "stop what plays to " + s.name(e.Party)
	case talk.Mute:
		if e.On {
			return "mute " + s.name(e.Party)
		}
		return "unmute " + s.name(e.Party)
	case talk.SendKeys:
		return fmt.Sprintf("send keys %s to %s", e.Keys, s.name(e.Party))
	}
	return fmt.Sprintf("%T that nobody tells", e)
}

func (s *stage) room(r talk.Room) string {
	names := map[talk.RoomID]string{talk.RoomCall: "the call's room", talk.RoomBeside: "the room beside"}
	if len(r.Members) == 0 {
		return names[r.ID] + " is no more"
	}
	var in []string
	for _, m := range r.Members {
		in = append(in, s.name(m))
	}
	told := []string{names[r.ID] + ": " + strings.Join(in, ", ")}
	for _, g := range r.Gains {
		told = append(told, fmt.Sprintf("%s hears %s at %v", s.name(g.Listener), s.name(g.Source), g.Loud))
	}
	return strings.Join(told, "; ")
}

func (s *stage) reply(e talk.Reply) string {
	asked := fmt.Sprintf("command %d", e.Command)
	if n := int(e.Command); n >= 1 && n <= len(s.commands) {
		asked = string(s.commands[n-1].Agent) + ": " + string(s.commands[n-1].Verb)
	}
	if e.Refused == talk.Done {
		return asked + " is done"
	}
	return asked + " is refused: " + string(e.Refused)
}

// end tells how something ended: whose doing, why, and the status code if one told us.
func end(e call.End) string {
	if e.SIP == 0 {
		return fmt.Sprintf("%s %s", e.By, e.Cause)
	}
	return fmt.Sprintf("%s %s %d", e.By, e.Cause, e.SIP)
}

// event tells an event by its name and what matters of it.
func (s *stage) event(e call.Event) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", e), "call.")
	switch e := e.(type) {
	case call.CallArrived:
		return fmt.Sprintf("%s: %s, from %s to %s", name, e.Direction, e.From.Number.Raw, e.To.Raw)
	case call.CallPlaced:
		return fmt.Sprintf("%s: %s, by %s from %s to %s", name, e.Direction, e.Agent, e.From.Raw, e.To.Raw)
	case call.CustomerIdentified:
		return fmt.Sprintf("%s: %s %s %s", name, e.Customer, e.Grade, e.Name)
	case call.CallQueued:
		line := fmt.Sprintf("%s: %s, priority %d, grade %q", name, e.Queue, e.Priority, e.Grade)
		if e.Returned {
			line += ", returned, to " + string(e.Preferred) + " if free"
		}
		return line
	case call.CallDirected:
		if e.Consult {
			return fmt.Sprintf("%s: to %s, who is asked", name, e.Agent)
		}
		return fmt.Sprintf("%s: to %s", name, e.Agent)
	case call.ConsultBegan:
		return fmt.Sprintf("%s: %s asks %s", name, e.Agent, e.To)
	case call.ConsultSwapped:
		if e.Customer {
			return fmt.Sprintf("%s: %s to the customer", name, e.Agent)
		}
		return fmt.Sprintf("%s: %s to who is asked", name, e.Agent)
	case call.ConsultEnded:
		return fmt.Sprintf("%s: %s, %s", name, e.Agent, e.Reason)
	case call.Transferred:
		return fmt.Sprintf("%s: by %s to %s, %s", name, e.Agent, e.To, e.Kind)
	case call.CallParked:
		return fmt.Sprintf("%s: by %s in slot %d", name, e.Agent, e.Slot)
	case call.TransferFailed:
		return fmt.Sprintf("%s: by %s to %s, %s", name, e.Agent, e.To, e.Reason)
	case call.PartyInvited:
		return fmt.Sprintf("%s: %s, %s%s", name, e.Leg, e.Extension, e.Number.Raw)
	case call.PartyJoined:
		return strings.TrimSpace(fmt.Sprintf("%s: %s %s %s", name, e.Leg, e.Offer, e.Agent))
	case call.CallerLeft:
		return name + ": " + end(e.End)
	case call.VoicemailLeft:
		return fmt.Sprintf("%s: %s, %v, ticket %s", name, e.File, e.Duration, e.Ticket)
	case call.LegEnded:
		return fmt.Sprintf("%s: %s %s, %s", name, e.Leg, e.Agent, end(e.End))
	case call.CallAnswered:
		return fmt.Sprintf("%s: %s", name, e.Leg)
	case call.NumberDialled:
		return fmt.Sprintf("%s: %s", name, e.Leg)
	}
	return s.agentEvent(name, e)
}

// agentEvent tells an event about an agent's part.
func (s *stage) agentEvent(name string, e call.Event) string {
	switch e := e.(type) {
	case call.OfferRinging:
		return fmt.Sprintf("%s: %s %s", name, e.Offer, e.Agent)
	case call.OfferAnswered:
		return fmt.Sprintf("%s: %s %s", name, e.Offer, e.Agent)
	case call.OfferMissed:
		return fmt.Sprintf("%s: %s %s %s", name, e.Offer, e.Agent, e.Miss)
	case call.Bridged:
		return fmt.Sprintf("%s: %s %s", name, e.Agent, orNoOffer(e.Offer))
	case call.CallHeld:
		return fmt.Sprintf("%s: %s, by the %s", name, e.Agent, e.By)
	case call.CallResumed:
		return fmt.Sprintf("%s: %s, by the %s", name, e.Agent, e.By)
	case call.AgentMuted:
		return fmt.Sprintf("%s: %s %v", name, e.Agent, e.Muted)
	case call.TalkEnded:
		return fmt.Sprintf("%s: %s %s, by the %s", name, e.Offer, e.Agent, e.By)
	case call.AgentLegLost:
		return fmt.Sprintf("%s: %s %s", name, e.Offer, e.Agent)
	}
	return name
}

func orNoOffer(o call.OfferID) string {
	if o == "" {
		return "outside queues"
	}
	return string(o)
}
