package calllog_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/store/projection"
)

// refusing is a real database with a fault: it does not take one call's row.
type refusing struct {
	store.Store
	id call.ID
}

func (r refusing) Apply(ctx context.Context, node call.NodeID, of store.Projection, b store.Batch) error {
	if slices.ContainsFunc(b.Calls, func(c store.Call) bool { return c.ID == r.id }) {
		return fmt.Errorf("no such row: %w", store.ErrRefused)
	}
	return r.Store.Apply(ctx, node, of, b)
}

func TestARowThatTheDatabaseRefusesHoldsUpNoOther(t *testing.T) {
	st := refusing{openStore(t, filepath.Join(t.TempDir(), "linedesk.db")), "call-3"}
	j := openJournal(t, t.TempDir())
	for i := range 6 {
		id := call.ID(fmt.Sprint("call-", i))
		add(t, j, append(answered(id), call.TicketOpened{Ticket: call.TicketID("t-" + id), Call: id, Kind: "complaint", By: "ben"})...)
		add(t, j, ending(id)...)
	}
	var log bytes.Buffer
	p := projection.New(st, calllog.Projection(calllog.Options{}), slog.New(slog.NewTextHandler(&log, nil)))
	stop := running(t, func(ctx context.Context) error { return p.Run(ctx, j) })
	waitFor(t, p, j.Last())
	stop()
	if rows := rowsOf(t, st); len(rows) != 5 {
		t.Errorf("%d rows of 5 that can be written", len(rows))
	}
	if tk, err := st.Ticket(t.Context(), "t-call-3"); err != nil || tk.Number != "C-"+j.Now().Format("20060102")+"-004" {
		t.Errorf("the ticket of the refused call: %+v, %v", tk, err)
	}
	if text := log.String(); strings.Count(text, "the database refuses a row") != 1 || !strings.Contains(text, "call-3") {
		t.Errorf("the log does not tell of the row:\n%s", text)
	}
	if pos := p.Position(); pos.Applied != j.Last() {
		t.Errorf("position %+v, want %d", pos, j.Last())
	}
}
