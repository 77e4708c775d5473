package open_test

import (
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/storetest"
)

var quiet = slog.New(slog.DiscardHandler)

func TestAURLNamesItsDatabase(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, c := range []struct{ url, file string }{
		{"", "linedesk.db"},
		{"plain.db", "plain.db"},
		{filepath.Join(dir, "absolute.db"), "absolute.db"},
		{"sqlite://" + filepath.Join(dir, "three.db"), "three.db"},
		{"sqlite:relative.db", "relative.db"},
	} {
		t.Run(c.url, func(t *testing.T) {
			st, err := open.Open(t.Context(), c.url, quiet)
			if err != nil {
				t.Fatal(err)
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, c.file)); err != nil {
				t.Error(err)
			}
		})
	}
	for _, url := range []string{"mysql://x/y", "redis://x"} {
		if st, err := open.Open(t.Context(), url, quiet); err == nil || st != nil || !strings.Contains(err.Error(), "postgres://") {
			t.Errorf("%s: %v, %v", url, st, err)
		}
	}
	if st, err := open.Open(t.Context(), "missing/x.db", quiet); err == nil || st != nil {
		t.Errorf("a store that did not open is not nil: %v, %v", st, err)
	}
}

func TestWhatWasKeptIsThereAfterAReopening(t *testing.T) {
	for name, url := range map[string]string{"sqlite": filepath.Join(t.TempDir(), "linedesk.db"), "postgres": ""} {
		t.Run(name, func(t *testing.T) {
			if url == "" {
				url = storetest.Postgres(t)
			}
			for i := range 2 {
				st, err := open.Open(t.Context(), url, quiet)
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					err = st.PutUser(t.Context(), store.User{ID: "amy"})
				} else {
					_, err = st.User(t.Context(), "amy")
				}
				if err != nil {
					t.Error(err)
				}
				if err := st.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "linedesk.db")
	st, err := open.Open(t.Context(), file, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err = open.Open(t.Context(), file, quiet); err == nil || !strings.Contains(err.Error(), "newer linedesk") {
		t.Errorf("got %v", err)
	}
}
