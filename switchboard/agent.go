package switchboard

import (
	"slices"
	"time"

	"github.com/linedesk/linedesk/call"
)

// How long a lost link is borne (design: "Browser leg"): first no new offers, then the leg counts as lost.
const (
	linkNoOffers = 5 * time.Second
	linkLost     = 15 * time.Second
)

// agent is what the router knows of one agent: where the agent speaks and on which call.
type agent struct {
	id        call.AgentID
	extension call.Extension
	signedIn  bool
	chosen    call.ChosenState
	station   call.Station
	up        bool // what the machine was told last
	desk      presence
	link      presence // of the browser leg
	browser   *browserLeg

	calls   []call.ID    // that ring, or that the agent is on, oldest first: a colleague may call in mid-talk
	offer   call.OfferID // the last out of a queue
	offerOf call.ID      // the call that it offers
}

// sits puts the agent on a call.
func (a *agent) sits(id call.ID) {
	if !slices.Contains(a.calls, id) {
		a.calls = append(a.calls, id)
	}
}

// rises takes the agent off a call.
func (a *agent) rises(id call.ID) {
	a.calls = slices.DeleteFunc(a.calls, func(c call.ID) bool { return c == id })
	if a.offerOf == id {
		a.offer, a.offerOf = "", ""
	}
}

// become follows the machine, which pauses who misses calls, and ends a shift when the work in hand is done.
func (a *agent) become(e call.AgentStatusChanged) {
	a.chosen = e.Chosen
	if e.Status == call.StatusOff {
		a.signedIn, a.up = false, false
	}
}

// engaged tells whether an agent has a call in hand.
func engaged(s call.AgentStatus) bool {
	return s == call.StatusOffered || s == call.StatusTalking || s == call.StatusBusy
}

// presence is one link to the agent that may come and go.
type presence struct {
	up   bool
	page string // of a desk: which opening of it
	gen  int    // of the timers: a link that came back makes the older ones void
}

// browserLeg gives the leg of the agent's browser, nil if the station is something else or there is none yet.
func (a *agent) browserLeg() *browserLeg {
	if a.station.Kind != call.StationWebRTC {
		return nil
	}
	return a.browser
}

// agentOf gives the router's record of an agent, made on first use.
func (r *router) agentOf(id call.AgentID) *agent {
	a := r.agents[id]
	if a == nil {
		a = &agent{id: id, chosen: call.ChoseOff}
		r.agents[id] = a
	}
	return a
}

// reachable tells whether the agent's station can be rung now.
func (sb *Switchboard) reachable(a *agent) bool {
	switch a.station.Kind {
	case call.StationSIP:
		return sb.phones.Bound(a.station.Extension)
	case call.StationWebRTC:
		return a.desk.up && a.link.up
	default:
		return a.station.UpByItself()
	}
}

// review tells the machine when a station came up or went down. Runs on the router.
func (sb *Switchboard) review(a *agent, cause string) {
	if !a.signedIn {
		return
	}
	now := sb.reachable(a)
	switch {
	case now && !a.up:
		a.up = true
		sb.router.step(call.StationUp{Agent: a.id})
	case !now && a.up:
		a.up = false
		sb.router.step(call.StationDown{Agent: a.id, Cause: cause})
	}
}

// bindingChanged follows the registrar: a phone came or went.
func (sb *Switchboard) bindingChanged(ext call.Extension) {
	sb.router.tell(func() {
		for _, a := range sb.router.agents {
			if a.station.Kind == call.StationSIP && a.station.Extension == ext {
				sb.review(a, "unregistered")
			}
		}
	})
}

// linkWent begins the two waits after a link (the desk's websocket, or the browser's ICE) was lost.
// Gone is how long it has been away when we hear of it. Only an agent who speaks through the browser is
// touched by it. Runs on the router.
func (sb *Switchboard) linkWent(a *agent, p *presence, gone time.Duration) {
	p.gen++
	gen := p.gen
	later := func(after time.Duration, f func()) {
		time.AfterFunc(after, func() {
			sb.router.tell(func() {
				if p.gen == gen {
					f()
				}
			})
		})
	}
	later(linkNoOffers-gone, func() {
		p.up = false
		if a.station.Kind == call.StationWebRTC {
			sb.review(a, "link lost")
		}
	})
	later(linkLost-gone, func() {
		if a.station.Kind != call.StationWebRTC {
			return
		}
		for _, id := range a.calls {
			sb.router.tellCall(id, browserLost{agent: a.id})
		}
	})
}

// linkCame ends those waits. Runs on the router.
func (sb *Switchboard) linkCame(a *agent, p *presence) {
	p.gen++
	p.up = true
	sb.review(a, "")
}
