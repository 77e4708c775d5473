package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
)

// known is what the journal of a dead server knows of a call.
type known struct {
	arrived, answered, queued, bridged time.Time
	end                                *call.End
	left                               []string // causes of a caller's leaving whose call was not closed yet
}

// ledger is a stretch of a journal: its calls by the caller's number, and when its last record was written.
type ledger struct {
	calls map[string]*known
	last  time.Time
}

// readJournal reads the journal of a server that does not run, from the record after *read, and moves that on. It
// reads a copy: the server itself is to find its journal as it left it.
func readJournal(t *testing.T, data string, read *uint64) ledger {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "journal")
	ok(t, os.CopyFS(dir, os.DirFS(filepath.Join(data, "journal"))))
	node, err := journal.NodeID(data)
	ok(t, err)
	j, err := journal.Open(journal.Options{Dir: dir, Node: node})
	ok(t, err)
	l := ledger{calls: map[string]*known{}}
	byID := map[call.ID]*known{}
	ok(t, j.Read(*read+1, func(rec call.Record) error {
		l.take(rec, byID)
		return nil
	}))
	*read = j.Last()
	ok(t, j.Close())
	ok(t, os.RemoveAll(dir))
	return l
}

func (l *ledger) take(rec call.Record, byID map[call.ID]*known) {
	l.last = rec.At
	switch e := rec.Event.(type) {
	case call.CallArrived:
		k := &known{arrived: rec.At}
		byID[e.Call], l.calls[e.From.Number.Raw] = k, k
	case call.CallAnswered:
		if k := byID[e.Call]; k != nil {
			k.answered = rec.At
		}
	case call.CallQueued:
		if k := byID[e.Call]; k != nil {
			k.queued = rec.At
		}
	case call.Bridged:
		if k := byID[e.Call]; k != nil {
			k.bridged = rec.At
		}
	case call.CallerLeft:
		if k := byID[e.Call]; k != nil {
			k.left = append(k.left, string(e.End.Cause))
		}
	case call.TalkEnded:
		if k := byID[e.Call]; k != nil {
			k.left = append(k.left, string(call.CauseHangup))
		}
	case call.CallEnded:
		if k := byID[e.Call]; k != nil {
			k.end = &e.End
		}
	}
}
