package acdsim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

// Config is a what-if question. Callers come at random (Poisson), talk and lose patience after
// exponential times; every agent serves every queue.
type Config struct {
	Agents      int           // 1…100,000
	Queues      int           // callers spread over them evenly; 0 means one
	ArrivalRate float64       // callers per hour, all queues together
	AHT         time.Duration // mean time that a call takes of an agent, wrap-up included; at most an hour
	Patience    time.Duration // mean time that a caller waits before hanging up; 0: for ever
	Duration    time.Duration // how long to simulate, beginning with nobody in the queue
	Threshold   time.Duration // of the service level; 0 means 20 s
	Seed        uint64        // the same seed gives the same answer
	Runs        int           // so many runs, with seeds from Seed on, give one answer; 0 means one
}

// maxCalls bounds a question: some minutes of work.
const maxCalls = 50_000_000

// Result is the answer. Calls still in the system at the end are not counted.
type Result struct {
	Offered, Answered, Abandoned int
	ServiceLevel                 float64       // answered within the threshold ÷ offered, 0…1
	Delayed                      float64       // the part of callers who had to wait
	ASA                          time.Duration // mean wait of those answered
	MeanWait                     time.Duration // mean wait of all, those included who gave up
	LongestWait                  time.Duration
	Occupancy                    float64 // the part of the agents' time taken by calls, 0…1
	Steps                        int     // of the machine
}

// Check says what is wrong with the question, all of it.
func (cfg Config) Check() error {
	var wrong []error
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	say(cfg.Agents < 1 || cfg.Agents > 100_000, "agents: %d is not between 1 and 100000", cfg.Agents)
	say(cfg.Queues < 0 || cfg.Queues > 1000, "queues: %d is not between 1 and 1000", cfg.Queues)
	say(!(cfg.ArrivalRate > 0), "arrival rate: %g is no number of callers per hour above 0", cfg.ArrivalRate)
	say(cfg.AHT < time.Second || cfg.AHT > time.Hour, "handling time: %v is not between 1s and 1h", cfg.AHT)
	say(cfg.Patience < 0, "patience: %v is negative; 0 means for ever", cfg.Patience)
	say(cfg.Threshold < 0, "service level threshold: %v is negative", cfg.Threshold)
	say(cfg.Runs < 0, "runs: %d is negative", cfg.Runs)
	say(cfg.Duration <= 0, "duration: %v is not above 0", cfg.Duration)
	if calls := cfg.ArrivalRate * cfg.Duration.Hours() * float64(max(cfg.Runs, 1)); len(wrong) == 0 {
		say(calls > maxCalls, "duration: %.0f calls in all are more than %d; simulate less time or fewer runs", calls, maxCalls)
		load := cfg.ArrivalRate * cfg.AHT.Hours()
		say(cfg.Patience == 0 && load >= float64(cfg.Agents) && calls > 1_000_000,
			"agents: %d can't carry %.1f erlangs of callers who never give up; the queue would only grow", cfg.Agents, load)
	}
	return errors.Join(wrong...)
}

// Run answers the question by simulation.
func Run(cfg Config) (Result, error) {
	if err := cfg.Check(); err != nil {
		return Result{}, err
	}
	cfg.Queues = max(cfg.Queues, 1)
	if cfg.Threshold == 0 {
		cfg.Threshold = call.DefaultServiceLevel
	}
	var t tally
	for i := range max(cfg.Runs, 1) {
		f := newFloor(cfg, cfg.Seed+uint64(i), &t)
		f.run()
	}
	return t.result(cfg), nil
}

// tally adds up what happened.
type tally struct {
	answered, abandoned, inTime, delayed, steps int
	waitAnswered, waitAll, busy, longest        time.Duration
}

func (t *tally) result(cfg Config) Result {
	r := Result{
		Offered: t.answered + t.abandoned, Answered: t.answered, Abandoned: t.abandoned,
		LongestWait: t.longest, Steps: t.steps,
	}
	if r.Offered > 0 {
		r.ServiceLevel = float64(t.inTime) / float64(r.Offered)
		r.Delayed = float64(t.delayed) / float64(r.Offered)
		r.MeanWait = t.waitAll / time.Duration(r.Offered)
	}
	if r.Answered > 0 {
		r.ASA = t.waitAnswered / time.Duration(r.Answered)
	}
	staffed := cfg.Duration.Seconds() * float64(cfg.Agents) * float64(max(cfg.Runs, 1))
	r.Occupancy = t.busy.Seconds() / staffed
	return r
}

// epoch is when every simulation begins. Any moment would do.
var epoch = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// floor is a call-centre floor where all phones work and every agent answers at once.
type floor struct {
	cfg     Config
	rand    *rand.Rand
	machine *acd.Machine
	agenda  agenda
	now     time.Time
	end     time.Time
	seq     uint64
	calls   int
	arrived map[call.ID]time.Time // of those who wait
	tally   *tally
}

