package journal

import "github.com/linedesk/linedesk/call"

// ringSize is how many records are kept in memory for followers: a third of a second at 600 calls a
// second, some 2 MB. Who falls further behind reads from the disk.
const ringSize = 4096

// ring holds the newest records. Not safe for concurrent use.
type ring struct {
	recs  [ringSize]call.Record
	first uint64 // oldest held; last+1 if none
	last  uint64
}

func (r *ring) reset(last uint64) { r.first, r.last = last+1, last }

func (r *ring) add(rec call.Record) {
	r.recs[rec.Seq%ringSize] = rec
	r.last = rec.Seq
	if r.last-r.first >= ringSize {
		r.first++
	}
}

// fill copies records from a sequence number up to another into dst. False: they are not all held.
func (r *ring) fill(dst []call.Record, from, to uint64) ([]call.Record, bool) {
	if from < r.first {
		return dst, false
	}
	for seq := from; seq <= to; seq++ {
		dst = append(dst, r.recs[seq%ringSize])
	}
	return dst, true
}
