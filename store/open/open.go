// Package open opens the site's database by its URL. It is the one place that knows both databases.
package open

import (
	"context"
	"errors"
	"log/slog"

	"github.com/linedesk/linedesk/store"
)

// Open opens the database, makes it if there is none (SQLite), and brings its tables up to date.
//
// The URL is "postgres://…" or "postgresql://…" for PostgreSQL; "sqlite:///path" or a path for SQLite;
// empty is the file linedesk.db in the working folder.
func Open(ctx context.Context, url string, log *slog.Logger) (store.Store, error) {
	return nil, errors.New("open: no database yet")
}
