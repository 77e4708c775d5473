package media

import "time"

const (
	frame      = 20 * time.Millisecond
	wheelSlots = 20
	slotTime   = frame / wheelSlots
	lateTick   = 5 * time.Millisecond // later than this is counted as late
)

// ticker is what gets a tick every 20 ms: a leg by itself, or a bridge that mixes.
type ticker interface {
	// tick sends what is due. frames is 1, or more when ticks had to be left out.
	tick(s *shard, frames int)
	place() *wheelPlace
}

// wheelPlace is where a ticker stands in the wheel. The zero value is nowhere.
type wheelPlace struct {
	armed bool
	slot  uint8
	index int32
}

// wheel spreads the tickers over twenty slots, one of which is due each millisecond. It knows no clock.
// While nothing stands in it, nothing is ever due.
type wheel struct {
	slots [wheelSlots][]ticker
	count int
	pos   int           // the slot due next
	due   time.Duration // when it is due
	// after ticks were left out, each slot has to be told once how many
	behind     int // whole turns left out
	behindLeft int // slots still to be told
}

// arm puts a ticker into the emptiest slot. Its first tick comes within 20 ms.
func (w *wheel) arm(t ticker, now time.Duration) {
	p := t.place()
	if p.armed {
		return
	}
	if w.count == 0 {
		w.due, w.behind, w.behindLeft = now+slotTime, 0, 0
	}
	best := 0
	for k := 1; k < wheelSlots; k++ {
		// The search begins at the slot due next, so that on an idle wheel the first tick comes at once.
		if len(w.slots[(w.pos+k)%wheelSlots]) < len(w.slots[(w.pos+best)%wheelSlots]) {
			best = k
		}
	}
	slot := (w.pos + best) % wheelSlots
	*p = wheelPlace{armed: true, slot: uint8(slot), index: int32(len(w.slots[slot]))}
	w.slots[slot] = append(w.slots[slot], t)
	w.count++
}

func (w *wheel) disarm(t ticker) {
	p := t.place()
	if !p.armed {
		return
	}
	slot := w.slots[p.slot]
	last := len(slot) - 1
	slot[p.index] = slot[last]
	slot[p.index].place().index = p.index
	slot[last] = nil
	w.slots[p.slot] = slot[:last]
	w.count--
	p.armed = false
}

// next is when the wheel wants to turn; false if nothing stands in it.
func (w *wheel) next() (time.Duration, bool) {
	if w.count == 0 {
		return 0, false
	}
	for k := range wheelSlots {
		if len(w.slots[(w.pos+k)%wheelSlots]) > 0 {
			return w.due + time.Duration(k)*slotTime, true
		}
	}
	return 0, false
}

// turn ticks all that is due. A wheel that comes late sends what it missed, but never more than one frame
// of it: whole turns before that are left out, and the tickers are told so.
func (w *wheel) turn(s *shard, now time.Duration) {
	if w.count == 0 {
		return
	}
	if lag := now - w.due; lag >= 2*frame {
		turns := int(lag/frame) - 1
		w.due += time.Duration(turns) * frame
		if w.behindLeft > 0 {
			turns += w.behind // a few slots get told too much: their clocks jump a frame, no more
		}
		w.behind, w.behindLeft = turns, wheelSlots
	}
	for w.due <= now && w.count > 0 {
		w.tickSlot(s, now)
		w.pos = (w.pos + 1) % wheelSlots
		w.due += slotTime
	}
}

func (w *wheel) tickSlot(s *shard, now time.Duration) {
	frames := 1
	if w.behindLeft > 0 {
		frames += w.behind
		w.behindLeft--
	}
	slot := w.pos
	if n := len(w.slots[slot]); n > 0 {
		s.n.ticks.Add(uint64(n))
		if now-w.due > lateTick {
			s.n.lateTicks.Add(uint64(n))
		}
	}
	for i := 0; i < len(w.slots[slot]); {
		t := w.slots[slot][i]
		s.tickOne(t, frames)
		if i < len(w.slots[slot]) && w.slots[slot][i] == t { // it may have left the wheel
			i++
		}
	}
}
