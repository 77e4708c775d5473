package switchboard

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/sip/media"
)

const (
	// mailboxSize is far more than a call has going on at once; a call that fills it is ended.
	mailboxSize = 64
	// closingTime bounds the wait for the figures of legs that were told to close. A recording may take 5 s
	// to be on disk, and is told before them.
	closingTime = 6 * time.Second
)

// liveCall is one call. Its goroutine (run) owns every field but those said otherwise.
type liveCall struct {
	id      call.ID
	sb      *Switchboard
	log     *slog.Logger
	mailbox chan message
	over    chan struct{} // closed when the goroutine has ended
	drowned sync.Once     // the mailbox was full once

	direction call.Direction
	from      call.Party
	to        call.Number
	trunk     call.TrunkID
	extension call.Extension // of the colleague who dialled
	grade     string         // the customer's, once known

	far    *leg   // the far party: who called in, or whom an agent called
	legs   []*leg // all that are not closed yet
	menu   *menu  // the flow, while the caller is in it
	queue  call.QueueID
	turn   *turn // the agent's part: ringing or talking
	bridge *media.Bridge
	held   bool
	failed *call.End // outbound: why the number was not reached, while the agent hears the busy tone
	ended  bool

	voicemail  bool // a message was left
	recordings int  // files begun
	end        call.End
	timers     map[uint64]*time.Timer

	seated  []call.AgentID // who was on it; the router's, as what follows
	outside []call.AgentID // of them: those to whom no queue gave it
}

// turn is one agent's part in a call.
type turn struct {
	agent    call.AgentID
	offer    call.OfferID // empty: outside queues
	leg      *leg
	accepted bool
	bridged  bool
	muted    bool
}

func (sb *Switchboard) newCall(d call.Direction) *liveCall {
	id := call.ID(uuid.Must(uuid.NewV7()).String())
	return &liveCall{
		id: id, sb: sb, direction: d,
		log:     sb.log.With(slog.String("call", string(id))),
		mailbox: make(chan message, mailboxSize), over: make(chan struct{}),
	}
}

// post puts a message into the mailbox. It never blocks: who posts may be a SIP worker or a media shard.
func (c *liveCall) post(m message) {
	select {
	case c.mailbox <- m:
	case <-c.over:
	default:
		c.drowned.Do(func() {
			c.log.Error("mailbox full, the call is ended")
			go c.insist(hangUp{end: call.End{By: call.BySystem, Cause: call.CauseFailed}})
		})
	}
}

// insist waits for a place in the mailbox, until the call is over.
func (c *liveCall) insist(m message) {
	select {
	case c.mailbox <- m:
	case <-c.over:
	}
}

// run is the call's life: begin does what is particular to its kind, then messages are handled until
// every leg is closed. A panic ends this call and no other.
func (c *liveCall) run(begin func()) {
	defer close(c.over)
	defer c.leave()
	c.guard(begin)
	deadline := time.NewTimer(time.Hour)
	deadline.Stop()
	defer deadline.Stop()
	closing := false
	for !c.ended || len(c.legs) > 0 {
		if c.ended && !closing {
			closing = true
			deadline.Reset(closingTime)
		}
		select {
		case m := <-c.mailbox:
			c.guard(func() { c.handle(m) })
		case <-deadline.C:
			c.log.Warn("legs did not close in time", slog.Int("legs", len(c.legs)))
			for _, l := range append([]*leg(nil), c.legs...) {
				c.legClosed(l, call.Quality{})
			}
		}
	}
}

