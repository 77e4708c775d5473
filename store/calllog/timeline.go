package calllog

import (
	"cmp"
	"strconv"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// note adds a record to the call's timeline.
func (c *building) note(rec call.Record, at time.Time) {
	n := len(c.timeline)
	if n >= maxTimeline {
		if _, end := rec.Event.(call.CallEnded); !end {
			return
		}
	}
	if _, ok := rec.Event.(call.WrapUpSaved); ok && n > 0 && c.timeline[n-1].Type == "wrap_up_saved" {
		return // saved as typed: one entry for the typing
	}
	if n == 0 {
		c.timeline = make([]store.TimelineEntry, 0, usualTimeline)
	}
	e := store.TimelineEntry{At: at, Seq: rec.Seq, Type: call.TypeName(rec.Event)}
	describe(&e, rec.Event)
	c.timeline = append(c.timeline, e)
}

// describe takes over what an event tells.
func describe(t *store.TimelineEntry, e call.Event) {
	switch e := e.(type) {
	case call.CallArrived:
		t.Leg = e.Leg
	case call.CallPlaced:
		t.Agent = e.Agent
	case call.NumberDialled:
		t.Leg = e.Leg
	case call.CustomerIdentified:
		t.Customer, t.Reason = e.Customer, e.Grade
	case call.CallAnswered:
		t.Leg = e.Leg
	case call.FlowEntered:
		t.Flow, t.Version = e.Flow, e.Version
	case call.FlowStepped:
		t.Flow, t.Node, t.Exit, t.Digits = e.Flow, e.Node, e.Exit, e.Digits
	case call.CallQueued:
		t.Queue, t.Priority = e.Queue, e.Priority
		if e.Returned {
			t.Reason = "returned"
		}
	case call.CallDequeued:
		t.Reason = e.Reason
	case call.CallerLeft:
		describeEnd(t, e.End)
	case call.PartyInvited:
		t.Leg, t.Agent, t.To = e.Leg, e.Agent, call.Target(cmp.Or(string(e.Extension), e.Number.Raw))
	case call.PartyJoined:
		t.Leg, t.Agent = e.Leg, e.Agent
	case call.VoicemailLeft:
		t.Ticket, t.Queue = e.Ticket, e.Queue
	case call.CallEnded:
		describeEnd(t, e.End)
	case call.TicketOpened:
		t.Ticket, t.Reason, t.By, t.Customer = e.Ticket, e.Kind, string(e.By), e.Customer
	default:
		describeWithAgent(t, e)
	}
}

func describeWithAgent(t *store.TimelineEntry, e call.Event) {
	switch e := e.(type) {
	case call.AgentCallStarted:
		t.Agent = e.Agent
	case call.AgentCallEnded:
		t.Agent = e.Agent
	case call.CallOffered:
		t.Agent, t.Queue, t.Reason = e.Agent, e.Queue, e.Why
	case call.OfferRinging:
		t.Agent, t.Leg = e.Agent, e.Leg
	case call.OfferAnswered:
		t.Agent, t.Leg = e.Agent, e.Leg
	case call.OfferMissed:
		t.Agent, t.Reason = e.Agent, string(e.Miss)
	case call.OfferWithdrawn:
		t.Agent = e.Agent
	case call.Bridged:
		t.Agent, t.Leg = e.Agent, e.Leg
	case call.CallHeld:
		t.Agent, t.By = e.Agent, string(e.By)
	case call.CallResumed:
		t.Agent, t.By = e.Agent, string(e.By)
	case call.AgentMuted:
		t.Agent, t.Muted = e.Agent, e.Muted
	case call.TalkEnded:
		t.Agent, t.By = e.Agent, string(e.By)
	case call.AgentLegLost:
		t.Agent = e.Agent
	case call.CallDirected:
		t.Agent, t.Queue = e.Agent, e.Queue
		if e.Consult {
			t.Reason = "consult"
		}
	case call.CallParked:
		t.Agent, t.To = e.Agent, call.Target("park:"+strconv.Itoa(e.Slot))
	case call.ConsultBegan:
		t.Agent, t.To = e.Agent, e.To
	case call.ConsultSwapped:
		t.Agent, t.Reason = e.Agent, "asked"
		if e.Customer {
			t.Reason = "customer"
		}
	case call.ConsultEnded:
		t.Agent, t.Reason = e.Agent, e.Reason
	case call.Transferred:
		t.Agent, t.To, t.Reason = e.Agent, e.To, string(e.Kind)
	case call.TransferFailed:
		t.Agent, t.To, t.Reason = e.Agent, e.To, e.Reason
	case call.LegEnded:
		t.Agent, t.Leg = e.Agent, e.Leg
		describeEnd(t, e.End)
	case call.WrapUpStarted:
		t.Agent = e.Agent
	case call.WrapUpSaved:
		t.Agent, t.Reason = e.Agent, string(e.Disposition)
	case call.WrapUpFinished:
		t.Agent = e.Agent
	case call.WrapUpEnded:
		t.Agent = e.Agent
		if e.TimedOut {
			t.Reason = "timed_out"
		}
	}
}

// describeEnd gives whose doing an end was and why, with the status code that told us.
func describeEnd(t *store.TimelineEntry, e call.End) {
	t.By, t.Reason, t.SIP = string(e.By), string(e.Cause), e.SIP
}
