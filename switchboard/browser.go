package switchboard

import (
	"context"
	"sync"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/media"
)

// browserLeg is the nailed-up leg of an agent's desk: it stays up between calls and across page reloads.
type browserLeg struct {
	id    call.LegID
	agent call.AgentID
	sound *media.Leg

	mu     sync.Mutex // guards what follows
	call   *liveCall  // who has the leg at the moment
	part   *leg       // as that call knows it
	linked bool       // what media said last
}

// take lends the leg to a call; nil if another has it.
func (b *browserLeg) take(c *liveCall) *leg {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.call != nil {
		return nil
	}
	b.call, b.part = c, &leg{id: b.id, agent: b.agent, sound: b.sound, browser: b}
	b.sound.TakeFigures(nil) // of between two calls
	return b.part
}

// release ends the loan: the leg falls silent again, and the call gets its figures. To the call that is as if
// the sound had closed.
func (b *browserLeg) release(c *liveCall) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.call == c {
		part := b.part
		b.call, b.part = nil, nil
		b.sound.StopPlay()
		b.sound.Mute(false)
		b.sound.TakeFigures(func(q call.Quality) { c.post(legSounded{leg: part, event: media.Closed{Quality: q}}) })
	}
}

// BrowserOffer connects the agent's browser: its SDP offer is answered, and the new connection takes
// the place of an older one under the same leg, so a call that goes on is heard again at once.
func (sb *Switchboard) BrowserOffer(ctx context.Context, id call.AgentID, sdp string) (string, error) {
	var b *browserLeg
	err := sb.router.do(ctx, func() error {
		a := sb.router.agentOf(id)
		if a.browser == nil {
			a.browser = sb.newBrowser(id)
		}
		b = a.browser
		return nil
	})
	if err != nil {
		return "", err
	}
	answer, err := sb.engine.Browser(sdp, b.sound)
	if err != nil {
		return "", refuse(422, "bad_sdp", "reason", err.Error())
	}
	return answer, nil
}

// newBrowser makes the leg. Runs on the router.
func (sb *Switchboard) newBrowser(id call.AgentID) *browserLeg {
	b := &browserLeg{id: newLegID(), agent: id}
	b.sound = sb.engine.NewLeg(func(e media.Event) { sb.onBrowser(b, e) })
	return b
}

// onBrowser sorts what a browser's leg says: its link is the router's affair, the rest its call's.
func (sb *Switchboard) onBrowser(b *browserLeg, e media.Event) {
	switch e.(type) {
	case media.TransportBack, media.TransportLost:
		_, back := e.(media.TransportBack)
		b.mu.Lock()
		b.linked = back
		b.mu.Unlock()
		go sb.router.tell(func() { sb.linkChanged(b) }) // aside: the shard waits for nobody
	case media.PlayDone:
		b.mu.Lock()
		c, part := b.call, b.part
		b.mu.Unlock()
		if c != nil {
			c.post(legSounded{leg: part, event: e})
		}
	}
}

// linkChanged follows a browser's link, as it is by now. Runs on the router.
func (sb *Switchboard) linkChanged(b *browserLeg) {
	b.mu.Lock()
	linked := b.linked
	b.mu.Unlock()
	a := sb.router.agentOf(b.agent)
	if linked {
		sb.linkCame(a, &a.link)
		return
	}
	sb.linkWent(a, &a.link, linkNoOffers) // the media room has waited for 5 s already
}
