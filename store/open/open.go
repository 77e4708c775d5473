// Package open opens the site's database by its URL. It is the one place that knows both databases.
package open

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/postgres"
	"github.com/linedesk/linedesk/store/sqlite"
)

// defaultFile is where the database is when no URL is given.
const defaultFile = "linedesk.db"

// Open opens the database, makes it if there is none (SQLite), and brings its tables up to date.
//
// The URL is "postgres://…" or "postgresql://…" for PostgreSQL; "sqlite:///absolute/path",
// "sqlite:relative/path" or just a path for SQLite; empty is the file linedesk.db in the working folder.
func Open(ctx context.Context, url string, log *slog.Logger) (store.Store, error) {
	scheme, rest, hasScheme := strings.Cut(url, "://")
	switch {
	case hasScheme && (scheme == "postgres" || scheme == "postgresql"):
		db, err := postgres.Open(ctx, url, log)
		return opened(db, err)
	case url == "":
		db, err := sqlite.Open(ctx, defaultFile, log)
		return opened(db, err)
	case hasScheme && scheme == "sqlite":
		db, err := sqlite.Open(ctx, rest, log)
		return opened(db, err)
	case strings.HasPrefix(url, "sqlite:"):
		db, err := sqlite.Open(ctx, strings.TrimPrefix(url, "sqlite:"), log)
		return opened(db, err)
	case hasScheme:
		return nil, fmt.Errorf("open database: %q is not known: it begins with postgres://, or sqlite:// and a path, or is a path", scheme+"://")
	}
	db, err := sqlite.Open(ctx, url, log)
	return opened(db, err)
}

// opened keeps a nil of a concrete type from becoming a store that is not nil.
func opened[S store.Store](db S, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	return db, nil
}
