package open_test

import (
	"database/sql"
	"fmt"
	"os"
	"testing"
)

// made is what takes back each migration but the first, so that a test can have a database from before it.
var made = map[int][]string{
	2: {"DROP TABLE positions"},
	3: {
		"DROP INDEX tickets_phone", "DROP INDEX calls_to_nobody", "ALTER TABLE tickets DROP COLUMN phone_raw",
		"ALTER TABLE tickets DROP COLUMN phone_e164", "ALTER TABLE tickets DROP COLUMN phone_key",
	},
	4: {"DROP TABLE agent_states", "DROP TABLE segments"},
	5: {"DROP TABLE publications"},
	6: {"ALTER TABLE segments DROP COLUMN consult_ms", "ALTER TABLE segments DROP COLUMN transferred_to"},
}

// undo takes back the migrations from one on. Who adds a migration adds what takes it back.
func undo(t *testing.T, db *sql.DB, from int) {
	t.Helper()
	files, err := os.ReadDir("../migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	for i := len(files); i >= from; i-- {
		if made[i] == nil {
			t.Fatalf("nothing takes back migration %d (%s)", i, files[i-1].Name())
		}
		for _, q := range append(made[i], fmt.Sprintf("DELETE FROM goose_db_version WHERE version_id = %d", i)) {
			if _, err := db.ExecContext(t.Context(), q); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
		}
	}
}
