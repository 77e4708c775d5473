package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
)

// runServe starts a real site.
func runServe(ctx context.Context, args []string, out io.Writer) error {
	process, err := configFlag("linedesk serve", args)
	if err != nil {
		return err
	}
	s, err := processSetup(process)
	if err != nil {
		return err
	}
	return serve(ctx, s, out, "serve")
}

// configFlag reads --config FILE and the file.
func configFlag(name string, args []string) (*configs.Process, error) {
	flags, file := processFlags(name)
	if err := parse(flags, args); err != nil {
		return nil, err
	}
	return loadProcess(*file)
}

// processFlags are those of commands that need the process file only.
func processFlags(name string) (*flag.FlagSet, *string) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	return flags, flags.String("config", "", "the process file (see configs/linedesk.yaml)")
}

var errNoConfig = errors.New("say which configuration: --config FILE (configs/linedesk.yaml is one to begin with)")

func loadProcess(file string) (*configs.Process, error) {
	if file == "" {
		return nil, errNoConfig
	}
	process, problems := load.Process(file)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the configuration has mistakes, nothing is started:\n%w", err)
	}
	return process, nil
}

// serve opens a server, says where it is, and runs it.
func serve(ctx context.Context, s setup, out io.Writer, verb string) error {
	slog.SetDefault(s.log)
	v, err := newServer(ctx, s)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "linedesk %s %s\n", version, verb)
	fmt.Fprintf(out, "  web    http://%s\n", v.desk.Addr())
	fmt.Fprintf(out, "  sip    %s (UDP), %s (TCP)\n", v.endpoint.UDPAddr(), v.endpoint.TCPAddr())
	fmt.Fprintf(out, "  sound  %s ports %d-%d\n", s.rtp, s.rtpMin, s.rtpMax)
	fmt.Fprintf(out, "  data   %s\n", s.data)
	if s.demo {
		fmt.Fprintln(out, "  try    sign in as amy / demo-amy (agent) or lena / demo-lena (lead); call sip:4000@"+v.endpoint.UDPAddr().String())
	}
	return v.Run(ctx)
}

// newLog makes the process's log, to standard error.
func newLog(level slog.Leveler, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

// setLevel sets the log's level by its name.
func setLevel(level *slog.LevelVar, name string) error {
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return errors.New("must be debug, info, warn or error")
	}
	return nil
}
