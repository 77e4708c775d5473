package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/linedesk/linedesk/agentdesk"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/ivr"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/store/projection"
	"github.com/linedesk/linedesk/store/ticket"
	"github.com/linedesk/linedesk/switchboard"
	"github.com/linedesk/linedesk/switchboard/live"
)

// setup is what a server is started with, be it by "demo" or by "serve".
type setup struct {
	data    string // data folder
	db      string // URL; empty: linedesk.db in the data folder
	http    string
	tls     *tls.Config
	origins []string
	keep    time.Duration // of the journal; 0: the default
	sip     sip.Config    // as far as it is set
	rtp     netip.Addr
	rtpMin  uint16
	rtpMax  uint16
	calls   int            // at once; 0: the default
	speech  configs.Speech // renders texts without a sound
	demo    bool
	log     *slog.Logger

	process *configs.Process                                // in force; nil: there is no linedesk.yaml
	level   *slog.LevelVar                                  // of the log
	cert    *certificate                                    // in the TLS configuration; nil: plain http
	seed    func(ctx context.Context, st store.Store) error // fills a new database; nil: it must have a site
}

// server is the process with all its rooms.
type server struct {
	setup
	lock        *journal.Lock
	store       store.Store
	published   published // the site that is in force
	journal     *journal.Journal
	live        *live.Live
	timezone    string // by which live counts
	projections []*projection.Runner
	engine      *media.Engine
	prompts     *ivr.Prompts
	endpoint    *sip.Endpoint
	switchboard *switchboard.Switchboard
	desk        *web.Server
	hangUps     chan os.Signal
	closers     []io.Closer
}

// newServer opens everything, in the order in which the rooms need each other. On an error the files and
// databases that were opened are closed again; sockets end with the process.
func newServer(ctx context.Context, s setup) (_ *server, err error) {
	v := &server{setup: s, hangUps: make(chan os.Signal, 1)}
	signal.Notify(v.hangUps, syscall.SIGHUP) // from here on: a start that renders prompts takes a while
	defer func() {
		if err != nil {
			v.close()
		}
	}()
	for _, step := range []func(context.Context) error{v.openFolder, v.openStore, v.openCalls, v.openDesk} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// openFolder locks the data folder and opens the journal in it.
func (v *server) openFolder(context.Context) error {
	lock, err := journal.LockFolder(v.data)
	if err != nil {
		return err
	}
	v.lock = lock
	v.closers = append(v.closers, lock)
	node, err := journal.NodeID(v.data)
	if err != nil {
		return err
	}
	for _, dir := range []string{soundFolder(v.data), filepath.Join(v.data, "recordings")} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("make the folder %s: %w", dir, err)
		}
	}
	v.journal, err = journal.Open(journal.Options{
		Dir: filepath.Join(v.data, "journal"), Node: node, Log: v.log, KeepFor: v.keep, Safe: v.safe,
	})
	if err != nil {
		return err
	}
	v.closers = append(v.closers, v.journal)
	return nil
}

// safe is the first record that some projection, or who must know the agents, still needs: the journal's old segments
// go up to there only.
func (v *server) safe() uint64 {
	if v.switchboard == nil {
		return 0
	}
	return min(safeFor(v.projections), v.switchboard.Carried())
}

// openStore opens the database, fills a new one, and ends in it what the last run left open.
func (v *server) openStore(ctx context.Context) error {
	url := v.db
	if url == "" {
		url = filepath.Join(v.data, "linedesk.db")
	}
	st, err := openStore(ctx, url, v.log)
	if err != nil {
		return err
	}
	v.store = st
	v.closers = append(v.closers, st)
	if v.seed != nil {
		if err := v.seed(ctx, st); err != nil {
			return fmt.Errorf("fill the new database: %w", err)
		}
	}
	return nil
}

