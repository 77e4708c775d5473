package switchboard

import (
	"context"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/media"
)

// featureCodes are what an agent's phone dials to work without a desk.
var featureCodes = map[string]func(sb *Switchboard, a *agent) (prompt string){
	"*45": (*Switchboard).toggleShift,
	"*46": (*Switchboard).togglePause,
}

// featureTime bounds the announcement that confirms a feature code.
const featureTime = 15 * time.Second

// toggleShift signs the agent in at this phone, ready; or out. Runs on the router.
func (sb *Switchboard) toggleShift(a *agent) string {
	if a.signedIn && a.chosen != call.ChoseOff {
		_ = sb.choose(a, call.ChoseOff, "", "")
		return "signed_out"
	}
	sb.signIn(a, call.Station{Kind: call.StationSIP, Extension: a.extension})
	_ = sb.choose(a, call.ChoseReady, "", "")
	return "signed_in"
}

// togglePause changes between ready and paused. Runs on the router.
func (sb *Switchboard) togglePause(a *agent) string {
	switch {
	case !a.signedIn:
		return "not_signed_in"
	case a.chosen == call.ChoseReady:
		_ = sb.choose(a, call.ChosePaused, phonePause(sb.site.Load()), "")
		return "paused"
	}
	_ = sb.choose(a, call.ChoseReady, "", "")
	return "ready"
}

// feature answers the phone, does what the code says and confirms it by voice.
func (sb *Switchboard) feature(in *sip.Incoming, code func(*Switchboard, *agent) string) {
	id, ok := sb.agentAt(in.Source.Extension)
	if !ok {
		sb.log.Warn("feature code from an extension without an agent", slog.String("extension", string(in.Source.Extension)))
		in.Leg.Reject(403, "No Agent Here")
		return
	}
	events := make(chan any, 16)
	tell := func(e any) {
		select {
		case events <- e:
		default: // only the two that end the announcement matter, and they come once
		}
	}
	in.Leg.Observe(func(e sip.LegEvent) {
		if _, over := e.(sip.LegEnded); over {
			tell(e)
		}
	})
	go sb.announceFeature(in.Leg, id, code, events, tell)
}

func (sb *Switchboard) announceFeature(leg *sip.Leg, id call.AgentID, code func(*Switchboard, *agent) string, events chan any, tell func(any)) {
	bye := call.End{By: call.BySystem, Cause: call.CauseFlowEnded}
	defer leg.HangUp(bye)
	var prompt string
	err := sb.router.do(context.Background(), func() error {
		a := sb.router.agentOf(id)
		prompt = code(sb, a)
		return nil
	})
	if err != nil {
		leg.Reject(503, "Shutting Down")
		return
	}
	sound := sb.engine.NewLeg(func(e media.Event) {
		if _, done := e.(media.PlayDone); done {
			tell(e)
		}
	})
	defer sound.Close()
	if _, err := sound.OpenUDP(); err != nil {
		leg.Reject(503, "No Media Port")
		return
	}
	leg.Answer(sound)
	spoken, err := sb.prompts.Get(prompt, sb.site.Load().Language)
	if err != nil { // a site need not have these prompts; what the code does is done, and a tone says so
		sb.log.Warn("no sound for a feature code", slog.String("prompt", prompt), slog.Any("error", err))
		spoken = sb.tones.done
	}
	sound.Play(noticeID, []media.Sound{spoken}, false)
	over := time.NewTimer(featureTime)
	defer over.Stop()
	select {
	case <-events:
	case <-over.C:
	}
}
