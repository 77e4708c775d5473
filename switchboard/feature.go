package switchboard

import (
	"context"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/media"
)

// featureTime bounds the announcement that confirms a feature code.
const featureTime = 15 * time.Second

// feature answers the phone, does what the code says and confirms it by voice.
func (sb *Switchboard) feature(in *sip.Incoming) {
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
	dialled := featureDialled{agent: id, extension: in.Source.Extension, code: in.Dialled}
	go sb.announceFeature(in.Leg, dialled, events, tell)
}

func (sb *Switchboard) announceFeature(leg *sip.Leg, dialled featureDialled, events chan any, tell func(any)) {
	bye := call.End{By: call.BySystem, Cause: call.CauseFlowEnded}
	defer leg.HangUp(bye)
	done, err := sb.router.ask(context.Background(), dialled)
	if err != nil {
		sb.log.Warn("feature code not carried out", slog.String("code", dialled.code), slog.Any("error", err))
		leg.Reject(503, "Service Unavailable")
		return
	}
	prompt := done.prompt
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