// openCalls makes the rooms that carry calls.
func (v *server) openCalls(ctx context.Context) error {
	site, now, err := v.readSite(ctx)
	if err != nil {
		return err
	}
	v.published = now
	if err := syncUsers(ctx, v.store, site, v.demo); err != nil {
		return err
	}
	orphans, err := calllog.CloseOrphans(ctx, v.journal, v.store)
	if err != nil {
		return fmt.Errorf("end the calls of the last run: %w", err)
	}
	if orphans > 0 {
		v.log.Warn("calls were open when the server stopped; they are logged as ended by it", slog.Int("calls", orphans))
	}
	v.live, v.timezone = live.New(site.Location), site.Location.String()
	for _, p := range projections(projectionOptions{
		numbering: func() store.Numbering { return v.switchboard.Site().Numbering() }, extension: v.extensionOf,
		kind:  func(id string) *ticket.Kind { return v.switchboard.Site().TicketKind(id).Rules() },
		wrote: func(agents []call.AgentID) { v.desk.RowsWritten(agents) },
	}) {
		v.projections = append(v.projections, projection.New(v.store, p, v.log))
	}
	v.engine, err = media.New(media.Config{Addr: v.rtp, PortMin: v.rtpMin, PortMax: v.rtpMax, Log: v.log})
	if err != nil {
		return fmt.Errorf("%w; --rtp ADDRESS:FIRST-LAST chooses the ports for sound (or rtp.ports in linedesk.yaml)", err)
	}
	prompts := v.newPrompts()
	if err := loadPrompts(ctx, prompts, site); err != nil {
		return err
	}
	v.prompts = prompts
	v.switchboard, err = switchboard.New(switchboard.Options{
		Site: site, Journal: v.journal, Engine: v.engine, Prompts: prompts, Customers: v.store,
		Recordings: filepath.Join(v.data, "recordings"), MaxCalls: v.calls, Version: version, Log: v.log,
	})
	if err != nil {
		return err
	}
	phones := v.sip
	phones.PortSetting, phones.Sound, phones.UserAgent, phones.Log = "--sip HOST:PORT (or sip.udp and sip.tcp in linedesk.yaml)", v.rtp, "Linedesk/"+version, v.log
	v.endpoint, err = sip.New(v.switchboard.SIPConfig(phones), v.switchboard) //nolint:contextcheck // the endpoint outlives the start: Run has the context
	if err != nil {
		return err
	}
	v.switchboard.Attach(v.endpoint)
	return nil
}

// openDesk makes the web server.
func (v *server) openDesk(context.Context) error {
	registry := prometheus.NewRegistry()
	registerMetrics(registry, v)
	desk, err := agentdesk.New( //nolint:contextcheck // as the endpoint
		agentdesk.Options{
			Listen: v.http, TLS: v.tls, Calls: v.switchboard, Live: v.live, Store: v.store, Rows: v.rowsOf,
			Recordings: filepath.Join(v.data, "recordings"), Origins: v.origins, Registry: registry,
			Version: version, Now: v.journal.Now, Log: v.log,
		})
	if err != nil {
		return err
	}
	v.desk = desk
	return nil
}

// errNoSite says what to do about a database without a site.
var errNoSite = errors.New(`the database has no site yet: import one with "linedesk site import --config FILE FOLDER", ` +
	`or name its folder as site.seed in linedesk.yaml (configs/demo is an example)`)

// published is a site as the database has it.
type published struct {
	documents []store.Document // without their bodies
	count     int64            // of publications when it was read, or before
}

// readSite puts the published documents together.
func (v *server) readSite(ctx context.Context) (*configs.Site, published, error) {
	var p published
	var err error
	if p.count, err = v.store.Publications(ctx); err != nil { // first: what is published in between is seen next time
		return nil, p, fmt.Errorf("read the site: %w", err)
	}
	if p.documents, err = v.store.Published(ctx); err != nil {
		return nil, p, fmt.Errorf("read the site: %w", err)
	}
	if len(p.documents) == 0 {
		return nil, p, errNoSite
	}
	site, problems := load.FromDocuments(p.documents)
	if err := problems.Err(); err != nil {
		return nil, p, fmt.Errorf("the site in the database has mistakes (linedesk site import brings in a corrected one):\n%w", err)
	}
	for i := range p.documents { // of each only its version is compared with the next
		p.documents[i].Body = ""
	}
	return site, p, nil
}

