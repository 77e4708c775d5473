package sip

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/linedesk/linedesk/call"
)

// line is a trunk with what is known of it now.
type line struct {
	Trunk
	found  atomic.Pointer[netip.AddrPort] // what Host was found to be
	misses atomic.Int32                   // pings without an answer
}

// dest is where calls leave to; false while that is not known.
func (l *line) dest() (netip.AddrPort, bool) {
	if l.Dest.IsValid() {
		return l.Dest, true
	}
	if a := l.found.Load(); a != nil {
		return *a, true
	}
	return netip.AddrPort{}, false
}

func (l *line) up() bool { return !l.Ping || l.misses.Load() < missesAllowed }

// number writes a number as the trunk wants it.
func (l *line) number(raw, e164 string) string {
	switch {
	case l.DialFormat == "e164" && e164 != "":
		return e164
	case l.DialFormat == "e164_digits" && e164 != "":
		return strings.TrimPrefix(e164, "+")
	}
	return dialled(raw)
}

// dialled takes out of a number what people write for the eye.
func dialled(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./()\u00a0", r) {
			return -1
		}
		return r
	}, s)
}

// trunkTable is the trunks as of the last [Endpoint.Reconfigure]. It does not change.
type trunkTable struct {
	by      map[call.TrunkID]*line
	allowed []allowed // longest prefix first
}

type allowed struct {
	prefix netip.Prefix
	line   *line
}

// newTrunkTable keeps what is known of trunks that are still the same.
func newTrunkTable(trunks []Trunk, before *trunkTable) *trunkTable {
	t := &trunkTable{by: map[call.TrunkID]*line{}}
	for _, trunk := range trunks {
		l := &line{Trunk: trunk}
		if a, err := addressHost(trunk.Host); err == nil { // no name: nothing to look up
			l.Dest = cmp.Or(l.Dest, a)
		}
		if before != nil {
			if old := before.by[trunk.ID]; old != nil && old.Host == l.Host && old.Dest == l.Dest {
				l.found.Store(old.found.Load())
				l.misses.Store(old.misses.Load())
			}
		}
		t.by[trunk.ID] = l
		for _, p := range trunk.Allow {
			t.allowed = append(t.allowed, allowed{p.Masked(), l})
		}
	}
	slices.SortStableFunc(t.allowed, func(a, b allowed) int { return cmp.Compare(b.prefix.Bits(), a.prefix.Bits()) })
	return t
}

// from gives the trunk whose allow-list has an address.
func (t *trunkTable) from(a netip.Addr) *line {
	for i := range t.allowed {
		if t.allowed[i].prefix.Contains(a) {
			return t.allowed[i].line
		}
	}
	return nil
}
