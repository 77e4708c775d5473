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
	"github.com/linedesk/linedesk/switchboard/talk"
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
	carried  atomic.Uint64 // the newest AgentsCarried
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
	sb.router = newRouter(sb, o.Journal, acd.New(salt(o.Journal.Node())), o.Log)
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
	if _, err := sb.router.ask(ctx, comeUp{}); err != nil {
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

// carryEvery is how much of the journal must be read to know the agents.
const carryEvery = time.Hour

// Carried is the record from which on the journal tells where all agents sit; 0: all of it is needed.
func (sb *Switchboard) Carried() uint64 { return sb.carried.Load() }

// showLife writes into the journal that the server lives while calls are in progress, and from time to time where the
// agents sit, until the context ends.
func (sb *Switchboard) showLife(ctx context.Context) {
	tick, hourly := time.NewTicker(lifeEvery), time.NewTicker(carryEvery)
	defer tick.Stop()
	defer hourly.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hourly.C:
			sb.router.post(carryAgents{})
		case <-tick.C:
			if sb.live.Load() > 0 {
				sb.router.record(call.TimePassed{})
			}
		}
	}
}

// goDown refuses new calls and ends those in progress, for an orderly stop.
func (sb *Switchboard) goDown(ctx context.Context) {
	sb.stopping.Store(true)
	sb.ready.Store(false)
	live, _ := sb.router.ask(ctx, callsWanted{})
	for _, c := range live.calls {
		c.post(stopped)
	}
	over := time.After(talk.ClosingTime + time.Second)
	for _, c := range live.calls {
		select {
		case <-c.over:
		case <-over:
			sb.log.Warn("calls did not end in time", slog.Int64("left", sb.live.Load()))
			return
		}
	}
	sb.router.recordNow(ctx, call.NodeStopped{})
}

func (sb *Switchboard) full() bool { return sb.live.Load() >= sb.maxCalls }

func (sb *Switchboard) now() time.Time { return sb.journal.Now() }

// Site gives the site as it is now. It is not to be changed.
func (sb *Switchboard) Site() *configs.Site { return sb.site.Load() }

// Reload puts a newly published site in force. Calls in progress keep the flow version they began with.
func (sb *Switchboard) Reload(ctx context.Context, site *configs.Site, changes []call.SiteChanged) error {
	_, err := sb.router.ask(ctx, siteReloaded{site: site, changes: changes})
	return err
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
