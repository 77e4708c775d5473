package sqlite_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/sqlite"
	"github.com/linedesk/linedesk/store/storetest"
)

var _ store.Store = (*sqlite.DB)(nil)

func open(tb testing.TB) *sqlite.DB {
	tb.Helper()
	db, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "linedesk.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return db
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		return open(t)
	})
}

func BenchmarkStore(b *testing.B) {
	storetest.Benchmarks(b, func(b *testing.B) store.Store {
		b.Helper()
		return open(b)
	})
}

func TestACustomerIsFoundByNumberInOneIndexedRead(t *testing.T) {
	db := open(t)
	storetest.Fill(t, db, 500)
	plan, err := db.ExplainCustomersByPhone(t.Context(), "+8613800000123")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan, "\n")
	if !strings.Contains(text, "SEARCH n USING PRIMARY KEY (number_key=?)") || !strings.Contains(text, "SEARCH c USING INDEX") || strings.Contains(text, "SCAN") {
		t.Errorf("the plan is\n%s", text)
	}
}

func TestListsOfCallsDoNotReadTheWholeTable(t *testing.T) {
	db := open(t)
	storetest.Fill(t, db, 500)
	for name, f := range storetest.IndexedLists {
		plan, err := db.ExplainCalls(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range plan {
			if strings.HasPrefix(line, "SCAN calls") && !strings.Contains(line, "USING INDEX") {
				t.Errorf("%s: the plan is\n%s", name, strings.Join(plan, "\n"))
			}
		}
		if text := strings.Join(plan, "\n"); !strings.Contains(text, "USING INDEX calls_") {
			t.Errorf("%s: the plan is\n%s", name, text)
		}
	}
}

func TestListsOfTicketsDoNotReadTheWholeTable(t *testing.T) {
	db := open(t)
	storetest.Fill(t, db, 500)
	for name, f := range storetest.IndexedTickets {
		plan, err := db.ExplainTickets(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "\n"); strings.Contains(text, "SCAN tickets") || !strings.Contains(text, " tickets_") {
			t.Errorf("%s: the plan is\n%s", name, text)
		}
	}
}

func TestWhatIsWrongWithAFileIsSaidInWords(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct{ name, file, want string }{
		{"no folder", filepath.Join(dir, "missing", "x.db"), "its folder is not there"},
		{"a folder", dir, "it is a folder"},
		{"a file as folder", filepath.Join(write("file", "x"), "x.db"), "is not a folder"},
		{"no database", write("text.db", strings.Repeat("this is no database. ", 100)), "is no SQLite database"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, err := sqlite.Open(t.Context(), c.file, slog.New(slog.DiscardHandler))
			if err == nil {
				_ = db.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file) {
				t.Errorf("got %q, want the file and %q", err, c.want)
			}
		})
	}
}

func TestAPathMayHaveSignsThatURLsKnow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a b?c#d%41&王.db")
	db, err := sqlite.Open(t.Context(), file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestAnotherProgramThatHoldsTheLockIsWaitedFor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "linedesk.db")
	a, err := sqlite.Open(t.Context(), file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	b, err := sqlite.Open(t.Context(), file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	var wg sync.WaitGroup
	for _, db := range []*sqlite.DB{a, b} {
		wg.Go(func() {
			for range 50 {
				n := store.NewTicket{Series: "C-1", Ticket: store.Ticket{Kind: "complaint"}}
				if _, err := db.CreateTicket(t.Context(), n, "amy"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	p, err := a.Tickets(t.Context(), store.TicketFilter{Number: "C-1-100"})
	if err != nil || len(p.Items) != 1 {
		t.Errorf("%d tickets with the hundredth number, %v", len(p.Items), err)
	}
}

func TestAWriteThatIsGivenUpLeavesNothingBehind(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.CreateCustomer(ctx, store.Customer{Name: "x"}, "amy"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := db.CreateCustomer(t.Context(), store.Customer{Name: "y"}, "amy"); err != nil {
		t.Errorf("the next write: %v", err)
	}
	p, err := db.Customers(t.Context(), store.CustomerFilter{})
	if err != nil || len(p.Items) != 1 {
		t.Errorf("%d customers, %v", len(p.Items), err)
	}
}

func TestAFullDiskFailsTheWriteAndNothingElse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "linedesk.db")
	db, err := sqlite.Open(t.Context(), file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.LimitPages(t.Context(), 60); err != nil { // as a disk that fills up
		t.Fatal(err)
	}
	var full error
	kept := 0
	for i := 0; full == nil && i < 10000; i++ {
		if _, full = db.CreateCustomer(t.Context(), store.Customer{Name: strings.Repeat("长", 1000)}, "amy"); full == nil {
			kept++
		}
	}
	if full == nil || !strings.Contains(full.Error(), "the disk is full") {
		t.Fatalf("got %v", full)
	}
	if err := db.LimitPages(t.Context(), 100000); err != nil {
		t.Fatal(err)
	}
	if _, err := db.CreateCustomer(t.Context(), store.Customer{Name: "after"}, "amy"); err != nil {
		t.Errorf("once there is room again: %v", err)
	}
	p, err := db.Customers(t.Context(), store.CustomerFilter{Limit: 200})
	if err != nil || len(p.Items) != kept+1 {
		t.Errorf("%d customers, %v, want %d", len(p.Items), err, kept+1)
	}
}
