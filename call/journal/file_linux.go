package journal

import (
	"io"
	"io/fs"
	"os"

	"github.com/linedesk/linedesk/call/rawsys"
)

// fastFile writes without a word to Go's scheduler (see [rawsys]): a record goes into the page cache before each
// SIP message that it explains, so there is hardly a call that is made more often. What is dirty there is bounded by
// the fsync that follows, which goes the ordinary way. The journal's lock keeps the file open meanwhile.
type fastFile struct {
	*os.File
	fd int
}

func fast(f *os.File) file { return fastFile{f, int(f.Fd())} }

// WriteAt is [os.File.WriteAt].
func (f fastFile) WriteAt(b []byte, at int64) (n int, err error) {
	for n < len(b) {
		m, err := rawsys.WriteAt(f.fd, b[n:], at+int64(n))
		if err == nil && m == 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return n, &fs.PathError{Op: "write", Path: f.Name(), Err: err}
		}
		n += m
	}
	return n, nil
}
