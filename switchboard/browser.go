package switchboard

import (
	"context"
	"sync"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/switchboard/talk"
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
	dead   bool       // media lost it; the next offer of the desk gets another
}

// take lends the leg to a call; nil if another has it.
func (b *browserLeg) take(c *liveCall, party talk.PartyID) *leg {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.call != nil || b.dead {
		return nil
	}
	b.call, b.part = c, &leg{id: b.id, party: party, sound: b.sound, browser: b}
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
	a, err := sb.router.ask(ctx, browserWanted{agent: id})
	if err != nil {
		return "", err
	}
	answer, err := sb.engine.Browser(sdp, a.browser.sound)
	if err != nil {
		return "", refuse(422, "bad_sdp", "reason", err.Error())
	}
	return answer, nil
}

// browserOf gives the leg of an agent's browser, made on first use.
func (r *router) browserOf(id call.AgentID) *browserLeg {
	a := r.agentOf(id)
	if a.browser == nil || a.browser.isDead() {
		b := &browserLeg{id: newLegID(), agent: id}
		b.sound = r.sb.engine.NewLeg(func(e media.Event) { r.sb.onBrowser(b, e) })
		a.browser = b
	}
	return a.browser
}

// onBrowser sorts what a browser's leg says: its link is the router's affair, the rest its call's.
func (sb *Switchboard) onBrowser(b *browserLeg, e media.Event) {
	switch e.(type) {
	case media.TransportBack, media.TransportLost, media.Failed:
		_, back := e.(media.TransportBack)
		b.mu.Lock()
		b.linked = back
		b.mu.Unlock()
		go sb.router.post(browserLinked{agent: b.agent}) // aside: the shard waits for nobody
	case media.PlayDone, media.Closed:
		b.mu.Lock()
		c, part := b.call, b.part
		if _, b.dead = e.(media.Closed); b.dead {
			b.call, b.part, b.linked = nil, nil, false // nothing is left to be released
		}
		dead := b.dead
		b.mu.Unlock()
		if c != nil {
			c.post(legSounded{leg: part, event: e})
		}
		if dead {
			go sb.router.post(browserLinked{agent: b.agent})
		}
	}
}

func (b *browserLeg) isDead() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dead
}

// isLinked is what media said last: two posts may overtake each other.
func (b *browserLeg) isLinked() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.linked
}
