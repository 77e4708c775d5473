package live

import (
	"slices"
	"strings"

	"github.com/linedesk/linedesk/call"
)

// Watch tells its reader which agents to look at again. With thousands of agents in calls a reader that
// compared all of them after every change would do little else.
type Watch struct {
	live  *Live
	ready chan struct{}
	dirty []*agent // under live.mu, as is marked
	// marked has a bit for each agent, by number: it is set while the agent is in dirty.
	marked []uint64
}

// Watch begins to gather the agents whose state changes. What was before is not in it: its reader looks at
// everything once after Watch, then at what [Watch.Take] gives.
func (l *Live) Watch() *Watch {
	w := &Watch{live: l, ready: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watches = append(l.watches, w)
	return w
}

// C gives a value when there is something to take. Values are coalesced, so the reader may take its time.
func (w *Watch) C() <-chan struct{} { return w.ready }

// Take gives the agents for whom [Live.Agent], or the [Live.Call] that is theirs, may be another than at the last
// Take, sorted by ID, each once. What changes in a call (held, muted, customer known, ended) counts for every
// agent whose call it is, those who wrap it up included. No agent is left out; one may be named whose change was
// undone meanwhile.
func (w *Watch) Take() []call.AgentID {
	w.live.mu.Lock()
	defer w.live.mu.Unlock()
	if len(w.dirty) == 0 {
		return nil
	}
	out := make([]call.AgentID, len(w.dirty))
	for i, a := range w.dirty {
		out[i] = a.id
		w.marked[a.number/64] &^= 1 << (a.number % 64)
	}
	clear(w.dirty)
	w.dirty = w.dirty[:0]
	slices.SortFunc(out, func(a, b call.AgentID) int { return strings.Compare(string(a), string(b)) })
	return out
}

// Close ends the watch. C gives nothing more.
func (w *Watch) Close() {
	w.live.mu.Lock()
	defer w.live.mu.Unlock()
	w.live.watches = slices.DeleteFunc(w.live.watches, func(o *Watch) bool { return o == w })
}

// mark notes an agent. Under live.mu.
func (w *Watch) mark(a *agent) {
	for a.number/64 >= len(w.marked) {
		w.marked = append(w.marked, 0)
	}
	word, bit := &w.marked[a.number/64], uint64(1)<<(a.number%64)
	if *word&bit == 0 {
		*word |= bit
		w.dirty = append(w.dirty, a)
	}
}

// wake tells the reader that there is something to take. Under live.mu.
func (w *Watch) wake() {
	if len(w.dirty) == 0 {
		return
	}
	select {
	case w.ready <- struct{}{}:
	default: // it is awake already
	}
}

// changed notes agents for all watches. Under mu.
func (l *Live) changed(as ...*agent) {
	for _, w := range l.watches {
		for _, a := range as {
			w.mark(a)
		}
	}
}

// touch gives the agent of an event that is about to change something of it. Under mu.
func (l *Live) touch(id call.AgentID) *agent {
	a := l.agentOf(id)
	l.changed(a)
	return a
}
