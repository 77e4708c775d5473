// Package acdsim runs the ACD against simulated callers and phones.
package acdsim

import (
	"errors"
	"time"
)

// Config is a what-if question.
type Config struct {
	Agents      int           // how many agents, all of them serving every queue
	Queues      int           // among how many queues the callers spread evenly; 0: one
	ArrivalRate float64       // callers per hour, all queues together
	AHT         time.Duration // mean time an agent is taken by a call, exponential
	Patience    time.Duration // mean time a caller waits before hanging up, exponential; 0: for ever
	Duration    time.Duration // how long to simulate
	Seed        uint64
}

// Result is the answer.
type Result struct {
	Offered, Answered, Abandoned int
	ServiceLevel                 float64       // answered in 20 s ÷ offered, 0…1
	ASA                          time.Duration // mean wait of the answered
	Occupancy                    float64       // 0…1
}

// Run answers the question.
func Run(cfg Config) (Result, error) { return Result{}, errors.New("not there yet") }
