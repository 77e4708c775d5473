package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/storetest"
)

// applyOne writes a row as the call log does.
func applyOne(ctx context.Context, st store.Store, id call.ID) error {
	return st.Apply(ctx, "node-1", store.ProjectionCalls, store.Batch{
		Position: store.Position{}, Calls: []store.Call{storetest.FullCall(id, time.Now().UTC())},
	})
}

func admin(t *testing.T, url string, sql ...string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	for _, s := range sql {
		if _, err := c.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return c
}

// TestStatesOfTheServerAreWaitedOutAndRowsRefusedForWhatTheyAre has the server itself raise each error.
func TestStatesOfTheServerAreWaitedOutAndRowsRefusedForWhatTheyAre(t *testing.T) {
	url := storetest.Postgres(t)
	st := open(t, url)
	c := admin(t, url)
	for _, e := range []struct {
		code  string
		retry bool
	}{
		{"53100", true},  // disk full
		{"53200", true},  // out of memory
		{"53300", true},  // too many connections
		{"57014", true},  // cancelled: statement_timeout
		{"57P01", true},  // administrator's shutdown
		{"57P03", true},  // starting up
		{"55P03", true},  // lock not available
		{"40001", true},  // serialization failure
		{"40P01", true},  // deadlock
		{"25006", true},  // read-only: it became a standby
		{"58030", true},  // I/O error
		{"XX000", true},  // the server's own fault
		{"42703", true},  // a column is missing: somebody must look, but nothing is dropped
		{"22003", false}, // number out of range
		{"22021", false}, // not a text
		{"22P02", false}, // not a value of the type
		{"23505", false}, // the key is taken
		{"23514", false}, // a check
		{"54000", false}, // too long for its index
	} {
		for _, sql := range []string{
			fmt.Sprintf("CREATE OR REPLACE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'for the test' USING ERRCODE = '%s'; END $$", e.code),
			"CREATE OR REPLACE TRIGGER raise BEFORE INSERT ON calls FOR EACH ROW EXECUTE FUNCTION raise()",
		} {
			if _, err := c.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		err := applyOne(t.Context(), st, "call-1")
		if err == nil || store.Retryable(err) != e.retry || errors.Is(err, store.ErrRefused) == e.retry {
			t.Errorf("%s: retryable is %v for %v", e.code, store.Retryable(err), err)
		}
	}
}

func TestWaitsThatEndAreRetryable(t *testing.T) {
	for _, setting := range []string{"statement_timeout=50", "lock_timeout=50"} {
		t.Run(setting, func(t *testing.T) {
			url := storetest.Postgres(t)
			st := open(t, url+"&"+setting)
			holder := admin(t, url)
			lock, err := holder.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := lock.Exec(t.Context(), "LOCK TABLE calls"); err != nil {
				t.Fatal(err)
			}
			if err := applyOne(t.Context(), st, "call-1"); err == nil || !store.Retryable(err) {
				t.Errorf("%s: %v", setting, err)
			}
			if err := lock.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := applyOne(t.Context(), st, "call-1"); err != nil {
				t.Errorf("once the lock is gone: %v", err)
			}
		})
	}
	t.Run("our own deadline", func(t *testing.T) {
		url := storetest.Postgres(t)
		st := open(t, url)
		lock := admin(t, url, "BEGIN", "LOCK TABLE calls")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := applyOne(ctx, st, "call-1"); err == nil || !store.Retryable(err) {
			t.Errorf("got %v", err)
		}
		_ = lock
	})
}

func TestALostServerIsRetryable(t *testing.T) {
	server := storetest.StartPostgres(t)
	st := open(t, server.Database(t))
	server.Stop(t)
	if err := applyOne(t.Context(), st, "call-1"); err == nil || !store.Retryable(err) {
		t.Errorf("away: %v", err)
	}
	server.Start(t)
	if err := applyOne(t.Context(), st, "call-1"); err != nil && !store.Retryable(err) {
		t.Errorf("back: %v", err) // a connection of before may still be in the pool
	}
}
