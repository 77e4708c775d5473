package acd

// ranked is what a heap holds: it knows who goes before whom, and keeps its own place in the heap, so
// that it can be taken out from anywhere. One thing stands in one heap at a time.
type ranked[T any] interface {
	before(T) bool
	place() *int // index in the heap plus one; 0: in no heap
}

// heap keeps the first of its items at index 0; the order of the rest is not to be relied on.
type heap[T ranked[T]] []T

func (h *heap[T]) push(x T) {
	*h = append(*h, x)
	*x.place() = len(*h)
	h.up(len(*h) - 1)
}

// remove takes x out, wherever it stands; x must be in this heap.
func (h *heap[T]) remove(x T) {
	s, i := *h, *x.place()-1
	last := len(s) - 1
	h.swap(i, last)
	var none T
	s[last] = none
	*h = s[:last]
	*x.place() = 0
	if i < last {
		h.fix(i)
	}
}

// fix restores the order after the item at i has changed its rank.
func (h *heap[T]) fix(i int) {
	if !h.down(i) {
		h.up(i)
	}
}

func (h *heap[T]) up(i int) {
	s := *h
	for i > 0 {
		parent := (i - 1) / 2
		if !s[i].before(s[parent]) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h *heap[T]) down(i int) bool {
	s, moved := *h, false
	for {
		child := 2*i + 1
		if child >= len(s) {
			return moved
		}
		if right := child + 1; right < len(s) && s[right].before(s[child]) {
			child = right
		}
		if !s[child].before(s[i]) {
			return moved
		}
		h.swap(i, child)
		i, moved = child, true
	}
}

func (h *heap[T]) swap(i, j int) {
	s := *h
	s[i], s[j] = s[j], s[i]
	*s[i].place(), *s[j].place() = i+1, j+1
}

// empty takes everything out.
func (h *heap[T]) empty() {
	for _, x := range *h {
		*x.place() = 0
	}
	clear(*h)
	*h = (*h)[:0]
}
