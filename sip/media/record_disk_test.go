package media

import (
	"errors"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call/logtest"
)

// badDisk takes so many bytes, then says that it is full; or fails to bring a file to the disk.
type badDisk struct {
	mu   sync.Mutex
	room int // negative: no limit
	sync error
}

func (d *badDisk) open(name string) (recordingFile, error) {
	f, err := createRecording(name)
	return &badFile{f, d}, err
}

func (d *badDisk) mend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room, d.sync = -1, nil
}

type badFile struct {
	recordingFile
	d *badDisk
}

func (f *badFile) Write(b []byte) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	n, fault := len(b), error(nil)
	if f.d.room >= 0 && n > f.d.room {
		n, fault = f.d.room, syscall.ENOSPC
	}
	if f.d.room >= 0 {
		f.d.room -= n
	}
	if n, err := f.recordingFile.Write(b[:n]); err != nil {
		return n, err
	}
	return n, fault
}

func (f *badFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return errors.Join(f.d.sync, f.recordingFile.Sync())
}

func TestADiskThatFailsInMidRecordingEndsItAndNotTheCall(t *testing.T) {
	for _, c := range []struct {
		name string
		disk *badDisk
		want error
		kept time.Duration // of sound, at the least
	}{
		{"full after a second and a bit", &badDisk{room: wavHeaderSize + 9001}, syscall.ENOSPC, 1125 * time.Millisecond},
		{"full from the first byte", &badDisk{room: 0}, syscall.ENOSPC, 0},
		{"an fsync that fails", &badDisk{room: -1, sync: syscall.EIO}, syscall.EIO, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := startEngine(t, Config{})
			logtest.Expect(t, "recording ended early")
			e.writers.open = c.disk.open
			p := newPhone(t, PCMU)
			l, ev := p.answered(e)
			p.speak(l.LocalAddr(), 700)
			wait[FirstPacket](ev, soon)
			file := filepath.Join(t.TempDir(), "message.wav")
			l.Record(file, 2*time.Second, 0)
			done := wait[RecordDone](ev, soon)
			if !errors.Is(done.Err, c.want) {
				t.Fatalf("got %v, want %v", done.Err, c.want)
			}
			if c.kept > 0 {
				if got := loadFile(t, file).Duration(); got < c.kept-20*time.Millisecond {
					t.Errorf("%v of sound are kept, want %v", got, c.kept)
				}
			}
			before := e.Stats().PacketsIn
			eventually(t, soon, "the call to go on", func() bool { return e.Stats().PacketsIn > before+10 })

			c.disk.mend() // the next is whole
			l.Record(file, 300*time.Millisecond, 0)
			if done := wait[RecordDone](ev, soon); done.Err != nil || loadFile(t, file).Duration() != done.Duration {
				t.Errorf("once there is room: %+v", done)
			}
		})
	}
}
