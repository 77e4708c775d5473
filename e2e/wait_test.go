package e2e

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// finalError is an error that no waiting will mend.
type finalError struct{ error }

// eventually waits until f gives nil.
func eventually(tb testing.TB, within time.Duration, what string, f func() error) {
	tb.Helper()
	deadline := time.Now().Add(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return
		}
		var final finalError
		if errors.As(err, &final) || time.Now().After(deadline) {
			tb.Fatalf("waited for this: %s; but %v", what, err)
		}
		<-tick.C
	}
}

// soon is a context for one thing that is waited for. It ends with the test.
func soon(tb testing.TB, within time.Duration) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), within)
	tb.Cleanup(cancel)
	return ctx
}

// ok ends the test on an error.
func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// syncBuffer is the log of a process, readable while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
