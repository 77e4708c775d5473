package switchboard

import (
	"time"

	"github.com/linedesk/linedesk/call"
)

// agent is the router's links to one agent. Everything else about agents is the ACD's to know.
type agent struct {
	id      call.AgentID
	desk    presence
	link    presence // of the browser leg
	browser *browserLeg
}

// presence is one link to the agent that may come and go.
type presence struct {
	up   bool
	page string // of a desk: which opening of it
	gen  int    // of the waits: a link that came back makes the older ones void
}

// linkKind tells the two links apart.
type linkKind string

const (
	deskLink    linkKind = "desk"
	browserLink linkKind = "browser"
)

func (a *agent) presence(k linkKind) *presence {
	if k == deskLink {
		return &a.desk
	}
	return &a.link
}

// agentOf gives the router's links to an agent, made on first use.
func (r *router) agentOf(id call.AgentID) *agent {
	a := r.agents[id]
	if a == nil {
		a = &agent{id: id}
		r.agents[id] = a
	}
	return a
}

// browserAt gives the leg of the agent's browser; nil if the station is something else or there is none yet.
func (r *router) browserAt(id call.AgentID, s call.Station) *browserLeg {
	if a := r.agents[id]; a != nil && s.Kind == call.StationWebRTC {
		return a.browser
	}
	return nil
}

// reachable tells whether a station of the agent's can be rung now.
func (r *router) reachable(id call.AgentID, s call.Station) bool {
	switch s.Kind {
	case call.StationSIP:
		return r.sb.phones.Bound(s.Extension)
	case call.StationWebRTC:
		a := r.agents[id]
		return a != nil && a.desk.up && a.link.up
	default:
		return s.UpByItself()
	}
}

// review tells the machine when a station came up or went down.
func (r *router) review(id call.AgentID, cause string) {
	known := r.machine.Agent(id)
	if !known.OnShift {
		return
	}
	switch now := r.reachable(id, known.Station); {
	case now && !known.Up:
		r.step(call.StationUp{Agent: id})
	case !now && known.Up:
		r.step(call.StationDown{Agent: id, Cause: cause})
	}
}

// extensionChanged follows the registrar: a telephone came or went.
func (r *router) extensionChanged(ext call.Extension) {
	for _, a := range r.sb.site.Load().Agents {
		if s := r.machine.Agent(a.ID).Station; s.Kind == call.StationSIP && s.Extension == ext {
			r.review(a.ID, "unregistered")
		}
	}
}

// deskSeen notes that an agent's desk is open.
func (r *router) deskSeen(q deskSeen) {
	a := r.agentOf(q.agent)
	a.desk.page = q.page
	r.linkCame(a, deskLink)
}

// deskLost notes that it is not any more. An older opening's end is no news.
func (r *router) deskLost(q deskLost) {
	if a := r.agentOf(q.agent); a.desk.page == q.page {
		r.linkWent(a, deskLink, 0)
	}
}

// browserLinked follows a browser's link, as it is by now.
func (r *router) browserLinked(q browserLinked) {
	a := r.agentOf(q.agent)
	if r.browserOf(q.agent).isLinked() {
		r.linkCame(a, browserLink)
		return
	}
	r.linkWent(a, browserLink, call.LinkNoOffers) // the media room has waited for 5 s already
}

// linkCame ends the waits for a link.
func (r *router) linkCame(a *agent, k linkKind) {
	p := a.presence(k)
	p.gen++
	p.up = true
	r.review(a.id, "")
}

// linkWent begins the two waits after a link (the desk's websocket, or the browser's ICE) was lost.
// Gone is how long it has been away when we hear of it. Only an agent who speaks through the browser is
// touched by it.
func (r *router) linkWent(a *agent, k linkKind, gone time.Duration) {
	p := a.presence(k)
	p.gen++
	for _, w := range []struct {
		after time.Duration
		lost  bool
	}{{call.LinkNoOffers - gone, false}, {call.LinkLost - gone, true}} {
		waited := linkWaited{agent: a.id, link: k, gen: p.gen, lost: w.lost}
		time.AfterFunc(w.after, func() { r.post(waited) })
	}
}

// linkWaited is the end of such a wait.
func (r *router) linkWaited(q linkWaited) {
	a := r.agentOf(q.agent)
	p := a.presence(q.link)
	station := r.machine.Agent(a.id).Station.Kind
	if p.gen != q.gen {
		return
	}
	if !q.lost {
		p.up = false
		if station == call.StationWebRTC {
			r.review(a.id, "link lost")
		}
		return
	}
	if station == call.StationWebRTC {
		for _, id := range r.machine.Calls(a.id) {
			r.tellCall(id, browserLost(a.id))
		}
	}
}
