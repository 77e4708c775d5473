package talksim

import (
	"fmt"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// input tells an input in the words of a script, from which read makes it again.
func (c *cast) input(in talk.Input) string {
	switch in := in.(type) {
	case talk.Arrived:
		who := "caller"
		if in.Direction == call.Internal {
			who = whose(in.Agent, in.Extension)
		}
		return who + " dials " + in.To.Raw + noPort(in.NoPort)
	case talk.Placed:
		line := whose(in.Agent, in.Extension) + " calls " + in.To.Raw
		switch {
		case in.ByPhone:
			line += " by phone"
		case in.Station.Kind == call.StationWebRTC:
			line += " at browser"
		}
		return line + noPort(in.NoPort)
	case talk.Offered:
		line := fmt.Sprintf("offer %s to %s", in.Offer, in.Agent)
		if in.Station.Kind == call.StationWebRTC {
			line += " at browser"
		}
		if in.Consult {
			line += " who is asked"
		}
		return line
	case talk.OfferOver:
		return fmt.Sprintf("offer %s is over", in.Offer)
	case talk.WaitAgain:
		return "wait again"
	case talk.QueueRefused:
		if in.Consult {
			return "asking is refused " + in.Reason
		}
		if in.Reason == talk.QueueFull {
			return "queue is full"
		}
		return "queue refuses " + in.Reason
	case talk.BrowserLost:
		return fmt.Sprintf("browser of %s is lost", in.Agent)
	case talk.CustomerFound:
		return fmt.Sprintf("found %s %s %s", in.Customer, in.Grade, in.Name)
	case talk.Timeout:
		return "timeout " + string(in.Timer)
	case talk.Stop:
		return "stop " + string(in.End.Cause)
	case talk.Command:
		return command(in)
	default:
		return c.legInput(in)
	}
}

func whose(a call.AgentID, ext call.Extension) string {
	if a != "" {
		return string(a)
	}
	return string(ext)
}

func noPort(no bool) string {
	if no {
		return " no-port"
	}
	return ""
}

func command(in talk.Command) string {
	line := fmt.Sprintf("%s: %s", in.Agent, in.Verb)
	switch in.Verb {
	case talk.VerbAnswer, talk.VerbDecline:
		line += " " + string(in.Offer)
	case talk.VerbKeys:
		line += " " + in.Keys
	case talk.VerbTransfer, talk.VerbConsult:
		line += " " + string(in.To.Name)
	default: // the others say it all
	}
	return line
}

// legInput tells what a flow or a party's leg says.
func (c *cast) legInput(in talk.Input) string {
	switch in := in.(type) {
	case talk.FlowQueues:
		return fmt.Sprintf("flow queues %s priority %d", in.Queue, in.Priority)
	case talk.FlowKeeps:
		return fmt.Sprintf("flow keeps %s %v", in.File, in.Duration)
	case talk.FlowHangsUp:
		return fmt.Sprintf("flow hangs up %s", in.Cause)
	case talk.Present:
		return c.name(in.Party) + " is there"
	case talk.RingFailed:
		return c.name(in.Party) + " can't be rung"
	case talk.Rang:
		if in.Early {
			return c.name(in.Party) + " rings early"
		}
		return c.name(in.Party) + " rings"
	case talk.Answered:
		return c.name(in.Party) + " answers"
	case talk.HoldPressed:
		return c.name(in.Party) + " holds"
	case talk.ResumePressed:
		return c.name(in.Party) + " resumes"
	case talk.ToneDone:
		return c.name(in.Party) + " hears the tone out"
	case talk.Closed:
		return c.name(in.Party) + " closes"
	case talk.Gone:
		return c.name(in.Party) + " leaves " + end(in.End)
	}
	return fmt.Sprintf("%T that nobody tells", in)
}
