package calllog

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/linedesk/linedesk/call"
)

// storm makes the events of many calls at once, in an order that could be. Calls go every way: left in
// the menu, left waiting, missed, answered, lost, taken again, held, wrapped up or not.
type storm struct {
	rand   *rand.Rand
	calls  int // that have begun
	active []*player

	transfers bool // agents hand calls over
}

// player is one call: what comes next depends on where it is.
type player struct {
	id    call.ID
	next  func(*player) (call.Event, func(*player)) // what happens, and what is to happen then
	agent call.AgentID
	offer call.OfferID
	n     int

	by       call.AgentID   // who handed it over last
	direct   bool           // the offer was for one agent only
	wrapping []call.AgentID // who handed it over and wraps up
}

// step is one thing that happens in a call; a nil next is its end.
type step = func(*player) (call.Event, func(*player))

func newStorm(seed uint64) *storm { return &storm{rand: rand.New(rand.NewPCG(seed, 1))} }

func (s *storm) chance(percent int) bool { return s.rand.IntN(100) < percent }

// event gives the next event of some call, of a new one now and then.
func (s *storm) event(maxActive int) call.Event {
	if len(s.active) == 0 || len(s.active) < maxActive && s.chance(15) {
		s.calls++
		p := &player{id: call.ID(fmt.Sprintf("call-%05d", s.calls)), next: s.arrive}
		if s.chance(20) {
			p.next = s.place
		}
		s.active = append(s.active, p)
		return s.play(len(s.active) - 1)
	}
	return s.play(s.rand.IntN(len(s.active)))
}

// finish lets all calls come to their ends.
func (s *storm) finish(add func(call.Event)) {
	for len(s.active) > 0 {
		add(s.play(s.rand.IntN(len(s.active))))
	}
}

func (s *storm) play(i int) call.Event {
	p := s.active[i]
	e, then := p.next(p)
	p.next = nil
	if then != nil {
		then(p)
	}
	if p.next == nil {
		s.active = append(s.active[:i], s.active[i+1:]...)
	}
	return e
}

func goTo(next step) func(*player) { return func(p *player) { p.next = next } }

func (s *storm) arrive(p *player) (call.Event, func(*player)) {
	e := arrived
	e.Call, e.Leg = p.id, call.LegID("far-"+p.id)
	return e, goTo(s.menu)
}

func (s *storm) place(p *player) (call.Event, func(*player)) {
	p.agent = s.anAgent()
	return call.CallPlaced{Call: p.id, Agent: p.agent, To: wang.Number, Direction: call.Outbound}, goTo(func(p *player) (call.Event, func(*player)) {
		if s.chance(30) {
			return call.LegEnded{Call: p.id, Leg: call.LegID("far-" + p.id)}, goTo(s.over)
		}
		return call.CallAnswered{Call: p.id, Leg: call.LegID("far-" + p.id)}, goTo(func(p *player) (call.Event, func(*player)) {
			return call.Bridged{Call: p.id, Agent: p.agent, Leg: call.LegID("leg-" + p.agent)}, goTo(s.placed)
		})
	})
}

func (s *storm) placed(p *player) (call.Event, func(*player)) {
	if s.transfers && s.chance(50) {
		return s.handOver(p)
	}
	return s.over(p)
}

func (s *storm) menu(p *player) (call.Event, func(*player)) {
	switch {
	case s.chance(15):
		return call.CallerLeft{Call: p.id, End: hangup}, goTo(s.over)
	case s.chance(10):
		return call.VoicemailLeft{Call: p.id, File: string(p.id) + ".wav", Ticket: call.TicketID("v-" + p.id)}, goTo(s.over)
	case s.chance(30):
		return call.FlowStepped{Call: p.id, Flow: "main", Node: "menu", Exit: "9"}, goTo(s.menu)
	}
	return s.queue(p)
}

func (s *storm) queue(p *player) (call.Event, func(*player)) {
	return call.CallQueued{Call: p.id, Queue: []call.QueueID{"sales", "support"}[s.rand.IntN(2)]}, goTo(s.firstWait)
}

// firstWait is a wait that nobody has answered yet: it may be left for another queue or for the menu.
func (s *storm) firstWait(p *player) (call.Event, func(*player)) {
	switch {
	case s.chance(5):
		return s.queue(p)
	case s.chance(4):
		return call.CallDequeued{Call: p.id, Reason: "flow"}, goTo(s.menu)
	}
	return s.waiting(p)
}

