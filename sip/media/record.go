package media

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

const (
	recordChunk = 25 * frameSamples // bytes handed to the writer at once: half a second
	recordMost  = time.Hour         // where no maximum is given
	recordWait  = 5 * time.Second   // for the disk, after the end

	// voiceEnergy is what makes a frame count as speech: −42 dB.
	voiceEnergy = 260 * 260

	// writerQueue is how many chunks may wait for one writer: with ten recordings at once, 13 s of a disk that
	// stands still. A recording whose chunk finds it full ends there.
	writerQueue = 256
	writerCount = 2
)

var (
	errDiskSlow  = errors.New("the disk does not keep up")
	errStopped   = errors.New("the server stopped")
	errRecording = errors.New("the leg is being recorded already")
)

// recording is what the shard knows of one. The shard only fills chunks; the file is its writer's.
type recording struct {
	leg        *Leg
	file       *recordFile
	chunk      []byte
	frames     int
	most       int // frames
	endSilence int // frames; 0: never
	silent     int // frames in a row
	spoken     int // frames
	done       bool
	deadline   *time.Timer
}

// Record writes what the far end says to a µ-law WAV file, until [Leg.StopRecord], until maximum (0: an hour)
// or until it has been silent for endSilence (0: never mind). Folders on the way are made. While it is
// written the file's name has ".part" at its end. RecordDone tells of the end.
func (l *Leg) Record(file string, maximum, endSilence time.Duration) {
	l.do(func(s *shard) {
		if l.rec != nil {
			l.tell(RecordDone{File: file, Err: errRecording})
			return
		}
		if maximum <= 0 {
			maximum = recordMost
		}
		l.rec = &recording{
			leg: l, file: newRecordFile(s.engine.writers, file),
			most: int(maximum / frame), endSilence: int(endSilence / frame),
		}
		l.unwritten++
		s.n.recordings.Add(1)
		s.settle(l)
	})
}

// StopRecord ends the recording. RecordDone comes when it is on disk.
func (l *Leg) StopRecord() {
	l.do(func(s *shard) { s.endRecording(l) })
}

func (s *shard) endRecording(l *Leg) {
	if l.rec == nil {
		return
	}
	rec := l.rec
	l.rec = nil
	rec.finish()
	s.settle(l)
}

// record adds 20 ms.
func (s *shard) record(l *Leg, coded *[frameSamples]byte, heard bool) {
	r := l.rec
	if r.chunk == nil {
		r.chunk = make([]byte, 0, recordChunk)
	}
	at := len(r.chunk)
	r.chunk = append(r.chunk, coded[:]...)
	if l.params.Codec != PCMU {
		recode(l.params.Codec, r.chunk[at:])
	}
	r.frames++
	if heard && energy(l.params.Codec, coded[:]) > voiceEnergy {
		r.silent = 0
		r.spoken++
	} else {
		r.silent++
	}
	if len(r.chunk) == cap(r.chunk) {
		r.flush()
	}
	switch {
	case r.file.failed.Load(), r.frames >= r.most, r.endSilence > 0 && r.silent >= r.endSilence:
		s.endRecording(l)
	}
}

func (r *recording) flush() {
	if len(r.chunk) == 0 {
		return
	}
	r.file.write(r.chunk)
	r.chunk = nil
}

// outcome is what is told of the end.
func (r *recording) outcome(err error) RecordDone {
	return RecordDone{
		File: r.file.name, Duration: time.Duration(r.frames) * frame, Spoken: time.Duration(r.spoken) * frame, Err: err,
	}
}

// finish closes the file, then tells RecordDone.
func (r *recording) finish() {
	r.flush()
	tell := func(err error) {
		r.leg.shard.Load().post(command{run: func(s *shard) { r.told(s, err) }})
	}
	// A disk that hangs must not keep a call from ending.
	r.deadline = time.AfterFunc(recordWait, func() { tell(errDiskSlow) })
	r.file.close(tell)
}

// told passes on how it went, once.
func (r *recording) told(s *shard, err error) {
	if r.done {
		return
	}
	r.done = true
	r.deadline.Stop()
	s.n.recordings.Add(-1)
	if err != nil {
		s.n.recordErrors.Add(1)
		s.log.Error("recording ended early", slog.String("file", r.file.name), errAttr(err))
	}
	l := r.leg
	l.tell(r.outcome(err))
	l.unwritten--
	if l.unwritten == 0 && l.last != nil {
		l.tell(*l.last)
		l.last = nil
	}
}

