package journal

import (
	"io"
	"os"
)

// file is what the journal does with a segment that it writes to. Errors are the disk's own, such as
// syscall.ENOSPC wrapped in an [os.PathError].
type file interface {
	io.WriterAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

// openFile opens a segment for writing; flag is as [os.OpenFile] has it. It is the seam at which tests put a
// disk that fails on purpose.
type openFile func(path string, flag int) (file, error)

// openOS opens a file of the operating system.
func openOS(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err // not f: a nil *os.File in an interface is not nil
	}
	return f, nil
}
