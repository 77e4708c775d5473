package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Read hands over the records from a sequence number on, from the disk, up to Last as of the call.
func (j *Journal) Read(from uint64, fn func(call.Record) error) error {
	return j.ReadTypes(from, j.Last(), nil, fn)
}

// ReadTypes hands over the records of some types, named as in call.Types, of the stretch from…to.
// It decodes no others, so it is quick over a long journal. No types: all.
func (j *Journal) ReadTypes(from, to uint64, types []string, fn func(call.Record) error) error {
	return j.scan(max(from, 1), min(to, j.Last()), func(fr frame) error {
		if len(types) > 0 && !slices.Contains(types, string(fr.name)) {
			return nil
		}
		rec, err := fr.decode()
		if err != nil {
			return err
		}
		return fn(rec)
	})
}

// SeqAt is the sequence number of the first record at or after a time; Last()+1 if there is none.
func (j *Journal) SeqAt(t time.Time) (uint64, error) {
	us := micros(t)
	j.mu.Lock()
	// The last segment begun before t: what is sought is in it, or is the next one's first.
	i, _ := slices.BinarySearchFunc(j.segments, us, func(s segment, us int64) int {
		if s.begun < us {
			return -1
		}
		return 1
	})
	from := j.segments[max(i-1, 0)].first
	last := j.last.Load()
	j.mu.Unlock()

	seq := last + 1
	err := j.scan(from, last, func(fr frame) error {
		if fr.at >= us {
			seq = fr.seq
			return errStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		return 0, err
	}
	return seq, nil
}

var errStop = errors.New("found")

// scan hands over the frames from…to from the disk.
func (j *Journal) scan(from, to uint64, fn func(frame) error) error {
	if from > to {
		return nil
	}
	j.mu.Lock()
	if first := j.segments[0].first; from < first {
		j.mu.Unlock()
		return &TrimmedError{From: from, First: first}
	}
	var todo []segment
	for i, s := range j.segments {
		if s.first > to {
			break
		}
		if i+1 == len(j.segments) || j.segments[i+1].first > from {
			todo = append(todo, s)
		}
	}
	j.mu.Unlock()
	for i := range todo {
		next := to + 1
		if i+1 < len(todo) {
			next = todo[i+1].first
		}
		if err := scanSegment(&todo[i], max(from, todo[i].first), next, fn); err != nil {
			return err
		}
	}
	return nil
}

// scanSegment hands over the frames of a segment from one record up to, not including, another.
func scanSegment(s *segment, from, next uint64, fn func(frame) error) error {
	f, err := os.Open(s.path)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	at := s.near(from)
	frames := newFrames(f, at.off, s.end)
	for seq := at.seq; seq < next; seq++ {
		fr, err := frames.next(seq)
		switch {
		case errors.Is(err, errTorn), errors.Is(err, errBad), errors.Is(err, io.EOF):
			return &DamagedError{File: s.path, Offset: frames.off, Seq: seq, Ends: !errors.Is(err, errBad)}
		case err != nil:
			return fmt.Errorf("journal: read %s: %w", s.path, err)
		}
		if seq < from {
			continue
		}
		if err := fn(fr); err != nil {
			return err
		}
	}
	return nil
}
