package e2e

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/linedesk/linedesk/store/storetest"
)

// What can't work is refused at the start: with exit 1 and a sentence that says what to do instead.

func TestPortInUseIsNamedWithItsSetting(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, network string
		port          func(b block) int
		setting       string
	}{
		{"http", "tcp", func(b block) int { return b.first }, "--http"},
		{"sip by UDP", "udp", func(b block) int { return b.first + 1 }, "--sip"},
		{"sip by TCP", "tcp", func(b block) int { return b.first + 1 }, "--sip"},
		{"sound", "udp", func(b block) int { first, _ := b.sound(); return first }, "--rtp"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t, options{})
			addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(row.port(s.block)))
			occupy(t, row.network, addr)
			said := s.refused(t)
			if !hasAll(said, addr, "in use", row.setting) {
				t.Errorf("it does not name %s as in use, or %s as what changes it:\n%s", addr, row.setting, said)
			}
		})
	}
}

// occupy takes an address as another program would.
func occupy(t *testing.T, network, addr string) {
	t.Helper()
	var c interface{ Close() error }
	var err error
	if network == "udp" {
		c, err = net.ListenPacket(network, addr)
	} else {
		c, err = net.Listen(network, addr)
	}
	ok(t, err)
	t.Cleanup(func() { _ = c.Close() })
}

func TestSecondServerOnTheSameDataFolderIsRefused(t *testing.T) {
	t.Parallel()
	first := start(t, options{})
	said := prepare(t, options{data: first.data}).refused(t)
	if !hasAll(said, first.data, "another server", "process "+strconv.Itoa(first.cmd.Process.Pid), "choose another folder") {
		t.Errorf("it does not say who uses the folder:\n%s", said)
	}
	ok(t, first.status("/readyz", 200))
}

func TestUnusableDataFolderIsRefused(t *testing.T) {
	t.Parallel()
	t.Run("a file", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "data")
		ok(t, os.WriteFile(file, nil, 0o600))
		if said := prepare(t, options{data: file}).refused(t); !hasAll(said, file, "not a folder", "choose another") {
			t.Errorf("it says\n%s", said)
		}
	})
	t.Run("not ours", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "data")
		ok(t, os.Mkdir(dir, 0o500))
		s := prepare(t, options{data: dir})
		if os.Geteuid() == 0 { // whom no mode keeps out
			s.as = &syscall.Credential{Uid: 65534, Gid: 65534}
		}
		if said := s.refused(t); !hasAll(said, dir, "can't be written", "give that user the folder") {
			t.Errorf("it says\n%s", said)
		}
	})
	t.Run("a full disk", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
			t.Skipf("a disk of our own to fill can't be had here: %v", err)
		}
		t.Cleanup(func() { ok(t, syscall.Unmount(dir, 0)) })
		fill(t, filepath.Join(dir, "ballast"))
		if said := prepare(t, options{data: dir}).refused(t); !hasAll(said, dir, "full", "free some space") {
			t.Errorf("it says\n%s", said)
		}
	})
}

// fill writes a file until there is no more room.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	ok(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	_ = f.Close()
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

func TestDemoServesLoopbackOnly(t *testing.T) {
	t.Parallel()
	for flag, value := range map[string]string{
		"--http": "0.0.0.0:8080", "--sip": "192.0.2.1:5060", "--rtp": "0.0.0.0:40000-49999", "--trunk": "192.0.2.1:5080",
		"--agents-at": "192.0.2.1:5070",
	} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			s := prepare(t, options{args: []string{flag, value}}) // the last one counts
			if said := s.refused(t); !hasAll(said, flag, value, "loopback") {
				t.Errorf("it says\n%s", said)
			}
		})
	}
}

func TestCheckListsEveryMistakeWithFileAndLine(t *testing.T) {
	t.Parallel()
	site := siteFolder(t,
		edit{"queues.yaml", "max_misses: 3", "max_mises: 3"},
		edit{"numbers.yaml", "flow: sales", "flow: sails"},
		edit{"flows/main.yaml", `"1": sales`, `"1": salesroom`},
		edit{"agents.yaml", "extension: 1001", "extension: 7001"},
	)
	file := filepath.Join(t.TempDir(), "linedesk.yaml")
	ok(t, os.WriteFile(file, []byte(`data: /tmp/x
http: {listn: 127.0.0.1:8080}
sip: {udp: nowhere}
rtp: {address: 127.0.0.1, ports: 50000-40000}
site: {seed: `+site+`}
`), 0o600))
	said := runToEnd(t, nil, 1, "check", "--config", file)
	for _, want := range [][]string{
		{"linedesk.yaml:2:", "listn", "listen"},
		{"linedesk.yaml:3:", "nowhere"},
		{"linedesk.yaml:4:", "50000-40000"},
		{"queues.yaml:", "max_mises", "max_misses"},
		{"numbers.yaml:", "sails"},
		{"flows/main.yaml:", "salesroom"},
		{"agents.yaml:3:", "7001"},
	} {
		if !anyLine(said, want...) {
			t.Errorf("no line says %q:\n%s", want, said)
		}
	}
	runToEnd(t, nil, 1, "serve", "--config", file) // and nothing starts
}

func anyLine(text string, words ...string) bool {
	for line := range strings.Lines(text) {
		if hasAll(line, words...) {
			return true
		}
	}
	return false
}

func TestDatabaseThatIsAwayIsRefused(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t) + "&dbname=nothing_here"
	if said := prepare(t, options{db: db}).refused(t); !hasAll(said, "nothing_here") {
		t.Errorf("it says\n%s", said)
	}
}

// refused runs a server that must not come up, and gives what it says.
func (s *server) refused(t *testing.T) string {
	t.Helper()
	return runToEnd(t, s.as, 1, s.command...)
}

// runToEnd runs the program, which must end with this code, and gives what it says.
func runToEnd(t *testing.T, as *syscall.Credential, code int, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%v still runs:\n%s", args, out)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("%v ended with %d (%v) instead of %d:\n%s", args, got, err, code, out)
	}
	return string(out)
}