func newFloor(cfg Config, seed uint64, t *tally) *floor {
	f := &floor{
		cfg: cfg, rand: rand.New(rand.NewPCG(seed, 0x11e5)), machine: acd.New(0), now: epoch,
		end: epoch.Add(cfg.Duration), arrived: make(map[call.ID]time.Time), tally: t,
	}
	var rules call.RoutingConfigured
	var names []call.QueueID
	for q := range cfg.Queues {
		names = append(names, call.QueueID(fmt.Sprintf("queue%d", q)))
		rules.Queues = append(rules.Queues, call.QueueRules{Queue: names[q], RingTimeout: time.Minute})
	}
	for a := range cfg.Agents {
		rules.Agents = append(rules.Agents, call.AgentRules{Agent: agentName(a), Queues: names})
	}
	f.step(rules)
	for a := range cfg.Agents {
		f.step(call.AgentSignedIn{Agent: agentName(a), Station: call.Station{Kind: call.StationStatic, URI: "sip:simulated"}})
		f.step(call.AgentStateChosen{Agent: agentName(a), State: call.ChoseReady})
	}
	return f
}

func agentName(n int) call.AgentID { return call.AgentID(fmt.Sprintf("agent%d", n)) }

// run goes on to the end.
func (f *floor) run() {
	f.agenda.put(f.now.Add(f.between()), f.arrive)
	for {
		at, ok := f.agenda.next()
		due, timed := f.machine.Deadline()
		switch {
		case timed && (!ok || !due.After(at)):
			if due.After(f.end) {
				return
			}
			f.now = due
			f.step(call.TimePassed{})
		case ok && !at.After(f.end):
			var do func()
			f.now, do = f.agenda.take()
			do()
		default:
			return
		}
	}
}

func (f *floor) exponential(mean time.Duration) time.Duration {
	return time.Duration(f.rand.ExpFloat64() * float64(mean))
}

func (f *floor) between() time.Duration {
	return f.exponential(time.Duration(float64(time.Hour) / f.cfg.ArrivalRate))
}

func (f *floor) arrive() {
	f.agenda.put(f.now.Add(f.between()), f.arrive)
	f.calls++
	id := call.ID(fmt.Sprintf("call%d", f.calls))
	f.arrived[id] = f.now
	f.step(call.CallQueued{Call: id, Queue: call.QueueID(fmt.Sprintf("queue%d", f.rand.IntN(f.cfg.Queues)))})
	if _, waits := f.arrived[id]; waits && f.cfg.Patience > 0 {
		f.agenda.put(f.now.Add(f.exponential(f.cfg.Patience)), func() { f.giveUp(id) })
	}
}

func (f *floor) giveUp(id call.ID) {
	if at, waits := f.arrived[id]; waits {
		delete(f.arrived, id)
		f.tally.abandoned++
		f.tally.delayed++
		f.waited(f.now.Sub(at))
		f.step(call.CallerLeft{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseAbandoned}})
	}
}

func (f *floor) waited(d time.Duration) {
	f.tally.waitAll += d
	f.tally.longest = max(f.tally.longest, d)
}

// step steps the machine and carries out what it says, until it says nothing.
func (f *floor) step(e call.Event) {
	todo := f.feed(e)
	for len(todo) > 0 {
		effect := todo[0]
		todo = todo[1:]
		switch e := effect.(type) {
		case acd.OfferCall:
			todo = append(todo, f.answer(e)...)
		case acd.EndCall: // waited or talked for hours
			if _, waits := f.arrived[e.Call]; waits {
				f.giveUp(e.Call)
			} else {
				todo = append(todo, f.feed(call.CallerLeft{Call: e.Call})...)
			}
		}
	}
}

func (f *floor) feed(e call.Event) []acd.Effect {
	f.seq++
	f.tally.steps++
	return f.machine.Step(call.Record{Seq: f.seq, At: f.now, Event: e})
}

func (f *floor) answer(o acd.OfferCall) []acd.Effect {
	wait := f.now.Sub(f.arrived[o.Call])
	delete(f.arrived, o.Call)
	f.tally.answered++
	f.tally.waitAnswered += wait
	f.waited(wait)
	if wait > 0 {
		f.tally.delayed++
	}
	if wait <= f.cfg.Threshold {
		f.tally.inTime++
	}
	talk := f.exponential(f.cfg.AHT)
	f.tally.busy += min(talk, f.end.Sub(f.now))
	f.agenda.put(f.now.Add(talk), func() {
		f.step(call.TalkEnded{Offer: o.Offer, Call: o.Call, Agent: o.Agent, By: call.ByCaller})
	})
	return slices.Concat(
		f.feed(call.OfferAnswered{Offer: o.Offer, Call: o.Call, Agent: o.Agent}),
		f.feed(call.Bridged{Offer: o.Offer, Call: o.Call, Agent: o.Agent}))
}
