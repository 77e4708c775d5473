package main

import (
	"context"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/projection"
	"github.com/linedesk/linedesk/switchboard/live"
)

// replayJournal puts the records through the routing's machine, the live board and the projections, all in
// memory, and prints what they come to: as lines of JSON, each with what it is.
func replayJournal(ctx context.Context, r *journal.Reader, f journalFlags, out io.Writer) error {
	w := newReplaying(f.call)
	err := r.Read(r.First(), f.to, nil, func(e journal.Entry) error {
		rec, err := e.Record()
		if err != nil {
			return err
		}
		if err := w.step(rec); err != nil {
			return err
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return w.print(out)
}

// replaying is what a replay comes to.
type replaying struct {
	only    call.ID // empty: all
	last    uint64
	at      time.Time
	machine *acd.Machine
	effects map[string]int
	told    []effectTold // about the call that is asked for
	board   *live.Live
	folds   []fold
	rows    map[string]json.RawMessage // of the projections, by kind and key: a row may come several times
	order   []string
	counted map[string]int // kinds of rows
}

type fold struct {
	name store.Projection
	fold projection.Fold
}

type effectTold struct {
	Seq    uint64     `json:"seq"`
	Effect string     `json:"effect"`
	Is     acd.Effect `json:"is"`
}

func newReplaying(only string) *replaying {
	w := &replaying{
		only: call.ID(only), machine: acd.New(0), effects: map[string]int{}, board: live.New(time.UTC), rows: map[string]json.RawMessage{}, counted: map[string]int{},
	}
	for _, p := range projections(projectionOptions{}) {
		w.folds = append(w.folds, fold{p.Name, p.Fold()})
	}
	return w
}

func (w *replaying) step(rec call.Record) error {
	w.last, w.at = rec.Seq, rec.At
	for _, e := range w.machine.Step(rec) {
		name := reflect.TypeOf(e).Name()
		w.effects[name]++
		if w.only != "" && callOfEffect(e) == w.only {
			w.told = append(w.told, effectTold{rec.Seq, name, e})
		}
	}
	w.board.Apply(rec)
	for _, f := range w.folds {
		f.fold.Add(rec)
		if f.fold.Pending() > 0 {
			if err := w.take(f); err != nil {
				return err
			}
		}
		f.fold.Forget(rec.At)
	}
	return nil
}

// callOfEffect is the call that an effect names in its field Call.
func callOfEffect(e acd.Effect) call.ID {
	if v := reflect.ValueOf(e).FieldByName("Call"); v.IsValid() {
		return call.ID(v.String())
	}
	return ""
}

// take keeps the newest of each row.
func (w *replaying) take(f fold) error {
	for what, one := range f.fold.Take().Singles() {
		key := string(f.name) + " " + what
		var row any = one
		switch {
		case len(one.Calls) == 1:
			key, row = key+" "+string(one.Calls[0].ID), one.Calls[0]
		case len(one.Tickets) == 1:
			key, row = key+" "+string(one.Tickets[0].ID), one.Tickets[0].Ticket
		case len(one.WrapUps) == 1:
			key, row = key+" "+string(one.WrapUps[0].Call), one.WrapUps[0]
		}
		var text json.RawMessage // the rows of a whole journal are too many to keep: only counted
		if w.only != "" {
			if !isAbout(one, w.only) {
				continue
			}
			var err error
			if text, err = json.Marshal(row); err != nil {
				return err
			}
		}
		if _, known := w.rows[key]; !known {
			w.counted[string(f.name)+" "+what]++
			if w.only != "" {
				w.order = append(w.order, key)
			}
		}
		w.rows[key] = text
	}
	return nil
}

func isAbout(one store.Batch, id call.ID) bool {
	return slices.ContainsFunc(one.Calls, func(c store.Call) bool { return c.ID == id }) ||
		slices.ContainsFunc(one.Tickets, func(t store.NewTicket) bool { return t.Call == id }) ||
		slices.ContainsFunc(one.WrapUps, func(w store.WrapUp) bool { return w.Call == id })
}

// print writes the state after the last record, then the rows.
func (w *replaying) print(out io.Writer) error {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	tell := func(what string, is any) error { return lines.Encode(map[string]any{"what": what, "is": is}) }
	if err := tell("replay", map[string]any{"records_to": w.last, "at": w.at, "effects": w.effects, "rows": w.counted}); err != nil {
		return err
	}
	for _, e := range w.told {
		if err := tell("effect", e); err != nil {
			return err
		}
	}
	if w.only == "" {
		for _, q := range w.board.Queues() {
			if err := tell("queue", map[string]any{"board": q, "acd_waiting": w.machine.Waiting(q.ID)}); err != nil {
				return err
			}
		}
		for _, a := range w.board.Agents() {
			if err := tell("agent", map[string]any{"board": a, "acd": w.machine.Agent(a.ID), "acd_calls": w.machine.Calls(a.ID)}); err != nil {
				return err
			}
		}
	}
	for _, c := range w.board.Calls() {
		if w.only != "" && c.ID != w.only {
			continue
		}
		if err := tell("call in progress", c); err != nil {
			return err
		}
	}
	for _, key := range w.order {
		if err := tell(key, w.rows[key]); err != nil {
			return err
		}
	}
	return nil
}
