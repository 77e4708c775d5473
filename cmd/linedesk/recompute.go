package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/projection"
	"github.com/linedesk/linedesk/store/ticket"
)

// runRecompute makes the rows of one projection anew from the journal.
func runRecompute(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("linedesk recompute", flag.ContinueOnError)
	where := placeFlags(flags)
	words, err := parseWith(flags, args)
	if err != nil {
		return err
	}
	if len(words) != 1 {
		return fmt.Errorf("write: recompute NAME --config FILE, with NAME one of: %s", strings.Join(projectionNames(), ", "))
	}
	if !slices.Contains(projectionNames(), words[0]) {
		return fmt.Errorf("there is no projection %q; there are: %s", words[0], strings.Join(projectionNames(), ", "))
	}
	at, err := where()
	if err != nil {
		return err
	}
	return recompute(ctx, at, store.Projection(words[0]), out)
}

func projectionNames() []string {
	var names []string
	for _, p := range projections(projectionOptions{}) {
		names = append(names, string(p.Name))
	}
	return names
}

func recompute(ctx context.Context, at place, name store.Projection, out io.Writer) error {
	if _, err := os.Stat(at.journal()); err != nil {
		return fmt.Errorf("there is no journal to read: %w", err)
	}
	lock, err := journal.LockFolder(at.data)
	var locked *journal.LockedError
	if errors.As(err, &locked) {
		return fmt.Errorf("%w; rows are made anew with the server stopped, and it catches up when it starts", err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	node, err := journal.NodeID(at.data)
	if err != nil {
		return err
	}
	j, err := journal.Open(journal.Options{Dir: at.journal(), Node: node})
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	st, err := openStore(ctx, at.database(), slog.Default())
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	p, err := projectionOfSite(ctx, st, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "reading records %d to %d of node %s\n", j.First(), j.Last(), node)
	began := time.Now()
	done, err := projection.Rebuild(ctx, j, st, p, slog.Default(), func(seq, last uint64) {
		fmt.Fprintf(out, "  record %d of %d\n", seq, last)
	})
	if err != nil {
		return err
	}
	return tellRebuilt(out, p, done, time.Since(began))
}

// projectionOfSite gives a projection with the numbers, ticket kinds and extensions of the published site.
func projectionOfSite(ctx context.Context, st store.Store, name store.Projection) (projection.Projection, error) {
	docs, err := st.Published(ctx)
	if err != nil {
		return projection.Projection{}, fmt.Errorf("read the site: %w", err)
	}
	site, problems := load.FromDocuments(docs)
	if err := problems.Err(); err != nil {
		return projection.Projection{}, fmt.Errorf("the site in the database has mistakes: rows need its numbering and extensions:\n%w", err)
	}
	all := projections(projectionOptions{
		numbering: site.Numbering,
		kind:      func(id string) *ticket.Kind { return site.TicketKind(id).Rules() },
		extension: func(id call.AgentID) call.Extension {
			if a := site.Agent(id); a != nil {
				return a.Extension
			}
			return ""
		},
	})
	return all[slices.IndexFunc(all, func(p projection.Projection) bool { return p.Name == name })], nil
}

func tellRebuilt(out io.Writer, p projection.Projection, r projection.Rebuilt, took time.Duration) error {
	_, err := fmt.Fprintf(out, "%s: %d rows made that were missing, %d changed, %d as they should be (%s)\n",
		p.Title, r.Made, r.Changed, r.Same, took.Round(time.Millisecond))
	if err == nil && r.From > 1 {
		_, err = fmt.Fprintf(out, "the journal begins with record %d of %s: rows of what was before it stay as they are\n",
			r.From, r.Since.Format(time.RFC3339))
	}
	if err == nil && r.Refused > 0 {
		err = fmt.Errorf("the database refused %d rows: the lines above have them in full", r.Refused)
	}
	return err
}
