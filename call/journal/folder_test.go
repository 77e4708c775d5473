//go:build unix

package journal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/linedesk/linedesk/call"
)

// TestMain lets the test program be started again as a process of its own, see child.
func TestMain(m *testing.M) {
	if play := os.Getenv("JOURNAL_TEST_PLAY"); play != "" {
		if err := plays[play](os.Getenv("JOURNAL_TEST_DIR")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// plays are what a process of its own does in the data folder.
var plays = map[string]func(dir string) error{
	"open":      openFolder,
	"disk full": fillDisk,
	"be killed": appendAndDie,
}

// child runs a play in a process of its own, as another user if uid isn't 0.
func child(t *testing.T, play, dir string, uid uint32) (string, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if uid != 0 {
		self = copyFor(t, self, filepath.Dir(dir)) // go test's own folder is closed to others
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), "JOURNAL_TEST_PLAY="+play, "JOURNAL_TEST_DIR="+dir)
	if uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func copyFor(t *testing.T, program, dir string) string {
	t.Helper()
	b, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "program")
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func openFolder(dir string) error {
	lock, err := LockFolder(dir)
	if err != nil {
		return err
	}
	node, err := NodeID(dir)
	if err != nil {
		return err
	}
	j, err := Open(Options{Dir: filepath.Join(dir, "journal"), Node: node})
	if err != nil {
		return err
	}
	return errors.Join(j.Close(), lock.Close())
}

func TestSecondServerOnAFolderIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	lock, err := LockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	out, err := child(t, "open", dir, 0)
	want := fmt.Sprintf("another server (process %d) uses the data folder %s: stop it, or choose another folder\n", os.Getpid(), dir)
	if err == nil || out != want {
		t.Errorf("the second server said %q, %v, want %q", out, err, want)
	}
	if _, err := LockFolder(dir); !errors.As(err, new(*LockedError)) {
		t.Errorf("a second lock in this process gave %v, want a LockedError", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := child(t, "open", dir, 0); err != nil {
		t.Errorf("after the first had gone the second said %q, %v", out, err)
	}
}

func TestNodeIDIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	first, err := NodeID(dir)
	if err != nil || len(first) != nodeIDMax {
		t.Fatalf("made %q, %v, want a UUID", first, err)
	}
	if again, err := NodeID(dir); err != nil || again != first {
		t.Errorf("read %q, %v, want %q", again, err, first)
	}
	for _, bad := range []string{"", "\n", "a b\n", strings.Repeat("x", 37)} {
		if err := os.WriteFile(filepath.Join(dir, "node.id"), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if id, err := NodeID(dir); err == nil {
			t.Errorf("node.id with %q gave %q, want an error", bad, id)
		}
	}
}

func TestFolderThatCanNotBeWrittenIsRefused(t *testing.T) {
	base := t.TempDir()
	uid := uint32(0)
	if os.Getuid() == 0 {
		uid = 65534 // root may write anywhere
		for d := base; d != "/"; d = filepath.Dir(d) {
			if st, err := os.Stat(d); err != nil {
				t.Fatal(err)
			} else if err := os.Chmod(d, st.Mode()|0o055); err != nil {
				t.Fatal(err)
			}
			if filepath.Dir(d) == os.TempDir() {
				break
			}
		}
	}
	dir := filepath.Join(base, "data")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	out, err := child(t, "open", dir, uid)
	if err == nil || !strings.Contains(out, dir+" can't be written by user") {
		t.Errorf("a read-only folder: %q, %v", out, err)
	}
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := openFolder(file); err == nil || !strings.Contains(err.Error(), "is not a folder") {
		t.Errorf("a file for a folder: %v", err)
	}
	if err := openFolder(filepath.Join(file, "data")); err == nil || !strings.Contains(err.Error(), "is not a folder") {
		t.Errorf("a folder in a file: %v", err)
	}
}

// fillDisk appends until the system refuses, and again once it takes more. The limit on the size of
// a file stands in for the disk's: a write is cut short in the middle of a record just so.
func fillDisk(dir string) error {
	lock, err := LockFolder(dir)
	if err != nil {
		return err
	}
	j, err := Open(Options{Dir: filepath.Join(dir, "journal"), Node: testNode})
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ) // a write beyond the limit is an error, not the process's end
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &lim); err != nil {
		return err
	}
	free := lim.Cur
	lim.Cur = 10_001
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &lim); err != nil {
		return err
	}
	for err == nil && j.Last() < 1000 {
		_, err = j.Append(stepped(int(j.Last()) + 1))
	}
	full := j.Last()
	if err == nil {
		return fmt.Errorf("%d records were taken by a full disk", full)
	}
	if full < 50 || !strings.Contains(err.Error(), "is full: free some space") {
		return fmt.Errorf("after %d records, want the disk to be full: %w", full, err)
	}
	for range 3 {
		if _, err := j.Append(stepped(0)); err == nil {
			return errors.New("an append succeeded on the full disk")
		}
	}
	if n, err := count(j); err != nil || n != full {
		return fmt.Errorf("read %d records, %w, want %d", n, err, full)
	}
	lim.Cur = free
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &lim); err != nil {
		return err
	}
	for range 20 {
		if _, err := j.Append(stepped(int(j.Last()) + 1)); err != nil {
			return fmt.Errorf("with space again: %w", err)
		}
	}
	if n, err := count(j); err != nil || n != full+20 {
		return fmt.Errorf("read %d records, %w, want %d", n, err, full+20)
	}
	return errors.Join(j.Close(), lock.Close())
}

func count(j *Journal) (n uint64, err error) {
	err = j.Read(1, func(r call.Record) error {
		n++
		if r.Event != stepped(int(n)) {
			return fmt.Errorf("record %d is %+v", n, r)
		}
		return nil
	})
	return n, err
}

func TestFullDiskRefusesRecordsUntilThereIsSpace(t *testing.T) {
	dir := t.TempDir()
	if out, err := child(t, "disk full", dir, 0); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	j := open(t, Options{Dir: filepath.Join(dir, "journal")})
	recs := readAll(t, j, 1)
	checkRecords(t, recs, 1, j.Last())
}

// appendAndDie appends until the kernel kills it, saying after each record that it is appended.
func appendAndDie(dir string) error {
	j, err := Open(Options{Dir: filepath.Join(dir, "journal"), Node: testNode, SegmentBytes: 10_000})
	if err != nil {
		return err
	}
	for range 1000 {
		if _, err := j.Append(stepped(int(j.Last()) + 1)); err != nil {
			return err
		}
	}
	fmt.Println(j.Last())
	return syscall.Kill(os.Getpid(), syscall.SIGKILL)
}

func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		out, err := child(t, "be killed", dir, 0)
		last := uint64(1000 * (round + 1))
		if err == nil || out != fmt.Sprintln(last) {
			t.Fatalf("the process said %q, %v, want %d and to be killed", out, err, last)
		}
	}
	j := open(t, Options{Dir: filepath.Join(dir, "journal")})
	checkRecords(t, readAll(t, j, 1), 1, 3000)
}