// Run serves until the context ends, then stops in the reverse order of dependence: calls first, the
// projections of their last events next, the journal last.
func (v *server) Run(ctx context.Context) error {
	defer v.close()
	// The rooms that others lean on outlive them: they stop when the switchboard has.
	under, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	rooms, under := errgroup.WithContext(under)
	rooms.Go(func() error { return v.journal.Run(under) })
	rooms.Go(func() error { return ended(under, v.live.Run(under, v.journal)) })
	for _, p := range v.projections {
		rooms.Go(func() error { return ended(under, p.Run(under, v.journal)) })
	}
	rooms.Go(func() error { return v.engine.Run(under) })
	rooms.Go(func() error { return v.endpoint.Run(under) })

	front, frontCtx := errgroup.WithContext(ctx)
	front.Go(func() error { return v.switchboard.Run(frontCtx) })
	front.Go(func() error { return v.desk.Run(frontCtx) })
	front.Go(func() error { v.followChanges(frontCtx); return nil })
	front.Go(func() error { v.tidyAtRest(frontCtx); return nil })
	front.Go(func() error { // a room that fails takes the front down with it
		select {
		case <-frontCtx.Done():
			return nil
		case <-under.Done():
			return context.Cause(under)
		}
	})
	err := front.Wait()
	v.catchUp(under)
	stop(nil)
	if roomErr := rooms.Wait(); err == nil {
		err = roomErr
	}
	return err
}

// ended makes an orderly end of a follower no error.
func ended(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

func (v *server) close() {
	signal.Stop(v.hangUps)
	for i := len(v.closers) - 1; i >= 0; i-- {
		if err := v.closers[i].Close(); err != nil {
			v.log.Warn("closing", slog.Any("error", err))
		}
	}
	v.closers = nil
}

// extensionOf gives an agent's extension in the site that is in force.
func (v *server) extensionOf(id call.AgentID) call.Extension {
	if a := v.switchboard.Site().Agent(id); a != nil {
		return a.Extension
	}
	return ""
}

// catchUp gives the projections a moment to take in the last events of the calls that were ended.
func (v *server) catchUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, p := range v.projections {
		if err := p.WaitFor(ctx, v.journal.Last()); err != nil {
			v.log.Warn("a projection lags behind; it catches up at the next start", slog.Any("error", err))
		}
	}
}

// rowsOf waits until the rows of every record up to seq are in the database, or the context ends.
func (v *server) rowsOf(ctx context.Context, seq uint64) error {
	for _, p := range v.projections {
		if err := p.WaitFor(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// soundFolder, in the data folder, holds all sounds of the site: those that came with it, and those
// rendered from its texts.
func soundFolder(data string) string { return filepath.Join(data, "sound") }

// newPrompts makes the library of sounds, still empty.
func (v *server) newPrompts() *ivr.Prompts {
	return ivr.NewPrompts(ivr.Options{
		Folder: soundFolder(v.data), Log: v.log,
		Speech: ivr.Speech{Command: v.speech.Command, Voices: v.speech.Voices},
	})
}

// loadPrompts has every prompt of the site at hand; texts that have no sound yet are rendered now.
func loadPrompts(ctx context.Context, prompts *ivr.Prompts, site *configs.Site) error {
	var list []ivr.Prompt
	for name, p := range site.Prompts {
		list = append(list, ivr.Prompt{Name: name, Texts: p.Texts, File: p.File})
	}
	if err := prompts.Load(ctx, list); err != nil {
		return fmt.Errorf("prepare the prompts: %w", err)
	}
	return nil
}
