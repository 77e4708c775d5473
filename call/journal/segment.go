package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
)

// A segment is a file of records, named by the first one's sequence number in 20 digits. It begins with
//
//	 0  8  magic
//	 8  8  sequence number of its first record
//	16  8  when it was begun, µs since 1970 UTC
//	24 36  node ID, padded with zeros
//	60  4  CRC-32C of the above
const (
	segmentHead   = 64
	segmentMagic  = "LDJRNL\x00\x01"
	segmentSuffix = ".journal"
	nodeIDMax     = 36
)

// segment is one file of the journal. Its end is known: the file may be longer for a moment.
type segment struct {
	path  string
	node  call.NodeID // as its head has it; set where heads are read
	first uint64
	begun int64 // µs, not later than its first record
	end   int64 // bytes of whole records and the head
	// marks tell where some records lie, so that a reader need not begin at the start. Only for
	// segments that this process wrote or checked.
	marks []mark
}

// mark is a record's place in its segment.
type mark struct {
	seq uint64
	off int64
}

// markEvery is how many bytes lie between two marks.
const markEvery = 256 << 10

// note remembers a record's place if the last one remembered is far enough away.
func (s *segment) note(seq uint64, off int64) {
	if n := len(s.marks); n == 0 && off >= markEvery || n > 0 && off-s.marks[n-1].off >= markEvery {
		s.marks = append(s.marks, mark{seq, off})
	}
}

// near gives the last known place at or before a record.
func (s *segment) near(seq uint64) mark {
	i, found := slices.BinarySearchFunc(s.marks, seq, func(m mark, seq uint64) int {
		switch {
		case m.seq < seq:
			return -1
		case m.seq > seq:
			return 1
		}
		return 0
	})
	if found {
		return s.marks[i]
	}
	if i == 0 {
		return mark{s.first, segmentHead}
	}
	return s.marks[i-1]
}

func segmentName(first uint64) string { return fmt.Sprintf("%020d%s", first, segmentSuffix) }

// createSegment makes a new segment file with its head. Nothing is left behind on an error.
func createSegment(open openFile, dir string, node call.NodeID, first uint64, at int64) (file, segment, error) {
	path := filepath.Join(dir, segmentName(first))
	f, err := open(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, segment{}, err
	}
	var b [segmentHead]byte
	copy(b[:], segmentMagic)
	binary.LittleEndian.PutUint64(b[8:], first)
	binary.LittleEndian.PutUint64(b[16:], uint64(at))
	copy(b[24:24+nodeIDMax], node)
	binary.LittleEndian.PutUint32(b[60:], crc32.Checksum(b[:60], castagnoli))
	if _, err := f.WriteAt(b[:], 0); err != nil {
		return nil, segment{}, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, segment{path: path, first: first, begun: at, end: segmentHead}, nil
}

// errNoHead says that a segment was begun but its head is not whole.
var errNoHead = errors.New("the segment's head is cut off")

// readSegmentHead checks a segment file's head against its name and the node; empty: any node's.
func readSegmentHead(path string, node call.NodeID) (segment, error) {
	f, err := os.Open(path)
	if err != nil {
		return segment{}, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return segment{}, err
	}
	var b [segmentHead]byte
	if _, err := f.ReadAt(b[:], 0); errors.Is(err, io.EOF) {
		return segment{}, errNoHead
	} else if err != nil {
		return segment{}, err
	}
	if binary.LittleEndian.Uint32(b[60:]) != crc32.Checksum(b[:60], castagnoli) {
		return segment{}, errNoHead
	}
	if string(b[:8]) != segmentMagic {
		return segment{}, fmt.Errorf("journal: %s is no journal segment of this format", path)
	}
	owner := call.NodeID(strings.TrimRight(string(b[24:24+nodeIDMax]), "\x00"))
	if node != "" && owner != node {
		return segment{}, fmt.Errorf("journal: %s belongs to node %s, but the data folder's node.id says %s: put the right node.id back, or the journal elsewhere",
			path, owner, node)
	}
	s := segment{
		path:  path,
		node:  owner,
		first: binary.LittleEndian.Uint64(b[8:]),
		begun: int64(binary.LittleEndian.Uint64(b[16:])),
		end:   st.Size(),
	}
	if filepath.Base(path) != segmentName(s.first) {
		return segment{}, fmt.Errorf("journal: %s begins with record %d: it was renamed, its name must be %s",
			path, s.first, segmentName(s.first))
	}
	return s, nil
}

// listSegments gives the paths of the segments in the folder, oldest first.
func listSegments(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), segmentSuffix)
		if !ok || len(digits) != 20 {
			continue
		}
		if _, err := strconv.ParseUint(digits, 10, 64); err == nil {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(paths)
	return paths, nil
}

// DamagedError says that records which were safely on the disk can no longer be read, so it is no
// matter of a crash: a disk that fails, or somebody changed the file.
type DamagedError struct {
	File   string
	Offset int64  // of the first record that can't be read
	Seq    uint64 // its sequence number
	Next   uint64 // a later record that can be read, 0 if none
	Ends   bool   // the file ends there
}

func (e *DamagedError) Error() string {
	what := fmt.Sprintf("record %d does not match its checksum", e.Seq)
	if e.Ends {
		what = fmt.Sprintf("it ends before record %d", e.Seq)
	}
	s := fmt.Sprintf("journal: %s is damaged at byte %d: %s", e.File, e.Offset, what)
	if e.Next > 0 {
		s += fmt.Sprintf(", while record %d after it can be read", e.Next)
	}
	return s + ". Restore the file from a backup, or move it and all segments after it to another folder to go on without what they hold"
}

// TrimmedError says that the records asked for are no longer kept.
type TrimmedError struct {
	From  uint64 // asked for
	First uint64 // the oldest there is
}

func (e *TrimmedError) Error() string {
	return fmt.Sprintf("journal: record %d is no longer kept, the oldest is %d", e.From, e.First)
}

func micros(t time.Time) int64 { return t.UnixMicro() }
