package logtest

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// fake is a test whose failures are looked at instead of failing.
type fake struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (f *fake) Helper()          {}
func (f *fake) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }
func (f *fake) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

func (f *fake) end() {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
}

func TestAnErrorThatNobodyExpectsFailsTheTest(t *testing.T) {
	f := &fake{}
	log := New(f)
	log.Warn("a trunk is down")
	log.With(slog.String("call", "c1")).Error("panic while handling a call", slog.Int("line", 7))
	f.end()
	if len(f.failures) != 1 || !strings.HasSuffix(f.failures[0], "panic while handling a call call=c1 line=7") {
		t.Errorf("failures %q, want the one error", f.failures)
	}
}

func TestAnExpectedErrorIsOneOfTheTestsOwn(t *testing.T) {
	f := &fake{}
	Expect(f, "disk full")
	New(f).Error("recording ended: disk full")
	New(f).Error("recording ended: disk full")
	f.end()
	if len(f.failures) > 0 {
		t.Errorf("failures %q", f.failures)
	}
}

func TestOneSentenceFailsATestThreeTimesAtMost(t *testing.T) {
	f := &fake{}
	log := New(f)
	for range 100 {
		log.Error("panic")
	}
	f.end()
	if len(f.failures) != most {
		t.Errorf("%d failures", len(f.failures))
	}
}

func TestAnExpectedErrorMustCome(t *testing.T) {
	f := &fake{}
	New(f)
	Expect(f, "disk full")
	f.end()
	if len(f.failures) != 1 || !strings.Contains(f.failures[0], "disk full") {
		t.Errorf("failures %q, want one about the missing line", f.failures)
	}
}

func TestWhatIsWrittenAfterTheEndIsDropped(t *testing.T) {
	f := &fake{}
	log := New(f)
	f.end()
	log.Error("too late")
	if len(f.failures) > 0 {
		t.Errorf("failures %q", f.failures)
	}
	if len(watches) > 0 {
		t.Errorf("%d tests are kept after their end", len(watches))
	}
}
