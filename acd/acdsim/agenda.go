package acdsim

import (
	"container/heap"
	"time"
)

// agenda is what will happen in a simulation, by time; of two things at the same moment, the one put
// down earlier comes first.
type agenda struct {
	items entries
	count uint64
}

type entry struct {
	at    time.Time
	order uint64
	do    func()
}

func (a *agenda) put(at time.Time, do func()) {
	a.count++
	heap.Push(&a.items, &entry{at, a.count, do})
}

// next is when the next thing happens.
func (a *agenda) next() (time.Time, bool) {
	if len(a.items) == 0 {
		return time.Time{}, false
	}
	return a.items[0].at, true
}

// take takes the next thing off the agenda.
func (a *agenda) take() (time.Time, func()) {
	e := heap.Pop(&a.items).(*entry)
	return e.at, e.do
}

type entries []*entry

func (e entries) Len() int      { return len(e) }
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *entries) Push(x any)   { *e = append(*e, x.(*entry)) }

func (e entries) Less(i, j int) bool {
	if c := e[i].at.Compare(e[j].at); c != 0 {
		return c < 0
	}
	return e[i].order < e[j].order
}

func (e *entries) Pop() any {
	s := *e
	last := s[len(s)-1]
	s[len(s)-1] = nil
	*e = s[:len(s)-1]
	return last
}
