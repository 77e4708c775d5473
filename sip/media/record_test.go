package media

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call/logtest"
)

func loadFile(t *testing.T, file string) Sound {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s, err := LoadWAV(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRecordEndsWhenTheCallerFallsSilent(t *testing.T) {
	for _, codec := range []Codec{PCMU, PCMA} {
		t.Run(codec.String(), func(t *testing.T) {
			e := startEngine(t, Config{})
			p := newPhone(t, codec)
			l, ev := p.answered(e)
			file := filepath.Join(t.TempDir(), "2026", "11", "message.wav")
			p.speak(l.LocalAddr(), 700)
			wait[FirstPacket](ev, soon)
			l.Record(file, time.Minute, 400*time.Millisecond)
			eventually(t, soon, "a recording", func() bool { return e.Stats().Recordings == 1 })
			eventually(t, soon, "a second of speech", func() bool { return e.Stats().PacketsIn > 50 })
			p.hangUp() // speaks no more
			done := wait[RecordDone](ev, soon)
			if done.Err != nil || done.File != file {
				t.Fatalf("%+v", done)
			}
			s := loadFile(t, file)
			if got := s.Duration(); got != done.Duration || got < 900*time.Millisecond || got > 3*time.Second {
				t.Errorf("file of %v, told %v", got, done.Duration)
			}
			pcm := make([]int16, 1600)
			decodeFrame(PCMU, pcm, s.body.coded[PCMU][3200:4800])
			if hz, level := pitch(pcm); hz != 700 || level < 8000 {
				t.Errorf("recorded %v Hz at %v, want 700", hz, level)
			}
			if e.Stats().Recordings != 0 {
				t.Error("the recording still counts")
			}
		})
	}
}

func TestRecordEndsAtItsMaximumAndWithTheLeg(t *testing.T) {
	e := startEngine(t, Config{})
	p := newPhone(t, PCMU)
	l, ev := p.answered(e)
	dir := t.TempDir()
	p.speak(l.LocalAddr(), 700)
	wait[FirstPacket](ev, soon)
	l.Record(filepath.Join(dir, "a.wav"), 300*time.Millisecond, time.Second)
	if done := wait[RecordDone](ev, soon); done.Err != nil || done.Duration != 300*time.Millisecond {
		t.Errorf("%+v", done)
	}
	l.Record(filepath.Join(dir, "b.wav"), 0, 0)
	l.Record(filepath.Join(dir, "c.wav"), 0, 0)
	if done := wait[RecordDone](ev, soon); !errors.Is(done.Err, errRecording) {
		t.Errorf("two recordings at once: %+v", done)
	}
	eventually(t, soon, "some sound", func() bool { return e.Stats().PacketsIn > 60 })
	l.Close()
	if done := wait[RecordDone](ev, soon); done.Err != nil || done.Duration == 0 {
		t.Errorf("%+v", done)
	}
	wait[Closed](ev, soon)
	loadFile(t, filepath.Join(dir, "b.wav"))
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestClosedComesAfterARecordingThatWasStopped(t *testing.T) {
	e := startEngine(t, Config{})
	p := newPhone(t, PCMU)
	l, ev := p.answered(e)
	p.speak(l.LocalAddr(), 700)
	wait[FirstPacket](ev, soon)
	l.Record(filepath.Join(t.TempDir(), "a.wav"), 0, 0)
	before := e.Stats().PacketsIn
	eventually(t, soon, "some sound", func() bool { return e.Stats().PacketsIn > before+30 })
	l.StopRecord()
	l.Close()
	for recorded := false; ; {
		switch ev := wait[Event](ev, soon).(type) {
		case RecordDone:
			if recorded = true; ev.Spoken < 300*time.Millisecond || ev.Spoken > ev.Duration {
				t.Errorf("%+v", ev)
			}
		case Closed:
			if !recorded {
				t.Error("closed before the recording was on disk")
			}
			return
		}
	}
}

func TestADiskThatRefusesEndsTheRecordingNotTheCall(t *testing.T) {
	logtest.Expect(t, "recording ended early")
	e := startEngine(t, Config{})
	p := newPhone(t, PCMU)
	l, ev := p.answered(e)
	notAFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l.Record(filepath.Join(notAFolder, "a.wav"), 0, 0)
	if done := wait[RecordDone](ev, soon); done.Err == nil {
		t.Error("no error")
	}
	l.Play(1, []Sound{Tone(440, 200*time.Millisecond)}, false)
	wait[PlayDone](ev, soon)
	if e.Stats().RecordErrors != 1 {
		t.Error("the error is not counted")
	}
}

func TestAStoppedServerKeepsWhatWasRecorded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.wav")
	t.Run("server", func(t *testing.T) {
		e := startEngine(t, Config{})
		p := newPhone(t, PCMU)
		l, ev := p.answered(e)
		p.speak(l.LocalAddr(), 700)
		wait[FirstPacket](ev, soon)
		l.Record(file, 0, 0)
		eventually(t, soon, "some sound", func() bool { return e.Stats().PacketsIn > 40 })
	})
	if d := loadFile(t, file).Duration(); d < 300*time.Millisecond {
		t.Errorf("%v kept", d)
	}
}
