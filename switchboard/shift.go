package switchboard

import (
	"fmt"
	"log/slog"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
)

// comeUp is the first thing the router does: agents as they were before the restart, the site's rules,
// static stations signed in.
func (r *router) comeUp() error {
	if err := r.recall(); err != nil {
		return err
	}
	r.step(call.NodeStarted{Node: r.sb.journal.Node(), Version: r.sb.version})
	site := r.sb.site.Load()
	r.step(site.Routing())
	for _, a := range site.Agents {
		if s, ok := staticStation(a); ok {
			if err := r.signIn(a.ID, s); err != nil {
				return err
			}
			if err := r.choose(chooseState{agent: a.ID, state: call.ChoseReady}); err != nil {
				return err
			}
		}
	}
	for _, a := range site.Agents {
		r.review(a.ID, "restart")
	}
	r.carryAgents()
	return nil
}

// recall reads from the journal what the agents chose, and tells the machine.
func (r *router) recall() error {
	// The rules go first: the machine ignores agents that it does not know, and the journal may begin late.
	r.machine.Step(call.Record{At: r.ledger.Now(), Event: r.sb.site.Load().Routing()})
	roster, err := history.Recall(r.sb.journal, r.sb.journal.Last())
	if err != nil {
		return fmt.Errorf("recall the agents: %w", err)
	}
	r.roster = roster
	for _, rec := range roster.Wishes() {
		r.machine.Step(rec) // the effects are history
	}
	return nil
}

// carryAgents writes down where all agents sit, so that nobody needs the records before that to know it.
func (r *router) carryAgents() {
	if rec := r.append(r.roster.Carried()); r.commit() && rec.Seq > 0 {
		r.sb.carried.Store(rec.Seq)
	}
}

// reload puts a newly published site in force. Calls in progress keep the flow version they began with.
func (r *router) reload(q siteReloaded) {
	for _, c := range q.changes {
		r.step(c)
	}
	r.sb.site.Store(q.site)
	r.sb.phones.Reconfigure(trunks(q.site))
	r.step(q.site.Routing())
}

// signIn begins an agent's shift at a station, or moves it there.
func (r *router) signIn(id call.AgentID, s call.Station) error {
	known := r.machine.Agent(id)
	switch {
	case r.sb.site.Load().Agent(id) == nil:
		return refuse(404, "unknown_agent", "agent", string(id))
	case !known.OnShift:
		r.step(call.AgentSignedIn{Agent: id, Station: s})
		r.review(id, "unregistered")
	case known.Station != s:
		if known.Up {
			r.step(call.StationDown{Agent: id, Cause: "station changed"})
		}
		r.step(call.AgentStationChosen{Agent: id, Station: s})
		r.review(id, "")
	}
	return nil
}

// choose takes a wish for what comes next. The end of a shift is reported when the work in hand is done.
func (r *router) choose(q chooseState) error {
	if !r.machine.Agent(q.agent).OnShift {
		if q.state == call.ChoseOff {
			return nil
		}
		return refuse(409, "not_signed_in")
	}
	r.step(call.AgentStateChosen{Agent: q.agent, State: q.state, Reason: q.reason, By: q.by})
	return nil
}

// featureCodes are what an agent's phone dials to work without a desk. Each gives the prompt that confirms it.
var featureCodes = map[string]func(*router, featureDialled) (string, error){
	"*45": (*router).toggleShift,
	"*46": (*router).togglePause,
}

func (r *router) feature(q featureDialled) (prompt string, err error) {
	code, ok := featureCodes[q.code]
	if !ok {
		return "", refuse(404, "unknown_feature", "code", q.code)
	}
	return code(r, q)
}

// toggleShift signs the agent in at this phone, ready; or out.
func (r *router) toggleShift(q featureDialled) (string, error) {
	if a := r.machine.Agent(q.agent); a.OnShift && a.Chosen != call.ChoseOff {
		return "signed_out", r.choose(chooseState{agent: q.agent, state: call.ChoseOff})
	}
	if err := r.signIn(q.agent, call.Station{Kind: call.StationSIP, Extension: q.extension}); err != nil {
		return "", err
	}
	return "signed_in", r.choose(chooseState{agent: q.agent, state: call.ChoseReady})
}

// togglePause changes between ready and paused.
func (r *router) togglePause(q featureDialled) (string, error) {
	switch a := r.machine.Agent(q.agent); {
	case !a.OnShift:
		return "not_signed_in", nil
	case a.Chosen == call.ChoseReady:
		return "paused", r.choose(chooseState{agent: q.agent, state: call.ChosePaused, reason: phonePause(r.sb.site.Load())})
	}
	return "ready", r.choose(chooseState{agent: q.agent, state: call.ChoseReady})
}

// occupyIfOnShift makes an agent who is on shift busy with a call that no queue gave.
func (r *router) occupyIfOnShift(q occupy) {
	known := r.machine.Agent(q.agent)
	if e := r.calls[q.call]; e != nil && known.OnShift && (!q.ifIdle || !known.Engaged()) {
		r.occupy(e, q.agent)
	}
}

// free ends that, with the wrap-up of who placed the call.
func (r *router) free(q free) {
	e := r.calls[q.call]
	if e == nil {
		r.log.Error("a call that is not in the table frees its agents", slog.String("call", string(q.call)))
		return
	}
	var stay []call.AgentID
	for _, id := range e.occupied {
		if q.agent != "" && id != q.agent {
			stay = append(stay, id)
			continue
		}
		ended := call.AgentCallEnded{Agent: id, Call: q.call}
		if q.worked && id == q.placer && e.call.direction == call.Outbound {
			ended.WrapUp = r.sb.site.Load().Outbound.WrapUp
		}
		r.step(ended)
	}
	e.occupied = stay
}
