package postgres_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/postgres"
	"github.com/linedesk/linedesk/store/storetest"
)

var _ store.Store = (*postgres.DB)(nil)

func open(tb testing.TB, url string) *postgres.DB {
	tb.Helper()
	db, err := postgres.Open(tb.Context(), url, slog.New(slog.DiscardHandler))
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

// TestStore runs the suite on one database, emptied for each test: that is much quicker than making one.
func TestStore(t *testing.T) {
	url := storetest.Postgres(t)
	db := open(t, url)
	admin, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(context.Background()) }()
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		empty(t, admin)
		return db
	})
}

// empty deletes all rows of all tables but the migrations'.
func empty(t *testing.T, admin *pgx.Conn) {
	t.Helper()
	rows, err := admin.Query(t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version'")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var b pgx.Batch
	for _, name := range tables {
		b.Queue("DELETE FROM " + pgx.Identifier{name}.Sanitize())
	}
	if err := admin.SendBatch(t.Context(), &b).Close(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkStore(b *testing.B) {
	storetest.Benchmarks(b, func(b *testing.B) store.Store {
		b.Helper()
		return open(b, storetest.Postgres(b))
	})
}

// analysed fills a database and tells the planner what is in it, as autovacuum does.
func analysed(t *testing.T) *postgres.DB {
	t.Helper()
	url := storetest.Postgres(t)
	db := open(t, url)
	storetest.Fill(t, db, 3000)
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	if _, err := c.Exec(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestACustomerIsFoundByNumberInOneIndexedRead(t *testing.T) {
	db := analysed(t)
	plan, err := db.ExplainCustomersByPhone(t.Context(), "+8613800000123")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan, "\n")
	if !strings.Contains(text, "customer_numbers_pkey") || !strings.Contains(text, "customers_pkey") || strings.Contains(text, "Seq Scan") {
		t.Errorf("the plan is\n%s", text)
	}
}

func TestListsOfCallsDoNotReadTheWholeTable(t *testing.T) {
	db := analysed(t)
	for name, f := range storetest.IndexedLists {
		plan, err := db.ExplainCalls(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "\n"); strings.Contains(text, "Seq Scan") || !strings.Contains(text, " calls_") {
			t.Errorf("%s: the plan is\n%s", name, text)
		}
	}
}

func TestListsOfTicketsDoNotReadTheWholeTable(t *testing.T) {
	db := analysed(t)
	for name, f := range storetest.IndexedTickets {
		plan, err := db.ExplainTickets(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "\n"); strings.Contains(text, "Seq Scan on tickets") || !strings.Contains(text, " tickets_") {
			t.Errorf("%s: the plan is\n%s", name, text)
		}
	}
}

func TestServersThatStartTogetherMigrateOnce(t *testing.T) {
	url := storetest.Postgres(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := postgres.Open(t.Context(), url, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			_ = db.Close()
		})
	}
	wg.Wait()
}

func TestAServerThatIsAwayIsToldWithItsName(t *testing.T) {
	_, err := postgres.Open(t.Context(), "postgres://amy:secret@127.0.0.1:1/desk?connect_timeout=2", slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "desk") || !strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	_, err = postgres.Open(t.Context(), "postgres://amy:secret@host:port/", slog.New(slog.DiscardHandler))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
