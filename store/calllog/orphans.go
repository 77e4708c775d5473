package calllog

import (
	"context"
	"fmt"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/projection"
)

// CloseOrphans ends the calls that the last run of the server left open, and says how many. Call it
// once the journal is open and before anything else is appended to it but NodeStarted. For each such
// call it appends, once, a LegEnded for every leg still up and CallEnded, by the system, with the cause
// "server restarted"; then WrapUpEnded, timed out, for every wrap-up that was running.
//
// The records have the time of now, which would count the server's absence as talk. So rows do not take
// these at their word: a call ended by a restart ended, as far as anybody knows, with the last record
// that the dead run wrote, and a wrap-up then too or at its own limit, whichever came first.
//
// A crash in the midst of it does no harm: the next start ends the rest.
func CloseOrphans(ctx context.Context, j *journal.Journal, st store.Positions) (int, error) {
	b, err := replay(ctx, j, st)
	if err != nil {
		return 0, err
	}
	open := b.unfinished()
	ended := 0
	for _, c := range open {
		if c.ended() {
			continue
		}
		if err := closeCall(j, c); err != nil {
			return ended, err
		}
		ended++
	}
	for _, c := range open {
		for _, agent := range c.WrappingUp() {
			if _, err := j.Append(call.WrapUpEnded{Call: c.ID, Agent: agent, TimedOut: true}); err != nil {
				return ended, fmt.Errorf("end the wrap-up of call %s: %w", c.ID, err)
			}
		}
	}
	return ended, nil
}

func closeCall(j *journal.Journal, c *building) error {
	end := call.End{By: call.BySystem, Cause: call.CauseServerRestarted}
	for _, l := range c.Legs {
		if l.EndedAt != nil {
			continue
		}
		if _, err := j.Append(call.LegEnded{Call: c.ID, Leg: l.ID, Agent: l.Agent, End: end}); err != nil {
			return fmt.Errorf("end leg %s of call %s: %w", l.ID, c.ID, err)
		}
	}
	if _, err := j.Append(call.CallEnded{Call: c.ID, End: end}); err != nil {
		return fmt.Errorf("end call %s: %w", c.ID, err)
	}
	return nil
}

// replay reads the journal from where the oldest unfinished call began.
func replay(ctx context.Context, j *journal.Journal, st store.Positions) (*Builder, error) {
	pos, err := st.Position(ctx, j.Node(), store.ProjectionCalls)
	if err != nil {
		return nil, err
	}
	s, err := projection.StartAt(j, pos)
	if err != nil {
		return nil, err
	}
	b := NewBuilder(Options{})
	err = j.Read(s.Read, func(rec call.Record) error {
		b.Add(rec)
		if rec.Seq%forgetEvery == 0 {
			b.Take()
			b.Forget(rec.At)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal from record %d: %w", s.Read, err)
	}
	return b, nil
}

// forgetEvery keeps the memory of a long replay small.
const forgetEvery = 1000
