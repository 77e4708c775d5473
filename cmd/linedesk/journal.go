package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
)

// errJournalUsage says how the journal's commands are written.
var errJournalUsage = errors.New(`write one of, with --config FILE or --data FOLDER:
  journal print  [--call ID] [--type NAME,…] [--from SEQ] [--to SEQ]          a line of JSON for each record
  journal grep   [the same] PATTERN                                           those whose line matches
  journal verify                                                              read all, tell what is damaged
  journal replay [--to SEQ] [--call ID]                                       what routing, board and rows come to`)

// runJournal reads the journal, beside a running server too.
func runJournal(ctx context.Context, args []string, out io.Writer) error {
	verbs := map[string]func(context.Context, *journal.Reader, journalFlags, io.Writer) error{
		"print": printJournal, "grep": printJournal, "verify": verifyJournal, "replay": replayJournal,
	}
	if len(args) == 0 || verbs[args[0]] == nil {
		return errJournalUsage
	}
	verb := args[0]
	var f journalFlags
	flags := flag.NewFlagSet("linedesk journal "+verb, flag.ContinueOnError)
	where := placeFlags(flags)
	if verb != "verify" {
		flags.StringVar(&f.call, "call", "", "only what is about this call")
		flags.Uint64Var(&f.to, "to", 0, "the last record; 0: the newest")
	}
	if verb == "print" || verb == "grep" {
		flags.Uint64Var(&f.from, "from", 0, "the first record; 0: the oldest")
		flags.StringVar(&f.types, "type", "", "only records of these types, such as call_queued,bridged")
	}
	words, err := parseWith(flags, args[1:])
	if err != nil {
		return err
	}
	if err := f.take(verb, words); err != nil {
		return err
	}
	at, err := where()
	if err != nil {
		return err
	}
	r, err := journal.NewReader(at.journal())
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	return errors.Join(verbs[verb](ctx, r, f, buffered), buffered.Flush())
}

// journalFlags say which records are meant.
type journalFlags struct {
	call, types string
	from, to    uint64
	pattern     *regexp.Regexp // nil: all
}

// take checks the words behind the verb, and the types.
func (f *journalFlags) take(verb string, words []string) (err error) {
	if verb == "grep" {
		if len(words) != 1 {
			return errJournalUsage
		}
		if f.pattern, err = regexp.Compile(words[0]); err != nil {
			return fmt.Errorf("%q is no pattern (a regular expression, as https://go.dev/s/re2syntax): %w", words[0], err)
		}
	} else if len(words) > 0 {
		return errJournalUsage
	}
	for _, name := range f.typeNames() {
		if call.Types[name] == nil {
			return fmt.Errorf("there is no type %q; there are: %s", name, strings.Join(slices.Sorted(maps.Keys(call.Types)), ", "))
		}
	}
	return nil
}

func (f *journalFlags) typeNames() []string {
	if f.types == "" {
		return nil
	}
	return strings.Split(f.types, ",")
}

// wants tells whether a record is about the call that is asked for.
func (f *journalFlags) wants(e journal.Entry) (bool, error) {
	if f.call == "" {
		return true, nil
	}
	if !bytes.Contains(e.Data, []byte(f.call)) { // decoding them all would take minutes
		return false, nil
	}
	rec, err := e.Record()
	if err != nil {
		return false, err
	}
	return call.Of(rec.Event) == call.ID(f.call), nil
}

// line is a record as it is printed.
type line struct {
	Seq   uint64          `json:"seq"`
	At    time.Time       `json:"at"`
	Type  string          `json:"type"`
	Event json.RawMessage `json:"event"`
}

// printJournal writes a line of JSON for each record that is asked for.
func printJournal(ctx context.Context, r *journal.Reader, f journalFlags, out io.Writer) error {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false) // as it lies in the journal: what is searched for is found
	return r.Read(f.from, f.to, f.typeNames(), func(e journal.Entry) error {
		if wanted, err := f.wants(e); err != nil || !wanted {
			return err
		}
		text.Reset()
		if err := lines.Encode(line{e.Seq, e.At, e.Type, e.Data}); err != nil {
			return fmt.Errorf("record %d: %w", e.Seq, err)
		}
		if f.pattern != nil && !f.pattern.Match(bytes.TrimRight(text.Bytes(), "\n")) {
			return ctx.Err()
		}
		if _, err := out.Write(text.Bytes()); err != nil {
			return err
		}
		return ctx.Err()
	})
}

// verifyJournal reads everything, and ends with an error if something is damaged or missing.
func verifyJournal(_ context.Context, r *journal.Reader, _ journalFlags, out io.Writer) error {
	c, err := r.Verify()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "node %s, %d segments, %d bytes of records\n", c.Node, c.Segments, c.Bytes)
	if c.Last > 0 {
		fmt.Fprintf(out, "records %d (%s) to %d (%s)\n", c.First, c.From.Format(time.RFC3339), c.Last, c.To.Format(time.RFC3339))
	}
	if c.Unfinished > 0 {
		fmt.Fprintf(out, "%d bytes at the end are no whole record: one that is being written, or that a crash cut off\n", c.Unfinished)
	}
	if c.Unknown > 0 {
		fmt.Fprintf(out, "%d records are of types that this program does not know: a newer one wrote them\n", c.Unknown)
	}
	for _, fault := range c.Faults {
		fmt.Fprintln(out, fault)
	}
	if n := len(c.Faults); n > 0 {
		return fmt.Errorf("the journal has %d faults", n)
	}
	_, err = fmt.Fprintln(out, "no faults found")
	return err
}
