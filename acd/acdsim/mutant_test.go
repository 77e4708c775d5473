package acdsim_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/acd/acdsim"
	"github.com/linedesk/linedesk/call"
)

// mutant is a machine with a planted bug: what goes in or what comes out is not what it should be.
type mutant struct {
	*acd.Machine
	hear func(m *mutant, e call.Event) call.Event // what the machine hears instead; nil: nothing
	say  func(m *mutant, e call.Event, effects []acd.Effect) []acd.Effect

	at     time.Time
	seq    uint64
	status map[call.AgentID]call.AgentStatus
	names  []call.AgentID // of all agents ever heard of
	count  int
}

func (m *mutant) Step(rec call.Record) []acd.Effect {
	m.at, m.seq = rec.At, rec.Seq
	if e, ok := rec.Event.(call.RoutingConfigured); ok {
		for _, a := range e.Agents {
			if !slices.Contains(m.names, a.Agent) {
				m.names = append(m.names, a.Agent)
			}
		}
	}
	event := rec.Event
	if m.hear != nil {
		rec.Event = m.hear(m, event)
	}
	var effects []acd.Effect
	if rec.Event != nil {
		effects = m.Machine.Step(rec)
	}
	if m.say != nil {
		effects = m.say(m, event, effects)
	}
	for _, e := range effects {
		if s, ok := e.(acd.ReportStatus); ok {
			m.status[s.Agent] = s.Status
		}
	}
	return effects
}

// whisper steps the machine without anybody knowing.
func (m *mutant) whisper(e call.Event) []acd.Effect {
	return m.Machine.Step(call.Record{Seq: m.seq, At: m.at, Event: e})
}

// somebody finds an agent in a status, other than one.
func (m *mutant) somebody(s call.AgentStatus, other call.AgentID) call.AgentID {
	for _, a := range m.names {
		if m.status[a] == s && a != other {
			return a
		}
	}
	return ""
}

// every returns true every nth time.
func (m *mutant) every(n int) bool {
	m.count++
	return m.count%n == 0
}

// changeOffer is a bug in what is offered.
func changeOffer(change func(m *mutant, o acd.OfferCall) []acd.Effect) func(*mutant, call.Event, []acd.Effect) []acd.Effect {
	return func(m *mutant, _ call.Event, effects []acd.Effect) []acd.Effect {
		var out []acd.Effect
		for _, e := range effects {
			if o, ok := e.(acd.OfferCall); ok {
				out = append(out, change(m, o)...)
				continue
			}
			out = append(out, e)
		}
		return out
	}
}

// swallow is a bug that forgets some effects.
func swallow(forget func(m *mutant, e acd.Effect) bool) func(*mutant, call.Event, []acd.Effect) []acd.Effect {
	return func(m *mutant, _ call.Event, effects []acd.Effect) []acd.Effect {
		return slices.DeleteFunc(effects, func(e acd.Effect) bool { return forget(m, e) })
	}
}

// offerTo offers to somebody who is in a status, and not to whom it should.
func offerTo(s call.AgentStatus) func(*mutant, call.Event, []acd.Effect) []acd.Effect {
	return changeOffer(func(m *mutant, o acd.OfferCall) []acd.Effect {
		if a := m.somebody(s, o.Agent); a != "" && m.every(5) {
			o.Agent = a
		}
		return []acd.Effect{o}
	})
}

// rules is a bug that reads the queues' rules wrongly.
func rules(change func(*call.QueueRules)) func(*mutant, call.Event) call.Event {
	return func(_ *mutant, e call.Event) call.Event {
		if e, ok := e.(call.RoutingConfigured); ok {
			e.Queues = slices.Clone(e.Queues)
			for i := range e.Queues {
				change(&e.Queues[i])
			}
			return e
		}
		return e
	}
}

type bug struct {
	name string
	rule acdsim.Rule
	hear func(*mutant, call.Event) call.Event
	say  func(*mutant, call.Event, []acd.Effect) []acd.Effect
}

