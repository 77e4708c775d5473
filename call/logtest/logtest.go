// Package logtest gives tests a log that fails them: a line of level ERROR tells an operator that something
// is broken, so a test in which one is written that it did not [Expect] has found a fault.
//
// It is for tests of every room and imports the standard library only. Nothing that runs in the server may
// import it.
package logtest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
)

// New gives a log for what tb starts. Lines below ERROR are dropped; one of ERROR fails tb unless it is
// expected. What is written after the end of tb is dropped as well.
//
// Make the log before what writes to it: clean-ups run in reverse, and the log is to outlast its writers.
func New(tb testing.TB) *slog.Logger {
	tb.Helper()
	return slog.New(handler{watch: watchOf(tb)})
}

// Expect says that lines of level ERROR with these sentences, word for word or as a part, belong to the test.
// Each must come at least once before the end of tb.
func Expect(tb testing.TB, sentences ...string) {
	tb.Helper()
	w := watchOf(tb)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range sentences {
		w.expected = append(w.expected, expectation{sentence: s})
	}
}

// watch is what is known of one test's lines.
type watch struct {
	tb testing.TB

	mu       sync.Mutex
	expected []expectation
	failed   map[string]int // how often, by sentence
	over     bool
}

// most is how often one sentence fails a test: the rest would say no more.
const most = 3

type expectation struct {
	sentence string
	came     bool
}

var (
	watchesMu sync.Mutex
	watches   = map[testing.TB]*watch{} // of the tests that run
)

func watchOf(tb testing.TB) *watch {
	tb.Helper()
	watchesMu.Lock()
	defer watchesMu.Unlock()
	if w := watches[tb]; w != nil {
		return w
	}
	w := &watch{tb: tb, failed: map[string]int{}}
	watches[tb] = w
	tb.Cleanup(w.end)
	return w
}

func (w *watch) end() {
	watchesMu.Lock()
	delete(watches, w.tb)
	watchesMu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	for _, e := range w.expected {
		if !e.came {
			w.tb.Errorf("no line of level ERROR says %q", e.sentence)
		}
	}
}

// wrote takes a line. The lock is held while the test is failed, as it may not be when it has ended.
func (w *watch) wrote(sentence, attrs string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	known := false
	for i := range w.expected {
		if strings.Contains(sentence, w.expected[i].sentence) {
			w.expected[i].came, known = true, true
		}
	}
	if w.failed[sentence]++; !known && w.failed[sentence] <= most {
		w.tb.Errorf("an ERROR was logged that the test does not expect: %s%s", sentence, attrs)
	}
}

// handler hands ERROR lines to the watch.
type handler struct {
	watch *watch
	attrs []slog.Attr
}

// Enabled is true for ERROR and what is above.
func (handler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

// Handle takes a line.
func (h handler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	add := func(a slog.Attr) bool {
		_, _ = fmt.Fprintf(&b, " %s=%v", a.Key, a.Value)
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	h.watch.wrote(r.Message, b.String())
	return nil
}

// WithAttrs keeps the attributes for the message of a failure.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.attrs = append(slices.Clip(h.attrs), attrs...)
	return h
}

// WithGroup changes nothing: a failure's message needs no groups.
func (h handler) WithGroup(string) slog.Handler { return h }
