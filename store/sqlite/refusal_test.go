package sqlite_test

import (
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/sqlite"
	"github.com/linedesk/linedesk/store/storetest"
)

func TestWhatSQLiteRefusesIsToldFromWhatItCannotDoNow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "linedesk.db")
	db, err := sqlite.Open(t.Context(), file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	raw, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	raw.SetMaxOpenConns(1)
	do := func(sql string) {
		t.Helper()
		if _, err := raw.ExecContext(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	apply := func(id call.ID, notes string) error {
		c := storetest.FullCall(id, time.Now().UTC())
		c.Notes = notes
		return db.Apply(t.Context(), "node-1", store.ProjectionCalls, store.Batch{Calls: []store.Call{c}})
	}

	do("CREATE TRIGGER refuse BEFORE INSERT ON calls WHEN new.id = 'refused' BEGIN SELECT RAISE(ABORT, 'not this one'); END")
	if err := apply("refused", ""); !errors.Is(err, store.ErrRefused) || store.Retryable(err) {
		t.Errorf("a constraint: %v", err)
	}
	if err := apply("taken", ""); err != nil {
		t.Errorf("another row: %v", err)
	}

	do("BEGIN IMMEDIATE") // another program writes, longer than we wait
	if err := apply("locked", ""); err == nil || !store.Retryable(err) {
		t.Errorf("locked: %v", err)
	}
	do("ROLLBACK")

	if err := db.LimitPages(t.Context(), 1); err != nil { // no more than there are
		t.Fatal(err)
	}
	if err := apply("full", strings.Repeat("long ", 100_000)); err == nil || !store.Retryable(err) {
		t.Errorf("full: %v", err)
	}
	if err := db.LimitPages(t.Context(), 1<<20); err != nil {
		t.Fatal(err)
	}
	for _, id := range []call.ID{"locked", "full"} {
		if err := apply(id, ""); err != nil {
			t.Errorf("%s, later: %v", id, err)
		}
	}

	do("ALTER TABLE calls RENAME TO moved") // nobody foresaw it
	if err := apply("elsewhere", ""); err == nil || !store.Retryable(err) {
		t.Errorf("the tables are not as they should be: %v", err)
	}
}
