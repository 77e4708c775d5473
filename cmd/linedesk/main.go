// Command linedesk is the whole call centre in one program: telephony, routing, desks, API and store.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	_ "time/tzdata" // sites name time zones, and a server may have none installed
)

// version is what git knows of the sources: the tag, or the last one with time and commit; "+dirty" if they
// were changed since.
var version = buildVersion()

func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev" // not built from a clone
	}
	return info.Main.Version
}

// command is one of the program's verbs.
type command struct {
	name string
	does string
	run  func(ctx context.Context, args []string, out io.Writer) error
}

func commands() []command {
	return []command{
		{"demo", "start everything on loopback with the demo site", runDemo},
		{"serve", "start a real site: serve --config FILE", runServe},
		{"check", "list every mistake of a configuration: check --config FILE", runCheck},
		{"migrate", "bring the database's tables up to date: migrate --config FILE", runMigrate},
		{"site", "import, export or diff the site: site import --config FILE FOLDER", runSite},
		{"user", "list the users, set a password: user list|password --config FILE [NAME]", runUser},
		{"recompute", "make rows anew from the journal: recompute NAME --config FILE", runRecompute},
		{"journal", "print, search, check or replay the journal: journal print --config FILE", runJournal},
		{"simulate", "try staffing without a telephone", runSimulate},
		{"version", "print the version", runVersion},
	}
}

// errUsage means that the words of the command were wrong and have been explained.
var errUsage = errors.New("usage")

// gcPercent lets the heap grow further between collections than Go's 100: it is small, and calls should
// pay less for it. GOGC in the environment overrules it.
const gcPercent = 120

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:], os.Stdout)
	asked := ctx.Err() != nil
	stop()
	switch {
	case err == nil, asked && errors.Is(err, context.Canceled): // stopped while it was starting
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "linedesk:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string, out io.Writer) error {
	all := commands()
	help := len(args) > 0 && slices.Contains([]string{"help", "--help", "-h"}, args[0])
	if len(args) > 0 && !help {
		if i := slices.IndexFunc(all, func(c command) bool { return c.name == args[0] }); i >= 0 {
			return all[i].run(ctx, args[1:], out)
		}
		fmt.Fprintf(os.Stderr, "linedesk: there is no command %q\n\n", args[0])
	}
	fmt.Fprintln(os.Stderr, "usage: linedesk COMMAND [flags]")
	for _, c := range all {
		fmt.Fprintf(os.Stderr, "  %-10s %s\n", c.name, c.does)
	}
	if help {
		return nil
	}
	return errUsage
}

func runVersion(_ context.Context, _ []string, out io.Writer) error {
	_, err := fmt.Fprintln(out, "linedesk", version)
	return err
}
