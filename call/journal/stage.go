package journal

import (
	"fmt"
	"time"

	"github.com/linedesk/linedesk/call"
)

// stageMax is how many bytes may wait for Commit; more are written before it.
const stageMax = 256 << 10

// staged are records that have their places and are not written yet. Under mu.
type staged struct {
	buf  []byte
	recs []call.Record
	ends []int // where each record ends in buf
	lost error // others' Append failed to write ours with its own: Commit tells
}

func (s *staged) clear() {
	clear(s.recs)
	s.buf, s.recs, s.ends = s.buf[:0], s.recs[:0], s.ends[:0]
	if cap(s.buf) > stageMax {
		s.buf = nil
	}
}

// Stage gives the event its place and time behind all others, and leaves the writing to [Journal.Commit], which
// writes all that was staged by one system call. Until then no reader sees it. What a record decides must not leave
// the server before Commit has returned. The event must not be changed afterwards: readers share it.
func (j *Journal) Stage(e call.Event) (call.Record, error) {
	enc, err := encode(e)
	if err != nil {
		return call.Record{}, err
	}
	defer enc.free()
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stage(enc, e)
}

// Commit hands what was staged to the operating system and wakes followers. On an error (a full disk) nothing of it
// was recorded, and the next may well succeed.
func (j *Journal) Commit() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if lost := j.staged.lost; lost != nil {
		j.staged.lost = nil
		return lost
	}
	return j.commit()
}

// Append gives the event its place and time, hands it to the operating system, with what was staged before it, and
// wakes followers. On an error (a full disk) nothing was recorded, and the next Append may well succeed. The event
// must not be changed afterwards: readers share it.
func (j *Journal) Append(e call.Event) (call.Record, error) {
	enc, err := encode(e)
	if err != nil {
		return call.Record{}, err
	}
	defer enc.free()
	j.mu.Lock()
	defer j.mu.Unlock()
	others := len(j.staged.recs) > 0
	rec, err := j.stage(enc, e)
	if err != nil {
		return call.Record{}, err
	}
	if err := j.commit(); err != nil {
		if others {
			j.staged.lost = err
		}
		return call.Record{}, err
	}
	return rec, nil
}

// stage lays an encoded event behind what waits.
func (j *Journal) stage(enc *encoder, e call.Event) (call.Record, error) {
	if err := j.ready(enc.buf.Len()); err != nil {
		return call.Record{}, err
	}
	st := &j.staged
	seq := j.last.Load() + uint64(len(st.recs)) + 1
	at := max(micros(j.clock()), j.lastAt)
	st.buf = append(st.buf, enc.seal(seq, at)...)
	rec := call.Record{Seq: seq, At: time.UnixMicro(at).UTC(), Event: e}
	st.recs, st.ends = append(st.recs, rec), append(st.ends, len(st.buf))
	j.lastAt = at
	return rec, nil
}

// commit writes what waits.
func (j *Journal) commit() error {
	st := &j.staged
	if len(st.recs) == 0 {
		return nil
	}
	defer st.clear()
	s := &j.segments[len(j.segments)-1]
	if _, err := j.file.WriteAt(st.buf, s.end); err != nil {
		j.tail = true
		_ = j.cutTail() // or before the next record
		return fmt.Errorf("journal: %d records not written: %w", len(st.recs), unusable(j.opts.Dir, err))
	}
	from := s.end
	for i, rec := range st.recs {
		s.note(rec.Seq, s.end)
		s.end = from + int64(st.ends[i])
		j.ring.add(rec)
	}
	j.last.Store(st.recs[len(st.recs)-1].Seq)
	if !j.isDirty {
		j.isDirty = true
		poke(j.dirty)
		if j.diskWaiters > 0 {
			poke(j.wanted)
		}
	}
	j.wake(false)
	return nil
}
