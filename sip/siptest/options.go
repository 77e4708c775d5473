package siptest

import (
	"net/netip"
	"testing"
	"time"
)

// Options of a phone. All but Server have defaults.
type Options struct {
	// Server is where requests go that begin something. A trunk that only takes calls needs none.
	Server    netip.AddrPort
	Transport string         // "udp" unless set, or "tcp"
	Bind      netip.AddrPort // own address; 127.0.0.1 and any free port unless set

	User        string // also the From user of calls; "anonymous" unless set
	Password    string // for digest challenges
	DisplayName string
	Domain      string // of From and To; the server's address unless set
	Digest      string // "MD5" or "SHA-256": answer only this one; the first that came unless set

	Codecs []Codec // in order of preference; PCMU, PCMA unless set
	// DTMF is the payload type offered for telephone-event, 101 unless set; negative: none is spoken.
	DTMF int
	// Quiet phones send no RTP until Tone, Silence or SendDTMF is called, as a load of calls that
	// nobody listens to should.
	Quiet bool
	// LateOffer leaves the session description out of INVITEs: the other side offers (RFC 3261, 13.2.1).
	LateOffer bool
	// Forgetful phones answer OPTIONS with 200 even within a dialog that they don't know, as some do that
	// were started anew. RFC 3261, 12.2.2 wants 481.
	Forgetful bool
	// Keep is how much received sound is kept to be measured; 3 s unless set.
	Keep time.Duration
	// Trace writes every message into the test's log.
	Trace bool

	trace func(format string, args ...any)
}

// Codec of a call's sound.
type Codec string

// The codecs of G.711, with their static payload types (RFC 3551, table 4).
const (
	PCMU Codec = "PCMU" // 0
	PCMA Codec = "PCMA" // 8
)

func (c Codec) payloadType() uint8 {
	if c == PCMA {
		return 8
	}
	return 0
}

func (o Options) withDefaults() Options {
	if o.Transport == "" {
		o.Transport = "udp"
	}
	if !o.Bind.IsValid() {
		o.Bind = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	}
	if o.User == "" {
		o.User = "anonymous"
	}
	if o.Domain == "" {
		o.Domain = o.Bind.Addr().String()
		if o.Server.IsValid() {
			o.Domain = o.Server.Addr().String()
		}
	}
	if len(o.Codecs) == 0 {
		o.Codecs = []Codec{PCMU, PCMA}
	}
	if o.DTMF == 0 {
		o.DTMF = 101
	}
	if o.Keep == 0 {
		o.Keep = 3 * time.Second
	}
	return o
}

// NewPhone makes a phone that lives as long as the test. With a Password it can register; one that
// never registers is a trunk's far end.
func NewPhone(tb testing.TB, o Options) *Phone {
	tb.Helper()
	if o.Trace {
		o.trace = tb.Logf
	}
	p, err := Open(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}
