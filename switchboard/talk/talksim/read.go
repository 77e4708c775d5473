package talksim

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

var errUnknown = errors.New("no such words; see the README of testdata")

// leg is the ID of a party's leg in a story.
func leg(p talk.PartyID) call.LegID { return call.LegID("l" + strconv.Itoa(int(p))) }

// read understands a line of a script.
func (s *stage) read(line string) (talk.Input, error) {
	f := strings.Fields(line)
	if who, ok := strings.CutSuffix(f[0], ":"); ok {
		return s.readCommand(call.AgentID(who), f[1:])
	}
	switch f[0] {
	case "wait":
		return talk.WaitAgain{}, nil
	case "queue":
		return readRefusal(f), nil
	case "asking": // is refused [REASON]
		return talk.QueueRefused{Reason: strings.Join(f[3:], ""), Consult: true}, nil
	}
	if len(f) < 2 {
		return nil, errUnknown
	}
	switch f[0] {
	case "flow":
		return readFlow(f[1:])
	case "found":
		c := talk.CustomerFound{Customer: call.CustomerID(f[1])}
		if len(f) > 2 {
			c.Grade = f[2]
		}
		if len(f) > 3 {
			c.Name = strings.Join(f[3:], " ")
		}
		return c, nil
	case "offer":
		return s.readOffer(f[1:])
	case "browser": // browser of amy is lost
		return talk.BrowserLost{Agent: call.AgentID(f[2])}, nil
	case "timeout":
		return talk.Timeout{Timer: talk.Timer(f[1])}, nil
	case "stop":
		return talk.Stop{End: call.End{By: call.BySystem, Cause: call.Cause(f[1])}}, nil
	}
	if f[1] == "dials" || f[1] == "calls" {
		return readBeginning(f)
	}
	p, err := s.party(f[0])
	if err != nil {
		return nil, err
	}
	return readParty(p, f[1:])
}

// readRefusal reads "queue is full" and "queue refuses [REASON]".
func readRefusal(f []string) talk.Input {
	switch {
	case len(f) > 2 && f[2] == "full":
		return talk.QueueRefused{Reason: talk.QueueFull}
	case len(f) > 2:
		return talk.QueueRefused{Reason: f[2]}
	}
	return talk.QueueRefused{Reason: "unknown_queue"}
}

// readDestination reads a target: "queue:sales", "agent:bob", "extension:2009", "flow:main", or a number.
func readDestination(name string, leg call.LegID) talk.Destination {
	d := talk.Destination{Name: call.Target(name), Back: "support"}
	kind, what, named := strings.Cut(name, ":")
	switch {
	case !named:
		d.Number, d.Trunk, d.Leg = call.Number{Raw: name}, theTrunk, leg
	case kind == "queue":
		d.Queue = call.QueueID(what)
	case kind == "agent":
		d.Agent = call.AgentID(what)
	case kind == "flow":
		d.Flow = call.FlowID(what)
	case kind == "park":
		d.Slot, d.For = 1, parkedFor
	default:
		d.Extension, d.Leg = call.Extension(what), leg
	}
	return d
}

// readBeginning reads how a call begins: "WHO dials 4001" arrives at a published number, "WHO calls NUMBER" is placed by
// an agent.
func readBeginning(f []string) (talk.Input, error) {
	if len(f) < 3 {
		return nil, errors.New("dials and calls want a number")
	}
	who, number, rest := f[0], f[2], " "+strings.Join(f[3:], " ")
	agent, ext := call.AgentID(who), extensions[call.AgentID(who)]
	if ext == "" && who != "caller" { // an extension without an agent
		agent, ext = "", call.Extension(who)
	}
	noPort := strings.Contains(rest, " no-port")
	if f[1] == "dials" {
		in := talk.Arrived{Call: theCall, Leg: leg(1), To: call.Number{Raw: number}, NoPort: noPort, SIPCallID: "sip-1"}
		if who == "caller" {
			in.Direction, in.Trunk, in.From = call.Inbound, theTrunk, call.Party{Number: call.Number{Raw: theCaller}}
			return in, nil
		}
		in.Direction, in.Extension, in.Agent = call.Internal, ext, agent
		in.From = call.Party{Number: call.Number{Raw: string(ext)}}
		return in, nil
	}
	in := talk.Placed{
		Call: theCall, Direction: call.Outbound, Agent: agent, Extension: ext,
		From: call.Party{Number: call.Number{Raw: string(ext)}}, To: call.Number{Raw: number}, Trunk: theTrunk,
		Leg: leg(1), FarLeg: leg(2), ByPhone: strings.Contains(rest, " by phone"), NoPort: noPort,
	}
	if e, ok := extensions[call.AgentID(number)]; ok {
		number = string(e)
	}
	if len(number) == 4 { // a colleague's extension
		in.Direction, in.Trunk, in.To, in.Callee = call.Internal, "", call.Number{Raw: number}, agentAt(call.Extension(number))
	}
	if !in.ByPhone {
		in.Station, in.Ring = station(ext, rest), placedRing
	}
	return in, nil
}

