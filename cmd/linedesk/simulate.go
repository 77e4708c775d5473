package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/linedesk/linedesk/acd/acdsim"
	"github.com/linedesk/linedesk/call"
)

// runSimulate answers "how many agents do we need" with the real ACD and callers that come at random.
func runSimulate(_ context.Context, args []string, out io.Writer) error {
	var c acdsim.Config
	flags := flag.NewFlagSet("linedesk simulate", flag.ContinueOnError)
	flags.IntVar(&c.Agents, "agents", 20, "agents on duty")
	flags.IntVar(&c.Queues, "queues", 1, "queues that the callers spread over; every agent serves all of them")
	flags.Float64Var(&c.ArrivalRate, "rate", 360, "callers per hour")
	flags.DurationVar(&c.AHT, "aht", 3*time.Minute, "mean time a call takes of an agent, wrap-up included")
	flags.DurationVar(&c.Patience, "patience", 0, "mean time after which a waiting caller gives up; 0: never")
	flags.DurationVar(&c.Threshold, "level", call.DefaultServiceLevel, "threshold of the service level")
	flags.DurationVar(&c.Duration, "duration", 24*time.Hour, "time to simulate")
	flags.Uint64Var(&c.Seed, "seed", 1, "the same seed gives the same answer")
	flags.IntVar(&c.Runs, "runs", 5, "runs to average over")
	if err := parse(flags, args); err != nil {
		return err
	}
	r, err := acdsim.Run(c)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `offered        %d
answered       %d
abandoned      %d (%.1f %%)
service level  %.1f %% answered within %v, of all offered
mean wait      %v of those answered
longest wait   %v
occupancy      %.1f %%
`, r.Offered, r.Answered, r.Abandoned, 100*float64(r.Abandoned)/float64(max(r.Offered, 1)), 100*r.ServiceLevel, c.Threshold,
		r.ASA.Round(100*time.Millisecond), r.LongestWait.Round(time.Second), 100*r.Occupancy)
	return err
}
