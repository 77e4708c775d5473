package switchboard

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// mailboxSize is far more than a call has going on at once; a call that fills it is ended.
const mailboxSize = 64

// usualReport is more than most messages have to report.
const usualReport = 8

// liveCall is one call: the mailbox of a talk machine, and the carrier of what it decides (carry.go). Its goroutine
// (run) owns every field but those said otherwise.
type liveCall struct {
	id        call.ID
	direction call.Direction // never changes
	sb        *Switchboard
	log       *slog.Logger
	mailbox   chan message
	over      chan struct{} // closed when the goroutine has ended
	drowned   sync.Once     // the mailbox was full once

	state    talk.State
	pending  []talk.Input // what happened while effects are carried out
	toReport []call.Event // what the router is to write down, in its order
	busy     bool
	broken   bool // the machine itself panicked: nothing more is asked of it

	number  *number // that was dialled, with its flow
	menu    *menu   // the flow's way, while one serves the customer
	legs    map[talk.PartyID]*leg
	rooms   map[talk.RoomID]*room
	browser *browserLeg                      // to be lent when the machine rings it
	waiting map[talk.CommandID]chan<- answer // who waits for a command's end
	asked   talk.CommandID                   // given last
	timers  map[talk.Timer]*time.Timer
	menuRun map[uint64]*time.Timer // waits of the flow
	files   int                    // recordings begun
}

func (sb *Switchboard) newCall(d call.Direction) *liveCall {
	id := call.ID(uuid.Must(uuid.NewV7()).String())
	return &liveCall{
		id: id, sb: sb, direction: d,
		log:     sb.log.With(slog.String("call", string(id))),
		mailbox: make(chan message, mailboxSize), over: make(chan struct{}),
		state: talk.State{Call: id, Direction: d},
		legs:  make(map[talk.PartyID]*leg, 2),
	}
}

// post puts a message into the mailbox, and tells whether it is there. It never blocks: who posts may be a SIP worker
// or a media shard.
func (c *liveCall) post(m message) bool {
	select {
	case c.mailbox <- m:
		return true
	case <-c.over:
	default:
		c.drowned.Do(func() {
			c.log.Error("mailbox full, the call is ended")
			go c.insist(happened{talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseFailed}}})
		})
	}
	return false
}

// insist waits for a place in the mailbox, until the call is over.
func (c *liveCall) insist(m message) {
	select {
	case c.mailbox <- m:
	case <-c.over:
	}
}

// run is the call's life: it begins with an input, then messages are handled until the machine says that the call is
// over. A panic ends this call and no other.
func (c *liveCall) run(begin talk.Input) {
	defer close(c.over)
	defer c.leave()
	c.guard(func() { c.step(begin) })
	c.report()
	for c.state.Phase != talk.PhaseOver && !c.broken {
		m := <-c.mailbox
		c.guard(func() { c.handle(m) })
		if len(c.mailbox) == 0 || len(c.toReport) > usualReport { // the router is woken once for all that waited
			c.report()
		}
	}
	c.report()
}

// growStack makes the goroutine's stack as large as a call needs while there is nothing on it yet. It begins with 2 KiB
// and is doubled when it is full; each time all its frames are looked up and moved, which took 3 % of a short call's CPU.
//
//go:noinline
func growStack() {
	var frame [5 << 10]byte
	runtime.KeepAlive(&frame)
}

// guard contains a panic: the call ends with cause "failed".
func (c *liveCall) guard(f func()) {
	if !c.panics(f) {
		return
	}
	c.busy, c.pending = false, nil
	defer c.refuseWaiting()
	switch c.state.Phase {
	case talk.PhaseEnded, talk.PhaseOver: // what was to be done for the end may be done by half: leave does it
		c.broken = true
	default:
		c.broken = c.panics(func() { c.step(talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseFailed}}) })
	}
}

// refuseWaiting answers the commands whose step went wrong: every other was answered in its own.
func (c *liveCall) refuseWaiting() {
	for id, answered := range c.waiting {
		delete(c.waiting, id)
		c.report()
		c.sb.router.send(posted{request: settle{refused: refuseOver(c.id)}, answer: answered})
	}
}

