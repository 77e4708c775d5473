package sip

import (
	"net/netip"

	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/sip/sdp"
)

// negotiation is the state of offer and answer (RFC 3264).
type negotiation struct {
	media   Media
	sdpID   uint64 // o= of our descriptions
	version uint64
	choice  sdp.Choice // what was agreed on last
	agreed  bool
	want    sdp.Direction // which way we want sound to go: SendOnly while we hold
	held    bool          // they hold us
}

// description is our side of the next description.
func (l *Leg) description(d sdp.Direction) sdp.Local {
	if l.sdpID == 0 {
		l.sdpID = uint64(l.w.now)>>10 | 1
	}
	l.version++
	local := sdp.Local{Session: l.sdpID, Version: l.version, Direction: d}
	if l.media != nil {
		local.Addr = l.media.LocalAddr()
	}
	if local.Addr.Addr().IsUnspecified() { // media bound to all addresses: the one that they reach us at
		local.Addr = netip.AddrPortFrom(l.e.local(l.flow).Addr(), local.Addr.Port())
	}
	return local
}

// answerTo writes our answer to an offer of theirs.
func (l *Leg) answerTo(offer *sdp.Description, c *sdp.Choice) []byte {
	local := l.description(sdp.Answer(c.Direction, l.want))
	l.w.body = local.AppendAnswer(l.w.body[:0], offer, c)
	return l.w.body
}

// offerTo writes an offer of ours: all that we speak at first, then what was agreed on.
func (l *Leg) offerTo() []byte {
	local := l.description(l.want)
	var only *sdp.Choice
	if l.agreed {
		only = &l.choice
	}
	l.w.body = local.AppendOffer(l.w.body[:0], only)
	return l.w.body
}

// settle tells the media what was agreed on, and the observer if the far end holds us now or does no more.
func (l *Leg) settle(c sdp.Choice) {
	l.choice, l.agreed = c, true
	if l.media != nil {
		l.media.Negotiated(media.Params{
			Remote: c.Remote, RemoteRTCP: c.RTCP, Codec: media.Codec(c.Codec), PT: c.PT, DTMFPT: c.DTMFPT,
			Direction: directionOf[sdp.Answer(c.Direction, l.want)],
		})
	}
}

var directionOf = [...]media.Direction{
	sdp.SendRecv: media.SendRecv, sdp.SendOnly: media.SendOnly, sdp.RecvOnly: media.RecvOnly, sdp.Inactive: media.Inactive,
}

// noteHold tells the observer if the far end holds us now, or does no more. A direction that answers
// our own hold is not theirs.
func (l *Leg) noteHold() {
	held := l.choice.Direction == sdp.SendOnly || l.choice.Direction == sdp.Inactive && l.want == sdp.SendRecv
	if held == l.held {
		return
	}
	if l.held = held; held {
		l.tell(LegHeld{})
	} else {
		l.tell(LegResumed{})
	}
}
