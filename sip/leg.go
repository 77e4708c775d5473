package sip

import (
	"net/netip"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/media"
)

// Media is the sound of a leg, as far as a dialog needs to know it. *[media.Leg] is one, once it has
// a port.
type Media interface {
	// LocalAddr is where RTP is received; RTCP is on the port above.
	LocalAddr() netip.AddrPort
	// Negotiated is told what each offer and answer came to. It runs on a worker and must not block.
	Negotiated(media.Params)
}

// Source says who sent a request: a trunk or an extension, never both.
type Source struct {
	Trunk     call.TrunkID
	Extension call.Extension
}

// Incoming is an INVITE that passed every check.
type Incoming struct {
	Leg       *Leg
	Source    Source
	From      call.Party // as it came; E164 is not filled in here
	Dialled   string     // the user part of the request URI, unescaped
	SIPCallID string
	HasOffer  bool // false: our answer will carry the offer (RFC 3261, 13.2.1)
}

// DialRequest says whom to ring. Exactly one of Extension, Trunk and URI is set.
type DialRequest struct {
	// Extension rings all its registered contacts; the first to answer has the call.
	Extension call.Extension
	// Trunk and Number leave through a trunk; E164, if known, is what the trunk's DialFormat may want.
	Trunk  call.TrunkID
	Number string
	E164   string
	// URI is a fixed address with an IP address as its host, such as "sip:1001@192.0.2.7:5060;transport=tcp".
	URI string

	From        call.Party
	Media       Media
	RingTimeout time.Duration     // 0: three minutes
	Headers     map[string]string // further headers; names and values are checked
	AutoAnswer  bool              // asks the phone to answer by itself (Call-Info and Alert-Info)
}
