package open_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/storetest"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// TestAPositionFromBeforeProjectionsIsTheCallLogs opens a database as the first version left it.
func TestAPositionFromBeforeProjectionsIsTheCallLogs(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 30, 15, 123456000, time.UTC)
	for _, db := range []struct {
		name, driver, url string
		table             string
		at                any
	}{
		{
			"sqlite", "sqlite", filepath.Join(t.TempDir(), "linedesk.db"),
			"CREATE TABLE positions (node TEXT PRIMARY KEY, applied INTEGER NOT NULL, safe INTEGER NOT NULL, at INTEGER NOT NULL) STRICT", at.UnixMicro(),
		},
		{
			"postgres", "pgx", "",
			`CREATE TABLE positions (node text COLLATE "C" PRIMARY KEY, applied bigint NOT NULL, safe bigint NOT NULL, at timestamptz NOT NULL)`, at,
		},
	} {
		t.Run(db.name, func(t *testing.T) {
			if db.url == "" {
				db.url = storetest.Postgres(t)
			}
			st, err := open.Open(t.Context(), db.url, quiet)
			if err != nil {
				t.Fatal(err)
			}
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open(db.driver, db.url)
			if err != nil {
				t.Fatal(err)
			}
			undo(t, raw, 2)
			if _, err := raw.ExecContext(t.Context(), db.table); err != nil {
				t.Fatal(err)
			}
			if _, err := raw.ExecContext(t.Context(), "INSERT INTO positions (node, applied, safe, at) VALUES ('node-1', 12, 7, $1)", db.at); err != nil {
				t.Fatal(err)
			}
			if err := raw.Close(); err != nil {
				t.Fatal(err)
			}

			st, err = open.Open(t.Context(), db.url, quiet)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = st.Close() }()
			got, err := st.Position(t.Context(), "node-1", store.ProjectionCalls)
			if want := (store.Position{Applied: 12, Safe: 7, At: at}); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}
