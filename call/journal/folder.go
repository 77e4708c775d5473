package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
)

// Lock is held on a data folder by the one server that uses it. The system drops it when the process
// ends, however it ends.
type Lock struct {
	f *os.File
}

// LockFolder makes the data folder if it is missing, sees that it can be written, and locks it by
// flock on its file "lock". A second server is refused.
func LockFolder(dir string) (*Lock, error) {
	if err := makeWritable(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unusable(dir, err)
	}
	if err := flock(f); err != nil {
		holder, _ := os.ReadFile(path)
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &LockedError{Dir: dir, Process: strings.TrimSpace(string(holder))}
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	// Who holds it, for the sentence that the next one gets. The lock itself is flock's.
	if err := errors.Join(f.Truncate(0), writeAt(f, fmt.Sprintf("%d\n", os.Getpid()))); err != nil {
		_ = f.Close()
		return nil, unusable(dir, err)
	}
	return &Lock{f: f}, nil
}

func writeAt(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

// Close gives the folder free.
func (l *Lock) Close() error { return l.f.Close() }

// LockedError says that another server uses the data folder.
type LockedError struct {
	Dir     string
	Process string // its process ID, if it is known
}

func (e *LockedError) Error() string {
	who := "another server"
	if e.Process != "" {
		who += " (process " + e.Process + ")"
	}
	return fmt.Sprintf("%s uses the data folder %s: stop it, or choose another folder", who, e.Dir)
}

// NodeID reads the node's ID from the data folder's file node.id, or makes one: it names the folder's
// journal for ever, and positions of readers are kept under it.
func NodeID(dir string) (call.NodeID, error) {
	path := filepath.Join(dir, "node.id")
	b, err := os.ReadFile(path)
	if err == nil {
		id := strings.TrimSpace(string(b))
		if id == "" || len(id) > nodeIDMax || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return "", fmt.Errorf("%s must hold the node's ID, 1 to %d visible ASCII characters, and holds %.60q: put the right one back from a backup",
				path, nodeIDMax, b)
		}
		return call.NodeID(id), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the node's ID: %w", err)
	}
	if err := makeWritable(dir); err != nil {
		return "", err
	}
	id := uuid.Must(uuid.NewV7()).String()
	if err := writeFileSynced(path, []byte(id+"\n")); err != nil {
		return "", unusable(dir, err)
	}
	return call.NodeID(id), nil
}

// writeFileSynced puts a whole file in place or none: it is renamed once it is on the disk.
func writeFileSynced(path string, data []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// makeWritable makes the folder and proves by a small file that it takes data.
func makeWritable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unusable(dir, err)
	}
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return unusable(dir, err)
	}
	// 4 KiB and on the disk: some file systems notice only then that they are full.
	_, err = f.Write(make([]byte, 4096))
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return unusable(dir, err)
	}
	return nil
}

// unusable says of a folder's error what can be done about it.
func unusable(dir string, err error) error {
	switch {
	case noSpace(err):
		return fmt.Errorf("the disk of %s is full: free some space or choose another folder (%w)", dir, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s is on a read-only file system: mount it for writing or choose another folder (%w)", dir, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s can't be written by user %d: give that user the folder or choose another one (%w)", dir, os.Getuid(), err)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is not a folder: choose another one (%w)", dir, err)
	}
	return fmt.Errorf("%s can't be written: %w", dir, err)
}

// noSpace tells whether an error goes away when space is freed.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
