package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// EnvURL names the environment variable that gives the URL of a running PostgreSQL, whose user may
// create databases. Without it the tests start a server of their own.
const EnvURL = "LINEDESK_TEST_PG"

// startWithin is how long a server may take to come up.
const startWithin = 60 * time.Second

// shared is the server of this test binary. It ends with the process: see Server.
var shared struct {
	once   sync.Once
	server *Server // kept: the garbage collector would close the pipe that keeps it running
	url    string
	err    error
}

var databases atomic.Int64

// Postgres gives the URL of a new, empty database on a real PostgreSQL: one server per test binary, one
// database per test. Where there is no PostgreSQL the test is skipped, but under CI=true it fails.
func Postgres(tb testing.TB) string {
	tb.Helper()
	shared.once.Do(func() {
		if shared.url = os.Getenv(EnvURL); shared.url != "" {
			return
		}
		if shared.server, shared.err = start(); shared.err == nil {
			shared.url = shared.server.URL
		}
	})
	if shared.err != nil {
		unavailable(tb, shared.err)
	}
	return newDatabase(tb, shared.url)
}

// PostgresIn is Postgres with the database's files in a folder: on a disk that a test fills.
func PostgresIn(tb testing.TB, dir string) string {
	tb.Helper()
	s := StartPostgres(tb)
	space := filepath.Join(dir, "space")
	if err := os.Mkdir(space, 0o700); err != nil {
		tb.Fatal(err)
	}
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			tb.Fatal(err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o755), os.Chown(space, uid, gid)); err != nil { //nolint:gosec // the server is another user
			tb.Fatal(err)
		}
	}
	db := s.Database(tb)
	u, err := url.Parse(db)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	admin, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = admin.Close(ctx) }()
	for _, sql := range []string{
		"CREATE TABLESPACE small LOCATION '" + space + "'",
		"ALTER DATABASE " + pgx.Identifier{strings.TrimPrefix(u.Path, "/")}.Sanitize() + " SET TABLESPACE small",
	} {
		if _, err := admin.Exec(ctx, sql); err != nil {
			tb.Fatalf("%s: %v", sql, err)
		}
	}
	return db
}

// unavailable ends a test that needs PostgreSQL.
func unavailable(tb testing.TB, err error) {
	tb.Helper()
	what := fmt.Sprintf("no PostgreSQL to test on: %v (install it by apt install postgresql, or give a URL in %s)", err, EnvURL)
	if os.Getenv("CI") == "true" {
		tb.Fatal(what)
	}
	tb.Skip(what)
}

func newDatabase(tb testing.TB, server string) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		tb.Fatalf("connect to the test server: %v", err)
	}
	defer func() { _ = admin.Close(ctx) }()
	// The process ID keeps apart the binaries that share a server given by EnvURL.
	name := fmt.Sprintf("linedesk_test_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		tb.Fatalf("create database: %v", err)
	}
	if os.Getenv(EnvURL) != "" { // a server of our own goes with all it has
		tb.Cleanup(func() { dropDatabase(tb, server, name) })
	}
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("%s: %v", EnvURL, err)
	}
	u.Path = "/" + name
	return u.String()
}

func dropDatabase(tb testing.TB, server, name string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		tb.Logf("drop database %s: %v", name, err)
		return
	}
	defer func() { _ = admin.Close(ctx) }()
	if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
		tb.Logf("drop database %s: %v", name, err)
	}
}

// Server is a PostgreSQL of our own, reached by a Unix socket in a folder of its own.
//
// It runs under a guardian, a small shell whose standard input we hold: when this process ends,
// however it ends, the guardian reads the end of its input, stops the server and removes the folder.
type Server struct {
	URL string

	dir, bin string
	as       []string // the command that becomes the user postgres; empty: we are no root
	guardian *exec.Cmd
	hold     io.WriteCloser
}

// StartPostgres starts a server for one test, which may stop it and start it again.
func StartPostgres(tb testing.TB) *Server {
	tb.Helper()
	s, err := start()
	if err != nil {
		unavailable(tb, err)
	}
	tb.Cleanup(func() {
		s.Stop(tb)
		if err := os.RemoveAll(s.dir); err != nil {
			tb.Logf("remove the test server's folder: %v", err)
		}
	})
	return s
}

// Database makes an empty database and gives its URL.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	return newDatabase(tb, s.URL)
}

// Stop cuts all connections and stops the server; the data stay.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	if s.guardian == nil {
		return
	}
	_, err := io.WriteString(s.hold, "keep")
	if err = errors.Join(err, s.hold.Close()); err != nil {
		tb.Errorf("stop PostgreSQL: %v", err)
	}
	_ = s.guardian.Wait() // how the shell ends does not matter
	s.guardian = nil
}

// Start starts a stopped server.
func (s *Server) Start(tb testing.TB) {
	tb.Helper()
	if err := s.run(); err != nil {
		tb.Fatalf("start PostgreSQL: %v", err)
	}
}

func start() (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	// In /tmp and short: the path of a Unix socket has room for 107 bytes.
	dir, err := os.MkdirTemp("/tmp", "ldpg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin}
	s.URL = "postgres://postgres@/postgres?host=" + url.QueryEscape(dir)
	if err := s.makeCluster(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.run(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// binaries finds the newest server that is installed. Debian keeps them out of the path.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		p, err := exec.LookPath("initdb")
		if err != nil {
			return "", errors.New("neither /usr/lib/postgresql/*/bin nor the path has initdb")
		}
		return filepath.Dir(p), nil
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(strings.Split(p, "/")[4])
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// makeCluster makes the data folder. PostgreSQL refuses to be run by root, so there it is made and run
// by the user postgres, whom Debian's package creates.
func (s *Server) makeCluster() error {
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return fmt.Errorf("run as root, and there is no user postgres to run it by: %w", err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(s.dir, uid, gid); err != nil {
			return err
		}
		s.as = []string{"setpriv", "--reuid=" + u.Uid, "--regid=" + u.Gid, "--clear-groups", "--"}
	}
	args := slices.Concat(s.as, []string{
		filepath.Join(s.bin, "initdb"), "-D", filepath.Join(s.dir, "data"), "-U", "postgres",
		"-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
	})
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// guard runs the server ("$@") until standard input ends, then stops it at once (SIGQUIT: no clean-up,
// as in a crash). It removes the folder $1, unless what it read was "keep".
const guard = `dir=$1; shift
"$@" <&- & pid=$!
last=$(cat)
kill -QUIT $pid 2>/dev/null
wait $pid
[ "$last" = keep ] || rm -rf "$dir"`

func (s *Server) run() error {
	args := slices.Concat([]string{"-c", guard, "guard", s.dir}, s.as, []string{
		filepath.Join(s.bin, "postgres"), "-D", filepath.Join(s.dir, "data"), "-k", s.dir,
		// No fsync: what the operating system has is enough, as only processes die here. Commits must reach
		// it all the same, or Stop would lose some.
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off",
		"-c", "max_connections=100", "-c", "shared_buffers=32MB", "-c", "logging_collector=off", "-c", "autovacuum=off",
	})
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	s.guardian = exec.Command("/bin/sh", args...) //nolint:noctx // its life is the guardian's affair
	s.guardian.Dir = s.dir
	s.guardian.Stdout, s.guardian.Stderr = log, log
	if s.hold, err = s.guardian.StdinPipe(); err != nil {
		return err
	}
	if err := s.guardian.Start(); err != nil {
		return err
	}
	return s.awaitUp()
}

func (s *Server) awaitUp() error {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.URL)
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-ctx.Done():
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("it does not come up: %w: %s", err, text)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
