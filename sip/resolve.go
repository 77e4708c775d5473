package sip

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

const (
	lookupEvery   = time.Minute // DNS is asked this often; an old answer serves until there is a new one
	lookupTimeout = 5 * time.Second
	defaultPort   = 5060
)

// lookup finds the addresses of trunks that have a host name, and asks trunks whether they are there,
// until ctx ends. It runs beside the workers: no call waits for it.
func (e *Endpoint) lookup(ctx context.Context) {
	look := time.NewTicker(lookupEvery)
	defer look.Stop()
	ping := time.NewTicker(trunkPingEvery)
	defer ping.Stop()
	e.lookupAll(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.relook:
			e.lookupAll(ctx)
		case <-look.C:
			e.lookupAll(ctx)
		case <-ping.C:
			e.pingTrunks() //nolint:contextcheck // a connection dialled for it outlives it
		}
	}
}

func (e *Endpoint) lookupAll(ctx context.Context) {
	for id, l := range e.trunks.Load().by {
		if l.Dest.IsValid() || l.Host == "" {
			continue
		}
		a, err := lookupHost(ctx, l.Host, l.Transport)
		if err != nil {
			e.count.add("dns_error")
			e.log.WarnContext(ctx, "looking up a trunk's host; what was found before is used on",
				slog.String("trunk", string(id)), slog.String("host", l.Host), slog.Any("error", err))
			continue
		}
		l.found.Store(&a)
	}
}

// lookupHost finds where a host takes SIP: an address or a port is taken as it is, otherwise the best SRV
// record, otherwise port 5060 of the name itself.
//
// RFC 3263, 4.1, no: the transport is the trunk's setting, NAPTR is not asked.
// RFC 3263, 4.2, partly: only the best SRV record and one of its addresses are used.
// RFC 3263, 4.3, no: other records than the best are not tried.
func lookupHost(ctx context.Context, host, proto string) (netip.AddrPort, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	if a, err := addressHost(host); err == nil {
		return a, nil
	}
	name, port := splitHost(host)
	if port == "" {
		if proto == "" {
			proto = "udp"
		}
		if _, all, err := net.DefaultResolver.LookupSRV(ctx, "sip", proto, name); err == nil && len(all) > 0 {
			name, port = all[0].Target, strconv.Itoa(int(all[0].Port))
		}
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, a := range addrs { // IPv4 first: it is what trunks speak
		if a.Unmap().Is4() {
			return portOf(a.Unmap(), port)
		}
	}
	return portOf(addrs[0], port)
}

// addressHost reads a host that is an address, with or without a port.
func addressHost(host string) (netip.AddrPort, error) {
	name, port := splitHost(host)
	a, err := netip.ParseAddr(name)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return portOf(a, port)
}

func splitHost(host string) (name, port string) {
	if h, p, err := net.SplitHostPort(host); err == nil {
		return h, p
	}
	return strings.Trim(host, "[]"), ""
}

func portOf(a netip.Addr, port string) (netip.AddrPort, error) {
	if port == "" {
		return netip.AddrPortFrom(a.Unmap(), defaultPort), nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return netip.AddrPortFrom(a.Unmap(), uint16(n)), err
}
