package sqlite_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/sqlite"
	"github.com/linedesk/linedesk/store/storetest"
)

var _ store.Store = (*sqlite.DB)(nil)

func open(t testing.TB) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "linedesk.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
}
