package projection

import (
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/store"
)

// Start is where a projection begins to read.
type Start struct {
	Stored  uint64 // the position in the database, to be quoted with the next write
	Applied uint64 // the rows of records up to here are in the database
	Read    uint64 // the first record to read: what is unfinished began there
}

// StartAt fits a position to the journal. They may have parted: the journal's tail was lost, or its
// folder was, and other records have taken the numbers. Then the records up to the position's time are
// those that were applied.
func StartAt(j *journal.Journal, pos store.Position) (Start, error) {
	s := Start{Stored: pos.Applied, Applied: pos.Applied, Read: max(1, min(pos.Safe, pos.Applied+1))}
	first := j.First()
	if pos.Applied >= first && pos.Applied > 0 {
		parted, err := parted(j, pos)
		if err != nil {
			return s, err
		}
		if parted {
			next, err := j.SeqAt(pos.At.Add(time.Microsecond))
			if err != nil {
				return s, err
			}
			s.Applied = min(pos.Applied, next-1)
			s.Read = min(s.Read, s.Applied+1)
		}
	}
	s.Read = max(s.Read, first)
	s.Applied = max(s.Applied, first-min(first, 1))
	return s, nil
}

// parted tells whether the record that the position names is another one than it was.
func parted(j *journal.Journal, pos store.Position) (bool, error) {
	if pos.Applied > j.Last() {
		return true, nil
	}
	same := false
	err := j.ReadTypes(pos.Applied, pos.Applied, nil, func(rec call.Record) error {
		same = rec.At.Equal(pos.At)
		return nil
	})
	return !same, err
}