// bugs are the planted ones, at least one for each rule.
var bugs = []bug{
	{name: "offers a second call to who talks", rule: acdsim.OneCallEach, say: offerTo(call.StatusTalking)},
	{name: "offers a second call to who rings", rule: acdsim.OneCallEach, say: offerTo(call.StatusOffered)},
	{name: "offers a second call to who dials", rule: acdsim.OneCallEach, say: offerTo(call.StatusBusy)},
	{name: "offers to who pauses", rule: acdsim.OnlyTheFree, say: offerTo(call.StatusPaused)},
	{name: "offers to who wraps up", rule: acdsim.OnlyTheFree, say: offerTo(call.StatusWrapUp)},
	{name: "offers to who has gone home", rule: acdsim.OnlyTheFree, say: offerTo(call.StatusOff)},
	{name: "makes the same offer twice", rule: acdsim.OfferedOnce, say: changeOffer(func(m *mutant, o acd.OfferCall) []acd.Effect {
		if m.every(20) {
			return []acd.Effect{o, o}
		}
		return []acd.Effect{o}
	})},
	{name: "rings two agents for one call", rule: acdsim.OfferedOnce, say: changeOffer(func(m *mutant, o acd.OfferCall) []acd.Effect {
		also := o
		also.Offer += "x"
		if also.Agent = m.somebody(call.StatusReady, o.Agent); also.Agent != "" {
			return []acd.Effect{o, also}
		}
		return []acd.Effect{o}
	})},
	{name: "rings for a caller who has left", rule: acdsim.NoGhost, say: func(m *mutant, e call.Event, effects []acd.Effect) []acd.Effect {
		if left, ok := e.(call.CallerLeft); ok {
			if a := m.somebody(call.StatusReady, ""); a != "" {
				return append(effects, acd.OfferCall{Offer: "x", Call: left.Call, Agent: a})
			}
		}
		return effects
	}},
	{name: "rings again at once after a decline", rule: acdsim.NoStorm, say: func(m *mutant, e call.Event, effects []acd.Effect) []acd.Effect {
		if missed, ok := e.(call.OfferMissed); ok && missed.Miss == call.MissDeclined && len(effects) > 0 {
			return append(effects, m.whisper(call.AgentStateChosen{Agent: missed.Agent, State: call.ChoseReady})...)
		}
		return effects
	}},
	{name: "never notices that time passes", rule: acdsim.NobodyStuck, hear: func(_ *mutant, e call.Event) call.Event {
		if _, ok := e.(call.TimePassed); ok {
			return nil
		}
		return e
	}},
	{name: "does not tell that a wrap-up is over", rule: acdsim.StatusIsTrue, say: swallow(func(_ *mutant, e acd.Effect) bool {
		end, ok := e.(acd.EndWrapUp)
		return ok && end.TimedOut
	})},
	{name: "has a clock that is fast", rule: acdsim.NothingEarly, hear: func(m *mutant, e call.Event) call.Event {
		m.Machine.Step(call.Record{Seq: m.seq, At: m.at.Add(2 * time.Second), Event: call.OfferWithdrawn{}})
		m.Machine.Step(call.Record{Seq: m.seq, At: m.at.Add(2 * time.Second), Event: call.StationUp{}})
		return e
	}},
	{name: "ends a stage nobody is in", rule: acdsim.NothingEarly, say: func(_ *mutant, e call.Event, effects []acd.Effect) []acd.Effect {
		if o, ok := e.(call.OfferWithdrawn); ok {
			return append(effects, acd.WithdrawOffer{Offer: o.Offer, Call: o.Call, Agent: o.Agent})
		}
		return effects
	}},
	{name: "ignores priorities", rule: acdsim.FirstComeFirst, hear: func(_ *mutant, e call.Event) call.Event {
		if q, ok := e.(call.CallQueued); ok {
			q.Priority = 0
			return q
		}
		return e
	}},
	{name: "serves the last first", rule: acdsim.FirstComeFirst, hear: func(m *mutant, e call.Event) call.Event {
		if q, ok := e.(call.CallQueued); ok {
			q.Priority = q.Priority*1_000_000 + int(m.seq)
			return q
		}
		return e
	}},
	{name: "ignores weights", rule: acdsim.WeightFirst, hear: rules(func(q *call.QueueRules) { q.Weight = 0 })},
	{name: "forgets how long an agent was idle", rule: acdsim.LongestIdle, hear: func(m *mutant, e call.Event) call.Event {
		if _, ok := e.(call.CallQueued); ok {
			if a := m.somebody(call.StatusReady, ""); a != "" {
				m.whisper(call.AgentStateChosen{Agent: a, State: call.ChosePaused})
				m.whisper(call.AgentStateChosen{Agent: a, State: call.ChoseReady})
			}
		}
		return e
	}},
	{name: "ignores who is preferred", rule: acdsim.PreferredFirst, hear: func(_ *mutant, e call.Event) call.Event {
		if q, ok := e.(call.CallQueued); ok {
			q.Preferred = ""
			return q
		}
		return e
	}},
	{name: "calls everybody preferred", rule: acdsim.PreferredFirst, say: changeOffer(func(_ *mutant, o acd.OfferCall) []acd.Effect {
		o.Why = "preferred"
		return []acd.Effect{o}
	})},
	{name: "forgets to offer", rule: acdsim.NobodyIdle, say: func(m *mutant, _ call.Event, effects []acd.Effect) []acd.Effect {
		i := slices.IndexFunc(effects, func(e acd.Effect) bool { _, ok := e.(acd.OfferCall); return ok })
		if i < 0 || !m.every(20) {
			return effects
		}
		a := effects[i].(acd.OfferCall).Agent
		effects = slices.Delete(effects, i, i+1)
		return slices.DeleteFunc(effects, func(e acd.Effect) bool {
			s, ok := e.(acd.ReportStatus)
			return ok && s.Agent == a
		})
	}},
	{name: "loses a call", rule: acdsim.NoLostCall, hear: func(m *mutant, e call.Event) call.Event {
		if _, ok := e.(call.CallQueued); ok && m.somebody(call.StatusReady, "") == "" && m.every(10) {
			return nil
		}
		return e
	}},
	{name: "refuses a call for no reason", rule: acdsim.NoLostCall, hear: rules(func(q *call.QueueRules) { q.MaxWaiting = 1 })},
	{name: "forgets to report a talk", rule: acdsim.StatusIsTrue, say: swallow(func(m *mutant, e acd.Effect) bool {
		s, ok := e.(acd.ReportStatus)
		return ok && s.Status == call.StatusTalking && m.every(10)
	})},
	{name: "reports twice", rule: acdsim.StatusOnce, say: func(m *mutant, _ call.Event, effects []acd.Effect) []acd.Effect {
		for _, e := range effects {
			if s, ok := e.(acd.ReportStatus); ok && m.every(30) {
				return append(effects, s)
			}
		}
		return effects
	}},
	{name: "lets a late answer hang", rule: acdsim.PromisesKept, say: swallow(func(_ *mutant, e acd.Effect) bool {
		_, ok := e.(acd.ReleaseAgent)
		return ok
	})},
	{name: "lets a phone ring on after its caller has left", rule: acdsim.PromisesKept, say: swallow(func(_ *mutant, e acd.Effect) bool {
		o, ok := e.(acd.WithdrawOffer)
		return ok && o.Miss == ""
	})},
	{name: "skips the wrap-up", rule: acdsim.PromisesKept, hear: rules(func(q *call.QueueRules) { q.WrapUp = 0 })},
	{name: "leaves a caller without music whose agent went away", rule: acdsim.PromisesKept, say: swallow(func(_ *mutant, e acd.Effect) bool {
		_, ok := e.(acd.ResumeWaiting)
		return ok
	})},
	{name: "offers a directed call to somebody else", rule: acdsim.OnlyTheFree, say: changeOffer(func(m *mutant, o acd.OfferCall) []acd.Effect {
		if a := m.somebody(call.StatusReady, o.Agent); a != "" && o.Why == "transferred" {
			o.Agent = a
		}
		return []acd.Effect{o}
	})},
	{name: "keeps a directed call that nobody took", rule: acdsim.PromisesKept, say: swallow(func(_ *mutant, e acd.Effect) bool {
		r, ok := e.(acd.RefuseCall)
		return ok && r.Queue == "" && !r.Consult
	})},
	{name: "takes who is asked for who has the call", rule: acdsim.NoLostCall, say: func(_ *mutant, _ call.Event, effects []acd.Effect) []acd.Effect {
		for i, e := range effects {
			if r, ok := e.(acd.RefuseCall); ok {
				r.Consult = false
				effects[i] = r
			}
		}
		return effects
	}},
	{name: "keeps who was asked busy", rule: acdsim.StatusIsTrue, hear: func(_ *mutant, e call.Event) call.Event {
		if _, ok := e.(call.ConsultEnded); ok {
			return nil
		}
		return e
	}},
	{name: "forgets how long a call has waited", rule: acdsim.FirstComeFirst, hear: func(_ *mutant, e call.Event) call.Event {
		if q, ok := e.(call.CallQueued); ok {
			q.Since = time.Time{}
			return q
		}
		return e
	}},
	{name: "has no room for a call that comes back", rule: acdsim.NoLostCall, hear: func(_ *mutant, e call.Event) call.Event {
		if q, ok := e.(call.CallQueued); ok {
			q.Returned = false
			return q
		}
		return e
	}},
	{name: "never pauses for misses", rule: acdsim.PausedForMisses, hear: rules(func(q *call.QueueRules) { q.MaxMisses = 0 })},
	{name: "pauses for one miss too few", rule: acdsim.PausedForMisses, hear: rules(func(q *call.QueueRules) {
		if q.MaxMisses > 1 {
			q.MaxMisses--
		}
	})},
}

// TestEachRuleFailsOnAPlantedBug shows that the watcher would see such a fault.
func TestEachRuleFailsOnAPlantedBug(t *testing.T) {
	for _, bug := range bugs {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			seen := make(map[acdsim.Rule]int)
			for s := uint64(1); s <= 20; s++ {
				m := &mutant{
					Machine: acd.New(1), hear: bug.hear, say: bug.say,
					status: make(map[call.AgentID]call.AgentStatus),
				}
				b := broken(t, acdsim.Storm{Seed: s, Steps: 20_000, Machine: m})
				if b == nil {
					continue
				}
				seen[b.Rule]++
				if b.Rule == bug.rule {
					if b.Seed != s {
						t.Errorf("the failure names seed %s, want %d", strconv.FormatUint(b.Seed, 10), s)
					}
					return
				}
			}
			t.Errorf("no storm found that it %s; found were %v", bug.name, seen)
		})
	}
}

func TestEveryRuleHasAPlantedBug(t *testing.T) {
	for _, rule := range acdsim.Rules {
		if !slices.ContainsFunc(bugs, func(b bug) bool { return b.rule == rule }) {
			t.Errorf("no bug is planted against %q", rule)
		}
	}
}
