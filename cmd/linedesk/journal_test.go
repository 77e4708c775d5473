package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
)

// a call from its arrival to its end, with a ticket.
func callAndTicket(id call.ID) []call.Event {
	far := call.LegID("far-" + id)
	end := call.End{By: call.ByCaller, Cause: call.CauseHangup}
	return []call.Event{
		call.CallArrived{Call: id, Leg: far, Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: "13800000001"}}, To: call.Number{Raw: "4001"}},
		call.CallAnswered{Call: id, Leg: far},
		call.CallQueued{Call: id, Queue: "support"},
		call.TicketOpened{Ticket: call.TicketID("t-" + id), Call: id, Kind: "complaint", By: "ben", Subject: "noise <&> 王芳"},
		call.CallerLeft{Call: id, End: end},
		call.LegEnded{Call: id, Leg: far, End: end},
		call.CallEnded{Call: id, End: end},
	}
}

// said runs a command and gives what it wrote.
func said(t *testing.T, run func(context.Context, []string, io.Writer) error, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, &out)
	return out.String(), err
}

func TestTheJournalIsReadBesideARunningServerAndRowsAreMadeAnewWithoutOne(t *testing.T) {
	file := processFile(t, plainHTTP+"site: {seed: "+demoFolder(t)+"}")
	data := filepath.Join(filepath.Dir(file), "data")
	v, stop := startServer(t, file, nil)
	var last uint64
	for _, id := range []call.ID{"call-1", "call-2", "call-3"} {
		for _, e := range callAndTicket(id) {
			rec, err := v.journal.Append(e)
			ok(t, err)
			last = rec.Seq
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ok(t, v.projections[0].WaitFor(ctx, last))

	// Beside the server.
	text, err := said(t, runJournal, "print", "--config", file, "--call", "call-2")
	ok(t, err)
	if n := strings.Count(text, "\n"); n != len(callAndTicket("")) || strings.Contains(text, "call-1") {
		t.Errorf("print --call gives %d lines:\n%s", n, text)
	}
	var first struct {
		Seq  uint64
		At   time.Time
		Type string
	}
	line, _, _ := strings.Cut(text, "\n")
	ok(t, json.Unmarshal([]byte(line), &first))
	if first.Type != "call_arrived" || first.Seq == 0 || first.At.IsZero() {
		t.Errorf("its first line is %+v", first)
	}
	text, err = said(t, runJournal, "print", "--data", data, "--type", "call_ended,call_queued")
	ok(t, err)
	if n := strings.Count(text, "\n"); n != 6 {
		t.Errorf("print --type gives %d lines:\n%s", n, text)
	}
	text, err = said(t, runJournal, "grep", "<&> 王.", "--config", file)
	ok(t, err)
	if n := strings.Count(text, "ticket_opened"); n != 3 || strings.Count(text, "\n") != 3 {
		t.Errorf("grep gives:\n%s", text)
	}
	text, err = said(t, runJournal, "verify", "--config", file)
	if err != nil || !strings.Contains(text, "no faults found") {
		t.Errorf("verify: %v\n%s", err, text)
	}
	text, err = said(t, runRecompute, "calls", "--config", file)
	if locked := new(journal.LockedError); !errors.As(err, &locked) || !strings.Contains(err.Error(), "with the server stopped") {
		t.Errorf("recompute beside a server: %v\n%s", err, text)
	}
	stop()

	// Without it.
	if _, err := said(t, runRecompute, "figures", "--config", file); err == nil || !strings.Contains(err.Error(), "there are: calls") {
		t.Errorf("an unknown projection: %v", err)
	}
	raw, err := sql.Open("sqlite", filepath.Join(data, "linedesk.db"))
	ok(t, err)
	for _, q := range []string{"DELETE FROM calls WHERE id = 'call-2'", "DELETE FROM tickets WHERE id = 't-call-2'", "UPDATE calls SET wait_ms = 999 WHERE id = 'call-3'"} {
		_, err := raw.ExecContext(t.Context(), q)
		ok(t, err)
	}
	ok(t, raw.Close())
	for _, want := range []string{"2 rows made that were missing, 1 changed", "0 rows made that were missing, 0 changed"} {
		text, err = said(t, runRecompute, "--data", data, "calls")
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("recompute: %v\n%s\nwant %s", err, text, want)
		}
	}

	text, err = said(t, runJournal, "replay", "--data", data)
	if err != nil || !strings.Contains(text, `"calls call":3`) || !strings.Contains(text, `"what":"agent"`) {
		t.Errorf("replay: %v\n%s", err, text)
	}
	text, err = said(t, runJournal, "replay", "--data", data, "--call", "call-2")
	if err != nil || !strings.Contains(text, `"what":"calls call call-2"`) || strings.Contains(text, "call-1") {
		t.Errorf("replay --call: %v\n%s", err, text)
	}

	// And the next server goes on from there.
	v, stop = startServer(t, file, nil)
	ok(t, v.projections[0].WaitFor(ctx, v.journal.Last()))
	c, err := v.store.Call(t.Context(), "call-2")
	if err != nil || c.Queue != "support" {
		t.Errorf("the call that was gone: %+v, %v", c, err)
	}
	stop()
}

func TestVerifyNamesWhatIsDamaged(t *testing.T) {
	data := t.TempDir()
	j, err := journal.Open(journal.Options{Dir: filepath.Join(data, "journal"), Node: "node-1", SegmentBytes: 2000})
	ok(t, err)
	for range 10 {
		for _, e := range callAndTicket("call-1") {
			_, err := j.Append(e)
			ok(t, err)
		}
	}
	ok(t, j.Close())
	before := treeOf(t, data)
	text, err := said(t, runJournal, "verify", "--data", data)
	if err != nil || !strings.Contains(text, "records 1 (") || !strings.Contains(text, "to 70 (") {
		t.Errorf("whole: %v\n%s", err, text)
	}
	if after := treeOf(t, data); after != before {
		t.Errorf("verify has changed the folder:\n%s\n%s", before, after)
	}
	segments, err := filepath.Glob(filepath.Join(data, "journal", "*.journal"))
	ok(t, err)
	b, err := os.ReadFile(segments[1])
	ok(t, err)
	b[len(b)/2] ^= 1
	ok(t, os.WriteFile(segments[1], b, 0o600))
	ok(t, os.Remove(segments[3]))
	text, err = said(t, runJournal, "verify", "--data", data)
	if err == nil || !strings.Contains(err.Error(), "2 faults") || !strings.Contains(text, segments[1]+" is damaged at byte") ||
		!strings.Contains(text, segments[4]+" begins with record") {
		t.Errorf("damaged: %v\n%s", err, text)
	}
}

// treeOf tells names, sizes and times of all files.
func treeOf(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	ok(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		ok(t, err)
		st, err := os.Stat(path)
		ok(t, err)
		b.WriteString(path + " " + st.ModTime().String() + "\n")
		return nil
	}))
	return b.String()
}
