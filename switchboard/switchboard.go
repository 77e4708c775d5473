package switchboard

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/ivr"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/store"
)

// lookUpsAtOnce bounds the customer look-ups under way; see findCustomer.
const lookUpsAtOnce = 64

// Options are what a Switchboard works with.
type Options struct {
	Site       *configs.Site
	Journal    *journal.Journal
	Engine     *media.Engine
	Prompts    *ivr.Prompts
	Customers  Customers
	Recordings string // folder of voicemails and recordings
	MaxCalls   int    // at once; 0: 10,000
	Version    string
	Log        *slog.Logger
}

// Customers is the look-up by number.
type Customers interface {
	CustomersByPhone(ctx context.Context, number string) ([]store.Customer, error)
}

// Switchboard owns the live calls. Make one with New, give it the SIP endpoint with Attach, then Run.
type Switchboard struct {
	log        *slog.Logger
	journal    *journal.Journal
	engine     *media.Engine
	prompts    *ivr.Prompts
	customers  Customers
	recordings string
	version    string
	maxCalls   int64
	tones      tones
	phones     *sip.Endpoint
	router     *router
	site       atomic.Pointer[configs.Site]
	lookUps    *semaphore.Weighted
	found      *known[*store.Customer] // by number; nil: nobody has it
	numbers    *known[call.Number]     // as normalised, by region and number

	live     atomic.Int64 // calls in the table
	begun    atomic.Uint64
	panics   atomic.Uint64
	stopping atomic.Bool
	ready    atomic.Bool
}

// New prepares a switchboard. The machine is brought to where the journal says the agents were.
func New(o Options) (*Switchboard, error) {
	if o.MaxCalls == 0 {
		o.MaxCalls = 10_000
	}
	sb := &Switchboard{
		log: o.Log, journal: o.Journal, engine: o.Engine, prompts: o.Prompts, customers: o.Customers,
		recordings: o.Recordings, version: o.Version, maxCalls: int64(o.MaxCalls),
		tones: newTones(), lookUps: semaphore.NewWeighted(lookUpsAtOnce),
		found: newKnown[*store.Customer](knownFor), numbers: newKnown[call.Number](0),
	}
	sb.site.Store(o.Site)
	sb.router = newRouter(o.Journal, acd.New(salt(o.Journal.Node())), o.Log)
	return sb, nil
}

// Attach gives the switchboard the endpoint whose Handler it is. Call it once, before Run.
func (sb *Switchboard) Attach(e *sip.Endpoint) { sb.phones = e }

// Run steps the ACD and carries calls until the context ends; then it ends every call and returns.
func (sb *Switchboard) Run(ctx context.Context) error {
	if sb.phones == nil {
		return errors.New("switchboard: no SIP endpoint attached")
	}
	routing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go sb.router.Run(routing)
	if err := sb.router.do(ctx, sb.comeUp); err != nil {
		return err
	}
	sb.ready.Store(true)
	sb.showLife(ctx)
	sb.goDown(context.WithoutCancel(ctx))
	stop()
	<-sb.router.stopped
	return nil
}

// lifeEvery is what a talk may lose in the call log when the server is killed.
const lifeEvery = time.Second

// showLife writes into the journal that the server lives while calls are in progress, until the context ends.
func (sb *Switchboard) showLife(ctx context.Context) {
	tick := time.NewTicker(lifeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if sb.live.Load() > 0 {
				sb.router.record(call.TimePassed{})
			}
		}
	}
}

// comeUp is the first thing the router does: agents as they were before the restart, the site's rules,
// static stations signed in.
func (sb *Switchboard) comeUp() error {
	if err := sb.recall(); err != nil {
		return err
	}
	sb.router.step(call.NodeStarted{Node: sb.journal.Node(), Version: sb.version})
	site := sb.site.Load()
	sb.router.step(site.Routing())
	for _, a := range site.Agents {
		sb.router.agentOf(a.ID).extension = a.Extension
	}
	for _, a := range site.Agents {
		if s, ok := staticStation(a); ok {
			sb.signIn(sb.router.agentOf(a.ID), s)
			_ = sb.choose(sb.router.agentOf(a.ID), call.ChoseReady, "", "")
		}
	}
	for _, a := range sb.router.agents {
		sb.review(a, "restart")
	}
	return nil
}

