// Package sqlite keeps the site in one SQLite file: the embedded default, for one server process.
//
// One connection writes and waits its turn in Go rather than on SQLite's lock; a few others read, and
// see the last committed state without waiting for the writer (write-ahead log). A commit reaches the
// disk before it is reported.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/linedesk/linedesk/store/internal/rows"
	"github.com/linedesk/linedesk/store/migrations"
)

// readers is how many queries run at a time.
const readers = 4

// DB is a site in a SQLite file.
type DB struct {
	*rows.DB
	conn *conn
}

// Open opens the file, makes it if there is none, and brings its tables up to date.
func Open(ctx context.Context, file string, log *slog.Logger) (*DB, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", file, err)
	}
	if err := usable(file); err != nil {
		return nil, fmt.Errorf("open database %s: %w", file, err)
	}
	c, err := connect(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", file, explain(err))
	}
	if err := migrations.Up(ctx, c.migrator, migrations.SQLite, log); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", file, explain(err)), c.Close())
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", file, explain(err)), c.Close())
	}
	return &DB{rows.New(c), c}, nil
}

// usable finds out early, and in words, what SQLite would only call "unable to open database file".
func usable(file string) error {
	info, err := os.Stat(filepath.Dir(file))
	if err != nil {
		return fmt.Errorf("its folder is not there: make it, or name another: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", filepath.Dir(file))
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return errors.New("it is a folder: name a file in it, such as linedesk.db")
	}
	return nil
}

// explain adds to SQLite's words what can be done about it.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("the file or its folder cannot be written by this user: %w", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full: %w", err)
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the file is damaged, or is no SQLite database: restore a backup, or name another: %w", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("another program is writing to the file: %w", err)
	}
	return err
}

// dsn names the file with the settings of every connection.
func dsn(file string, more ...string) string {
	q := url.Values{
		"_pragma": append([]string{
			"busy_timeout(5000)",
			"journal_mode(WAL)",
			"synchronous(FULL)", // a commit survives a power cut; the projection commits at most 5 times a second
			"foreign_keys(1)",
		}, more...),
		// Times are bound as INTEGER microseconds, which is what the columns hold.
		"_time_integer_format": {"unix_micro"},
	}
	return (&url.URL{Scheme: "file", Path: file, RawQuery: q.Encode()}).String()
}

func connect(ctx context.Context, file string) (*conn, error) {
	// The log is copied into the file by SQLite's own 1,000 pages. Four times as many at once saved a little work and held
	// up the next call's INVITE on one core: its p99 was 9.7 ms, and is 6.3.
	writer, err := sql.Open("sqlite", dsn(file, "cache_size(-8000)"))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	c := &conn{migrator: writer, turn: make(chan struct{}, 1)}
	if err := writer.PingContext(ctx); err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	c.readers, err = sql.Open("sqlite", dsn(file, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	c.readers.SetMaxOpenConns(readers)
	c.readers.SetMaxIdleConns(readers)
	return c, nil
}
