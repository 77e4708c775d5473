// Package migrations holds the tables of both databases and brings a database up to date.
//
// Migrations only ever go forward and are never edited once released: a change is a new file, with the
// same number and name in both folders. Who may call it: store/sqlite and store/postgres, on opening.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// Dialect says which database is meant.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Up runs what has not been run yet. Several servers may start at once on one PostgreSQL: they take
// turns. A database that a newer server has migrated is refused.
func Up(ctx context.Context, db *sql.DB, d Dialect, log *slog.Logger) error {
	p, err := provider(db, d)
	if err != nil {
		return err
	}
	// Not closed: that would close db, which is the caller's.
	have, newest, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the tables: %w", err)
	}
	if have > newest {
		return fmt.Errorf("the database has tables of version %d, this program knows up to %d: it was used by a newer linedesk; use that or restore a backup", have, newest)
	}
	done, err := p.Up(ctx)
	for _, r := range done {
		if log != nil {
			log.InfoContext(ctx, "migration done", slog.String("database", string(d)),
				slog.Int64("version", r.Source.Version), slog.Duration("took", r.Duration))
		}
	}
	if err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	return nil
}

func provider(db *sql.DB, d Dialect) (*goose.Provider, error) {
	sub, err := fs.Sub(files, string(d))
	if err != nil {
		return nil, err
	}
	if d == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, db, sub)
	}
	turns, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, sub, goose.WithSessionLocker(turns))
}
