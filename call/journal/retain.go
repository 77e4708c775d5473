package journal

import (
	"log/slog"
	"os"
)

// trim removes the oldest segments that no limit keeps and no reader needs. The last one stays.
func (j *Journal) trim() {
	if j.opts.KeepFor <= 0 && j.opts.KeepBytes <= 0 {
		return
	}
	safe := j.Last() + 1
	if j.opts.Safe != nil {
		safe = min(safe, j.opts.Safe())
	}
	for _, s := range j.trimmable(safe) {
		// A follower that reads the file at this moment keeps it until it has done.
		if err := os.Remove(s.path); err != nil {
			j.log.Error("an old journal segment could not be removed", slog.String("file", s.path), slog.Any("error", err))
			continue
		}
		j.log.Info("an old journal segment was removed", slog.String("file", s.path))
	}
}

// trimmable takes out of the list the segments that may go, given the first record that must stay.
func (j *Journal) trimmable(safe uint64) []segment {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	var total int64
	for i := range j.segments {
		total += j.segments[i].end
	}
	oldest := micros(j.clock().Add(-j.opts.KeepFor))
	n := 0
	for n+1 < len(j.segments) {
		next := &j.segments[n+1]
		tooOld := j.opts.KeepFor > 0 && next.begun < oldest // its last record is older still
		tooMuch := j.opts.KeepBytes > 0 && total > j.opts.KeepBytes
		if next.first > safe || !tooOld && !tooMuch {
			break
		}
		total -= j.segments[n].end
		n++
	}
	gone := append([]segment(nil), j.segments[:n]...)
	j.segments = append([]segment(nil), j.segments[n:]...)
	return gone
}
