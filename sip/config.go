package sip

import (
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Strangers says what becomes of requests from sources that are neither a trunk nor a phone. An
// INVITE or a REGISTER is always challenged, with the same answer for any name; this is about the rest.
type Strangers uint8

// What strangers get.
const (
	StrangersSilent    Strangers = iota // nothing
	StrangersForbidden                  // 403
)

// Config is what an [Endpoint] needs to know at its start.
type Config struct {
	// UDP and TCP are the addresses to listen on; the zero value means not at all. Port 0 takes a free
	// one (see [Endpoint.UDPAddr]). If both name the same port 0, they get the same free port.
	UDP, TCP netip.AddrPort
	// Advertise is the address that peers are told (Via, Contact) where it is not the one listened on: a
	// public address in front of us. The zero value: the socket's own, found per peer if unspecified.
	Advertise netip.Addr
	// PortSetting names the flag or key that changes the address, for the message about a port in use.
	PortSetting string
	// Domain is the realm of our challenges, and the host of our own From; "" is "linedesk".
	Domain string
	// Trunks can be changed later by [Endpoint.Reconfigure].
	Trunks []Trunk
	// Extensions gives the SIP password of an extension. Called on workers: it must not block.
	Extensions func(call.Extension) (password string, ok bool)
	// Algorithms are those of our challenges, the preferred first (RFC 8760, 2.4): "MD5", "SHA-256"; empty: MD5
	// alone. Each makes a challenge of its own, and many phones (baresip, whatever is built on Sofia-SIP, SIPp)
	// give up at a challenge whose algorithm they don't know, so SHA-256 is for sites whose phones all know it.
	Algorithms []string
	// Strangers is the policy for unknown sources.
	Strangers Strangers
	// Sound is the address of our sound: offers of the other address family are refused (488). The zero value
	// takes both.
	Sound netip.Addr
	// UserAgent is what we call ourselves; "" is "Linedesk".
	UserAgent string
	// MinExpires is the shortest registration taken (423 below it); 0: 60 s.
	MinExpires time.Duration
	// KeepAlive is how often a registered phone is sent OPTIONS; 0: 25 s, negative: never.
	KeepAlive time.Duration
	// MaxLegs bounds the legs at once: beyond it an INVITE gets 503; 0: 20,000.
	MaxLegs int
	// Workers is how many goroutines share the calls; 0: one per processor.
	Workers int
	// Log gets a line for what an operator would want to know; nil: [slog.Default].
	Log *slog.Logger
}

// Trunk is a line to the outside: a carrier, a gateway, another switch.
type Trunk struct {
	ID call.TrunkID
	// Allow lists the sources whose calls are this trunk's. The longest prefix wins among trunks.
	Allow []netip.Prefix
	// Dest is where calls leave to. If it is the zero value, Host is looked up instead.
	Dest netip.AddrPort
	// Host is a name or address with or without a port. Without a port, SRV records are asked first
	// (lookupHost). Looked up aside and kept; a call never waits for DNS.
	Host string
	// Transport is "udp" (or "") or "tcp".
	Transport string
	// DialFormat says how a number is sent: "" or "as_dialled" (punctuation removed), "e164" (with the
	// plus), "e164_digits" (without). A number that is no valid E.164 is sent as dialled in each case.
	DialFormat string
	// Domain is the host part of To, From and the request URI; "": the address that we send to.
	Domain string
	// User and Password answer the trunk's challenges (401, 407); Realm, if set, is the only realm answered.
	User, Password, Realm string
	// Ping sends OPTIONS every 10 s; three without an answer take the trunk for down.
	Ping bool
}

func (c Config) check() error {
	for _, name := range c.Algorithms {
		if _, ok := algorithmOf(name); !ok || name == "" {
			return fmt.Errorf("digest algorithm %q is not known: take MD5 or SHA-256", name)
		}
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.Domain == "" {
		c.Domain = "linedesk"
	}
	if c.UserAgent == "" {
		c.UserAgent = "Linedesk"
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{"MD5"}
	}
	if c.MinExpires == 0 {
		c.MinExpires = time.Minute
	}
	if c.KeepAlive == 0 {
		c.KeepAlive = 25 * time.Second
	}
	if c.MaxLegs == 0 {
		c.MaxLegs = 20_000
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Extensions == nil {
		c.Extensions = func(call.Extension) (string, bool) { return "", false }
	}
	if c.PortSetting == "" {
		c.PortSetting = "the SIP address in the configuration"
	}
	return c
}
