package talksim

import (
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// ours tells whether it is an agent's leg, be it one who is asked.
func (p *watched) ours() bool { return p.role == talk.RoleAgent || p.offer != "" }

// isAsked tells whether an agent is asked beside the call.
func (w *watcher) isAsked(a call.AgentID) bool {
	g := w.p(w.ask.with)
	return w.ask.on && g != nil && g.offer != "" && g.agent == a
}

// partner is whom the agent speaks with.
func (w *watcher) partner() talk.PartyID {
	if w.ask.on && !w.ask.customer {
		return w.ask.with
	}
	id, _ := w.far()
	return id
}

// asks books that an agent asks somebody. It is owed a way to who is asked.
func (w *watcher) asks(e call.ConsultBegan) {
	c, ok := w.in.(talk.Command)
	if !ok || c.Verb != talk.VerbConsult || !w.talk.on || w.p(w.talk.agent).agent != e.Agent || c.To.Name != e.To || w.ask.on || w.talk.held {
		w.fail(SentOn, "%s asks %s, and does not talk, or asks already, or did not wish it", e.Agent, e.To)
		return
	}
	w.ask = askBook{on: true, to: c.To, since: w.now}
	w.asked, w.owed = true, true
}

// asksAgent books the leg of an agent who is asked.
func (w *watcher) asksAgent(in talk.Offered, e talk.Ring) {
	if !w.ask.on || w.ask.with != 0 || int(e.Party) != len(w.parties)+1 || in.Agent != w.ask.to.Agent || in.Ring != e.For {
		w.fail(LegsInOrder, "%s is rung, and is not asked, or is already", in.Agent)
	}
	w.parties = append(w.parties, watched{
		role: talk.RoleColleague, agent: in.Agent, offer: in.Offer, leg: in.Leg, browser: in.Station.Kind == call.StationWebRTC, line: outgoing,
	})
	w.ask.with = talk.PartyID(len(w.parties))
}

func (w *watcher) askedJoins(e call.PartyJoined) {
	g := w.p(w.ask.with)
	c, ok := w.in.(talk.Command)
	byCommand := ok && c.Verb == talk.VerbAnswer && g != nil && g.browser
	if g == nil || g.leg != e.Leg || w.ask.joined || e.Offer != g.offer || g.offer != "" && e.Agent != g.agent ||
		!g.answers && !byCommand {
		w.fail(SentOn, "leg %s joins, and is not asked, or has not answered", e.Leg)
		return
	}
	w.ask.joined, w.joined1 = true, true
}

func (w *watcher) swaps(e call.ConsultSwapped) {
	if !w.ask.on || w.ask.customer == e.Customer || w.p(w.talk.agent).agent != e.Agent {
		w.fail(SentOn, "%s swaps to where %s is", e.Agent, e.Agent)
		return
	}
	if e.Customer {
		w.talk.asking += w.now - w.ask.since
	}
	w.ask.customer, w.ask.since, w.swapped = e.Customer, w.now, true
}

// asksNoMore books that the agent is back with the customer.
func (w *watcher) asksNoMore(e call.ConsultEnded) {
	if !w.ask.on || e.Reason == "" || !w.talk.on || w.p(w.talk.agent).agent != e.Agent {
		w.fail(SentOn, "%s asks no more, and did not ask", e.Agent)
		return
	}
	if w.isLive(w.ask.with) {
		w.fail(ByeFirst, "nobody is asked any more, and party %d is not let go", w.ask.with)
	}
	w.stopAsking()
	w.unasked = true
}

func (w *watcher) stopAsking() {
	if !w.ask.customer {
		w.talk.asking += w.now - w.ask.since
	}
	if g := w.p(w.ask.with); g != nil && g.offer != "" {
		w.offer(g.offer).over = true
	}
	w.ask = askBook{}
}

// completed books that who was asked gets the call.
func (w *watcher) completed(e call.Transferred) {
	g := w.p(w.ask.with)
	if !w.ask.on || !w.ask.joined || !w.talk.on || w.p(w.talk.agent).agent != e.Agent || e.To != w.ask.to.Name || e.Offer != g.offer {
		w.fail(SentOn, "%s hands the call over to %s after asking, and did not ask, or nobody answered", e.Agent, e.To)
		return
	}
	w.move = moveBook{by: e.Agent, to: w.ask.to}
	offer := g.offer
	if offer == "" {
		w.move.guest, w.move.joins = w.ask.with, true
	} else {
		g.role = talk.RoleAgent
	}
	w.stopAsking()
	if o := w.offer(offer); o != nil {
		o.over = false // it is the offer of the talk that follows
	}
	w.handed = true
}

// checkAsking sees that the two hear each other who are beside the call.
func (w *watcher) checkAsking() {
	if !w.ask.on {
		return
	}
	if !w.talk.on {
		w.fail(SentOn, "somebody is asked, and nobody talks")
		return
	}
	_, far := w.far()
	if w.ask.joined && !w.ask.customer && (w.p(w.ask.with).room != talk.RoomBeside || !w.loudBoth(w.ask.with, w.talk.agent)) {
		w.fail(TalkersHear, "party %d is asked, and is not heard", w.ask.with)
	}
	if !w.ask.customer && far.plays != talk.Music {
		w.fail(AloneHears, "the customer waits, and hears nothing")
	}
}

// loudBoth tells whether two in one room hear each other.
func (w *watcher) loudBoth(p, q talk.PartyID) bool {
	return w.p(p).room == w.p(q).room && w.loud(p, q) && w.loud(q, p)
}
