package history

import "github.com/linedesk/linedesk/call"

// Party is one who takes part in a call.
type Party struct {
	Role  Role         `json:"role"`
	Leg   call.LegID   `json:"leg,omitempty"`   // the present or last one
	Agent call.AgentID `json:"agent,omitempty"` // empty: none of ours
	Offer call.OfferID `json:"offer,omitempty"` // that brought the agent in; empty outside queues
	State PartyState   `json:"state"`
}

// Role is what somebody is in a call. A closed set.
type Role string

// The roles.
const (
	Customer   Role = "customer"   // who called in, or whom we called
	Agent      Role = "agent"      // takes the call from its queue, or placed it
	Colleague  Role = "colleague"  // another of ours who was called or brought in
	Outside    Role = "outside"    // a number brought in
	Supervisor Role = "supervisor" // listens, whispers, or joins
)

// PartyState is how far a party has come. A closed set.
type PartyState string

// The states of a party.
const (
	Ringing PartyState = "ringing" // not answered yet
	Joined  PartyState = "joined"  // answered
	Gone    PartyState = "gone"
)