func (s *storm) waiting(p *player) (call.Event, func(*player)) {
	if s.chance(15) {
		return call.CallerLeft{Call: p.id, End: hangup}, goTo(s.over)
	}
	p.n++
	p.direct = false
	p.agent, p.offer = s.anAgent(), call.OfferID(fmt.Sprintf("%s-%d", p.id, p.n))
	return call.CallOffered{Call: p.id, Offer: p.offer, Agent: p.agent, Queue: "support"}, goTo(func(p *player) (call.Event, func(*player)) {
		switch {
		case s.chance(20):
			return call.OfferMissed{Call: p.id, Offer: p.offer, Agent: p.agent, Miss: call.MissBusy}, goTo(s.waiting)
		case s.chance(10):
			return call.CallerLeft{Call: p.id, End: hangup}, goTo(func(p *player) (call.Event, func(*player)) {
				return call.OfferWithdrawn{Call: p.id, Offer: p.offer, Agent: p.agent}, goTo(s.over)
			})
		}
		return call.OfferAnswered{Call: p.id, Offer: p.offer, Agent: p.agent, Leg: call.LegID("leg-" + p.agent)}, goTo(func(p *player) (call.Event, func(*player)) {
			return call.Bridged{Call: p.id, Offer: p.offer, Agent: p.agent, Leg: call.LegID("leg-" + p.agent)}, goTo(s.talking)
		})
	})
}

func (s *storm) talking(p *player) (call.Event, func(*player)) {
	switch {
	case s.chance(20):
		return call.CallHeld{Call: p.id, Agent: p.agent, By: call.ByAgent}, goTo(func(p *player) (call.Event, func(*player)) {
			return call.CallResumed{Call: p.id, Agent: p.agent, By: call.ByAgent}, goTo(s.talking)
		})
	case s.chance(10):
		back := s.waiting
		if p.direct {
			back = s.notTaken
		}
		return call.AgentLegLost{Call: p.id, Offer: p.offer, Agent: p.agent}, goTo(back)
	case s.chance(12):
		p.n++
		return call.TicketOpened{Call: p.id, Ticket: call.TicketID(fmt.Sprintf("t-%s-%d", p.id, p.n)), Kind: "complaint", Subject: "s", By: "ben"}, goTo(s.talking)
	case s.transfers && s.chance(40):
		return s.handOver(p)
	}
	return call.TalkEnded{Call: p.id, Offer: p.offer, Agent: p.agent, By: call.ByCaller}, goTo(s.overWithWrapUp)
}

// over ends the legs and the call.
func (s *storm) over(p *player) (call.Event, func(*player)) {
	if len(p.wrapping) > 0 {
		return s.wrapped(s.over)(p)
	}
	return call.LegEnded{Call: p.id, Leg: call.LegID("far-" + p.id), End: hangup, Quality: call.Quality{MOS: 4}}, goTo(func(p *player) (call.Event, func(*player)) {
		return call.CallEnded{Call: p.id, End: hangup}, nil
	})
}

func (s *storm) overWithWrapUp(p *player) (call.Event, func(*player)) {
	if len(p.wrapping) > 0 {
		return s.wrapped(s.overWithWrapUp)(p)
	}
	return call.WrapUpStarted{Call: p.id, Agent: p.agent, Until: t0.Add(24 * time.Hour)}, goTo(func(p *player) (call.Event, func(*player)) {
		return call.LegEnded{Call: p.id, Leg: call.LegID("far-" + p.id), End: hangup}, goTo(func(p *player) (call.Event, func(*player)) {
			return call.CallEnded{Call: p.id, End: hangup}, goTo(s.wrapUp)
		})
	})
}

func (s *storm) wrapUp(p *player) (call.Event, func(*player)) {
	if s.chance(40) {
		return call.WrapUpSaved{Call: p.id, Agent: p.agent, Disposition: "solved", Notes: fmt.Sprint("note ", s.rand.IntN(1000))}, goTo(s.wrapUp)
	}
	return call.WrapUpEnded{Call: p.id, Agent: p.agent, TimedOut: s.chance(30)}, func(p *player) {
		if s.chance(30) { // long after
			p.next = func(p *player) (call.Event, func(*player)) {
				return call.WrapUpSaved{Call: p.id, Agent: p.agent, Disposition: "late", Notes: "late"}, nil
			}
		}
	}
}

func (s *storm) anAgent() call.AgentID {
	return call.AgentID(fmt.Sprint("agent-", s.rand.IntN(20)))
}