// panics tells whether f did. The stack goes to the log.
func (c *liveCall) panics(f func()) (did bool) {
	defer func() {
		if p := recover(); p != nil {
			did = true
			c.sb.panics.Add(1)
			c.log.Error("panic in a call", slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
		}
	}()
	f()
	return false
}

// leave sees to it that the table forgets a call whose machine could not come to its end.
func (c *liveCall) leave() {
	for _, t := range c.timers {
		t.Stop()
	}
	for _, t := range c.menuRun {
		t.Stop()
	}
	if !c.broken {
		return
	}
	end := call.End{By: call.BySystem, Cause: call.CauseFailed}
	for _, l := range c.legs {
		c.panics(func() { l.let(c, end) })
	}
	// Nobody stays busy for it.
	c.tell(call.CallerLeft{Call: c.id, End: end})
	c.tellRouter(free{call: c.id})
	c.tellRouter(callOver{call: c, event: call.CallEnded{Call: c.id, End: end}})
}

// handle turns a message into what the machine, or the flow, is to know.
func (c *liveCall) handle(m message) {
	switch m := m.(type) {
	case happened:
		if _, late := m.Input.(talk.Timeout); late && len(c.legs) > 0 {
			c.log.Warn("legs did not close in time", slog.Int("legs", len(c.legs)))
		}
		c.step(m.Input)
	case legSpoke:
		c.onLeg(m.leg, m.event)
	case legSounded:
		c.onSound(m.leg, m.event)
	case flowWaited:
		if m.menu == c.menu {
			delete(c.menuRun, m.id)
			if c.served() {
				c.menu.Timeout(m.id)
			}
		}
	case offered:
		c.onOffered(m)
	case commanded:
		c.onCommand(m)
	default:
		c.log.Error("message that nobody handles", slog.String("type", fmt.Sprintf("%T", m)))
	}
}

// step gives the machine an input and carries out what it decides. What happens meanwhile waits for its turn.
func (c *liveCall) step(in talk.Input) {
	c.pending = append(c.pending, in)
	if c.busy {
		return
	}
	c.busy = true
	for i := 0; i < len(c.pending); i++ {
		for _, e := range talk.Step(&c.state, c.pending[i]) {
			c.carryOut(e)
		}
	}
	clear(c.pending)
	c.busy, c.pending = false, c.pending[:0]
}

// served tells whether the flow may hear of the customer: it plays nothing to a caller who is being let go.
func (c *liveCall) served() bool {
	return c.menu != nil && (c.state.Phase == talk.PhaseOpen || c.state.Phase == talk.PhaseUnreached)
}

func (c *liveCall) onOffered(o offered) {
	id := newLegID()
	if o.browser != nil {
		id = o.browser.id
	}
	c.browser = o.browser
	c.step(talk.Offered{
		Offer: o.Offer, Agent: o.Agent, Leg: id, Station: o.station, Ring: o.Until.Sub(c.sb.now()) + ringGrace,
		Consult: o.Why == acd.WhyConsult,
	})
}

// onCommand gives a command its number; Reply tells who waits.
func (c *liveCall) onCommand(m commanded) {
	c.asked++
	m.ID = c.asked
	if c.waiting == nil {
		c.waiting = make(map[talk.CommandID]chan<- answer, 1)
	}
	c.waiting[m.ID] = m.answer
	c.step(m.Command)
}

// onLeg tells what a dialog says.
func (c *liveCall) onLeg(l *leg, e sip.LegEvent) {
	switch e := e.(type) {
	case sip.LegRinging:
		c.step(talk.Rang{Party: l.party, Early: e.Early})
	case sip.LegAnswered:
		c.step(talk.Answered{Party: l.party})
	case sip.LegHeld:
		c.step(talk.HoldPressed{Party: l.party})
	case sip.LegResumed:
		c.step(talk.ResumePressed{Party: l.party})
	case sip.LegDTMF:
		c.onDigit(l, e.Digit)
	case sip.LegEnded:
		l.gone = true
		c.step(talk.Gone{Party: l.party, End: e.End})
	}
}

// onSound tells what a leg's sound says.
func (c *liveCall) onSound(l *leg, e media.Event) {
	switch e := e.(type) {
	case media.Closed:
		if !l.closing { // it was lost: its dialog, and who stood with it, are left
			l.let(c, call.End{By: call.BySystem, Cause: call.CauseLost})
		}
		delete(c.legs, l.party)
		c.step(talk.Closed{Party: l.party, Quality: e.Quality})
	case media.DTMF:
		c.onDigit(l, e.Digit)
	case media.PlayDone:
		switch {
		case e.ID == busyID:
			c.step(talk.ToneDone{Party: l.party})
		case l == c.customerLeg() && c.served():
			c.menu.PlayDone(e.ID)
		}
	case media.RecordDone:
		if c.menu != nil && l == c.menu.leg {
			c.menu.recorded(e)
		}
	case media.Failed:
		if l.dialog != nil && !l.gone { // nobody is to sit in a silence that does not end
			l.dialog.HangUp(call.End{By: call.BySystem, Cause: call.CauseFailed})
		}
	case media.Refused:
		c.doubt(l, 0)
	case media.Silent:
		c.doubt(l, e.For)
	}
}

// onDigit gives a key to the flow; in a conversation the bridge has carried it already.
func (c *liveCall) onDigit(l *leg, digit rune) {
	if l == c.customerLeg() && c.served() {
		c.menu.Digit(digit)
	}
}

// customerLeg is the leg of whom the call is about; nil: there is none.
func (c *liveCall) customerLeg() *leg {
	if p := c.state.Customer(); p != nil {
		return c.legs[p.ID]
	}
	return nil
}

// longSilence is when an answer to OPTIONS counts no more: it may come from a telephone that has forgotten the call.
const longSilence = 10 * time.Second

// doubt asks the dialog of a leg that has spoken, and has been silent for so long, whether anybody is there.
func (c *liveCall) doubt(l *leg, silent time.Duration) {
	p := c.state.Party(l.party)
	switch {
	case l.dialog == nil || l.gone || p == nil || p.Line != talk.LineUp:
	case silent < longSilence:
		l.dialog.Probe()
	default:
		l.dialog.Confirm()
	}
}
