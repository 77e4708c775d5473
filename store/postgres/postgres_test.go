package postgres_test

import (
	"log/slog"
	"testing"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/postgres"
	"github.com/linedesk/linedesk/store/storetest"
)

var _ store.Store = (*postgres.DB)(nil)

func open(t testing.TB) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), storetest.Postgres(t), slog.New(slog.DiscardHandler))
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
