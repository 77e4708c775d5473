package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Reader reads a journal's folder without touching it, beside a server that writes to it or without one. It
// sees what was there when it was made.
type Reader struct {
	dir      string
	node     call.NodeID
	segments []segment // their ends are the files' at that moment: the last record may not be whole
}

// Entry is a record as it lies on the disk. Its event may be of a type that only a newer server knows.
type Entry struct {
	Seq     uint64
	At      time.Time
	Type    string          // as in call.Types
	Data    json.RawMessage // the event
	version uint8
}

// Record decodes the event.
func (e Entry) Record() (call.Record, error) {
	return frame{seq: e.Seq, at: micros(e.At), version: e.version, name: []byte(e.Type), data: e.Data}.decode()
}

// NewReader looks into a folder of segments.
func NewReader(dir string) (*Reader, error) {
	paths, err := listSegments(dir)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	r := &Reader{dir: dir}
	for i, path := range paths {
		s, err := readSegmentHead(path, r.node)
		switch {
		case errors.Is(err, fs.ErrNotExist) && len(r.segments) == 0:
			continue // the server has let go of it in this moment
		case errors.Is(err, errNoHead) && i == len(paths)-1:
			continue // begun in this moment, or in the one before a crash
		case errors.Is(err, errNoHead):
			return nil, &DamagedError{File: path, Offset: 0}
		case err != nil:
			return nil, err
		}
		r.node = s.node
		r.segments = append(r.segments, s)
	}
	if len(r.segments) == 0 {
		return nil, fmt.Errorf("journal: there are no records in %s: name a data folder that a server has used", dir)
	}
	return r, nil
}

// Node is the node whose journal it is.
func (r *Reader) Node() call.NodeID { return r.node }

// First is the sequence number of the oldest record.
func (r *Reader) First() uint64 { return r.segments[0].first }

// Read hands over the records from…to of some types, named as in call.Types; no types: all; to 0: up to the end.
// An Entry's Data hold until fn returns. A last record that is not whole is none yet.
func (r *Reader) Read(from, to uint64, types []string, fn func(Entry) error) error {
	if to == 0 {
		to = ^uint64(0) - 1
	}
	for i := range r.segments {
		s := &r.segments[i]
		next := to + 1
		isLast := i+1 == len(r.segments)
		if !isLast {
			next = min(next, r.segments[i+1].first)
		}
		if next <= max(from, s.first) {
			continue
		}
		err := scanSegment(s, max(from, s.first), next, func(fr frame) error {
			if len(types) > 0 && !slices.Contains(types, string(fr.name)) {
				return nil
			}
			return fn(Entry{Seq: fr.seq, At: time.UnixMicro(fr.at).UTC(), Type: string(fr.name), Data: fr.data, version: fr.version})
		})
		var damaged *DamagedError
		if isLast && errors.As(err, &damaged) && damaged.Ends {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Checked is what Verify found.
type Checked struct {
	Node        call.NodeID
	Segments    int
	First, Last uint64
	From, To    time.Time // of those records
	Bytes       int64     // of whole records
	Unfinished  int64     // bytes behind the last whole record: a write in progress, or one that a crash cut off
	Unknown     int       // records of types that this program does not know
	Faults      []error   // what is damaged or missing, in order
}

// Verify reads every record, checks its checksum, place and time, decodes its event, and goes on behind what is
// damaged. An error means that it could not read on; faults are in what it gives.
func (r *Reader) Verify() (Checked, error) {
	c := Checked{Node: r.node, Segments: len(r.segments), First: r.First()}
	want, at := r.First(), int64(0)
	for i := range r.segments {
		s := &r.segments[i]
		if s.first != want {
			c.Faults = append(c.Faults, fmt.Errorf("%s begins with record %d, but %d should come: a segment, or its end, is missing", s.path, s.first, want))
		}
		next, err := c.segment(s, &at, i+1 == len(r.segments))
		if err != nil {
			return c, err
		}
		want = next
	}
	if synced, known := readSyncMark(r.dir); known && synced > c.Last {
		c.Faults = append(c.Faults, fmt.Errorf("record %d was on the disk, but the journal ends with %d", synced, c.Last))
	}
	return c, nil
}

// segment checks one segment and gives the record that the next must begin with.
func (c *Checked) segment(s *segment, at *int64, isLast bool) (next uint64, err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	seq, off := s.first, int64(segmentHead)
	for {
		frames := newFrames(f, off, s.end)
		for ; ; seq++ {
			off = frames.off
			fr, err := frames.next(seq)
			if errors.Is(err, io.EOF) {
				return seq, nil
			}
			if errors.Is(err, errTorn) || errors.Is(err, errBad) {
				break
			}
			if err != nil {
				return 0, fmt.Errorf("journal: read %s: %w", s.path, err)
			}
			c.record(s, fr, at)
		}
		later, p, err := nextRecord(f, off, s.end, seq)
		if err != nil {
			return 0, err
		}
		if later == 0 {
			if isLast {
				c.Unfinished = s.end - off
			} else {
				c.Faults = append(c.Faults, &DamagedError{File: s.path, Offset: off, Seq: seq, Ends: true})
			}
			return seq, nil
		}
		c.Faults = append(c.Faults, &DamagedError{File: s.path, Offset: off, Seq: seq, Next: later})
		seq, off = later, p
	}
}

func (c *Checked) record(s *segment, fr frame, at *int64) {
	if fr.at < *at {
		c.Faults = append(c.Faults, fmt.Errorf("%s: record %d is older than the one before it", s.path, fr.seq))
	}
	*at = max(*at, fr.at)
	if c.From.IsZero() {
		c.From = time.UnixMicro(fr.at).UTC()
	}
	c.Last, c.To = fr.seq, time.UnixMicro(fr.at).UTC()
	c.Bytes += fr.size
	if _, known := typeNames[string(fr.name)]; !known {
		c.Unknown++
		return
	}
	if _, err := fr.decode(); err != nil {
		c.Faults = append(c.Faults, fmt.Errorf("%s: %w", s.path, err))
	}
}

// nextRecord looks behind a damaged place for a record that is whole: its number and place, 0 if there is none.
func nextRecord(f io.ReaderAt, off, end int64, missing uint64) (seq uint64, at int64, err error) {
	b := make([]byte, end-off)
	if _, err := f.ReadAt(b, off); err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, fmt.Errorf("journal: look for records behind byte %d: %w", off, err)
	}
	seq, p := findRecord(b, missing)
	return seq, off + int64(p), nil
}
