package media

import "github.com/linedesk/linedesk/call/invariant"

// marks are what a leg's figures were when they were looked at last.
type marks struct {
	sent, received uint64
	line           uint32
}

// checkLeg is called four times a second.
func (s *shard) checkLeg(l *Leg) {
	if !invariant.On {
		return
	}
	invariant.Check(l.shard.Load() == s, "a leg stands on one shard")
	invariant.Check(l.index >= 0 && l.index < len(s.legs) && s.legs[l.index] == l, "a leg knows its place on the shard")
	invariant.Check(!l.gone, "no closed leg is on a shard")
	received := l.in.sumReceived + l.in.received
	if l.marks.line != l.in.line { // TakeFigures began anew
		l.marks.line, l.marks.received = l.in.line, 0
	}
	invariant.Check(l.sent >= l.marks.sent && received >= l.marks.received, "figures never go back")
	l.marks.sent, l.marks.received = l.sent, received
}

// checkBridge is called when a bridge's members were settled.
func (b *Bridge) checkBridge(s *shard) {
	if !invariant.On {
		return
	}
	invariant.Check(b.home.Load() == s, "a bridge is on its home")
	for _, l := range b.members {
		invariant.Check(l.shard.Load() == s, "a bridge's legs are on one shard")
		invariant.Check(l.bridge == b, "a leg is in the bridge that has it")
	}
}