// abandon closes the file because the server stops; nobody waits for the disk.
func (r *recording) abandon(s *shard) {
	r.flush()
	r.done = true
	r.file.close(func(error) {})
	s.n.recordings.Add(-1)
	r.leg.tell(r.outcome(errStopped))
}

// recordingFile is what is done with the file of a recording.
type recordingFile interface {
	io.Writer
	io.WriterAt
	Sync() error
	Close() error
}

// openRecording makes the file of a recording, or begins it anew.
type openRecording func(name string) (recordingFile, error)

func createRecording(name string) (recordingFile, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// recordFile is a WAV file on its way to the disk. Its fields but failed are the writer's.
//
// Stereo recordings of whole calls go through here as well: a file of two channels gets chunks in which
// the two are interleaved.
type recordFile struct {
	name     string
	channels int
	queue    chan<- recordJob
	failed   atomic.Bool
	open     openRecording
	file     recordingFile
	size     int
	err      error
}

type recordJob struct {
	file  *recordFile
	chunk []byte
	done  func(error) // set: close the file
}

func newRecordFile(w *writers, name string) *recordFile {
	return &recordFile{name: name, channels: 1, queue: w.of(name), open: w.open}
}

// write hands a chunk over, which is the writer's from then on. It never waits.
func (f *recordFile) write(chunk []byte) {
	if len(f.queue) >= writerQueue {
		f.failed.Store(true)
		return
	}
	select {
	case f.queue <- recordJob{file: f, chunk: chunk}:
	default:
		f.failed.Store(true)
	}
}

// close ends the file. The queue keeps room for this when it takes no more chunks.
func (f *recordFile) close(done func(error)) {
	job := recordJob{file: f, done: done}
	select {
	case f.queue <- job:
	default:
		f.failed.Store(true)
		done(errDiskSlow)
	}
}

func (f *recordFile) part() string { return f.name + ".part" }

// take is the writer's work on one job.
func (f *recordFile) take(j recordJob) {
	if f.err == nil && f.file == nil {
		f.err = f.create()
	}
	if f.err == nil && len(j.chunk) > 0 {
		var n int
		n, f.err = f.file.Write(j.chunk)
		f.size += n
	}
	if j.done != nil {
		if err := f.finish(); f.err == nil {
			f.err = err
		}
		if f.err == nil && f.failed.Load() {
			f.err = errDiskSlow
		}
	}
	if f.err != nil {
		f.failed.Store(true)
	}
	if j.done != nil {
		j.done(f.err)
	}
}

func (f *recordFile) create() error {
	if err := os.MkdirAll(filepath.Dir(f.name), 0o700); err != nil {
		return fmt.Errorf("make a folder for the recording: %w", err)
	}
	file, err := f.open(f.part())
	if err != nil {
		return fmt.Errorf("make a recording: %w", err)
	}
	f.file = file
	h := wavHeader(f.channels, 0)
	if _, err := file.Write(h[:]); err != nil {
		return fmt.Errorf("write a recording: %w", err)
	}
	return nil
}

// finish completes the header and gives the file its name, also after an error: what is there is kept.
func (f *recordFile) finish() error {
	if f.file == nil {
		return nil
	}
	h := wavHeader(f.channels, f.size)
	_, err := f.file.WriteAt(h[:], 0)
	if f.size%2 == 1 && err == nil {
		_, err = f.file.WriteAt([]byte{PCMU.silence()}, int64(wavHeaderSize+f.size))
	}
	err = errors.Join(err, f.file.Sync(), f.file.Close(), os.Rename(f.part(), f.name))
	f.file = nil
	if err != nil {
		return fmt.Errorf("finish a recording: %w", err)
	}
	return nil
}

// writers put recordings on disk, so that no shard ever waits for it. A recording stays with one writer.
type writers struct {
	log    *slog.Logger
	seed   maphash.Seed
	open   openRecording // tests put a disk here that fails on purpose
	queues [writerCount]chan recordJob
}

func newWriters(log *slog.Logger) *writers {
	w := &writers{log: log, seed: maphash.MakeSeed(), open: createRecording}
	for i := range w.queues {
		w.queues[i] = make(chan recordJob, 4*writerQueue)
	}
	return w
}

func (w *writers) of(name string) chan<- recordJob {
	return w.queues[maphash.String(w.seed, name)%writerCount]
}

// run writes until close.
func (w *writers) run() {
	var all sync.WaitGroup
	for _, q := range w.queues {
		all.Go(func() {
			for j := range q {
				j.file.take(j)
			}
		})
	}
	all.Wait()
}

// close lets the writers finish what was handed over. The shards have ended before.
func (w *writers) close() {
	for _, q := range w.queues {
		close(q)
	}
}
