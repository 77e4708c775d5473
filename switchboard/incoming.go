package switchboard

import (
	"log/slog"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// Incoming takes an INVITE that the sip room let through. It runs on a SIP worker: nothing here waits.
func (sb *Switchboard) Incoming(in *sip.Incoming) {
	switch {
	case sb.stopping.Load():
		in.Leg.Reject(503, "Shutting Down")
	case sb.full():
		in.Leg.Reject(503, "Too Many Calls")
	case in.Source.Extension != "":
		sb.fromPhone(in)
	default:
		sb.fromTrunk(in)
	}
}

// BindingChanged follows the registrar.
func (sb *Switchboard) BindingChanged(ext call.Extension, _ bool, _ string) {
	sb.router.post(extensionChanged{ext})
}

// fromTrunk begins a customer's call, if the number is one of ours.
func (sb *Switchboard) fromTrunk(in *sip.Incoming) {
	number := sb.site.Load().Number(in.Source.Trunk, in.Dialled)
	if number == nil {
		sb.log.Warn("unknown number dialled", slog.String("number", in.Dialled),
			slog.String("trunk", string(in.Source.Trunk)), slog.String("from", in.From.Number.Raw))
		in.Leg.Reject(404, "Not Found")
		return
	}
	from := in.From
	from.Number = sb.normalise(in.From.Number.Raw)
	sb.arrive(in, number, talk.Arrived{
		Direction: call.Inbound, From: from, To: sb.normalise(in.Dialled), Trunk: in.Source.Trunk,
	})
}

// arrive begins a call to a published number.
func (sb *Switchboard) arrive(in *sip.Incoming, n *number, begin talk.Arrived) {
	c, l := sb.take(in, begin.Direction)
	c.number = n
	begin.Call, begin.Leg, begin.SIPCallID = c.id, l.id, in.SIPCallID
	go c.begin(l, func(noPort bool) talk.Input { begin.NoPort = noPort; return begin })
}

// take makes the call that an INVITE begins, with its leg: the first party of the call.
func (sb *Switchboard) take(in *sip.Incoming, d call.Direction) (*liveCall, *leg) {
	c := sb.newCall(d)
	l := &leg{id: newLegID(), party: 1, dialog: in.Leg}
	c.legs[l.party] = l
	in.Leg.Observe(func(e sip.LegEvent) { c.post(legSpoke{leg: l, event: e}) })
	return c, l
}

// begin runs a call that an INVITE began: it enters the table before anything is written of it.
func (c *liveCall) begin(l *leg, with func(noPort bool) talk.Input) {
	growStack()
	c.sb.router.post(callBegan{c})
	err := c.openSound(l)
	if err != nil {
		c.log.Error("no media port for the caller's leg", slog.Any("error", err))
	}
	c.run(with(err != nil))
}

// fromPhone sorts what an extension dialled: a feature code, a colleague, or a number outside.
func (sb *Switchboard) fromPhone(in *sip.Incoming) {
	if _, ok := featureCodes[in.Dialled]; ok {
		sb.feature(in)
		return
	}
	ext := in.Source.Extension
	agent, _ := sb.agentAt(ext)
	if n := sb.site.Load().Number("", in.Dialled); n != nil {
		// A colleague dials a published number, to hear what customers hear.
		sb.arrive(in, n, talk.Arrived{
			Direction: call.Internal, From: colleague(in), To: call.Number{Raw: in.Dialled}, Extension: ext, Agent: agent,
		})
		return
	}
	dest, err := sb.route(in.Dialled)
	if err != nil {
		sb.log.Warn("unknown number dialled", slog.String("number", in.Dialled), slog.String("extension", string(ext)))
		in.Leg.Reject(404, "Not Found")
		return
	}
	c, l := sb.take(in, dest.direction)
	begin := sb.placed(c, dest, colleague(in), agent, ext)
	begin.Leg, begin.ByPhone = l.id, true
	go c.begin(l, func(noPort bool) talk.Input { begin.NoPort = noPort; return begin })
}

// colleague is the caller of an INVITE from one of our phones.
func colleague(in *sip.Incoming) call.Party {
	return call.Party{Number: call.Number{Raw: string(in.Source.Extension)}, Name: in.From.Name}
}
