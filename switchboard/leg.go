package switchboard

import (
	"time"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/media"
)

// leg is one stretch of a call: its dialog, if it has one, and its sound. The leg of a browser has no
// dialog, and its sound outlives the call.
type leg struct {
	id      call.LegID
	agent   call.AgentID // empty: the far party's
	dialog  *sip.Leg     // nil: a browser
	sound   *media.Leg
	browser *browserLeg // nil: a SIP leg
	up      bool        // answered
	gone    bool        // its dialog is over
	closing bool        // its sound was told to close; the figures are to come
	end     call.End
}

// newSIPLeg makes a leg with a port of its own; the dialog is put in by who made it.
func (c *liveCall) newSIPLeg(agent call.AgentID) (*leg, error) {
	l := &leg{id: newLegID(), agent: agent}
	c.legs = append(c.legs, l)
	if err := c.openSound(l); err != nil {
		c.drop(l, call.End{By: call.BySystem, Cause: call.CauseFailed})
		return nil, err
	}
	return l, nil
}

// openSound gives a leg its sound and a port.
func (c *liveCall) openSound(l *leg) error {
	l.sound = c.sb.engine.NewLeg(func(e media.Event) { c.post(legSounded{leg: l, event: e}) })
	_, err := l.sound.OpenUDP()
	return err
}

// newLegID makes the ID of a leg.
func newLegID() call.LegID { return call.LegID(uuid.Must(uuid.NewV7()).String()) }

// drop hangs a leg up, whichever way its state wants, and lets its sound go.
func (c *liveCall) drop(l *leg, end call.End) {
	if l == nil || l.closing {
		return
	}
	if l.end.Cause == "" {
		l.end = end
	}
	if l.dialog != nil && !l.gone {
		l.dialog.HangUp(end)
	}
	l.gone = true
	l.closing = true
	if l.sound == nil {
		c.legClosed(l, call.Quality{})
		return
	}
	if c.bridge != nil {
		c.bridge.Remove(l.sound)
	}
	if l.browser != nil {
		l.browser.release(c)
		return
	}
	l.sound.Close()
}

// longSilence is when an answer to OPTIONS counts no more: it may come from a telephone that has forgotten the call.
const longSilence = 10 * time.Second

// doubt asks the dialog of a leg that has spoken, and has been silent for so long, whether anybody is there.
func (l *leg) doubt(silent time.Duration) {
	switch {
	case l.dialog == nil || !l.up || l.gone:
	case silent < longSilence:
		l.dialog.Probe()
	default:
		l.dialog.Confirm()
	}
}

// legClosed records a leg's figures: the last that is heard of it.
func (c *liveCall) legClosed(l *leg, q call.Quality) {
	for i, other := range c.legs {
		if other == l {
			c.legs = append(c.legs[:i], c.legs[i+1:]...)
			c.sb.router.record(call.LegEnded{Call: c.id, Leg: l.id, Agent: l.agent, End: l.end, Quality: q})
			return
		}
	}
}
