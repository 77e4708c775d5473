package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/linedesk/linedesk/call"
)

// found is what a journal's folder holds.
type found struct {
	segments []segment
	last     uint64
	lastAt   int64
}

// repair reads a journal's folder and makes it fit to go on: what a crash left unfinished at the end
// is cut off. Segments that were on the disk at the last sync are not read again here.
//
// After a killed process the end is at worst half a record. After a power loss anything that was not
// synced may be missing in part, even with whole records behind the hole; those are kept aside in
// files *.cut. A hole in what had been synced is a [DamagedError].
func repair(dir string, node call.NodeID, log *slog.Logger) (found, error) {
	var got found
	paths, err := listSegments(dir)
	if err != nil {
		return got, fmt.Errorf("journal: %w", err)
	}
	for i, path := range paths {
		s, err := readSegmentHead(path, node)
		if errors.Is(err, errNoHead) && i == len(paths)-1 {
			// Begun and not written: the crash came in between.
			if err := os.Remove(path); err != nil {
				return got, fmt.Errorf("journal: remove an empty segment: %w", err)
			}
			break
		}
		if errors.Is(err, errNoHead) {
			return got, fmt.Errorf("journal: the head of %s is damaged: restore the file from a backup", path)
		}
		if err != nil {
			return got, err
		}
		got.segments = append(got.segments, s)
	}
	synced, known := readSyncMark(dir)
	if len(got.segments) == 0 {
		if synced > 0 {
			log.Error("all of the journal's segments are gone; it goes on with the next number", slog.Uint64("last", synced))
		}
		got.last = synced // readers' positions stay true
		return got, nil
	}
	begin := len(got.segments) - 1
	for begin > 0 && known && got.segments[begin].first > synced+1 {
		begin--
	}
	return got, got.check(begin, synced, known, log)
}

// check reads the segments from one on to the end, and cuts the end off if need be.
func (g *found) check(begin int, synced uint64, known bool, log *slog.Logger) error {
	g.last = g.segments[begin].first - 1
	g.lastAt = g.segments[begin].begun
	for i := begin; i < len(g.segments); i++ {
		s := &g.segments[i]
		if s.first != g.last+1 {
			return fmt.Errorf("journal: %s begins with record %d, but the one before it ends with %d: a segment is missing, restore it from a backup",
				s.path, s.first, g.last)
		}
		whole, err := g.readThrough(s)
		if err != nil {
			return err
		}
		if whole == s.end {
			continue
		}
		later, err := laterRecord(s.path, whole, s.end, g.last+1)
		if err != nil {
			return err
		}
		if later == 0 && i+1 < len(g.segments) {
			later = g.segments[i+1].first
		}
		if later > 0 && (!known || g.last < synced) {
			return &DamagedError{File: s.path, Offset: whole, Seq: g.last + 1, Next: later}
		}
		return g.cut(i, whole, later > 0, synced, log)
	}
	return nil
}

// readThrough reads a segment and returns where its whole records end.
func (g *found) readThrough(s *segment) (int64, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	frames := newFrames(f, segmentHead, s.end)
	for {
		at := frames.off
		fr, err := frames.next(g.last + 1)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, errTorn), errors.Is(err, errBad):
			return at, nil
		case err != nil:
			return 0, fmt.Errorf("journal: read %s: %w", s.path, err)
		}
		s.note(fr.seq, at)
		g.last, g.lastAt = fr.seq, max(g.lastAt, fr.at)
	}
}

// laterRecord looks behind a damaged place for a record that is whole, and gives its sequence
// number, 0 if there is none.
func laterRecord(path string, off, end int64, missing uint64) (uint64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	b := make([]byte, end-off)
	if _, err := f.ReadAt(b, off); err != nil {
		return 0, fmt.Errorf("journal: read %s: %w", path, err)
	}
	seq, _ := findRecord(b, missing)
	return seq, nil
}

// findRecord looks for a whole record with a sequence number after a missing one, and gives it and its place;
// 0 if there is none.
func findRecord(b []byte, missing uint64) (seq uint64, at int) {
	// So many records fit at most: a higher number is chance.
	limit := missing + uint64(len(b))/(recordHead+recordMin)
	for p := 1; p+recordHead+recordMin <= len(b); p++ {
		n := int64(binary.LittleEndian.Uint32(b[p:]))
		if n < recordMin || n > recordMax || n+recordHead > int64(len(b)-p) {
			continue
		}
		if seq := binary.LittleEndian.Uint64(b[p+8:]); seq <= missing || seq > limit {
			continue
		}
		if fr, ok := parse(b[p : p+recordHead+int(n)]); ok {
			return fr.seq, p
		}
	}
	return 0, 0
}

// cut ends the journal at a place in segment i. What lies behind it is kept aside if it holds records.
func (g *found) cut(i int, off int64, keep bool, synced uint64, log *slog.Logger) error {
	s := &g.segments[i]
	attrs := []any{slog.String("file", s.path), slog.Uint64("last", g.last), slog.Int64("bytes", s.end-off)}
	if keep {
		if err := keepAside(s.path, off, s.end); err != nil {
			return fmt.Errorf("journal: keep the cut-off end of %s: %w", s.path, err)
		}
	}
	for _, after := range g.segments[i+1:] {
		if err := os.Rename(after.path, cutName(after.path)); err != nil {
			return fmt.Errorf("journal: keep a cut-off segment: %w", err)
		}
	}
	if err := truncateSynced(s.path, off); err != nil {
		return fmt.Errorf("journal: cut off the unfinished end of %s: %w", s.path, err)
	}
	s.end = off
	g.segments = g.segments[:i+1]
	switch {
	case g.last < synced:
		log.Error("the journal's end is missing although it was on the disk", append(attrs, slog.Uint64("missing", synced-g.last))...)
	case keep:
		log.Warn("the journal's end was not on the disk when the power went; it was cut off and kept in *.cut", attrs...)
	default:
		log.Info("an unfinished record was cut off the journal's end", attrs...)
	}
	return nil
}

func cutName(path string) string {
	return path + "." + time.Now().UTC().Format("20060102T150405") + ".cut"
}

func keepAside(path string, off, end int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out, err := os.OpenFile(cutName(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.NewSectionReader(f, off, end-off))
	return errors.Join(err, out.Close())
}

func truncateSynced(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Sync(), f.Close())
}
