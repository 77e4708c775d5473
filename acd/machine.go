// Package acd decides which agent answers which call.
package acd

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// Machine is the state of all queues, agents and offers.
type Machine struct{ salt uint32 }

// New makes a machine that knows no queue and no agent yet.
func New(salt uint32) *Machine { return &Machine{salt: salt} }

// Step takes one record and returns what must be done about it.
func (m *Machine) Step(rec call.Record) []Effect { return nil }

// Deadline is the next moment at which a TimePassed should come.
func (m *Machine) Deadline() (time.Time, bool) { return time.Time{}, false }

// Waiting counts the callers that stand in a queue.
func (m *Machine) Waiting(q call.QueueID) int { return 0 }

// Status is what the agent is doing.
func (m *Machine) Status(a call.AgentID) call.AgentStatus { return call.StatusOff }