// recall reads from the journal what the agents chose, and tells the machine.
func (sb *Switchboard) recall() error {
	// The rules go first: the machine ignores agents that it does not know, and the journal may begin late.
	sb.router.machine.Step(call.Record{At: sb.now(), Event: sb.site.Load().Routing()})
	chosen := []string{
		call.TypeName(call.AgentSignedIn{}), call.TypeName(call.AgentStationChosen{}), call.TypeName(call.AgentStateChosen{}),
	}
	return sb.journal.ReadTypes(sb.journal.First(), sb.journal.Last(), chosen, func(rec call.Record) error {
		switch e := rec.Event.(type) {
		case call.AgentSignedIn:
			a := sb.router.agentOf(e.Agent)
			a.signedIn, a.station = true, e.Station
		case call.AgentStationChosen:
			sb.router.agentOf(e.Agent).station = e.Station
		case call.AgentStateChosen:
			a := sb.router.agentOf(e.Agent)
			a.chosen = e.State
			a.signedIn = a.signedIn && e.State != call.ChoseOff
		default:
			return nil
		}
		sb.router.machine.Step(rec) // the effects are history
		return nil
	})
}

// goDown refuses new calls and ends those in progress, for an orderly stop.
func (sb *Switchboard) goDown(ctx context.Context) {
	sb.stopping.Store(true)
	sb.ready.Store(false)
	var live []*liveCall
	_ = sb.router.do(ctx, func() error {
		for _, c := range sb.router.calls {
			live = append(live, c)
		}
		return nil
	})
	for _, c := range live {
		c.post(hangUp{end: call.End{By: call.BySystem, Cause: call.CauseServerStopped}})
	}
	over := time.After(closingTime + time.Second)
	for _, c := range live {
		select {
		case <-c.over:
		case <-over:
			sb.log.Warn("calls did not end in time", slog.Int64("left", sb.live.Load()))
			return
		}
	}
	sb.router.recordNow(call.NodeStopped{})
}

// begin puts a call into the table. Runs on the router.
func (sb *Switchboard) begin(c *liveCall) {
	sb.router.calls[c.id] = c
	if sb.stopping.Load() { // it came in the moment in which the list of those to be ended was made
		c.post(hangUp{end: call.End{By: call.BySystem, Cause: call.CauseServerStopped}})
	}
	sb.live.Add(1)
	sb.begun.Add(1)
}

// forget takes it out. Runs on the router.
func (sb *Switchboard) forget(c *liveCall) {
	if sb.router.calls[c.id] != c {
		return
	}
	delete(sb.router.calls, c.id)
	sb.live.Add(-1)
	for _, id := range c.seated {
		if a := sb.router.agents[id]; a != nil {
			a.rises(c.id)
		}
	}
}

// unseat frees the agents to whom a call came outside queues; who placed it, and talked or learned
// that nobody is reached, gets the site's wrap-up for such calls. Runs on the router.
func (sb *Switchboard) unseat(c *liveCall, placed call.AgentID, worked bool) {
	for _, id := range c.outside {
		wrapUp := time.Duration(0)
		if worked && id == placed && c.direction == call.Outbound {
			wrapUp = sb.site.Load().Outbound.WrapUp
		}
		sb.router.step(call.AgentCallEnded{Agent: id, Call: c.id, WrapUp: wrapUp})
	}
}

func (sb *Switchboard) full() bool { return sb.live.Load() >= sb.maxCalls }

func (sb *Switchboard) now() time.Time { return sb.journal.Now() }

// Site gives the site as it is now. It is not to be changed.
func (sb *Switchboard) Site() *configs.Site { return sb.site.Load() }

// Reload puts a newly published site in force. Calls in progress keep the flow version they began with.
func (sb *Switchboard) Reload(ctx context.Context, site *configs.Site, changes []call.SiteChanged) error {
	return sb.router.do(ctx, func() error {
		for _, c := range changes {
			sb.router.step(c)
		}
		sb.site.Store(site)
		sb.phones.Reconfigure(trunks(site))
		for _, a := range site.Agents {
			sb.router.agentOf(a.ID).extension = a.Extension
		}
		sb.router.step(site.Routing())
		return nil
	})
}

// Ready tells whether calls can be taken; the error says what is missing.
func (sb *Switchboard) Ready() error {
	if !sb.ready.Load() {
		return errors.New("the switchboard is not up")
	}
	return nil
}

// Figures are counts for /metrics.
type Figures struct {
	LiveCalls    int64
	CallsBegun   uint64
	Panics       uint64 // in calls, contained
	EventsLost   uint64 // that the journal could not keep
	RouterQueued int    // requests that wait for the router
}

// Figures gives the counts of this moment.
func (sb *Switchboard) Figures() Figures {
	return Figures{
		LiveCalls: sb.live.Load(), CallsBegun: sb.begun.Load(), Panics: sb.panics.Load(),
		EventsLost: sb.router.lostRecs.Load(), RouterQueued: len(sb.router.requests),
	}
}

var _ sip.Handler = (*Switchboard)(nil)
