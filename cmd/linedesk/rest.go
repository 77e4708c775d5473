package main

import (
	"context"
	"runtime"
	"time"
)

const (
	restLook  = 10 * time.Second
	restAfter = 40 * time.Second // the last transactions are forgotten 32 s after a call (RFC 3261, timer J)
)

// tidyAtRest collects the garbage once when the calls have been over for a while: Go by itself would leave a
// day's heap in place for as long as nothing happens.
func (v *server) tidyAtRest(ctx context.Context) {
	look := time.NewTicker(restLook)
	defer look.Stop()
	var seen, tidied uint64
	since := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		f := v.switchboard.Figures()
		if f.LiveCalls > 0 || f.CallsBegun != seen {
			seen, since = f.CallsBegun, time.Now()
			continue
		}
		if tidied != seen && time.Since(since) >= restAfter {
			tidied = seen
			runtime.GC()
		}
	}
}