// station is an agent's: a telephone unless a browser is named.
func station(ext call.Extension, rest string) call.Station {
	if strings.Contains(rest, " at browser") {
		return call.Station{Kind: call.StationWebRTC}
	}
	return call.Station{Kind: call.StationSIP, Extension: ext}
}

// readOffer reads "offer o1 to amy [at browser]" and "offer o1 is over".
func (s *stage) readOffer(f []string) (talk.Input, error) {
	if len(f) < 3 {
		return nil, errUnknown
	}
	o := call.OfferID(f[0])
	if f[1] == "is" {
		return talk.OfferOver{Offer: o}, nil
	}
	agent := call.AgentID(f[2])
	return talk.Offered{
		Offer: o, Agent: agent, Leg: leg(s.state.LastParty + 1), Ring: offerRing,
		Station: station(extensions[agent], " "+strings.Join(f[3:], " ")), Consult: f[len(f)-1] == "asked",
	}, nil
}

func readFlow(f []string) (talk.Input, error) {
	switch f[0] {
	case "queues":
		in := talk.FlowQueues{Queue: call.QueueID(f[1])}
		if len(f) > 3 {
			n, err := strconv.Atoi(f[3])
			if err != nil {
				return nil, fmt.Errorf("priority: %w", err)
			}
			in.Priority = n
		}
		return in, nil
	case "keeps":
		d, err := time.ParseDuration(f[2])
		if err != nil {
			return nil, fmt.Errorf("length of a message: %w", err)
		}
		return talk.FlowKeeps{File: f[1], Duration: d, Ticket: "t1", Kind: "voicemail"}, nil
	case "hangs": // up [CAUSE]
		in := talk.FlowHangsUp{Cause: call.CauseFlowEnded}
		if len(f) > 2 {
			in.Cause = call.Cause(f[2])
		}
		return in, nil
	}
	return nil, errUnknown
}

// readParty reads what a party's leg says.
func readParty(p talk.PartyID, f []string) (talk.Input, error) {
	switch f[0] {
	case "rings":
		return talk.Rang{Party: p, Early: len(f) > 1}, nil
	case "answers":
		return talk.Answered{Party: p}, nil
	case "holds":
		return talk.HoldPressed{Party: p}, nil
	case "resumes":
		return talk.ResumePressed{Party: p}, nil
	case "closes":
		return talk.Closed{Party: p}, nil
	case "hears": // the tone out
		return talk.ToneDone{Party: p}, nil
	case "is": // there
		if f[1] == "there" {
			return talk.Present{Party: p}, nil
		}
		return nil, errUnknown
	case "can't": // be rung
		return talk.RingFailed{Party: p}, nil
	case "leaves":
		return readLeaving(p, f[1:])
	}
	return nil, errUnknown
}

// readLeaving reads "leaves BY CAUSE [SIP]".
func readLeaving(p talk.PartyID, f []string) (talk.Input, error) {
	if len(f) < 2 {
		return nil, errors.New("leaves by whose doing, and why? leaves caller hangup")
	}
	in := talk.Gone{Party: p, End: call.End{By: call.Side(f[0]), Cause: call.Cause(f[1])}}
	if len(f) > 2 {
		code, err := strconv.Atoi(f[2])
		if err != nil {
			return nil, fmt.Errorf("status code: %w", err)
		}
		in.End.SIP = code
	}
	return in, nil
}

// readCommand reads "amy: hold"; answer and decline name the offer, keys the keys.
func (s *stage) readCommand(agent call.AgentID, f []string) (talk.Input, error) {
	if len(f) == 0 {
		return nil, errors.New("what does the agent ask?")
	}
	c := talk.Command{ID: talk.CommandID(len(s.commands) + 1), Agent: agent, Verb: talk.Verb(f[0])}
	switch c.Verb {
	case talk.VerbAnswer, talk.VerbDecline:
		if len(f) > 1 {
			c.Offer = call.OfferID(f[1])
		}
	case talk.VerbKeys:
		if len(f) > 1 {
			c.Keys = f[1]
		}
	case talk.VerbTransfer:
		if len(f) > 1 {
			c.To = readDestination(f[1], leg(s.state.LastParty+1))
		}
	case talk.VerbConsult:
		if len(f) > 1 {
			c.To = readDestination(f[1], leg(s.state.LastParty+1))
		}
	case talk.VerbPark:
		c.To = readDestination("park:1", "")
	case talk.VerbTakeUp:
		c.Slot = 1
	default: // the others say it all
	}
	return c, nil
}