// guard contains a panic: the call ends with cause "failed".
func (c *liveCall) guard(f func()) {
	if c.panics(f) {
		c.panics(func() { c.finish(call.End{By: call.BySystem, Cause: call.CauseFailed}) })
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

func (c *liveCall) handle(m message) {
	switch m := m.(type) {
	case legSpoke:
		c.onLeg(m.leg, m.event)
	case legSounded:
		c.onSound(m.leg, m.event)
	case timerFired:
		c.onTimer(m.id)
	case customerFound:
		c.onCustomer(m.customer)
	case browserLost:
		if c.turn != nil && c.turn.agent == m.agent && c.turn.leg != nil && c.turn.leg.browser != nil {
			c.agentGone(call.End{By: call.ByAgent, Cause: call.CauseLost})
		}
	case offered:
		c.onOffered(m)
	case offerOver:
		c.onOfferOver(m.offer)
	case waitAgain:
		c.onWaitAgain()
	case queueRefused:
		c.onQueueRefused(m.reason)
	case accept:
		c.onAccept(m.offer)
	case decline:
		c.onDecline(m.offer)
	case hold:
		c.onHold(m.agent, m.on, call.ByAgent)
	case mute:
		c.onMute(m.agent, m.on)
	case press:
		if c.far != nil && c.far.up {
			c.far.sound.SendDTMF(m.digits)
		}
	case agentHangsUp:
		c.onAgentHangsUp(m.agent)
	case hangUp:
		c.finish(m.end)
	default:
		c.log.Error("message that nobody handles", slog.String("type", fmt.Sprintf("%T", m)))
	}
}

// onLeg sorts what a dialog says by whose leg it is.
func (c *liveCall) onLeg(l *leg, e sip.LegEvent) {
	switch e := e.(type) {
	case sip.LegEnded:
		l.gone = true
		if l.end.Cause == "" {
			l.end = e.End
		}
	case sip.LegDTMF:
		c.onDigit(l, e.Digit)
		return
	}
	switch {
	case c.ended || l.closing:
	case l == c.far:
		c.onFar(e)
	case c.turn != nil && l == c.turn.leg:
		c.onAgentLeg(e)
	}
}

// onSound sorts what a leg's sound says.
func (c *liveCall) onSound(l *leg, e media.Event) {
	switch e := e.(type) {
	case media.Closed:
		c.legClosed(l, e.Quality)
	case media.DTMF:
		c.onDigit(l, e.Digit)
	case media.PlayDone:
		if l == c.far && c.menu != nil && !c.ended {
			c.menu.PlayDone(e.ID)
		}
		if e.ID == busyID && c.failed != nil {
			c.finish(*c.failed)
		}
	case media.RecordDone:
		if l == c.far && c.menu != nil {
			c.menu.recorded(e)
		}
	case media.Refused:
		l.doubt(0)
	case media.Silent:
		l.doubt(e.For)
	}
}

// onDigit gives a key to the flow; in a conversation the bridge has carried it already.
func (c *liveCall) onDigit(l *leg, digit rune) {
	if c.ended {
		return
	}
	if l == c.far && c.menu != nil {
		c.menu.Digit(digit)
	}
}

// onFar handles the far party's dialog.
func (c *liveCall) onFar(e sip.LegEvent) {
	switch e := e.(type) {
	case sip.LegRinging:
		c.farRings(e.Early)
	case sip.LegAnswered:
		c.farAnswered()
	case sip.LegHeld:
		c.farHolds(true)
	case sip.LegResumed:
		c.farHolds(false)
	case sip.LegEnded:
		c.farGone(e.End)
	}
}

func (c *liveCall) farHolds(on bool) {
	if c.turn == nil || !c.turn.bridged {
		return
	}
	if on {
		c.sb.router.record(call.CallHeld{Call: c.id, Agent: c.turn.agent, By: call.ByCaller})
	} else {
		c.sb.router.record(call.CallResumed{Call: c.id, Agent: c.turn.agent, By: call.ByCaller})
	}
}

// farGone ends the call: nothing of it is left without the far party.
func (c *liveCall) farGone(end call.End) {
	switch {
	case c.menu == nil && !c.far.up:
		c.farRefused(end)
		return
	case end.Cause == call.CauseLost:
	case c.turn != nil && c.turn.bridged:
		end.Cause = call.CauseHangup
	case c.queue != "":
		end.Cause = call.CauseAbandoned
	case c.menu != nil:
		end.Cause = call.CauseLeftMenu
	}
	if end.By == "" {
		end.By = call.ByCaller
	}
	c.finish(end)
}

// finish ends the call: every leg is let go, the ACD is told whose time is over. The goroutine stays until
// the legs' figures are in.
func (c *liveCall) finish(end call.End) {
	if c.ended {
		return
	}
	c.ended, c.end = true, end
	if c.menu != nil {
		c.menu.Step(flow.CallerLeft{}) // a message that is being left is kept
	}
	// The agent's BYE leaves before the ACD learns that the agent is free: the next caller's INVITE must not
	// overtake it.
	if c.turn != nil {
		c.drop(c.turn.leg, end)
	}
	switch t := c.turn; {
	case t != nil && t.offer != "" && t.bridged:
		c.sb.router.record(call.TalkEnded{Call: c.id, Agent: t.agent, Offer: t.offer, By: end.By})
	case t != nil && t.offer == "":
		worked := t.bridged || c.failed != nil
		c.sb.router.tell(func() { c.sb.unseat(c, t.agent, worked) })
	case c.menu != nil:
		c.sb.router.record(call.CallerLeft{Call: c.id, End: end})
	}
	if c.extension != "" && (c.turn == nil || c.turn.offer != "") { // a colleague who dialled into a flow
		c.sb.router.tell(func() { c.sb.unseat(c, "", false) })
	}
	c.drop(c.far, end)
	for _, l := range append([]*leg(nil), c.legs...) {
		c.drop(l, end)
	}
	if c.bridge != nil {
		c.bridge.Close()
		c.bridge = nil
	}
}

// leave is the call's last act: its end is recorded and the table forgets it.
func (c *liveCall) leave() {
	for _, t := range c.timers {
		t.Stop()
	}
	if c.voicemail && c.end.Cause == call.CauseLeftMenu { // hanging up is how most people end a message
		c.end.Cause = call.CauseVoicemail
	}
	c.sb.router.post(request{event: call.CallEnded{Call: c.id, End: c.end}, run: func() { c.sb.forget(c) }})
}

// setTimer posts timerFired after d, unless the call is over by then.
func (c *liveCall) setTimer(id uint64, d time.Duration) {
	if c.timers == nil {
		c.timers = make(map[uint64]*time.Timer)
	}
	if t := c.timers[id]; t != nil {
		t.Stop()
	}
	c.timers[id] = time.AfterFunc(d, func() { c.post(timerFired{id: id}) })
}

func (c *liveCall) onTimer(id uint64) {
	delete(c.timers, id)
	if c.menu != nil && !c.ended {
		c.menu.Timeout(id)
	}
}
