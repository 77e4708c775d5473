package switchboard

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/switchboard/talk"
)

const (
	// ringGrace is how much longer a phone may ring than the ACD lets it: the ACD's own time-out comes first.
	ringGrace = 3 * time.Second
	// colleagueRingTime is how long a colleague's phone rings; a customer's, as long as the site says.
	colleagueRingTime = 60 * time.Second
)

// carryOut does what the talk machine decided.
func (c *liveCall) carryOut(e talk.Effect) {
	switch e := e.(type) {
	case talk.Journal:
		c.tell(e.Event)
		if e.Before {
			c.reportNow()
		}
	case talk.Ring:
		c.ring(e)
	case talk.Dial:
		c.dial(e)
	case talk.Connect:
		c.connect(e.Room)
	case talk.EnterFlow:
		c.enterMenu(e)
	case talk.TellFlow:
		c.tellFlow(e.News)
	case talk.LookUp:
		c.findCustomer(e.Number)
	case talk.Occupy:
		c.tellRouter(occupy{agent: e.Agent, call: c.id, ifIdle: e.IfIdle})
	case talk.Free:
		c.tellRouter(free{call: c.id, agent: e.Agent, placer: e.Placer, worked: e.Worked})
	case talk.SetTimer:
		c.setTimer(e)
	case talk.Reply:
		c.reply(e)
	case talk.Over:
		c.tellRouter(callOver{call: c, event: e.Event})
	default:
		c.carryOutAt(e)
	}
}

// carryOutAt does what concerns one leg.
func (c *liveCall) carryOutAt(e talk.Effect) {
	switch e := e.(type) {
	case talk.Progress:
		if l := c.at(e.Party); l != nil {
			l.dialog.Ring()
		}
	case talk.Answer:
		if l := c.at(e.Party); l != nil {
			l.dialog.Answer(l.sound)
		}
	case talk.Reject:
		if l := c.at(e.Party); l != nil {
			l.dialog.Reject(e.Status, e.Reason)
			l.gone = true
		}
	case talk.HangUp:
		c.hangUp(e)
	case talk.Play:
		if l := c.at(e.Party); l != nil {
			c.play(l, e)
		}
	case talk.StopPlay:
		if l := c.at(e.Party); l != nil {
			l.sound.StopPlay()
		}
	case talk.Mute:
		if l := c.at(e.Party); l != nil {
			l.sound.Mute(e.On)
		}
	case talk.SendKeys:
		if l := c.at(e.Party); l != nil {
			l.sound.SendDTMF(e.Keys)
		}
	default:
		c.log.Error("effect that nobody carries out", slog.String("type", fmt.Sprintf("%T", e)))
	}
}

// at is a party's leg; nil: it has none, or one on its way out.
func (c *liveCall) at(id talk.PartyID) *leg {
	if l := c.legs[id]; l != nil && !l.closing {
		return l
	}
	return nil
}

// ring rings a station: a phone is dialled, a browser is there already and only lent.
func (c *liveCall) ring(e talk.Ring) {
	if e.Station.Kind == call.StationWebRTC {
		b := c.browser
		c.browser = nil
		var l *leg
		if b != nil {
			l = b.take(c, e.Party)
		}
		if l == nil {
			c.step(talk.RingFailed{Party: e.Party})
			return
		}
		c.legs[e.Party] = l
		c.step(talk.Present{Party: e.Party})
		return
	}
	d := c.sb.dialStation(e.Station)
	d.From, d.RingTimeout = e.Show, e.For
	c.call(e.Leg, e.Party, d)
}

// dial calls somebody: through a trunk, or an extension of ours.
func (c *liveCall) dial(e talk.Dial) {
	d := sip.DialRequest{From: c.state.From, RingTimeout: colleagueRingTime}
	if e.Extension != "" {
		d.Extension = e.Extension
	} else {
		d.Trunk, d.Number, d.E164 = e.Trunk, e.Number.Raw, e.Number.E164
		d.From = call.Party{Number: call.Number{Raw: c.sb.callerID(e.Trunk, c.state.Extension)}}
		d.RingTimeout = c.sb.site.Load().Outbound.RingTimeout
	}
	c.call(e.Leg, e.Party, d)
}

// call sends an INVITE for a new leg.
func (c *liveCall) call(id call.LegID, party talk.PartyID, d sip.DialRequest) {
	l, err := c.newSIPLeg(id, party)
	if err != nil {
		c.log.Error("no media port for a leg", slog.String("leg", string(id)), slog.Any("error", err))
		c.step(talk.RingFailed{Party: party})
		return
	}
	d.Media = l.sound
	l.dialog = c.sb.phones.Dial(d, func(e sip.LegEvent) { c.post(legSpoke{leg: l, event: e}) })
}

// hangUp lets a leg go. One without sound has no figures.
func (c *liveCall) hangUp(e talk.HangUp) {
	l := c.legs[e.Party]
	if l != nil && l.let(c, e.End) {
		return
	}
	delete(c.legs, e.Party)
	c.step(talk.Closed{Party: e.Party})
}

// play lets a party that is alone hear something.
func (c *liveCall) play(l *leg, e talk.Play) {
	switch e.Sound {
	case talk.Ringback:
		l.sound.Play(ringbackID, c.sb.tones.ringback, true)
	case talk.Busy:
		l.sound.Play(busyID, c.sb.tones.busy, false)
	case talk.Music:
		m, err := c.sb.prompts.Music(c.sb.holdMusic(e.Queue, e.Agent))
		if err != nil {
			c.log.Error("no music on hold", slog.Any("error", err))
			return
		}
		l.sound.PlayMusic(m)
	}
}

// tellFlow tells the flow what became of its caller.
func (c *liveCall) tellFlow(n talk.News) {
	if c.menu == nil {
		return
	}
	switch n {
	case talk.NewsTaken:
		c.menu.Step(flow.Taken{})
	case talk.NewsRequeued:
		c.menu.Step(flow.Requeued{})
	case talk.NewsFull:
		c.menu.Step(flow.QueueFull{})
	case talk.NewsLeft:
		c.menu.Step(flow.QueueLeft{})
	case talk.NewsCallerLeft:
		c.menu.Step(flow.CallerLeft{})
	}
}

// setTimer posts Timeout, unless the call is over by then.
func (c *liveCall) setTimer(e talk.SetTimer) {
	if c.timers == nil {
		c.timers = make(map[talk.Timer]*time.Timer, 1)
	}
	if t := c.timers[e.Timer]; t != nil {
		t.Stop()
	}
	c.timers[e.Timer] = time.AfterFunc(e.After, func() { c.insist(happened{talk.Timeout{Timer: e.Timer}}) })
}

// reply tells who waits what came of a command, when all that it did is in the journal.
func (c *liveCall) reply(e talk.Reply) {
	answered := c.waiting[e.Command]
	delete(c.waiting, e.Command)
	var refused error
	if e.Refused != talk.Done {
		refused = refuse(409, string(e.Refused), "call", string(c.id))
	}
	c.report()
	c.sb.router.send(posted{request: settle{refused: refused, slot: c.state.Move.Slot}, answer: answered})
}
