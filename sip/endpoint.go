package sip

import (
	"context"
	"net/netip"

	"github.com/linedesk/linedesk/call"
)

// Handler is told what arrives.
type Handler interface {
	// Incoming is an INVITE that passed every check. It runs on a worker and must not block; it calls
	// [Leg.Observe] before it returns, and answers through in.Leg from anywhere.
	Incoming(in *Incoming)
	// BindingChanged says that an extension gained a contact (up) or lost its last one. Calls come one
	// after the other, in order, from a goroutine of their own.
	BindingChanged(ext call.Extension, up bool, contact string)
}

// Endpoint is our end of all signalling.
type Endpoint struct{}

// New binds the sockets. The error names an address that is in use and the setting that changes it.
func New(c Config, h Handler) (*Endpoint, error) { return &Endpoint{}, nil }

// Run serves until ctx ends, hangs up what is left, and returns when all it started has ended.
func (e *Endpoint) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Reconfigure replaces the trunks. Calls in progress go on.
func (e *Endpoint) Reconfigure(trunks []Trunk) {}

// Dial rings somebody. Everything that happens is told to observe, a failure too; observe runs on a
// worker and must not block.
func (e *Endpoint) Dial(d DialRequest, observe func(LegEvent)) *Leg { return &Leg{} }

// Bound says whether an extension has a phone registered.
func (e *Endpoint) Bound(ext call.Extension) bool { return false }

// TrunkUp says whether a trunk answers; one that is not pinged is taken as up.
func (e *Endpoint) TrunkUp(id call.TrunkID) bool { return true }

// UDPAddr and TCPAddr are the addresses listened on; the zero value if not.
func (e *Endpoint) UDPAddr() netip.AddrPort { return netip.AddrPort{} }

// TCPAddr is the address listened on for TCP.
func (e *Endpoint) TCPAddr() netip.AddrPort { return netip.AddrPort{} }

// Counters gives counts since the start, by name, for /metrics.
func (e *Endpoint) Counters() map[string]uint64 { return nil }

// Leg is our end of one dialog. All methods may be called from anywhere, return at once and are
// carried out in order by the leg's worker; on a leg that has ended they do nothing.
type Leg struct{}

// ID names the leg.
func (l *Leg) ID() call.LegID { return "" }

// SIPCallID is the dialog's Call-ID.
func (l *Leg) SIPCallID() string { return "" }

// Observe sets who is told of the leg's events. Call it before Incoming returns.
func (l *Leg) Observe(f func(LegEvent)) {}

// Trying answers 100, so that the caller waits.
func (l *Leg) Trying() {}

// Ring answers 180.
func (l *Leg) Ring() {}

// Answer answers 200 with m's address.
func (l *Leg) Answer(m Media) {}

// Reject refuses the INVITE with a status code of 400–699; "" takes the code's usual reason.
func (l *Leg) Reject(code int, reason string) {}

// Hold puts the far end on hold by a re-INVITE of ours, or takes it back.
func (l *Leg) Hold(on bool) {}

// HangUp ends the leg as its state wants: BYE, CANCEL or a refusal. The end is what LegEnded will say.
func (l *Leg) HangUp(end call.End) {}

// Probe asks the far end whether it is still there: LegEnded with the cause lost follows within 2 s if not.
func (l *Leg) Probe() {}
