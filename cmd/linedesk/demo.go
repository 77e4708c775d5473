package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/demosite"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/store"
)

// demoFlags are those of "linedesk demo".
type demoFlags struct {
	data, http, sip, rtp, trunk, db, agentsAt, log string
	agents                                         int
}

// runDemo starts everything on loopback with the demo site.
func runDemo(ctx context.Context, args []string, out io.Writer) error {
	var f demoFlags
	flags := flag.NewFlagSet("linedesk demo", flag.ContinueOnError)
	flags.StringVar(&f.data, "data", "data", "folder for journal, database, sounds and recordings")
	flags.StringVar(&f.http, "http", "127.0.0.1:8080", "where the web pages and the API are served")
	flags.StringVar(&f.sip, "sip", "127.0.0.1:5060", "where SIP is spoken, by UDP and TCP")
	flags.StringVar(&f.rtp, "rtp", "127.0.0.1:40000-49999", "address and ports for sound; the first port is the browsers'")
	flags.StringVar(&f.trunk, "trunk", "127.0.0.1:5080", "where outbound calls leave to")
	flags.StringVar(&f.db, "db", "", "database URL (postgres://…); empty: SQLite in the data folder")
	flags.IntVar(&f.agents, "agents", 20, "number of agents, extensions 1001 and up (1–2999)")
	flags.StringVar(&f.agentsAt, "agents-at", "", "station every agent at sip:EXT@HOST:PORT, signed in and ready (load tests)")
	flags.StringVar(&f.log, "log", "info", "debug, info, warn or error")
	if err := parse(flags, args); err != nil {
		return err
	}
	s, err := f.setup()
	if err != nil {
		return err
	}
	return serve(ctx, s, out, "demo")
}

// parse reads flags and refuses words that are none.
func parse(flags *flag.FlagSet, args []string) error {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return errUsage
	case err != nil:
		return errUsage // flag has said what is wrong
	case flags.NArg() > 0:
		return fmt.Errorf("%s takes flags only, not %q", flags.Name(), flags.Arg(0))
	}
	return nil
}

func (f demoFlags) setup() (setup, error) {
	var errs []error
	note := func(flag, value string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("--%s %s: %w", flag, value, err))
		}
	}
	var level slog.LevelVar
	note("log", f.log, setLevel(&level, f.log))
	httpAt, err := loopbackPort(f.http)
	note("http", f.http, err)
	sipAt, err := loopbackPort(f.sip)
	note("sip", f.sip, err)
	trunk, err := loopbackPort(f.trunk)
	note("trunk", f.trunk, err)
	addr, low, high, err := loopbackRange(f.rtp)
	note("rtp", f.rtp, err)
	if f.agentsAt != "" {
		_, err = loopbackPort(f.agentsAt)
		note("agents-at", f.agentsAt, err)
	}
	if f.agents < 1 || f.agents > demosite.MaxAgents {
		note("agents", strconv.Itoa(f.agents), fmt.Errorf("must be 1 to %d", demosite.MaxAgents))
	}
	if err := errors.Join(errs...); err != nil {
		return setup{}, err
	}
	options := demosite.Options{Agents: f.agents, AgentsAt: f.agentsAt, TrunkAddr: trunk}
	return setup{
		data: f.data, db: f.db, http: httpAt.String(), sip: sip.Config{UDP: sipAt, TCP: sipAt},
		rtp: addr, rtpMin: low, rtpMax: high, speech: configs.DefaultSpeech(), demo: true, log: newLog(&level, "text"),
		seed: func(ctx context.Context, st store.Store) error { return seedDemo(ctx, st, options, f.data) },
	}, nil
}

// errNotLoopback is why the demo refuses an address: its passwords are in the documentation.
var errNotLoopback = errors.New("the demo serves loopback only (127.0.0.1): its passwords are public; for a real site use serve")

func loopbackPort(s string) (netip.AddrPort, error) {
	at, err := netip.ParseAddrPort(s)
	if err != nil {
		return at, errors.New("must be ADDRESS:PORT, such as 127.0.0.1:5060")
	}
	if !at.Addr().IsLoopback() {
		return at, errNotLoopback
	}
	return at, nil
}

// loopbackRange reads "127.0.0.1:40000-49999".
func loopbackRange(s string) (addr netip.Addr, low, high uint16, err error) {
	first, last, _ := strings.Cut(s, "-")
	at, err := loopbackPort(first)
	if err != nil {
		return addr, 0, 0, err
	}
	end, err := strconv.ParseUint(last, 10, 16)
	if err != nil || uint16(end) < at.Port()+4 {
		return addr, 0, 0, errors.New("must be ADDRESS:FIRST-LAST with some ports, such as 127.0.0.1:40000-49999")
	}
	return at.Addr(), at.Port(), uint16(end), nil
}

// seedDemo fills a new database with the demo site, its customers and their history. In one that has the
// demo site already, only what the flags decide is brought up to date, and sounds that are missing are added.
func seedDemo(ctx context.Context, st store.Store, o demosite.Options, data string) error {
	if err := configs.AddSounds(configs.DemoSounds(), soundFolder(data)); err != nil {
		return err
	}
	_, docs, err := demosite.Site(o)
	if err != nil {
		return err
	}
	published, err := st.Published(ctx)
	if err != nil {
		return err
	}
	if len(published) == 0 {
		if _, err := st.ImportDocuments(ctx, docs, demoUser); err != nil {
			return err
		}
		return demosite.Seed(ctx, st, time.Now())
	}
	return followFlags(ctx, st, published, docs)
}

// followFlags brings up to date what the flags of "demo" decide, unless somebody has made it theirs.
func followFlags(ctx context.Context, st store.Store, published, docs []store.Document) error {
	for _, kind := range []string{"users", "agents", "extensions", "trunks"} {
		ours := func(d store.Document) bool { return demosite.Of(d, kind) }
		if slices.ContainsFunc(published, func(d store.Document) bool { return ours(d) && d.By != demoUser }) {
			continue
		}
		published = slices.DeleteFunc(slices.Clone(published), ours)
		for _, d := range docs {
			if ours(d) {
				published = append(published, d)
			}
		}
	}
	_, err := st.ImportDocuments(ctx, published, demoUser)
	return err
}

// demoUser is who made the demo site's documents.
const demoUser call.UserID = "demo"
