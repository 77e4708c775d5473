package switchboard

import (
	"log/slog"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
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
func (sb *Switchboard) BindingChanged(ext call.Extension, _ bool, _ string) { sb.bindingChanged(ext) }

// fromTrunk begins a customer's call, if the number is one of ours.
func (sb *Switchboard) fromTrunk(in *sip.Incoming) {
	number := sb.site.Load().Number(in.Source.Trunk, in.Dialled)
	if number == nil {
		sb.log.Warn("unknown number dialled", slog.String("number", in.Dialled),
			slog.String("trunk", string(in.Source.Trunk)), slog.String("from", in.From.Number.Raw))
		in.Leg.Reject(404, "Not Found")
		return
	}
	c, l := sb.take(in, call.Inbound)
	c.from, c.to, c.trunk = in.From, sb.normalise(in.Dialled), in.Source.Trunk
	c.from.Number = sb.normalise(in.From.Number.Raw)
	go c.run(func() { c.arrive(l, in.SIPCallID, number) })
}

// take makes the call that an INVITE begins, with its leg.
func (sb *Switchboard) take(in *sip.Incoming, d call.Direction) (*liveCall, *leg) {
	c := sb.newCall(d)
	c.extension = in.Source.Extension
	l := &leg{id: newLegID(), dialog: in.Leg}
	in.Leg.Observe(func(e sip.LegEvent) { c.post(legSpoke{leg: l, event: e}) })
	return c, l
}

// fromPhone sorts what an extension dialled: a feature code, a colleague, or a number outside.
func (sb *Switchboard) fromPhone(in *sip.Incoming) {
	if f, ok := featureCodes[in.Dialled]; ok {
		sb.feature(in, f)
		return
	}
	if n := sb.site.Load().Number("", in.Dialled); n != nil {
		// A colleague dials a published number, to hear what customers hear.
		c, l := sb.take(in, call.Internal)
		c.from, c.to = colleague(in), call.Number{Raw: in.Dialled}
		go c.run(func() { c.arrive(l, in.SIPCallID, n) })
		return
	}
	dest, err := sb.route(in.Dialled)
	if err != nil {
		sb.log.Warn("unknown number dialled", slog.String("number", in.Dialled), slog.String("extension", string(in.Source.Extension)))
		in.Leg.Reject(404, "Not Found")
		return
	}
	c, l := sb.take(in, dest.direction)
	c.from, c.to, c.trunk = colleague(in), dest.number, dest.trunk
	go c.run(func() { c.placedByPhone(l, in.Source.Extension) })
}

// colleague is the caller of an INVITE from one of our phones.
func colleague(in *sip.Incoming) call.Party {
	return call.Party{Number: call.Number{Raw: string(in.Source.Extension)}, Name: in.From.Name}
}
